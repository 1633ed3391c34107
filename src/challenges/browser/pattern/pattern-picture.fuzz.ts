import { readPattern } from './read-pattern.ts';

export const name = 'pattern-picture';

const NONCE = new Uint8Array(16).fill(7);
const CORNERS = 32;

/** Eight corners of 32 bits, the width, and pixels. */
const seed = (scale: number, width: number, pixels: number): Uint8Array => {
  const bytes = new Uint8Array(CORNERS + 2 + pixels).map((_, at) => (at * 37) & 255);
  const view = new DataView(bytes.buffer);
  for (const [at, place] of [182, 182, 382, 182, 382, 382, 182, 382].entries()) view.setFloat32(4 * at, place * scale);
  view.setUint16(CORNERS, width);
  return bytes;
};

export const seeds: readonly Uint8Array[] = [seed(0.05, 40, 1600), seed(2, 1, 1), seed(0, 9, 81), seed(1e9, 100, 2000)];

/** A hostile picture with hostile corners: an error, a hang or too much memory is a finding. */
export async function run(bytes: Uint8Array): Promise<void> {
  if (bytes.length < CORNERS + 2) return;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const corner = (at: number) => ({ x: view.getFloat32(8 * at), y: view.getFloat32(8 * at + 4) });
  const green = bytes.subarray(CORNERS + 2);
  const width = Math.max(1, view.getUint16(CORNERS) % (green.length + 1));
  readPattern({ width, height: Math.floor(green.length / width), green }, NONCE, [corner(0), corner(1), corner(2), corner(3)]);
}
