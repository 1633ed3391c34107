/** Packed stretches of a file, many unpacked by one call. */

/** Takes packed stretches, and hands out what they hold when there are enough of them. */
export interface Unpacker {
  /** Takes one: how many bytes it is to unpack to, and their CRC-32, -1 where nobody says. Its bytes may change afterwards. */
  take(index: number, packed: Uint8Array, content: { readonly size: number; readonly crc32: number }): void;
  /** Hands out what is left. */
  flush(): void;
}

/**
 * Makes an unpacker. Handed to a thread as text, so it may use nothing from outside.
 *
 * Every call into zlib makes the objects of a stream: a tenth of the time where there are thousands of small ones (measured). So these are written one behind the other as the members of
 * a gzip file (RFC 1952), each with the CRC-32 and the size that the archive states for its trailer. The answer counts only where it proves that every
 * stretch ended exactly where it should, for whoever made them may have meant them to be read so:
 *
 *   - the bytes that begin a member stand in the file where one was put and nowhere else: none begins inside a stretch;
 *   - all of the file was read: nothing was taken for padding. So every member ends with a trailer of ours, and holds as many bytes as that one says;
 *   - as many bytes came out as all stretches are to hold, and none is to hold none: were one member read as part of another, its bytes would be missing.
 *
 * Whatever else comes of it, each is then unpacked by itself. A CRC-32 that is wrong is such a case, and no fault: Android does not look at it here.
 */
export function makeUnpacker(hand: (index: number, content: Uint8Array | undefined) => void): Unpacker {
  const { gunzipSync, inflateRawSync } = process.getBuiltinModule('node:zlib');
  const header = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
  const magic = header.subarray(0, 3);
  const trailerSize = 8;
  const alonePiece = 256 << 10;
  // Above this a CRC-32 and a copy cost what the call would (measured).
  const eachMax = 4 << 10;
  const contentMax = 64 << 10;
  const file = Buffer.alloc(80 << 10);
  let end = 0;
  let total = 0;
  // By columns: an object for each would cost as much as unpacking it.
  const indexes: number[] = [];
  const places: number[] = [];
  const sizes: number[] = [];
  const alone = (packed: Uint8Array, size: number): Uint8Array | undefined => {
    try {
      // One piece of the size that is expected, and a byte more, so that zlib need not be asked again whether that was all.
      const chunkSize = Math.min(Math.max(64, size + 1), alonePiece);
      const content = inflateRawSync(packed, { maxOutputLength: Math.max(1, size), chunkSize });
      return content.length === size ? content : undefined;
    } catch {
      return undefined;
    }
  };
  const together = (): Uint8Array | undefined => {
    const packed = file.subarray(0, end);
    let members = 0;
    for (let at = packed.indexOf(magic); at >= 0; at = packed.indexOf(magic, at + 1)) members++;
    if (members !== indexes.length) return undefined;
    try {
      const options = { info: true, maxOutputLength: total, chunkSize: Math.max(64, total + 1) };
      // With `info` it answers the engine too, which its types do not say.
      const answer = gunzipSync(packed, options) as unknown as {
        readonly buffer: Uint8Array;
        readonly engine: { readonly bytesWritten: number };
      };
      return answer.buffer.length === total && answer.engine.bytesWritten === end ? answer.buffer : undefined;
    } catch {
      return undefined;
    }
  };
  const flush = (): void => {
    if (indexes.length === 0) return;
    const contents = together();
    let at = 0;
    for (let rank = 0; rank < indexes.length; rank++) {
      const size = sizes[rank] ?? 0;
      const place = places[rank] ?? 0;
      const packedEnd = (places[rank + 1] ?? end + header.length) - header.length - trailerSize;
      hand(indexes[rank] ?? 0, contents === undefined ? alone(file.subarray(place, packedEnd), size) : contents.subarray(at, at + size));
      at += size;
    }
    end = 0;
    total = 0;
    indexes.length = 0;
    places.length = 0;
    sizes.length = 0;
  };
  return {
    flush,
    take(index, packed, { size, crc32 }) {
      if (crc32 < 0 || size === 0 || size > eachMax || packed.length > eachMax) {
        const content = alone(packed, size);
        hand(index, content);
        return;
      }
      const needed = header.length + packed.length + trailerSize;
      if (end + needed > file.length || total + size > contentMax) flush();
      file.set(header, end);
      file.set(packed, end + header.length);
      indexes.push(index);
      places.push(end + header.length);
      sizes.push(size);
      end += needed;
      total += size;
      file.writeUInt32LE(crc32, end - trailerSize);
      file.writeUInt32LE(size, end - trailerSize / 2);
    },
  };
}
