/** Pictures of cameras, decoded: JPEG by jpeg-js, PNG by pngjs. Loaded when a picture is given. What they hold is bounded before anything is allocated for it. */

export interface DecodedPicture {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue, alpha, row by row. */
  readonly rgba: Uint8Array;
}

/** Bytes of a file; pixels, in millions; and megabytes that decoding may take. Cameras of fifty megapixels are common, above that they put pixels together. */
const [FILE_MAX, MEGAPIXELS_MAX, MEMORY_MAX] = [64 << 20, 64, 2048];
const PNG_HEAD = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] as const;
/** Of the chunk IHDR, which comes first (PNG, section 11.2.1): width, height, and whether it is interlaced. */
const [WIDTH_AT, HEIGHT_AT, INTERLACE_AT, IHDR_END] = [16, 20, 28, 33] as const;

/** The pixels of a JPEG or PNG file. @throws Error where it is neither, larger than any camera's, or broken */
export async function decodePicture(file: Uint8Array): Promise<DecodedPicture> {
  if (file.length > FILE_MAX) throw new RangeError(`a picture of ${file.length} bytes; ${FILE_MAX} is the most`);
  if (PNG_HEAD.every((byte, at) => file[at] === byte)) return decodePng(file);
  if (file[0] === 0xff && file[1] === 0xd8) return decodeJpeg(file);
  throw new Error('it is neither JPEG nor PNG; cameras that save HEIC can save JPEG instead');
}

async function decodeJpeg(file: Uint8Array): Promise<DecodedPicture> {
  const { default: jpeg } = await import('jpeg-js');
  const { width, height, data } = jpeg.decode(file, {
    useTArray: true,
    formatAsRGBA: true,
    tolerantDecoding: false,
    maxResolutionInMP: MEGAPIXELS_MAX,
    maxMemoryUsageInMB: MEMORY_MAX,
  });
  return { width, height, rgba: data };
}

async function decodePng(file: Uint8Array): Promise<DecodedPicture> {
  if (file.length < IHDR_END) throw new Error('the PNG ends in its head');
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const [width, height] = [view.getUint32(WIDTH_AT), view.getUint32(HEIGHT_AT)];
  if (width * height > MEGAPIXELS_MAX * 1e6)
    throw new RangeError(`a picture of ${width}x${height}; ${MEGAPIXELS_MAX} million pixels are the most`);
  // Its decoder bounds what it inflates by the picture's size only where rows follow in order.
  if (file[INTERLACE_AT] !== 0) throw new Error('an interlaced PNG is not read');
  const { PNG } = await import('pngjs');
  const png = PNG.sync.read(Buffer.from(file.buffer, file.byteOffset, file.byteLength));
  return { width: png.width, height: png.height, rgba: new Uint8Array(png.data.buffer, png.data.byteOffset, png.data.byteLength) };
}
