/** Barcodes of a picture, by zxing as WebAssembly: PNG and JPEG, several codes at any angle. Loaded when a picture is given. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Barcode } from '../../acquire/index.ts';

const PICTURE_MAX = 64 << 20;
const CODES_MAX = 32;

/** The codes of a picture whose check digits are right. @throws Error where it is no picture */
export async function readBarcodes(picture: Uint8Array): Promise<readonly Barcode[]> {
  if (picture.length > PICTURE_MAX) throw new RangeError(`a picture of ${picture.length} bytes; ${PICTURE_MAX} is the most`);
  const zxing = await import('zxing-wasm/reader');
  // The package would fetch its module over the network.
  const wasm = await readFile(createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm'));
  zxing.prepareZXingModule({ overrides: { wasmBinary: new Uint8Array(wasm).buffer } });
  const found = await zxing.readBarcodes(picture, { tryHarder: true, tryRotate: true, tryInvert: true, maxNumberOfSymbols: CODES_MAX });
  const error = found.find((code) => code.error !== '' && !code.isValid && /image|decode/i.test(code.error));
  if (error !== undefined && found.length === 1) throw new Error(error.error);
  return found.filter(({ isValid }) => isValid).map(({ format, text }) => ({ format, text }));
}
