/** A phone that answers each service with the chunks it is told to: for tests of what a phone must not get away with. */
import { DeviceError, type DevicePort, type DeviceStream } from './device-port.ts';

/** `hang` never answers; `break` loses the connection. */
export type Scripted = readonly (Uint8Array | 'hang' | 'break')[];

export interface FakeDevice extends DevicePort {
  /** What was written to the last stream. */
  readonly written: Uint8Array[];
  readonly closed: number;
}

export function fakeDevice(
  answer: (service: string) => Scripted | undefined,
  features: readonly string[] = ['shell_v2', 'stat_v2'],
): FakeDevice {
  const written: Uint8Array[] = [];
  let closed = 0;
  return {
    about: {
      transport: 'tcp',
      address: 'fake',
      state: 'device',
      banner: [],
      features,
      authorisation: 'none',
      keyIsNew: undefined,
      commandMax: 15_000,
      usb: undefined,
    },
    written,
    get closed() {
      return closed;
    },
    async open(service): Promise<DeviceStream> {
      const chunks = answer(service);
      if (chunks === undefined) throw new DeviceError('refused', 'no such service');
      const queue = [...chunks];
      let end: (() => void) | undefined;
      let isClosed = false;
      return {
        async read() {
          if (isClosed) return undefined;
          const next = queue.shift();
          if (next === 'break') throw new DeviceError('disconnected', 'the cable broke');
          if (next !== 'hang') return next;
          await new Promise<void>((resolve) => {
            end = resolve;
          });
          return undefined;
        },
        async write(bytes) {
          written.push(bytes.slice());
        },
        async close() {
          if (!isClosed) closed++;
          isClosed = true;
          end?.();
        },
      };
    },
    reverse: async () => async () => undefined,
    reconnect: async () => undefined,
    close: async () => undefined,
  };
}
