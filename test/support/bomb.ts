import { type CodecPort, FormatError } from '../../src/bytes/index.ts';

/** A codec for which everything is a bomb: it unpacks as much as it may each time, and counts that. */
export function bombCodec(): { readonly codec: CodecPort; readonly unpacked: () => number } {
  let unpacked = 0;
  return {
    unpacked: () => unpacked,
    codec: async (_name, packed, ceiling) => {
      unpacked += ceiling;
      throw new FormatError(
        { format: 'deflate-raw', field: 'stream', at: 0 },
        'too-large',
        `${packed.length} bytes are more than ${ceiling}`,
      );
    },
  };
}
