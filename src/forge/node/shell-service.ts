/**
 * `shell:` and `exec:` streams.
 * Spec: AOSP packages/modules/adb, shell_protocol.h and daemon/shell_service.cpp: packets of { uint8_t id; uint32_t length; data } for v2; a terminal for v1.
 */
import { type Channel, ChannelReader } from './channel.ts';
import type { Fault } from './faults.ts';
import { Input, type Sink } from './shell/io.ts';

const ID = { stdin: 0, stdout: 1, stderr: 2, exit: 3, closeStdin: 4 } as const;
const STDIN_PACKET_MAX = 1024 * 1024;
const FLOOD_CHUNK = Buffer.alloc(64 * 1024, 'all work and no play makes jack a dull boy\n');

/** What runs a command line; answers its exit status. `merged`: both outputs are one stream, in the order in which they were written. */
export type CommandRunner = (
  command: string,
  io: { readonly stdin: Input; readonly stdout: Sink; readonly stderr: Sink; readonly merged: boolean; readonly signal: AbortSignal },
) => Promise<number>;

export interface ShellServiceOptions {
  readonly command: string;
  readonly v2: boolean;
  /** Lines end in CR LF and standard error is mixed into the output. */
  readonly terminal: boolean;
  readonly run: CommandRunner;
  readonly fault: Fault | undefined;
  /** Breaks the cable. */
  readonly die: () => void;
  /** Resolves when the answer may begin: a round trip is never shorter. */
  readonly earliest: Promise<void>;
}

function packet(id: number, data: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head[0] = id;
  head.writeUInt32LE(data.length, 1);
  return Buffer.concat([head, data]);
}

/** A terminal's output: every newline is a carriage return and a newline. */
const cooked = (bytes: Uint8Array): Buffer => Buffer.from(Buffer.from(bytes).toString('latin1').replaceAll('\n', '\r\n'), 'latin1');

/** Serves one stream. */
export async function serveShell(channel: Channel, options: ShellServiceOptions): Promise<void> {
  const { v2, terminal, fault } = options;
  let sent = 0;
  const write = async (id: number, bytes: Uint8Array): Promise<void> => {
    if (bytes.length === 0) return;
    await options.earliest;
    const data = terminal ? cooked(bytes) : bytes;
    const allowed = fault?.kind === 'die' ? Math.max((fault.afterBytes ?? 0) - sent, 0) : data.length;
    sent += data.length;
    const shown = data.subarray(0, allowed);
    await channel.write(v2 ? packet(terminal ? ID.stdout : id, shown) : shown);
    if (allowed < data.length) options.die();
  };
  if (fault?.kind === 'hang') return untilClosed(channel);
  if (fault?.kind === 'flood') {
    for (;;) await write(ID.stdout, FLOOD_CHUNK);
  }
  if (fault?.kind === 'lie') {
    await options.earliest;
    const lie = packet(ID.stdout, Buffer.from('short'));
    lie.writeUInt32LE(0x7fffffff, 1);
    await channel.write(lie);
    return untilClosed(channel);
  }
  const status = await options.run(options.command, {
    stdin: v2 ? packets(channel) : new Input(() => channel.read()),
    stdout: (bytes) => write(ID.stdout, bytes),
    stderr: (bytes) => write(v2 ? ID.stderr : ID.stdout, bytes),
    merged: !v2 || terminal,
    signal: channel.closed,
  });
  await options.earliest;
  if (fault?.kind === 'die') return options.die();
  if (v2) await channel.write(packet(ID.exit, Uint8Array.of(status & 255)));
}

function untilClosed(channel: Channel): Promise<void> {
  if (channel.closed.aborted) return Promise.resolve();
  return new Promise((resolve) => channel.closed.addEventListener('abort', () => resolve(), { once: true }));
}

/** Standard input of a v2 stream, until the host closes it. */
function packets(channel: Channel): Input {
  const reader = new ChannelReader(channel);
  return new Input(async () => {
    for (;;) {
      const head = await reader.exactly(5);
      if (head === undefined) return undefined;
      const length = new DataView(head.buffer, head.byteOffset).getUint32(1, true);
      if (head[0] === ID.closeStdin || length > STDIN_PACKET_MAX) return undefined;
      const data = await reader.exactly(length);
      if (data === undefined || head[0] === ID.stdin) return data;
    }
  });
}
