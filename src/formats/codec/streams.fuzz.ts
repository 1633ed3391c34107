import { bytesSource, FormatError, parseHex } from '../../bytes/index.ts';
import { pureStream, streamFormat } from './streams.ts';

export const name = 'streams';

const OUTPUT_MAX = 1 << 20;

/** Twelve bytes of text by `lz4 -c`, `lz4 -l -c`, `gzip -n` and `lzma`. */
const PACKED = [
  '04224d18644007' + 'a7' + '0c00008061616161626262626363636300000000' + '00000000',
  '02214c18' + '0d000000' + 'c0616161616262626263636363',
  '1f8b08000000000000034b4c4c4c4c4a4a4a4a4e4e4e4e00' + '00000000' + '0c000000',
  '5d00008000ffffffffffffffff00309888982ae5' + '0000000000000000',
];

export const seeds: readonly Uint8Array[] = PACKED.map((hex) => parseHex(hex) ?? new Uint8Array(0));

/** Reads hostile bytes: anything but a FormatError, a hang or too much memory is a finding. */
export async function run(bytes: Uint8Array): Promise<void> {
  const format = streamFormat(bytes.subarray(0, 64), 'a.lzma');
  if (format === undefined) return;
  try {
    for await (const piece of pureStream(format, bytesSource(bytes), OUTPUT_MAX))
      if (piece.length > OUTPUT_MAX) throw new Error('too much');
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
}
