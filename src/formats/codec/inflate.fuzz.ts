import { FormatError } from '../../bytes/index.ts';
import { deflateRaw } from '../archive/index.ts';
import { inflateRaw, inflater } from './inflate.ts';

export const name = 'inflate';

export const seeds: readonly Uint8Array[] = [
  deflateRaw(new TextEncoder().encode('abcabcabc, and then something else')),
  Uint8Array.of(1, 3, 0, 0xfc, 0xff, 1, 2, 3),
];

/** Unpacks hostile bytes whole and in pieces: both must come to the same, and nothing but a FormatError may be thrown. */
export async function run(bytes: Uint8Array): Promise<void> {
  const whole = attempt(() => inflateRaw(bytes, 1 << 16).length);
  const pieces = attempt(() => {
    const stream = inflater(() => undefined, 1 << 16);
    const half = bytes.length >> 1;
    if (!stream.push(bytes.subarray(0, half), false)) stream.push(bytes.subarray(half), true);
    return stream.total;
  });
  if (whole !== pieces) throw new Error(`${whole} bytes whole, ${pieces} in pieces`);
}

function attempt(run: () => number): number {
  try {
    return run();
  } catch (error) {
    if (error instanceof FormatError) return -1;
    throw error;
  }
}
