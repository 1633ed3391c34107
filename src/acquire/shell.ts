/**
 * The shell service. Version 2 (Android 7 and later, feature `shell_v2`) frames: u8 id, u32 length, bytes; id 1 standard output, 2 standard error, 3 exit status.
 * Source: AOSP packages/modules/adb shell_protocol.h. Version 1 is a terminal: one stream, line ends made CR LF, no exit status.
 * A frame's length is believed only as bytes arrive: nothing is allocated for it.
 */
import { concatBytes } from '../bytes/index.ts';
import type { DevicePort, DeviceStream } from './device-port.ts';
import { streamReader } from './stream-reader.ts';

export type ShellEvent =
  | { readonly kind: 'stdout' | 'stderr'; readonly bytes: Uint8Array }
  | { readonly kind: 'exit'; readonly status: number }
  /** `complete` is false where a frame ended early. */
  | { readonly kind: 'end'; readonly complete: boolean };

export interface ShellSession {
  readonly version: 1 | 2;
  /** @throws DeviceError `disconnected` */
  next(): Promise<ShellEvent>;
  /** Bytes for the command's standard input. @throws DeviceError `disconnected` */
  write(bytes: Uint8Array): Promise<void>;
  /** Ends the command on the phone and here; a pending `next` answers `end`. Never hangs. */
  kill(): Promise<void>;
}

export const hasShellV2 = (device: DevicePort): boolean => device.about.features.includes('shell_v2');

/** Runs a command. @throws DeviceError when the service does not open */
export async function openShell(device: DevicePort, command: string): Promise<ShellSession> {
  if (!hasShellV2(device)) return plainSession(await device.open(`shell:${command}`));
  return framedSession(await device.open(`shell,v2,raw:${command}`));
}

function plainSession(stream: DeviceStream): ShellSession {
  return {
    version: 1,
    async next() {
      const bytes = await stream.read();
      return bytes === undefined ? { kind: 'end', complete: true } : { kind: 'stdout', bytes };
    },
    write: (bytes) => stream.write(bytes),
    kill: () => stream.close(),
  };
}

function framedSession(stream: DeviceStream): ShellSession {
  const reader = streamReader(stream);
  let id = 0;
  let left = 0;
  const header = new Uint8Array(5);
  const readHeader = async (): Promise<'read' | 'ended' | 'cut'> => {
    for (let have = 0; have < 5; ) {
      const piece = await reader.some(5 - have);
      if (piece === undefined) return have === 0 ? 'ended' : 'cut';
      header.set(piece, have);
      have += piece.length;
    }
    return 'read';
  };
  return {
    version: 2,
    async next() {
      for (;;) {
        while (left === 0) {
          const got = await readHeader();
          if (got !== 'read') return { kind: 'end', complete: got === 'ended' };
          id = header[0] ?? 0;
          left = new DataView(header.buffer).getUint32(1, true);
        }
        const bytes = await reader.some(left);
        if (bytes === undefined) return { kind: 'end', complete: false };
        left -= bytes.length;
        if (id === 1) return { kind: 'stdout', bytes };
        if (id === 2) return { kind: 'stderr', bytes };
        if (id === 3) return { kind: 'exit', status: bytes[0] ?? 0 };
        // Other ids are for the other direction; AOSP's adb ignores them too.
      }
    },
    async write(bytes) {
      const frame = new Uint8Array(5 + bytes.length);
      // Id 0 is standard input.
      new DataView(frame.buffer).setUint32(1, bytes.length, true);
      frame.set(bytes, 5);
      await stream.write(frame);
    },
    kill: () => stream.close(),
  };
}

export interface ShellAnswer {
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  /** Undefined on shell version 1. */
  readonly status: number | undefined;
  readonly outcome: 'done' | 'flooded' | 'timed out' | 'cut';
}

/** Limits of one short command. */
export interface ShellLimits {
  readonly timer: (ms: number, call: () => void) => () => void;
  readonly timeMs: number;
  readonly bytes: number;
}

/** Runs one short command to its end. @throws DeviceError when the service does not open or the phone goes */
export async function runShell(device: DevicePort, command: string, limits: ShellLimits): Promise<ShellAnswer> {
  const session = await openShell(device, command);
  const stdout: Uint8Array[] = [];
  const stderr: Uint8Array[] = [];
  let status: number | undefined;
  let outcome: ShellAnswer['outcome'] = 'done';
  let bytes = 0;
  const cancel = limits.timer(limits.timeMs, () => {
    outcome = 'timed out';
    void session.kill();
  });
  try {
    for (;;) {
      const event = await session.next();
      if (event.kind === 'end') {
        if (!event.complete && outcome === 'done') outcome = 'cut';
        break;
      }
      if (event.kind === 'exit') {
        status = event.status;
        continue;
      }
      bytes += event.bytes.length;
      if (bytes > limits.bytes) {
        outcome = 'flooded';
        break;
      }
      (event.kind === 'stdout' ? stdout : stderr).push(event.bytes);
    }
  } finally {
    cancel();
    await session.kill();
  }
  return { stdout: concatBytes(stdout), stderr: concatBytes(stderr), status, outcome };
}
