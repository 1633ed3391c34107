import type { AdbSocket } from '@yume-chan/adb';
import { DeviceError, type DeviceStream } from '../../../acquire/index.ts';

/** A socket of `@yume-chan/adb` as a stream of ours. */
export function streamOf(socket: AdbSocket, lossOf: () => DeviceError | undefined): DeviceStream {
  const reader = socket.readable.getReader();
  const writer = socket.writable.getWriter();
  let closed = false;
  const lost = (error?: unknown) => {
    const why = error instanceof Error ? `: ${error.message}` : '';
    return new DeviceError('disconnected', `the connection ended${why}`);
  };
  return {
    async read() {
      if (closed) return undefined;
      try {
        const { done, value } = await reader.read();
        if (!done) return value;
      } catch (error) {
        if (closed) return undefined;
        throw lossOf() ?? lost(error);
      }
      // The end of the connection ends its streams first and says why a moment later.
      await new Promise((resolve) => setImmediate(resolve));
      const loss = closed ? undefined : lossOf();
      if (loss !== undefined) throw loss;
      return undefined;
    },
    async write(bytes) {
      if (closed) throw new DeviceError('stopped', 'the stream is closed');
      try {
        await writer.write(bytes);
      } catch (error) {
        throw lost(error);
      }
    },
    async close() {
      if (closed) return;
      closed = true;
      // What the phone sends on a cancelled stream is thrown away; neither promise is waited for, because a phone that hangs answers neither.
      void reader.cancel().catch(() => undefined);
      void Promise.resolve(socket.close()).catch(() => undefined);
    },
  };
}
