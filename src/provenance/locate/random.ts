/** A source of numbers from 0 up to 1, exclusive. Passed as an argument, so that a seed gives the same bytes again. */
export type Random = () => number;

/**
 * A seeded generator: sfc32 of PractRand (Doty-Humphrey), 128 bits of state, period at least 2^32.
 * The seed is spread by splitmix32, so that neighbouring seeds share nothing. Not for secrets.
 */
export function seededRandom(seed: number): Random {
  let spread = seed >>> 0;
  const next = () => {
    spread = (spread + 0x9e3779b9) >>> 0;
    let z = spread;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
  let a = next();
  let b = next();
  let c = next();
  let counter = 1;
  const random = () => {
    const sum = (((a + b) >>> 0) + counter) >>> 0;
    counter = (counter + 1) >>> 0;
    a = (b ^ (b >>> 9)) >>> 0;
    b = (c + (c << 3)) >>> 0;
    c = (((c << 21) | (c >>> 11)) + sum) >>> 0;
    return sum / 2 ** 32;
  };
  // The first outputs still show the seed.
  for (let i = 0; i < 12; i++) random();
  return random;
}
