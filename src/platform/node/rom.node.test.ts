import { createServer, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { readFacts } from '../../evidence/index.ts';
import { type Chip, mediatekChip, qualcommChip } from '../../forge/index.ts';
import { acquireLive } from './adb/index.ts';

let server: Server | undefined;
afterEach(() => {
  server?.close();
  server = undefined;
});

/** A chip behind a bridge from its serial port to TCP. */
async function bridge(chip: Chip): Promise<number> {
  const listening = createServer((socket) => {
    socket.on('error', () => undefined);
    for (const piece of chip.greeting) socket.write(piece);
    socket.on('data', (bytes) => {
      for (const piece of chip.answer(bytes)) socket.write(piece);
    });
  });
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  const address = listening.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

test('a MediaTek boot ROM behind a serial bridge becomes a capture', async () => {
  const port = await bridge(mediatekChip({ hwCode: 0x766, targetConfig: 7, meId: '1f'.repeat(16), socId: '2e'.repeat(32) }));
  const capture = await acquireLive({ address: `rom:mediatek:127.0.0.1:${port}`, depth: 'quick' });
  expect([capture.trust, capture.items.map(({ id, outcome }) => [id, outcome])]).toEqual(['live', [['rom.mediatek', 'done']]]);
  const { list, unread } = await readFacts(capture);
  expect(unread).toEqual([]);
  expect(list).toMatchObject([
    { kind: 'rom', standing: 'shown', value: { identity: { hwCode: 0x766, targetConfig: { secureBoot: true } } } },
  ]);
});

test('a Qualcomm boot ROM likewise; and a chip of the other protocol is refused, with what it said kept', async () => {
  const chip = qualcommChip({ version: 3, serial: 7, msmId: 0x1350e1, oemId: 0x51, modelId: 1, keyHash: 'c7'.repeat(48) });
  const port = await bridge(chip);
  const { list } = await readFacts(await acquireLive({ address: `rom:sahara:127.0.0.1:${port}`, depth: 'quick' }));
  expect(list).toMatchObject([
    { value: { complete: true, identity: { hardware: { msmId: 0x1350e1, oemId: 0x51 }, keyHash: 'c7'.repeat(48) } } },
  ]);
  const other = await acquireLive({ address: `rom:unisoc:127.0.0.1:${port}`, depth: 'quick' });
  expect(other.items[0]?.outcome).not.toBe('done');
});

test('addresses that name no boot ROM are refused in a sentence', async () => {
  await expect(acquireLive({ address: 'rom:elsewhere', depth: 'quick' })).rejects.toThrow('"elsewhere" is neither');
  await expect(acquireLive({ address: 'rom:usb:', depth: 'quick' })).rejects.toThrow('nothing on the cable is in a download mode');
});
