import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { nodeHash } from '../../platform/node/index.ts';
import { type Manifest, manifestDigest, type Reference } from '../../references/index.ts';
import { openShelf } from './shelf.ts';

const MANIFEST: Manifest = {
  format: 'assay.manifest/1',
  identity: { 'build.version.incremental': '1' },
  partitions: [],
  files: [],
  apks: [],
};
const digest = manifestDigest(MANIFEST, nodeHash);
const provenance = { made: 'image' as const, sources: [], signatures: [], vouched: 'official-list' as const, label: 'release' as const };
const REFERENCE: Reference = { manifest: MANIFEST, digest, vouched: 'official-list', label: 'release', provenance };

test('a reference that was added is there when the shelf is opened again, and its own word vouches for nothing', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'assay-shelf-'));
  try {
    const shelf = await openShelf(folder);
    expect(await shelf.list()).toEqual([]);
    expect(await shelf.add(REFERENCE)).toBe(digest);
    const again = await openShelf(folder);
    expect(await again.list()).toEqual(await shelf.list());
    expect(await again.get(digest)).toMatchObject({ digest, vouched: 'nobody' });
  } finally {
    await rm(folder, { recursive: true });
  }
});
