import type { Source } from '../../bytes/index.ts';
import { isSparse, readSparse, sparseSource } from '../../formats/android/index.ts';

/** A Source without its sparse coat; the same one where it wears none. @throws FormatError */
export async function unsparse(source: Source): Promise<Source> {
  const start = await source.read(0, Math.min(4, source.size));
  return isSparse(start) ? sparseSource(source, (await readSparse(source)).value) : source;
}
