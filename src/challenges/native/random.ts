/** Numbers that follow from a nonce: the same program for whoever knows it. The nonce is fresh; this only spreads it. */

/** Whole numbers below a limit, at most 2^32. */
export type Next = (limit: number) => number;

/**
 * A generator over the bytes of a nonce (sfc32 by Chris Doty-Humphrey, PractRand). What must not be foreseen during a run is taken from fresh nonces, never from here:
 * whoever has seen some of its numbers can compute the others.
 */
export function spread(nonce: Uint8Array): Next {
  if (nonce.length < 16) throw new RangeError('a nonce has 16 bytes or more');
  const view = new DataView(nonce.buffer, nonce.byteOffset, nonce.byteLength);
  let a = view.getUint32(0, true);
  let b = view.getUint32(4, true);
  let c = view.getUint32(8, true);
  let counter = view.getUint32(12, true) | 1;
  const draw = (): number => {
    const sum = (a + b + counter) >>> 0;
    counter = (counter + 1) >>> 0;
    a = (b ^ (b >>> 9)) >>> 0;
    b = (c + (c << 3)) >>> 0;
    c = (((c << 21) | (c >>> 11)) + sum) >>> 0;
    return sum;
  };
  for (let turn = 0; turn < 16; turn++) draw();
  return (limit) => Math.floor((draw() / 2 ** 32) * limit);
}
