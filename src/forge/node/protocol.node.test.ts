/** What the distribution's old adb cannot ask for: delayed acks and the newer sync requests, with another implementation of the host's side. */
import { connect, type Socket } from 'node:net';
import { Adb, type AdbDaemonConnection, AdbDaemonTransport, type AdbPacketData, type AdbPacketInit } from '@yume-chan/adb';
import { afterEach, describe, expect, test } from 'vitest';
import { pixel } from '../profiles/index.ts';
import { type OpenOptions, type OpenPhone, openVirtualPhone } from './device.ts';
import { PacketReader, writePacket } from './packet.ts';

const opened: { readonly phone: OpenPhone; readonly sockets: Socket[] }[] = [];
afterEach(async () => {
  for (const { phone, sockets } of opened.splice(0)) {
    for (const socket of sockets) socket.destroy();
    await phone.close();
  }
});

type SyncFile = Parameters<Awaited<ReturnType<Adb['sync']>>['write']>[0]['file'];
/** A stream of one chunk; the library's own type of stream is the platform's. */
const sourceOf = (bytes: Uint8Array): SyncFile =>
  new ReadableStream({
    start(controller) {
      controller.enqueue(bytes);
      controller.close();
    },
  }) as unknown as SyncFile;

/** What the library writes: a value that tells when it was used. */
interface Consumable {
  tryConsume(use: (packet: AdbPacketInit) => Promise<void>): Promise<void>;
}

/** The packets of a socket, as the library wants them. */
function packets(socket: Socket): AdbDaemonConnection {
  const reader = new PacketReader();
  const readable = new ReadableStream<AdbPacketData>({
    start(controller) {
      socket.on('data', (chunk) => {
        for (const packet of reader.push(chunk)) controller.enqueue(packet);
      });
      socket.on('close', () => {
        try {
          controller.close();
        } catch {
          // The library has cancelled it before.
        }
      });
    },
  });
  const writable = new WritableStream<Consumable>({
    write: (chunk) =>
      chunk.tryConsume(async ({ command, arg0, arg1, payload }) => {
        await new Promise<void>((resolve) => void socket.write(writePacket({ command, arg0, arg1, payload }, 0x01000000), () => resolve()));
      }),
  });
  // The streams are the platform's own, which the library's types describe anew.
  return { readable, writable } as unknown as AdbDaemonConnection;
}

async function open(options: OpenOptions = {}) {
  const phone = await openVirtualPhone(
    { ...pixel(), adb: { ...pixel().adb, authorisation: 'none' } },
    { latencyMs: 0, bytesPerSecond: 0, ...options },
  );
  const sockets: Socket[] = [];
  opened.push({ phone, sockets });
  const dial = async (): Promise<Adb> => {
    const socket = connect(phone.port, phone.host);
    sockets.push(socket);
    socket.on('error', () => socket.destroy());
    const transport = await AdbDaemonTransport.authenticate({
      serial: 'virtual',
      connection: packets(socket),
      credentialStore: { iterateKeys: () => [], generateKey: () => Promise.reject(new Error('no key was asked for')) },
    });
    return new Adb(transport);
  };
  return { phone, dial };
}

