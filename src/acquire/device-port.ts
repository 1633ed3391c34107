/**
 * What acquisition needs of a phone: byte streams to named services of its adb daemon. `platform/` implements it over an adb server, TCP or USB.
 * Shell and sync are built on `open` here, so that a lying length meets our own ceilings.
 */

/** Why talking to the phone failed. `refused`: the phone said no. `lied`: it broke the protocol. `tls`: it wants a connection that only the adb server makes. */
export type DeviceErrorCode =
  | 'disconnected'
  | 'refused'
  | 'timed out'
  | 'lied'
  | 'too large'
  | 'unauthorised'
  | 'tls'
  | 'not found'
  | 'stopped';

export class DeviceError extends Error {
  override readonly name = 'DeviceError';
  readonly code: DeviceErrorCode;

  constructor(code: DeviceErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** A stream to one service of the phone. */
export interface DeviceStream {
  /** The next bytes, or undefined at the end. After `close` a pending and every later read answers undefined. @throws DeviceError `disconnected` */
  read(): Promise<Uint8Array | undefined>;
  write(bytes: Uint8Array): Promise<void>;
  /** Tells the phone and forgets the stream. Never hangs, never throws. */
  close(): Promise<void>;
}

/** How the connection was made. */
export interface DeviceAbout {
  readonly transport: 'usb' | 'tcp' | 'server';
  /** Where the phone was found, for messages: a serial number or `HOST:PORT`. */
  readonly address: string;
  /** As in `device`, `recovery`, `sideload`. */
  readonly state: string;
  readonly banner: readonly (readonly [key: string, value: string])[];
  readonly features: readonly string[];
  /** See `AdbConnection` in evidence. */
  readonly authorisation: 'none' | 'known' | 'prompt' | 'unknown';
  /** Whether the key that the phone took had never been shown to it. Undefined: not known. */
  readonly keyIsNew: boolean | undefined;
  /** Most bytes that one command may have. */
  readonly commandMax: number;
  /** USB descriptors, where we hold the cable ourselves. */
  readonly usb:
    | {
        readonly vendorId: number;
        readonly productId: number;
        readonly manufacturer: string | undefined;
        readonly product: string | undefined;
        readonly serial: string | undefined;
        readonly mode: string;
      }
    | undefined;
}

export interface DevicePort {
  readonly about: DeviceAbout;
  /** Opens a service, as in `shell,v2,raw:id` or `sync:`. @throws DeviceError */
  open(service: string): Promise<DeviceStream>;
  /** Makes the phone's `remote` (as in `tcp:8080`) lead to a port of this machine. Answers the function that undoes it. */
  reverse(remote: string, localPort: number): Promise<() => Promise<void>>;
  /** A fresh connection after one that hung or broke. @throws DeviceError where the phone is gone */
  reconnect(): Promise<void>;
  close(): Promise<void>;
}

/** Calls after a time; answers the function that takes it back. Pure rooms have no timers of their own. */
export type TimerPort = (ms: number, call: () => void) => () => void;

/** Random bytes for nonces. */
export type RandomPort = (length: number) => Uint8Array;

/** The value, or a `timed out` error after `ms`. What comes late is given to `late`, so that a stream that opens too late is closed. */
export async function within<T>(timer: TimerPort, ms: number, promise: Promise<T>, late?: (value: T) => void): Promise<T> {
  let cancel: () => void = () => undefined;
  let isLate = false;
  const limit = new Promise<never>((_, reject) => {
    cancel = timer(ms, () => {
      isLate = true;
      reject(new DeviceError('timed out', `no answer within ${ms} ms`));
    });
  });
  promise.then(
    (value) => {
      if (isLate) late?.(value);
    },
    () => undefined,
  );
  try {
    return await Promise.race([promise, limit]);
  } finally {
    cancel();
  }
}
