import type { HashPort } from '../bytes/index.ts';

/** A digest that tells bytes apart and is no SHA-256: for tests, which run where no synchronous one is. */
export const madeHash: HashPort = () => {
  const state = new Uint32Array([0x811c9dc5, 0x01000193, 0x9e3779b9, 0x85ebca6b, 0xc2b2ae35, 0x27d4eb2f, 0x165667b1, 0xd3a2646c]);
  return {
    update(bytes) {
      for (const byte of bytes)
        for (const [index, word] of state.entries()) state[index] = Math.imul(word ^ (byte + index), 0x01000193 + 2 * index);
    },
    digest: () => new Uint8Array(state.buffer.slice(0)),
  };
};
