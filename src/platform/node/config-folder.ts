import { homedir } from 'node:os';
import { join } from 'node:path';

/** The user's configuration folder of assay. */
export function configFolder(env: NodeJS.ProcessEnv = process.env): string {
  const named = env['ASSAY_CONFIG'];
  if (named !== undefined && named !== '') return named;
  if (process.platform === 'win32') return join(env['APPDATA'] ?? join(homedir(), 'AppData', 'Roaming'), 'assay');
  return join(env['XDG_CONFIG_HOME'] ?? join(env['HOME'] ?? homedir(), '.config'), 'assay');
}
