/** Barcodes of a picture, by zxing as WebAssembly: PNG and JPEG, several codes at any angle. Loaded when a picture is given. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Barcode } from '../../acquire/index.ts';
import type { DecodedPicture } from './pictures.ts';

const PICTURE_MAX = 64 << 20;
const CODES_MAX = 32;

/** The codes of a picture whose check digits are right. @throws Error where it is no picture */
export async function readBarcodes(picture: Uint8Array): Promise<readonly Barcode[]> {
  if (picture.length > PICTURE_MAX) throw new RangeError(`a picture of ${picture.length} bytes; ${PICTURE_MAX} is the most`);
  const zxing = await reader();
  const found = await zxing.readBarcodes(picture, { tryHarder: true, tryRotate: true, tryInvert: true, maxNumberOfSymbols: CODES_MAX });
  const error = found.find((code) => code.error !== '' && !code.isValid && /image|decode/i.test(code.error));
  if (error !== undefined && found.length === 1) throw new Error(error.error);
  return found.filter(({ isValid }) => isValid).map(({ format, text }) => ({ format, text }));
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** QR codes with their corners in pixels of the picture, clockwise from each code's own upper left. */
export async function findQrCodes({
  width,
  height,
  rgba,
}: DecodedPicture): Promise<readonly { readonly text: string; readonly corners: readonly [Point, Point, Point, Point] }[]> {
  const zxing = await reader();
  const data = new Uint8ClampedArray(rgba.buffer, rgba.byteOffset, rgba.byteLength);
  // What it reads of a browser's ImageData are these three.
  const image = { width, height, data } as unknown as Parameters<typeof zxing.readBarcodes>[0];
  const found = await zxing.readBarcodes(image, { formats: ['QRCode'], tryHarder: true, tryRotate: true, maxNumberOfSymbols: CODES_MAX });
  return found
    .filter(({ isValid }) => isValid)
    .map(({ text, position: { topLeft, topRight, bottomRight, bottomLeft } }) => ({
      text,
      corners: [topLeft, topRight, bottomRight, bottomLeft],
    }));
}

async function reader() {
  const zxing = await import('zxing-wasm/reader');
  // The package would fetch its module over the network.
  const wasm = await readFile(createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm'));
  zxing.prepareZXingModule({ overrides: { wasmBinary: new Uint8Array(wasm).buffer } });
  return zxing;
}
