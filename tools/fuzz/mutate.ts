/** How the fuzzer makes new inputs of old ones. Deterministic: the same seed makes the same inputs. */

/** A small generator (xorshift32, Marsaglia 2003): answers an integer below `limit`. */
export type Random = (limit: number) => number;

export function random(seed: number): Random {
  let state = seed >>> 0 || 0x9e3779b9;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % Math.max(1, limit);
  };
}

/** Values at which parsers go wrong. */
const EDGES = [0, 1, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffffe];
const LENGTH_MAX = 1 << 16;

/** One new input: a corpus entry with one to eight changes. */
export function mutate(corpus: readonly Uint8Array[], next: Random): Uint8Array {
  let bytes: Uint8Array = (corpus[next(corpus.length)] ?? new Uint8Array(0)).slice();
  for (let times = 1 << next(4); times > 0; times--) bytes = change(bytes, corpus, next);
  return bytes.length > LENGTH_MAX ? bytes.subarray(0, LENGTH_MAX) : bytes;
}

function change(bytes: Uint8Array, corpus: readonly Uint8Array[], next: Random): Uint8Array {
  const at = next(bytes.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (next(10)) {
    case 0: // one bit
      if (bytes.length > 0) bytes[at] = (bytes[at] ?? 0) ^ (1 << next(8));
      return bytes;
    case 1: // one byte
      if (bytes.length > 0) bytes[at] = next(256);
      return bytes;
    case 2: // a little more or less
      if (bytes.length > 0) bytes[at] = (bytes[at] ?? 0) + next(35) - 17;
      return bytes;
    case 3: // an edge value, 16 bits
      if (at + 2 <= bytes.length) view.setUint16(at, EDGES[next(EDGES.length)] ?? 0, next(2) === 0);
      return bytes;
    case 4: // an edge value, 32 bits
      if (at + 4 <= bytes.length) view.setUint32(at, EDGES[next(EDGES.length)] ?? 0, next(2) === 0);
      return bytes;
    case 5: // cut off
      return bytes.subarray(0, at);
    case 6: // cut out
      return join(bytes.subarray(0, at), bytes.subarray(at + next(32)));
    case 7: // double a stretch
      return join(bytes.subarray(0, at + next(64)), bytes.subarray(at));
    case 8: // put bytes in
      return join(
        bytes.subarray(0, at),
        Uint8Array.from({ length: next(16) }, () => next(256)),
        bytes.subarray(at),
      );
    default: {
      // go on as another entry does
      const other = corpus[next(corpus.length)] ?? bytes;
      return join(bytes.subarray(0, at), other.subarray(next(other.length)));
    }
  }
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
