/**
 * A pass over an image in order, beside the reading of its files: every digest of the image is fed by it. It is moved along behind the files as they are read in the order of
 * their blocks, so that what is costly to decode is decoded once for both.
 */
import { FormatError, type Hasher, type HashPort, readPiece, type Source } from '../../bytes/index.ts';
import {
  avbHash,
  type HashDescriptor,
  type Hashtree,
  type HashtreeDescriptor,
  type HashtreeMaker,
  startHashtree,
} from '../../formats/android/index.ts';

const WINDOW = 1 << 20;
/** Bytes of one image that are read through. Partitions of phones have some 16 GiB; an image of a few bytes may claim holes without end. */
export const IMAGE_MAX = 2 ** 36;

/** @throws FormatError for an image that is not read through */
export function checkImageSize(size: number): void {
  if (size > IMAGE_MAX)
    throw new FormatError(
      { format: 'image', field: 'size', at: 0 },
      'too-large',
      `${size} bytes, and ${IMAGE_MAX} is the most that is read through`,
    );
}

/** What the pass is to compute. */
export interface SweepWish {
  /** Bytes that the partition's digest is over; undefined: all but the zeros at the end. */
  readonly imageSize: number | undefined;
  readonly descriptor: HashDescriptor | HashtreeDescriptor | undefined;
  /** Whether a digest over all bytes is wanted, besides. */
  readonly whole: boolean;
}

export interface SweepResult {
  readonly image: Uint8Array;
  /** Bytes that `image` is over. */
  readonly imageSize: number;
  readonly whole: Uint8Array | undefined;
  /** Of a hash descriptor: over salt and image. */
  readonly salted: Uint8Array | undefined;
  readonly tree: Hashtree | undefined;
}

export interface Sweep {
  /** Feeds what lies before a byte and was not fed yet. */
  to(at: number): Promise<void>;
  /** Feeds the rest. @throws FormatError for a tree that dm-verity does not have, and for an image of more than IMAGE_MAX bytes */
  finish(): Promise<SweepResult>;
}

/** Digests that begin at the first byte and end at a given one. */
interface Taker {
  readonly end: number;
  update(bytes: Uint8Array): void;
}

/** Starts a pass. `report` gets the bytes fed so far. */
export function startSweep(source: Source, wish: SweepWish, hash: HashPort, report?: (bytes: number) => void): Sweep {
  const takers: Taker[] = [];
  const image =
    wish.imageSize === undefined
      ? trimmedDigest(hash)
      : wish.whole
        ? forkedDigest(Math.min(wish.imageSize, source.size), source.size, hash)
        : plainDigest(Math.min(wish.imageSize, source.size), hash);
  const whole = wish.whole && wish.imageSize === undefined ? plainDigest(source.size, hash) : undefined;
  takers.push(image, ...(whole === undefined ? [] : [whole]));
  const { descriptor } = wish;
  let salted: Hasher | undefined;
  let maker: HashtreeMaker | undefined;
  if (descriptor !== undefined && descriptor.imageSize <= source.size) {
    const algorithm = avbHash(descriptor.hashAlgorithm);
    if (descriptor.kind === 'hashtree') {
      const tree = startHashtree(source, descriptor, hash);
      maker = tree;
      takers.push({ end: descriptor.imageSize, update: (bytes) => tree.update(bytes) });
    } else if (algorithm !== undefined) {
      const hasher = hash(algorithm);
      hasher.update(descriptor.salt);
      salted = hasher;
      takers.push({ end: descriptor.imageSize, update: (bytes) => hasher.update(bytes) });
    }
  }
  const needed = Math.min(
    source.size,
    takers.reduce((most, taker) => Math.max(most, taker.end), 0),
  );
  let fed = 0;
  const buffer = new Uint8Array(Math.min(WINDOW, needed));
  const feed = async (target: number) => {
    while (fed < Math.min(target, needed)) {
      const piece = await readPiece(source, fed, Math.min(WINDOW, needed - fed), buffer);
      for (const taker of takers) {
        if (taker.end <= fed) continue;
        taker.update(taker.end >= fed + piece.length ? piece : piece.subarray(0, taker.end - fed));
      }
      fed += piece.length;
      report?.(fed);
    }
  };
  return {
    // Whole windows only: what follows soon is not worth a read of its own.
    to: (at) => feed(at - (at % WINDOW)),
    async finish() {
      checkImageSize(needed);
      await feed(needed);
      report?.(source.size);
      const tree = maker?.finish();
      const all = whole?.finish().digest;
      const made = image.finish();
      return { image: made.digest, imageSize: made.size, whole: all ?? made.whole, salted: salted?.digest(), tree };
    },
  };
}

interface Digest extends Taker {
  finish(): { readonly digest: Uint8Array; readonly size: number; readonly whole?: Uint8Array };
}

function plainDigest(end: number, hash: HashPort): Digest {
  const hasher = hash('sha256');
  return { end, update: (bytes) => hasher.update(bytes), finish: () => ({ digest: hasher.digest(), size: end }) };
}

/** The digest up to `end` and the one over all, for the price of one where the platform can copy a running digest. */
function forkedDigest(end: number, size: number, hash: HashPort): Digest {
  const hasher = hash('sha256');
  const other = hasher.copy === undefined ? hash('sha256') : undefined;
  let at = 0;
  let digest: Uint8Array | undefined = end === 0 ? hash('sha256').digest() : undefined;
  return {
    end: size,
    update(bytes) {
      const before = digest === undefined ? bytes.subarray(0, end - at) : new Uint8Array(0);
      const after = bytes.subarray(before.length);
      hasher.update(before);
      other?.update(before);
      at += bytes.length;
      if (digest === undefined && at >= end) digest = other?.digest() ?? hasher.copy?.().digest();
      hasher.update(after);
    },
    finish: () => ({ digest: digest ?? hash('sha256').digest(), size: end, whole: hasher.digest() }),
  };
}

/** A digest that leaves the zeros at the end out: they are held back, as a number, until something else follows. */
function trimmedDigest(hash: HashPort): Digest {
  const hasher = hash('sha256');
  const zeros = new Uint8Array(1 << 16);
  let held = 0;
  let size = 0;
  return {
    end: Number.POSITIVE_INFINITY,
    update(bytes) {
      let last = bytes.length;
      while (last > 0 && bytes[last - 1] === 0) last--;
      if (last > 0) {
        size += held + last;
        for (; held > 0; held -= Math.min(held, zeros.length)) hasher.update(zeros.subarray(0, Math.min(held, zeros.length)));
        hasher.update(bytes.subarray(0, last));
      }
      held += bytes.length - last;
    },
    finish: () => ({ digest: hasher.digest(), size }),
  };
}
