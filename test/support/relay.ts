/**
 * A relay: a process in front of a program, `node relay.ts DELAY_MS [all] -- PROGRAM…`. It answers pings by a program of its own and sends work to another one after DELAY_MS;
 * with `all` it delays the pings alike. The waiting is busy, so that a third of a millisecond is one.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';

const split = process.argv.indexOf('--');
const [delay = '0', mode] = process.argv.slice(2, split);
const delayMs = Number(delay);
const [command = '', ...args] = process.argv.slice(split + 1);
const start = (): ChildProcessWithoutNullStreams => {
  const child = spawn(command, args);
  child.stdout.on('data', (chunk: Buffer) => process.stdout.write(chunk));
  child.stdin.on('error', () => undefined);
  return child;
};
const [near, far] = [start(), start()];
const wait = () => {
  for (const end = performance.now() + delayMs; performance.now() < end; );
};
let heard = '';
process.stdin.on('data', (chunk: Buffer) => {
  heard += chunk.toString('latin1');
  for (let end = heard.indexOf('\n'); end >= 0; end = heard.indexOf('\n')) {
    const line = heard.slice(0, end + 1);
    heard = heard.slice(end + 1);
    const isPing = line.startsWith('00000001');
    if (!isPing || mode === 'all') wait();
    (isPing ? near : far).stdin.write(line);
  }
});
process.stdin.on('end', () => {
  near.stdin.end();
  far.stdin.end();
});
