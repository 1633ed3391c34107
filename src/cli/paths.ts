import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** A path as its caller meant it: npm runs scripts in the package's folder and keeps the caller's in INIT_CWD. */
export function callerPath(path: string): string {
  const folder = process.env['npm_lifecycle_event'] === undefined ? process.cwd() : (process.env['INIT_CWD'] ?? process.cwd());
  return resolve(folder, path);
}

/** The version of this package. */
export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { readonly version: string };
  return version;
}
