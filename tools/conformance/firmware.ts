/**
 * Containers of firmware against what the platform's own tools made: `firmware/made` (SHA256SUMS of the raw images, packed by delta_generator and lpmake)
 * and `firmware/update_engine` (the platform's sample payloads and the images they produce).
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bytesSource, equalBytes, hashOf, type Source, toHex } from '../../src/bytes/index.ts';
import { lpPartition, payloadPartition, readLp, readPayload, readSparse, sparseSource } from '../../src/formats/android/index.ts';
import { openFileSystem } from '../../src/formats/fs/index.ts';
import { nodeCodec, nodeHash } from '../../src/platform/node/index.ts';
import { type Check, runParts } from '../conformance-parts.ts';

export const collection = 'firmware';

/** No file of the set comes near. */
const UNPACKED_MAX = 1 << 28;
const ports = { hash: nodeHash, codec: nodeCodec };

/** Undefined: there is no such folder. */
export async function run(dataDir: string): Promise<{ agree: number; differ: string[] } | undefined> {
  const folder = join(dataDir, 'firmware');
  return runParts([
    { path: join(folder, 'made'), runs: runMade },
    { path: join(folder, 'update_engine'), runs: runUpdateEngine },
  ]);
}

async function runMade(folder: string, check: Check): Promise<void> {
  const sums = new Map<string, string>(
    (await readFile(join(folder, 'SHA256SUMS'), 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => [line.slice(66), line.slice(0, 64)] as const),
  );
  const payloadSource = bytesSource(await unxz(join(folder, 'payload.bin.xz')));
  check('payload.bin', (await digest(payloadSource)) === sums.get('payload.bin'), 'it unpacks to another file');
  const { value: payload, oddities } = await readPayload(payloadSource);
  check('payload.bin oddities', oddities.length === 0, JSON.stringify(oddities));
  for (const partition of payload.manifest.partitions) {
    const name = `${partition.name}.img`;
    const made = await digest(payloadPartition(payload, partition, ports));
    check(`payload.bin!${name}`, made === sums.get(name), `${made}, where SHA256SUMS says ${sums.get(name)}`);
  }
  const sparse = bytesSource(await unxz(join(folder, 'super.simg.xz')));
  const raw = sparseSource(sparse, (await readSparse(sparse)).value);
  const { value: metadata } = await readLp(raw, nodeHash);
  for (const partition of metadata.partitions) {
    if (partition.size === 0) continue;
    const name = `${partition.name.replace(/_[ab]$/, '')}.img`;
    const made = await digest(lpPartition(metadata, partition, [raw]));
    check(`super.simg!${partition.name}`, made === sums.get(name), `${made}, where SHA256SUMS says ${sums.get(name)}`);
  }
}

/** The samples: each payload must give images that its own manifest and the archive of images both know. */
async function runUpdateEngine(folder: string, check: Check): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), 'assay-conformance-'));
  try {
    const images = new Map<string, Source>();
    const payloads = new Map<string, Uint8Array>();
    for (const archive of ['sample_images.tar.bz2', 'sample_payloads.tar.xz']) {
      await promisify(execFile)('tar', ['-xf', join(folder, archive), '-C', work]);
      const { stdout } = await promisify(execFile)('tar', ['-tf', join(folder, archive)]);
      for (const name of stdout.split('\n').filter((line) => line !== '' && !line.endsWith('/'))) {
        const bytes = new Uint8Array(await readFile(join(work, name)));
        if (name.endsWith('.img')) images.set(toHex(hashOf(nodeHash, 'sha256', bytes)), bytesSource(bytes));
        else payloads.set(name, bytes);
      }
    }
    for (const source of images.values()) {
      const fileSystem = await openFileSystem(source, nodeCodec);
      const unread: string[] = fileSystem === undefined ? ['no file system that is known'] : [];
      if (fileSystem !== undefined)
        for await (const visit of fileSystem.walk()) {
          if (visit.kind === 'broken') unread.push(`${visit.path}: ${visit.error.message}`);
          else if (visit.entry.type === 'file') await digest(await fileSystem.open(visit.entry));
        }
      check(`sample image of ${source.size} bytes`, unread.length === 0, unread[0] ?? '');
    }
    for (const [name, bytes] of payloads) {
      const { value: payload } = await readPayload(bytesSource(bytes));
      for (const partition of payload.manifest.partitions) {
        const before = partition.before === undefined ? undefined : images.get(toHex(partition.before.sha256));
        const source = payloadPartition(payload, partition, { ...ports, ...(before === undefined ? {} : { before }) });
        const made = hashOf(nodeHash, 'sha256', await source.read(0, source.size));
        check(
          `${name}!${partition.name}`,
          partition.after !== undefined && equalBytes(made, partition.after.sha256),
          'not the digest of its manifest',
        );
        check(`${name}!${partition.name} image`, images.has(toHex(made)), `${toHex(made)} is none of the sample images`);
      }
    }
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

const digest = async (source: Source): Promise<string> => toHex(hashOf(nodeHash, 'sha256', await source.read(0, source.size)));

async function unxz(path: string): Promise<Uint8Array> {
  return nodeCodec('xz', new Uint8Array(await readFile(path)), UNPACKED_MAX);
}