describe('a modern host', () => {
  test('agrees on delayed acks and pulls more than one window', async () => {
    const { phone, dial } = await open();
    const adb = await dial();
    expect(adb.transport.clientFeatures).toContain('delayed_ack');
    const big = new Uint8Array(40 * 1024 * 1024).fill(7);
    phone.machine.tree.write('/data/local/tmp/big', big, { actor: { uid: 2000, domain: 'daemon' }, mode: 0o644, mtime: 1 });
    const sync = await adb.sync();
    let size = 0;
    for await (const chunk of sync.read('/data/local/tmp/big')) size += chunk.length;
    expect(size).toBe(big.length);
    await sync.dispose();
  });

  test('lists, stats and sends by the second version of sync', async () => {
    const { phone, dial } = await open();
    const adb = await dial();
    const sync = await adb.sync();
    const entry = await sync.lstat('/system/build.prop');
    expect(entry.permission).toBe(0o644);
    expect((await sync.readdir('/system')).map((one) => one.name)).toContain('build.prop');
    await sync.write({
      filename: '/data/local/tmp/sent',
      file: sourceOf(Uint8Array.of(1, 2, 3)),
      permission: 0o755,
      mtime: 5,
    });
    expect(phone.machine.tree.read('/data/local/tmp/sent', { uid: 2000, domain: 'shell' })).toEqual(Buffer.from([1, 2, 3]));
    await expect(sync.lstat('/nothing')).rejects.toThrow();
    const services = phone.log.map(({ service }) => service);
    expect(services).toContain('sync:SND2 /data/local/tmp/sent');
    expect(services).toContain('sync:LIS2 /system');
    await sync.dispose();
  });

  test('runs a command with input, and reads status and both outputs', async () => {
    const { dial } = await open();
    const adb = await dial();
    const shell = adb.subprocess.shellProtocol;
    if (shell === undefined) throw new Error('no shell v2');
    const process = await shell.spawn('cat; echo problem >&2; exit 5');
    const writer = process.stdin.getWriter();
    await writer.write(Buffer.from('in and out'));
    await writer.close();
    const text = async (stream: AsyncIterable<Uint8Array>) => {
      const parts: Uint8Array[] = [];
      for await (const part of stream) parts.push(part);
      return Buffer.concat(parts).toString();
    };
    const [out, err] = await Promise.all([text(process.stdout), text(process.stderr)]);
    expect({ out, err, status: await process.exited }).toEqual({ out: 'in and out', err: 'problem\n', status: 5 });
  });

  test('dials back through a reverse tunnel', async () => {
    const { phone, dial } = await open();
    const adb = await dial();
    let heard = '';
    const address = await adb.reverse.add('tcp:0', async (socket) => {
      void (async () => {
        for await (const chunk of socket.readable) heard += Buffer.from(chunk).toString();
      })();
    });
    const channel = await phone.dialReverse(address);
    await channel?.write(Buffer.from('from the phone'));
    await expect.poll(() => heard).toBe('from the phone');
    channel?.close();
  });
});

describe('faults', () => {
  test.each([
    ['disconnect', { kind: 'disconnect' as const }],
    ['die', { kind: 'die' as const, afterBytes: 10 }],
  ])('%s breaks the cable in the middle of an answer', async (_, fault) => {
    const { dial } = await open({ faults: [{ ...fault, when: (service) => service.includes('getprop') }] });
    const adb = await dial();
    const run = adb.subprocess.noneProtocol.spawnWaitText('getprop').catch(() => 'broken');
    const ended = adb.transport.disconnected.then(() => 'ended').catch(() => 'ended');
    await ended;
    // The library never settles a stream whose cable broke before it was opened.
    expect((await Promise.race([run, Promise.resolve('pending')])).length).toBeLessThan(20);
  });

  test('refuse closes the stream alone', async () => {
    const { dial } = await open({ faults: [{ kind: 'refuse', when: (service) => service.includes('getprop') }] });
    const adb = await dial();
    await expect(adb.subprocess.noneProtocol.spawnWaitText('getprop')).rejects.toThrow('open failed');
    expect(await adb.subprocess.noneProtocol.spawnWaitText('echo still here')).toBe('still here\n');
  });

  test('a lying sync announces more than it sends', async () => {
    const { dial } = await open({ faults: [{ kind: 'lie', when: (service) => service.startsWith('sync:RECV') }] });
    const adb = await dial();
    const sync = await adb.sync();
    const read = (async () => {
      for await (const _ of sync.read('/system/build.prop'));
    })();
    const outcome = await Promise.race([
      read.then(
        () => 'read',
        () => 'failed',
      ),
      new Promise((resolve) => setTimeout(() => resolve('waits'), 200)),
    ]);
    expect(outcome).not.toBe('read');
  });
});
