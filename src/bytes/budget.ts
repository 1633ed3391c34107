/**
 * How much may be done for one image. Bytes of its files are counted elsewhere; what is packed together is decoded whole for each part of it that is read, and maps of files may
 * share their blocks, so that an image of a megabyte, whose million files are each a byte out of another cluster of twelve, would keep its reader busy for days.
 */
import { FormatError } from './format-error.ts';

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
        { format, field: 'decoded', at },
        'too-large',
        `more than ${most} bytes were decoded of an image of ${imageSize}: what is packed together is asked for in a way that no tool packs it`,
      );
  };
}

/** Entries of maps: where blocks, chunks and clusters lie. Files of a terabyte in blocks of 4 KiB have as many. */
const ENTRIES_LEAST = 2 ** 28;
/** A larger image is read a few times. */
const PASSES = 8;
const BLOCK = 4096;

/** Takes entries of a file's map that are to be read. @throws FormatError where it is more than an image of that size should need */
export type SpendEntries = (entries: number, at: number) => void;

/** `most` is for tests. */
export function mapBudget(format: string, imageSize: number, most = Math.max(ENTRIES_LEAST, (PASSES * imageSize) / BLOCK)): SpendEntries {
  let left = most;
  return (entries, at) => {
    left -= entries;
    if (left < 0)
      throw new FormatError(
        { format, field: 'map', at },
        'too-large',
        `more than ${most} entries of maps were read of an image of ${imageSize} bytes: its files share them in a way that no tool lays them out`,
      );
  };
}
