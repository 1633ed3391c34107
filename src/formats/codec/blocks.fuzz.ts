import { FormatError, parseHex } from '../../bytes/index.ts';
import { unbzip2 } from './bzip2.ts';
import { unlz4Block } from './lz4.ts';
import { unlzma } from './lzma-alone.ts';
import { decodeLzo } from './lzo.ts';
import { decodeMicroLzma } from './microlzma.ts';
import { unxz } from './xz.ts';

export const name = 'blocks';

const OUTPUT_MAX = 1 << 18;
/** The first byte says which. */
const DECODERS: readonly ((bytes: Uint8Array) => unknown)[] = [
  (bytes) => unxz(bytes, OUTPUT_MAX),
  (bytes) => unbzip2(bytes, OUTPUT_MAX),
  (bytes) => unlz4Block(bytes, OUTPUT_MAX),
  (bytes) => unlzma(bytes, OUTPUT_MAX),
  (bytes) => decodeLzo(bytes, new Uint8Array(4096)),
  (bytes) => decodeMicroLzma(bytes, new Uint8Array(4096)),
];

/** `xz --check=none --x86 --lzma2`, `xz --check=crc32 --armthumb --lzma2`, `xz`, `bzip2`, an LZ4 block of literals, `lzma`, LZO and MicroLZMA by hand: twelve bytes of text. */
const SEEDS = [
  '00fd377a585a000000ff12d94102010400210116000d86351fe0000b000a5d0030e894b452ca869d87e900000000011e0cdfc671fd06729e7a010000000000595a',
  '00fd377a585a0000016922de3602010800210116007646f768e0000b000a5d0030e894b452ca869d87e90000003d0005fd0001220c20bf828e9042990d010000000001595a',
  '00fd377a585a000004e6d6b4460200210116000000742fe5a3e0001b000c5d0030e894b452cab345ffdd000000d04e5b5821f861190001281cce47da691fb6f37d010000000004595a',
  '01425a6839314159265359270ee85e0000034100400038002000223c9a8334d2d25861f177245385090270ee85e0',
  '02c0616161616262626263636363',
  '035d00008000ffffffffffffffff00309888982ae50000000000000000',
  '041d616161616262626263636363110000',
  '05a20030e894b452ca869d87e9000000',
];

export const seeds: readonly Uint8Array[] = SEEDS.map((hex) => parseHex(hex) ?? new Uint8Array(0));

/** Reads hostile bytes: anything but a FormatError, a hang or too much memory is a finding. */
export async function run(bytes: Uint8Array): Promise<void> {
  try {
    await DECODERS[(bytes[0] ?? 0) % DECODERS.length]?.(bytes.subarray(1));
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
}
