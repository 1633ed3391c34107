import { FormatError, type HashPort } from '../../bytes/index.ts';
import { decodeParts, encodeManifest, readObject, writeObject } from './object.ts';

export const name = 'shelf-object';

/** No digest at all, so that bent bytes get past the checksum to the columns. */
const hash: HashPort = () => ({ update: () => undefined, digest: () => new Uint8Array(32) });
const row = {
  partition: 'system',
  type: 'file',
  size: 1,
  mode: '0644',
  uid: 0,
  gid: 0,
  context: null,
  capabilities: null,
  target: null,
} as const;
const manifest = {
  format: 'assay.manifest/1' as const,
  identity: { 'build.id': 'A' },
  partitions: [],
  files: ['/system/a', '/system/b'].map((path) => ({ ...row, path, sha256: '11'.repeat(32) })),
  apks: [],
};
const { body, digests } = encodeManifest(manifest);

export const seeds: readonly Uint8Array[] = [
  writeObject({ manifest: '22'.repeat(32), base: undefined, depth: 0, bodySize: body.length, digests, packed: body }, hash),
];

/** Reads hostile bytes: anything but a FormatError, a hang or too much memory is a finding. */
export async function run(bytes: Uint8Array): Promise<void> {
  try {
    const head = readObject(bytes, hash);
    const base = decodeParts(body, { version: 2, digests }, undefined);
    for (const below of [undefined, base]) decodeParts(head.packed, head, below);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
}
