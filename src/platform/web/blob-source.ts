import { checkRange, type Source } from '../../bytes/index.ts';

/** A Source over a Blob, as a file that was dropped on a page: read where it lies, a piece at a time. */
export function blobSource(blob: Blob): Source {
  return {
    size: blob.size,
    async read(at, length) {
      checkRange(blob, at, length, 'blob');
      return new Uint8Array(await blob.slice(at, at + length).arrayBuffer());
    },
  };
}
