/**
 * SHA-256 for xz streams that carry it as their check. Spec: FIPS 180-4, section 6.2.
 * Everything else that hashes does it through the platform's port; a stream's own check must work without one.
 */
const K = new Uint32Array(64);
const START = new Uint32Array(8);
{
  // The constants are the first 32 bits of the fractional parts of cube and square roots of the first primes.
  let prime = 2;
  for (let i = 0; i < 64; prime++) {
    if (Array.from({ length: prime - 2 }, (_, k) => k + 2).some((k) => prime % k === 0)) continue;
    K[i] = Math.floor((Math.cbrt(prime) % 1) * 2 ** 32);
    if (i < 8) START[i] = Math.floor((Math.sqrt(prime) % 1) * 2 ** 32);
    i++;
  }
}

/** A running SHA-256. */
export interface Sha256 {
  readonly state: Uint32Array;
  readonly block: Uint8Array;
  readonly words: Uint32Array;
  total: number;
}

export const sha256Start = (): Sha256 => ({ state: START.slice(), block: new Uint8Array(64), words: new Uint32Array(64), total: 0 });

const turn = (x: number, by: number) => (x >>> by) | (x << (32 - by));

function compress({ state, words }: Sha256, bytes: Uint8Array, at: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, 64);
  for (let i = 0; i < 16; i++) words[i] = view.getUint32(4 * i);
  for (let i = 16; i < 64; i++) {
    const x = words[i - 15] ?? 0;
    const y = words[i - 2] ?? 0;
    const s0 = turn(x, 7) ^ turn(x, 18) ^ (x >>> 3);
    const s1 = turn(y, 17) ^ turn(y, 19) ^ (y >>> 10);
    words[i] = ((words[i - 16] ?? 0) + s0 + (words[i - 7] ?? 0) + s1) | 0;
  }
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
  for (let i = 0; i < 64; i++) {
    const s1 = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25);
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + (K[i] ?? 0) + (words[i] ?? 0)) | 0;
    const s0 = turn(a, 2) ^ turn(a, 13) ^ turn(a, 22);
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  for (const [i, value] of [a, b, c, d, e, f, g, h].entries()) state[i] = ((state[i] ?? 0) + value) | 0;
}

/** Goes on with a SHA-256, in place. */
export function sha256Update(sha: Sha256, bytes: Uint8Array): void {
  let at = 0;
  const filled = sha.total % 64;
  sha.total += bytes.length;
  if (filled > 0) {
    at = Math.min(64 - filled, bytes.length);
    sha.block.set(bytes.subarray(0, at), filled);
    if (filled + at < 64) return;
    compress(sha, sha.block, 0);
  }
  for (; at + 64 <= bytes.length; at += 64) compress(sha, bytes, at);
  sha.block.set(bytes.subarray(at), 0);
}

/** The digest. The running state is spent. */
export function sha256Digest(sha: Sha256): Uint8Array {
  const bits = sha.total * 8;
  const tail = new Uint8Array(((((55 - sha.total) % 64) + 64) % 64) + 9);
  tail[0] = 0x80;
  const view = new DataView(tail.buffer);
  view.setUint32(tail.length - 8, Math.floor(bits / 2 ** 32));
  view.setUint32(tail.length - 4, bits >>> 0);
  sha256Update(sha, tail);
  const out = new DataView(new ArrayBuffer(32));
  for (const [i, value] of sha.state.entries()) out.setUint32(4 * i, value);
  return new Uint8Array(out.buffer);
}
