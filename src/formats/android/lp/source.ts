import { checkRange, FormatError, type Source } from '../../../bytes/index.ts';
import { FORMAT, type LpExtent, type LpMetadata, type LpPartition, SECTOR } from './metadata.ts';

interface Piece {
  readonly extent: LpExtent;
  readonly start: number;
  readonly end: number;
}

/**
 * A logical partition as a Source. `devices` are the images of the block devices in the metadata's order; a retrofit super is split over several.
 * @throws FormatError when an extent leaves its device, or its device is not there
 */
export function lpPartition(metadata: LpMetadata, partition: LpPartition, devices: readonly Source[]): Source {
  const pieces: Piece[] = [];
  let size = 0;
  for (const extent of partition.extents) {
    const length = extent.sectors * SECTOR;
    if (extent.type === 'unknown')
      throw new FormatError(
        { format: FORMAT, field: `partition ${partition.name}`, at: 0 },
        'unsupported-feature',
        'an extent of it is neither linear nor zero',
      );
    if (extent.type === 'linear') {
      const device = devices[extent.device];
      const problem =
        device === undefined
          ? `lies on ${metadata.devices[extent.device]?.name ?? extent.device}, which is not there`
          : extent.sector * SECTOR + length > device.size
            ? `ends at byte ${extent.sector * SECTOR + length} of ${device.size}`
            : undefined;
      if (problem !== undefined)
        throw new FormatError(
          { format: FORMAT, field: `partition ${partition.name}`, at: extent.sector * SECTOR },
          'out-of-bounds',
          problem,
        );
    }
    pieces.push({ extent, start: size, end: size + length });
    size += length;
  }
  return {
    size,
    async read(at, length) {
      checkRange({ size }, at, length, FORMAT);
      const out = new Uint8Array(length);
      for (let index = pieceAt(pieces, at); index < pieces.length; index++) {
        const piece = pieces[index];
        if (piece === undefined || piece.start >= at + length) break;
        const { extent, start, end } = piece;
        const from = Math.max(at, start);
        const to = Math.min(at + length, end);
        if (from >= to || extent.type === 'zero') continue;
        const bytes = await devices[extent.device]?.read(extent.sector * SECTOR + from - start, to - from);
        if (bytes !== undefined) out.set(bytes, from - at);
      }
      return out;
    },
    origin(at) {
      const piece = pieces[pieceAt(pieces, at)];
      if (piece === undefined) return undefined;
      const { extent, start, end } = piece;
      const source = extent.type === 'zero' ? undefined : devices[extent.device];
      return { source, at: source === undefined ? 0 : extent.sector * SECTOR + at - start, length: end - at };
    },
  };
}

/** Index of the first piece that ends behind a byte, by bisection. */
function pieceAt(pieces: readonly Piece[], at: number): number {
  let low = 0;
  for (let high = pieces.length; low < high; ) {
    const middle = (low + high) >> 1;
    if ((pieces[middle]?.end ?? 0) > at) high = middle;
    else low = middle + 1;
  }
  return low;
}
