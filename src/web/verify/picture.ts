/** The text of a QR code in a picture that was dropped. */
import jsQR from 'jsqr';

/** Longer sides are made smaller: a code that fills a label needs no more. */
const SIDE_MAX = 2000;

/** The text; undefined where no code is found. @throws DOMException for a file that is no picture */
export async function codeIn(picture: Blob): Promise<string | undefined> {
  const bitmap = await createImageBitmap(picture);
  const scale = Math.min(1, SIDE_MAX / Math.max(bitmap.width, bitmap.height));
  const canvas = new OffscreenCanvas(Math.max(1, Math.round(bitmap.width * scale)), Math.max(1, Math.round(bitmap.height * scale)));
  const context = canvas.getContext('2d');
  if (context === null) return undefined;
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  const { data, width, height } = context.getImageData(0, 0, canvas.width, canvas.height);
  // The package is CommonJS: what its default is depends on who bundles it.
  const read = (jsQR as unknown as { readonly default?: typeof jsQR }).default ?? jsQR;
  return read(data, width, height)?.data;
}
