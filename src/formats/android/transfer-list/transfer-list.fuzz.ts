import { bytesSource, FormatError } from '../../../bytes/index.ts';
import { parseTransferList, transferListImage, writeTransferList } from './transfer-list.ts';

export const name = 'transfer-list';

export const seeds: readonly Uint8Array[] = [
  new TextEncoder().encode(writeTransferList([{ start: 1, end: 3 }], [{ start: 0, end: 1 }])),
  new TextEncoder().encode('1\n5\nerase 2,0,5\nnew 4,0,2,3,4\n'),
];

/** Reads hostile bytes: anything but a FormatError, a hang or too much memory is a finding. */
export async function run(bytes: Uint8Array): Promise<void> {
  try {
    const image = transferListImage(parseTransferList(new TextDecoder().decode(bytes)), bytesSource(new Uint8Array(1 << 16)));
    await image.read(0, Math.min(image.size, 1 << 16));
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
}
