import jpeg from 'jpeg-js';
import { PNG } from 'pngjs';
import { decodePicture } from './pictures.ts';

export const name = 'pictures';

const RGBA = Buffer.alloc(24 * 16 * 4).map((_, at) => (at * 31) & 255);

export const seeds: readonly Uint8Array[] = [
  new Uint8Array(jpeg.encode({ width: 24, height: 16, data: RGBA }, 60).data),
  new Uint8Array(PNG.sync.write(Object.assign(new PNG({ width: 24, height: 16 }), { data: RGBA }))),
];

/** A hostile picture: it is read or refused, in bounded time and memory. */
export async function run(bytes: Uint8Array): Promise<void> {
  await decodePicture(bytes).then(
    ({ width, height, rgba }) => {
      if (rgba.length !== 4 * width * height) throw new RangeError('the pixels are not those of its size');
    },
    (error: unknown) => {
      if (!(error instanceof Error)) throw new TypeError('refused without an error', { cause: error });
    },
  );
}
