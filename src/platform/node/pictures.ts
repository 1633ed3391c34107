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

/** Pixels of a JPEG for a byte, at most: one of a single colour has a hundred. What promises more would be made room for, and not come. */
const PIXELS_A_BYTE = 200;

async function decodeJpeg(file: Uint8Array): Promise<DecodedPicture> {
  const size = jpegSize(file);
  if (size === undefined) throw new Error('the JPEG has no frame');
  refuseLarge(size);
  if (size.width * size.height > PIXELS_A_BYTE * file.length)
    throw new RangeError(`a JPEG of ${size.width}x${size.height} in ${file.length} bytes is cut off, or none`);
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

interface Size {
  readonly width: number;
  readonly height: number;
}

function refuseLarge({ width, height }: Size): void {
  if (width * height > MEGAPIXELS_MAX * 1e6)
    throw new RangeError(`a picture of ${width}x${height}; ${MEGAPIXELS_MAX} million pixels are the most`);
}

/** As the first frame header says (ITU-T T.81, B.2.2): segments of a marker and a length, until one of SOF0 to SOF15. */
function jpegSize(file: Uint8Array): Size | undefined {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  for (let at = 2; at + 9 <= file.length && file[at] === 0xff; ) {
    const marker = file[at + 1] ?? 0;
    // Markers may be preceded by any number of fill bytes.
    if (marker === 0xff) at++;
    // DHT, JPG and DAC stand among the frames' markers.
    else if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc)
      return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    else at += 2 + view.getUint16(at + 2);
  }
  return undefined;
}

async function decodePng(file: Uint8Array): Promise<DecodedPicture> {
  if (file.length < IHDR_END) throw new Error('the PNG ends in its head');
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const [width, height] = [view.getUint32(WIDTH_AT), view.getUint32(HEIGHT_AT)];
  refuseLarge({ width, height });
  // Its decoder bounds what it inflates by the picture's size only where rows follow in order.
  if (file[INTERLACE_AT] !== 0) throw new Error('an interlaced PNG is not read');
  const { PNG } = await import('pngjs');
  const png = PNG.sync.read(Buffer.from(file.buffer, file.byteOffset, file.byteLength));
  return { width: png.width, height: png.height, rgba: new Uint8Array(png.data.buffer, png.data.byteOffset, png.data.byteLength) };
}
