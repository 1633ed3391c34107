/**
 * MicroLZMA, the LZMA of EROFS: a raw LZMA stream whose first byte, always zero elsewhere, holds the inverted properties.
 * Spec: liblzma 5.4, microlzma_decoder.c (public domain). There is no size and no end marker: the caller says how much it wants.
 */
import { FormatError } from '../../bytes/index.ts';
import { decodeLzma, type LzmaState, lzmaState, resetState, setProperties, startCode } from './lzma.ts';

const FORMAT = 'microlzma';

/** Decodes into `out` from `outAt` to `outEnd`. `lzma` may be used again and again: its tables are kept. @throws FormatError */
export function decodeMicroLzma(input: Uint8Array, out: Uint8Array, lzma: LzmaState = microLzmaState()): void {
  const properties = ~(input[0] ?? 0) & 0xff;
  if (input.length < 5)
    throw new FormatError({ format: FORMAT, field: 'range', at: 0 }, 'short-read', `5 bytes wanted, ${input.length} left`);
  if (!setProperties(lzma, properties, 4))
    throw new FormatError(
      { format: FORMAT, field: 'properties', at: 0 },
      'bad-value',
      `0x${properties.toString(16)} holds no lc, lp and pb`,
    );
  resetState(lzma);
  startCode(lzma, input, 1);
  lzma.inEnd = input.length;
  lzma.outAt = 0;
  lzma.outEnd = out.length;
  lzma.dictionaryAt = 0;
  lzma.bias = 0;
  decodeLzma(lzma, input, out);
  if (lzma.ended)
    throw new FormatError({ format: FORMAT, field: 'data', at: lzma.inAt }, 'short-read', `${lzma.outAt} of ${out.length} bytes`);
}

/** A decoder to keep. */
export const microLzmaState = (): LzmaState => lzmaState(FORMAT);
