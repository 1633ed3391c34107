/** Pieces of work on stretches of a file: what two threads share, and how each does one. */
import type { makeUnpacker } from './stretch-unpack.ts';

/** Stretches in units: all of it lies in memory that both threads see. */
export interface StretchJob {
  readonly id: number;
  readonly descriptor: number;
  readonly algorithm: string;
  /**
   * Five numbers a stretch: where, how long, what it unpacks to (-1 where it is stored), how many of its eight bytes of `prefixes` are hashed before it, and the
   * CRC-32 of what it unpacks to (-1 where nobody says).
   */
  readonly columns: Float64Array;
  readonly prefixes: Uint8Array;
  /** The first stretch of every unit, and at last how many stretches there are. */
  readonly firsts: Int32Array;
  /** The next unit that nobody has taken, and how many are done. */
  readonly counters: Int32Array;
  readonly digests: Uint8Array;
  /** 1 for a stretch whose digest is there. */
  readonly states: Uint8Array;
}

/**
 * Makes what does one unit; it answers false when there is none left. Handed to a thread as text, so it may use nothing from outside but its argument.
 * @throws where the file ends early
 */
export function unitRunner(unpackerFor: typeof makeUnpacker): (job: StretchJob) => boolean {
  const { createHash, hash: hashOnce } = process.getBuiltinModule('node:crypto');
  const { readSync } = process.getBuiltinModule('node:fs');
  const width = 5;
  // As much as stays in the core's own cache until it is hashed: a tenth quicker than a MiB (measured).
  const buffer = new Uint8Array(256 << 10);
  const read = (descriptor: number, at: number, length: number): Uint8Array => {
    for (let done = 0; done < length; ) {
      const count = readSync(descriptor, buffer, done, length - done, at + done);
      if (count === 0) throw new Error(`the file ends at ${at + done}, ${length - done} bytes early`);
      done += count;
    }
    return buffer.subarray(0, length);
  };
  /** One stretch, however long, with what is hashed before it. */
  const digestLong = ({ descriptor, algorithm, columns, prefixes }: StretchJob, index: number): string => {
    const [at = 0, length = 0, , prefix = 0] = columns.subarray(index * width, index * width + 4);
    const hash = createHash(algorithm);
    if (prefix > 0) hash.update(prefixes.subarray(index * 8, index * 8 + prefix));
    for (let done = 0; done < length; ) {
      const piece = read(descriptor, at + done, Math.min(buffer.length, length - done));
      hash.update(piece);
      done += piece.length;
    }
    return hash.digest('binary');
  };
  let put: (index: number, digest: string) => void = () => undefined;
  let algorithm = '';
  const unpacker = unpackerFor((index, content) => {
    if (content !== undefined) put(index, hashOnce(algorithm, content, 'binary'));
  });
  return (job) => {
    const { columns, firsts, counters, digests, states } = job;
    const unit = Atomics.add(counters, 0, 1);
    if (unit >= firsts.length - 1) return false;
    algorithm = job.algorithm;
    const first = firsts[unit] ?? 0;
    const end = firsts[unit + 1] ?? 0;
    const size = digests.length / states.length;
    // Text instead of a buffer for what comes out: making objects costs as much here as hashing (measured).
    const target = Buffer.from(digests.buffer, digests.byteOffset, digests.length);
    put = (index, digest) => {
      target.write(digest, index * size, 'latin1');
      states[index] = 1;
    };
    if (end - first === 1 && (columns[first * width + 2] ?? -1) < 0) put(first, digestLong(job, first));
    else {
      const start = columns[first * width] ?? 0;
      const stop = (columns[(end - 1) * width] ?? 0) + (columns[(end - 1) * width + 1] ?? 0);
      const bytes = read(job.descriptor, start, stop - start);
      for (let index = first; index < end; index++) {
        const from = (columns[index * width] ?? 0) - start;
        const packed = bytes.subarray(from, from + (columns[index * width + 1] ?? 0));
        const unpacked = columns[index * width + 2] ?? -1;
        if (unpacked < 0) put(index, hashOnce(algorithm, packed, 'binary'));
        else unpacker.take(index, packed, { size: unpacked, crc32: columns[index * width + 4] ?? -1 });
      }
      unpacker.flush();
    }
    Atomics.add(counters, 1, 1);
    return true;
  };
}
