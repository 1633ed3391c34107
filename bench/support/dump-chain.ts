/**
 * What people do with a payload: a Python dumper, `fsck.erofs --extract` of what it wrote, `sha256sum` of every file. Undefined without these tools.
 * The dumper is `payload-dump.py`, which does what the Python dumpers do and is told the operations; those written in Go and Rust use every core, and are in no distribution.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { toHex } from '../../src/bytes/index.ts';
import type { Payload } from '../../src/formats/android/index.ts';

export interface ChainTimes {
  readonly dumpMs: number;
  readonly extractMs: number;
  readonly digestMs: number;
}

export interface ChainJob {
  /** The file that holds the payload, and where in it the blobs begin. */
  readonly path: string;
  readonly blobsAt: number;
  readonly payload: Payload;
  /** An empty folder for what is made: it is removed. */
  readonly work: string;
}

const hasTool = (name: string, flag: string) => spawnSync(name, [flag]).error === undefined;

export function runChain({ path, blobsAt, payload, work }: ChainJob): ChainTimes | undefined {
  if (!hasTool('fsck.erofs', '--version') || !hasTool('python3', '--version')) return undefined;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  const { blockSize, partitions } = payload.manifest;
  const job = {
    payload: path,
    partitions: partitions.map(({ name, operations }) => ({
      path: join(work, `${name}.img`),
      operations: operations.map(({ type, dataOffset, dataLength, dataSha256, targets }) => ({
        type,
        at: blobsAt + dataOffset,
        length: dataLength,
        sha256: toHex(dataSha256 ?? new Uint8Array(0)),
        start: (targets[0]?.startBlock ?? 0) * blockSize,
        size: targets.reduce((sum, { blocks }) => sum + blocks * blockSize, 0),
      })),
    })),
  };
  const timed = (run: () => void): number => {
    const startedAt = performance.now();
    run();
    return performance.now() - startedAt;
  };
  const trees = ['system', 'vendor', 'product'].map((name) => join(work, name));
  const dumpMs = timed(() => {
    execFileSync('python3', [join(import.meta.dirname, 'payload-dump.py')], { input: JSON.stringify(job) });
  });
  const extractMs = timed(() => {
    for (const tree of trees) spawnSync('fsck.erofs', [`--extract=${tree}`, `${tree}.img`]);
  });
  const digestMs = timed(() => {
    for (const tree of trees) execFileSync('sh', ['-c', 'find "$1" -type f -print0 | xargs -0 sha256sum > /dev/null', 'sh', tree]);
  });
  rmSync(work, { recursive: true, force: true });
  return { dumpMs, extractMs, digestMs };
}
