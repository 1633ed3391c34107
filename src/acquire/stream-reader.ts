import { concatBytes } from '../bytes/index.ts';
import { DeviceError, type DeviceStream } from './device-port.ts';

/** Reads a stream by counts. Nothing is allocated for bytes that have not arrived. */
export interface StreamReader {
  /** Between 1 and `most` bytes, or undefined at the end. */
  some(most: number): Promise<Uint8Array | undefined>;
  /** Exactly `length` bytes; `what` names them in the error. @throws DeviceError `disconnected` when the stream ends before */
  exactly(length: number, what: string): Promise<Uint8Array>;
}

export function streamReader(stream: DeviceStream): StreamReader {
  let held: Uint8Array = new Uint8Array(0);
  const some = async (most: number): Promise<Uint8Array | undefined> => {
    while (held.length === 0) {
      const next = await stream.read();
      if (next === undefined) return undefined;
      held = next;
    }
    const piece = held.subarray(0, most);
    held = held.subarray(piece.length);
    return piece;
  };
  return {
    some,
    async exactly(length, what) {
      const pieces: Uint8Array[] = [];
      let left = length;
      while (left > 0) {
        const piece = await some(left);
        if (piece === undefined) throw new DeviceError('disconnected', `the stream ended ${left} bytes before the end of ${what}`);
        pieces.push(piece);
        left -= piece.length;
      }
      return pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : concatBytes(pieces);
    },
  };
}
