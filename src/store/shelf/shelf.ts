/** A shelf in a folder. */
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { nodeHash } from '../../platform/node/index.ts';
import { memoryShelf, type Reference, readReference, type Shelf, writeReference } from '../../references/index.ts';
import { replaceDurably } from '../log/files.ts';

/** Bytes of one reference: the largest builds have some 60 MB. */
const REFERENCE_MAX = 512 << 20;

/** Opens a shelf; an empty one where there is none. @throws FormatError where a file in it is malformed */
export async function openShelf(folder: string): Promise<Shelf> {
  const names = (await readdir(folder).catch(ifMissing)).filter((name) => /^[0-9a-f]{64}\.json\.gz$/.test(name)).toSorted();
  const references: Reference[] = [];
  for (const name of names) {
    const bytes = gunzipSync(await readFile(join(folder, name)), { maxOutputLength: REFERENCE_MAX });
    references.push(refuseVouching(readReference(bytes, nodeHash)));
  }
  const memory = memoryShelf(nodeHash, references);
  return {
    ...memory,
    async add(reference) {
      await mkdir(folder, { recursive: true });
      await replaceDurably(folder, { path: `${reference.digest}.json.gz`, bytes: gzipSync(writeReference(reference)) });
      return memory.add(refuseVouching(reference));
    },
  };
}

/** What a document says of who vouches for it is its bearer's word. */
const refuseVouching = (reference: Reference): Reference => ({ ...reference, vouched: 'nobody' });

function ifMissing(error: NodeJS.ErrnoException): string[] {
  if (error.code === 'ENOENT') return [];
  throw error;
}
