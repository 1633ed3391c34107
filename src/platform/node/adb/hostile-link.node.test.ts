import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { factOf, readFacts } from '../../../evidence/index.ts';
import { ownReaders } from '../../../evidence/own/index.ts';
import { openFastboot as openVirtualFastboot } from '../../../forge/node/fastboot.ts';
import { PROFILES } from '../../../forge/profiles/index.ts';
import { acquireLive, openPhone } from './index.ts';

let folder: string;
let server: Server | undefined;
const sockets = new Set<Socket>();
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assay-link-'));
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  await new Promise<void>((resolve) => (server === undefined ? resolve() : server.close(() => resolve())));
  server = undefined;
  await rm(folder, { recursive: true, force: true });
});

async function serve(onConnection: (socket: Socket) => void): Promise<string> {
  server = createServer((socket) => {
    socket.on('error', () => socket.destroy()).resume();
    sockets.add(socket);
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
}

function packet(command: string, words: readonly [arg0: number, arg1: number, length: number], payload = ''): Buffer {
  const bytes = Buffer.alloc(24);
  bytes.write(command);
  for (const [index, word] of words.entries()) bytes.writeUInt32LE(word, 4 + 4 * index);
  bytes.writeUInt32LE((bytes.readUInt32LE(0) ^ 0xffffffff) >>> 0, 20);
  return Buffer.concat([bytes, Buffer.from(payload)]);
}

const open = (address: string) => openPhone(address, { env: { ASSAY_CONFIG: folder, ANDROID_ADB_SERVER_PORT: '1' }, startServer: false });

describe('what answers on the port', () => {
  test.each<[string, Buffer, string]>([
    ['wants TLS, as wireless debugging does', packet('STLS', [0x01000000, 0, 0]), 'adb pair'],
    ['promises a packet of four gigabytes', packet('CNXN', [0x01000001, 4096, 0xffffffff]), 'a packet of 4294967295 bytes'],
    ['sends what is no packet', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), 'a packet whose magic does not fit'],
    ['asks us to sign something longer than a token', packet('AUTH', [1, 0, 32], 'x'.repeat(32)), 'a token of 32 bytes'],
    ['ends inside a packet', packet('CNXN', [0x01000001, 4096, 100], 'dev'), 'ended'],
  ])('%s: refused, with the reason', async (_, bytes, why) => {
    const address = await serve((socket) => socket.end(bytes));
    await expect(open(address)).rejects.toThrow(why);
  });

  test('nothing: said with the address', async () => {
    await expect(open('127.0.0.1:1')).rejects.toThrow('nothing answers at 127.0.0.1:1: ECONNREFUSED');
  });

  test('a phone that sends without waiting for us is cut off before it fills our memory', async () => {
    const address = await serve((socket) => {
      socket.write(packet('CNXN', [0x01000001, 1 << 20, 28], 'device::features=delayed_ack;'.slice(0, 28)));
      socket.on('data', (data: Buffer) => {
        if (!data.includes('OPEN')) return;
        const flood = packet('WRTE', [1, 1, 1 << 20], 'x'.repeat(1 << 20));
        socket.write(packet('OKAY', [1, 1, 4], '\0\0\0\0'));
        const more = () => {
          while (!socket.destroyed && socket.write(flood));
          if (!socket.destroyed) socket.once('drain', more);
        };
        more();
      });
    });
    const phone = await open(address);
    const stream = await phone.open('shell:yes');
    // Nobody reads: the phone goes on all the same.
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(process.memoryUsage.rss()).toBeLessThan(1.5e9);
    await expect(
      (async () => {
        while ((await stream.read()) !== undefined);
      })(),
    ).rejects.toThrow('ignores the flow control');
    await phone.close();
  });
});

describe('fastboot', () => {
  test('of a virtual bootloader is read over TCP', async () => {
    const make = PROFILES['pixel-14'];
    if (make === undefined) throw new Error('no profile');
    const phone = await openVirtualFastboot(make());
    try {
      const capture = await acquireLive({ address: `fastboot:127.0.0.1:${phone.port}`, depth: 'quick' });
      const fact = factOf(await readFacts(capture, ownReaders), 'fastboot');
      expect(fact?.value.variables.map(([name]) => name)).toEqual(expect.arrayContaining(['product', 'unlocked']));
      expect(capture.items.every(({ command }) => command.startsWith('getvar:'))).toBe(true);
    } finally {
      await phone.close();
    }
  });

  test.each<[string, Buffer, string]>([
    ['another protocol', Buffer.from('SSH-2.0-x\r\n'), 'does not speak fastboot'],
    ['silence that ends', Buffer.alloc(0), 'does not speak fastboot'],
  ])('%s is told', async (_, bytes, why) => {
    const address = await serve((socket) => socket.end(bytes));
    await expect(acquireLive({ address: `fastboot:${address}`, depth: 'quick' })).rejects.toThrow(why);
  });

  test('an answer of an exabyte costs the reading, and says so', async () => {
    const address = await serve((socket) => {
      socket.write('FB01');
      socket.write(Buffer.alloc(8, 0x7f));
    });
    const capture = await acquireLive({ address: `fastboot:${address}`, depth: 'quick' });
    expect(capture.items).toMatchObject([{ id: 'getvar.all', outcome: 'failed', note: expect.stringContaining('an answer of') }]);
  });
});
