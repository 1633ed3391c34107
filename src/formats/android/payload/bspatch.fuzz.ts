import { concatBytes, FormatError } from '../../../bytes/index.ts';
import { pureCodec } from '../../codec/index.ts';
import { applyBspatch } from './bspatch.ts';

export const name = 'bspatch';

const OUTPUT_MAX = 1 << 20;
const old = Uint8Array.from({ length: 4096 }, (_, i) => (i * 7) & 255);
const eight = (value: number) =>
  Uint8Array.from({ length: 8 }, (_, i) => (i === 7 && value < 0 ? 0x80 : Math.floor(Math.abs(value) / 2 ** (8 * i)) & 255));
/** BSDF2 without compressors. */
const patch = (control: readonly number[], diff: number, extra: number, size: number) =>
  concatBytes([
    Uint8Array.of(0x42, 0x53, 0x44, 0x46, 0x32, 0, 0, 0),
    eight(8 * control.length),
    eight(diff),
    eight(size),
    ...control.map(eight),
    new Uint8Array(diff + extra),
  ]);

export const seeds: readonly Uint8Array[] = [
  patch([100, 20, -50, 30, 0, 0], 130, 20, 150),
  patch([0, 5, 9000], 0, 5, 5),
  patch([], 0, 0, 0),
];

/** Reads hostile bytes: anything but a FormatError, a hang or too much memory is a finding. */
export async function run(bytes: Uint8Array): Promise<void> {
  try {
    const out = await applyBspatch(old, bytes, pureCodec, OUTPUT_MAX);
    if (out.length > OUTPUT_MAX) throw new Error('too much');
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
}
