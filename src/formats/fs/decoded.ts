/**
 * How much may be decoded of one image. Bytes of files are counted elsewhere; what is packed together is decoded whole for each part of it that is read, so that an image of
 * a megabyte, whose million files are each a byte out of another cluster of twelve, would keep its reader busy for days.
 */
import { FormatError } from '../../bytes/index.ts';

/** Of any image. The largest builds hold 16 GiB, and what is shared is decoded a few times. */
const DECODED_MAX = 2 ** 38;
/** Of the smallest image, and for each byte of a larger one. */
const DECODED_LEAST = 2 ** 33;
const RATIO_MAX = 4096;

/** Takes bytes that were, or are to be, decoded. @throws FormatError where it is more than an image of that size should need */
export type SpendDecoded = (bytes: number, at: number) => void;

/** `most` is for tests. */
export function decodedBudget(
  format: string,
  imageSize: number,
  most = Math.min(DECODED_MAX, DECODED_LEAST + RATIO_MAX * imageSize),
): SpendDecoded {
  let left = most;
  return (bytes, at) => {
    left -= bytes;
    if (left < 0)
      throw new FormatError(
        { format, field: 'cluster', at },
        'too-large',
        `more than ${most} bytes were decoded of an image of ${imageSize}: its files share clusters in a way that no tool packs them`,
      );
  };
}
