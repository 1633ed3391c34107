/** Runs the command line as a user does, in a process of its own. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Ran {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

const BIN = fileURLToPath(new URL('../../bin/assay.mjs', import.meta.url));

/** Runs `assay ARGS…` in a folder, with a configuration folder of its own. */
export const assay = (cwd: string, ...args: readonly string[]): Promise<Ran> =>
  new Promise((resolve) => {
    const env = { ...process.env, ASSAY_CONFIG: `${cwd}/config`, INIT_CWD: cwd, NO_COLOR: '1' };
    execFile(process.execPath, [BIN, ...args], { cwd, env, maxBuffer: 64 << 20 }, (error, out, err) => {
      const code = error === null ? 0 : error.code;
      resolve({ status: typeof code === 'number' ? code : 1, out, err });
    });
  });
