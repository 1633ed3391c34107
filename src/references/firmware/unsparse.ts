import { type Source, sliceSource } from '../../bytes/index.ts';
import { DHTB_HEADER, isDhtb, isSparse, readSparse, sparseSource } from '../../formats/android/index.ts';

/** A Source without its sparse coat, a boot image without the header that Unisoc puts before it; the same one where it wears none. @throws FormatError */
export async function unsparse(source: Source): Promise<Source> {
  const start = await source.read(0, Math.min(DHTB_HEADER + 8, source.size));
  if (isDhtb(start)) return sliceSource(source, DHTB_HEADER, source.size - DHTB_HEADER);
  return isSparse(start) ? sparseSource(source, (await readSparse(source)).value) : source;
}
