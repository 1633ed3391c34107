/** The log's other parties from the command line: a witness in a process of its own, the log that asks it, a monitor, and what each of them refuses. */
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeSigningKey } from '../src/platform/node/index.ts';
import { assay } from './support/cli.ts';

const BIN = fileURLToPath(new URL('../bin/assay.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'assay-witness-cli-'));
const run = (...words: string[]) => assay(folder, ...words);
const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
const append = (log: string, file: string) => run('log', 'append', log, file, '--kind', 'correction', '--key', 'log.pem');
const monitor = (log: string) => run('log', 'monitor', log, '--policy', 'plain', '--state', 'seen');
let witness: ChildProcess;

beforeAll(async () => {
  for (const name of ['log', 'witness']) write(`${name}.pem`, makeSigningKey('ed25519'));
  write('quantum.pem', makeSigningKey('ml-dsa-44'));
  for (const name of ['a', 'b', 'c']) write(name, name);
  const { out } = await run('log', 'init', 'log', '--origin', 'log.example/w', '--key', 'log.pem');
  write('plain', `${out}quorum none\n`);
  const words = [
    'log',
    'witness',
    '--policy',
    'plain',
    '--name',
    'w.example',
    '--key',
    'witness.pem',
    'quantum.pem',
    '--state',
    'state',
    '--port',
    '7389',
  ];
  witness = spawn(process.execPath, [BIN, ...words], {
    cwd: folder,
    env: { ...process.env, INIT_CWD: folder },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said = await new Promise<string>((resolve) => witness.stdout?.setEncoding('utf8').once('data', resolve));
  // As it is printed, it stands in a policy.
  write('witnessed', `${out}${said}group both all w.example w.example-2\nquorum both\n`);
  await append('log', 'a');
}, 60_000);
afterAll(async () => {
  const ended = new Promise((resolve) => witness.once('close', resolve));
  witness.kill('SIGTERM');
  await ended;
  rmSync(folder, { recursive: true, force: true });
});

describe('a witness and a monitor', () => {
  test('cosign what only grew; a log that forked is cosigned by nobody, and the monitor shouts with both notes', async () => {
    expect(await run('log', 'cosign', 'log', '--policy', 'witnessed', '--out', 'note-1')).toMatchObject({ status: 0, err: '' });
    expect(readFileSync(join(folder, 'note-1'), 'utf8')).toMatch(/^log\.example\/w\n1\n[\s\S]*\u2014 w\.example [\s\S]*\u2014 w\.example /);
    expect((await monitor('log')).out).toMatch(/^first: log\.example\/w at 1 entries/);
    cpSync(join(folder, 'log'), join(folder, 'fork'), { recursive: true });
    await append('log', 'b');
    await append('fork', 'c');
    expect(await run('log', 'cosign', 'log', '--policy', 'witnessed', '--out', 'note-2')).toMatchObject({ status: 0 });
    expect((await monitor('log')).out).toMatch(/^grown: /);
    expect(await run('log', 'cosign', 'fork', '--policy', 'witnessed', '--out', 'note-3')).toMatchObject({
      status: 1,
      err: expect.stringMatching(/w\.example (?:refuses|has seen another log)/),
    });
    const split = await monitor('fork');
    expect(split).toMatchObject({ status: 20, out: expect.stringMatching(/^ALARM split-view: /) });
    expect(split.out.match(/^log\.example\/w\n2\n/gm)).toHaveLength(2);
  }, 60_000);

  test('a policy without a quorum, one that is not met, and a key that is none of its name are refused by name', async () => {
    write('silent', readFileSync(join(folder, 'plain'), 'utf8').replace('quorum none\n', ''));
    expect(await run('log', 'verify', 'log', '--policy', 'silent')).toMatchObject({
      status: 1,
      err: expect.stringContaining('no quorum is said'),
    });
    expect(await run('log', 'verify', 'log', '--policy', 'witnessed')).toMatchObject({
      status: 20,
      out: expect.stringContaining('too few witnesses have cosigned'),
    });
    expect(await run('log', 'append', 'log', 'c', '--kind', 'correction', '--key', 'witness.pem')).toMatchObject({
      status: 1,
      err: expect.stringContaining('the key is not that of the log'),
    });
  }, 60_000);
});
