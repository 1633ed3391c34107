/** Where the tools are: those of this machine, or of a folder, which may be a tree of packages of another distribution that were unpacked and not installed. */
import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Step } from './makers.ts';

const BINARIES = ['', 'bin', 'sbin', 'usr/bin', 'usr/sbin', 'usr/local/bin'];
const OUTPUT_MAX = 1 << 20;
/** A tool that takes longer than this hangs, as mkfs.erofs 1.9.4 does with `--incremental` and `-Ededupe`. */
const TIMEOUT_MS = 120_000;

/** Answers how a command is run. A tree that brings its own loader is run by that, with its own libraries: those of this machine are older. */
export function toolsIn(folder: string | undefined): (command: string) => readonly [command: string, ...args: readonly string[]] {
  if (folder === undefined) return (command) => [command];
  const libraries = ['lib', 'usr/lib', 'lib64', 'usr/lib64']
    .map((name) => join(folder, name))
    .filter((path) => existsSync(path))
    .flatMap((path) => [path, ...readdirSync(path).flatMap((name) => (/-linux-gnu/.test(name) ? [join(path, name)] : []))]);
  const loader = libraries.flatMap((path) =>
    readdirSync(path).flatMap((name) => (/^ld-linux.*\.so\.\d$/.test(name) ? [join(path, name)] : [])),
  )[0];
  return (command) => {
    const path = BINARIES.map((name) => join(folder, name, command)).find((one) => existsSync(one));
    if (path === undefined) return [command];
    return loader === undefined ? [path] : [loader, '--library-path', libraries.join(':'), path];
  };
}

export interface Ran {
  readonly status: number;
  readonly said: string;
}

/** Runs a command to its end. */
export async function runStep(step: Step, by: ReturnType<typeof toolsIn>): Promise<Ran> {
  const [name, ...args] = step.run;
  const [command, ...before] = by(name);
  const input = step.input === undefined ? undefined : openSync(step.input, 'r');
  try {
    return await new Promise((settle) => {
      const child = spawn(command, [...before, ...args], { stdio: [input ?? 'ignore', 'pipe', 'pipe'], timeout: TIMEOUT_MS });
      let said = '';
      for (const stream of [child.stdout, child.stderr])
        stream?.on('data', (bytes: Buffer) => {
          if (said.length < OUTPUT_MAX) said += bytes.toString('latin1');
        });
      child.on('error', (error) => settle({ status: -1, said: error.message }));
      child.on('close', (status, signal) => settle({ status: status ?? -1, said: signal === null ? said : `${said}\nended by ${signal}` }));
    });
  } finally {
    if (input !== undefined) closeSync(input);
  }
}

/** Whether a tool did not do what it was asked for. */
export function isRefused({ tolerates, refuses }: Step, { status, said }: Ran): boolean {
  return refuses?.test(said) === true || (status !== 0 && tolerates?.(status) !== true);
}

/** The line that says why. */
export function reasonIn(said: string): string {
  const lines = said.split('\n').filter((line) => line.trim() !== '');
  return (lines.find((line) => /error|must|invalid|unsupported|not |fail/i.test(line)) ?? lines.at(-1) ?? 'nothing said').trim();
}
