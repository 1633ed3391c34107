import { describe, expect, test } from 'vitest';
import { type ClockPort, instantOf } from '../../bytes/index.ts';
import { type Fact, readFacts } from '../../evidence/index.ts';
import { romStanding } from '../../evidence/own/index.ts';
import { type Chip, mediatekChip, qualcommChip, unisocChip } from '../../forge/index.ts';
import type { RomProtocol } from '../../formats/rom/index.ts';
import { captureBuilder, memoryStorage } from '../capture-builder.ts';
import { DeviceError, type TimerPort } from '../device-port.ts';
import { madeHash } from '../made-hash.ts';
import { acquireRom, type RomLink } from './index.ts';

const clock: ClockPort = { monotonicMs: () => 0, now: () => instantOf(0) };
/** Every limit has passed as soon as nothing else can happen. */
const hurried: TimerPort = (_ms, call) => {
  const handle = setTimeout(call, 20);
  return () => clearTimeout(handle);
};

interface Cable extends RomLink {
  readonly sent: Uint8Array[];
}

function cable(chip: Chip): Cable {
  const sent: Uint8Array[] = [];
  const queue: Uint8Array[] = [...chip.greeting];
  return {
    sent,
    async send(bytes) {
      sent.push(bytes);
      queue.push(...chip.answer(bytes));
    },
    receive: () => {
      const next = queue.shift();
      return next === undefined ? new Promise(() => undefined) : Promise.resolve(next);
    },
    close: async () => undefined,
  };
}

async function ask(protocol: RomProtocol, link: RomLink) {
  const start = {
    tool: 'test',
    operator: undefined,
    takenAt: instantOf(0),
    transport: 'rom',
    plan: 'rom',
    claims: {},
    notRead: [],
  } as const;
  const builder = captureBuilder(memoryStorage(), madeHash, start);
  const complete = await acquireRom({ link, protocol, usb: undefined }, builder, { clock, timer: hurried, onEvent: () => undefined });
  const capture = await builder.capture('live');
  const { list } = await readFacts(capture);
  const found = list.find((one): one is Fact<'rom'> => one.kind === 'rom');
  return { complete, item: capture.items.at(-1), fact: found, identity: found?.value.identity };
}

const MT6592 = { hwCode: 0x6592, targetConfig: 0, meId: '1f'.repeat(16), socId: '2e'.repeat(32) };
const SDM845 = { version: 2, serial: 0x1234abcd, msmId: 0x8b0e1, oemId: 0x72, modelId: 0, keyHash: 'c7'.repeat(32) };

describe('identities', () => {
  test('a MediaTek boot ROM, from the greeting to the last answer', async () => {
    const link = cable(mediatekChip(MT6592));
    const { complete, identity, fact, item } = await ask('mediatek', link);
    expect([complete, item?.outcome]).toEqual([true, 'done']);
    expect(identity).toMatchObject({
      stage: 'mask-rom',
      hwCode: 0x6592,
      targetConfig: { secureBoot: false, serialLinkAuthorisation: false, downloadAgentAuthorisation: false },
      meId: MT6592.meId,
      socId: MT6592.socId,
    });
    // Whatever is sent is on this list: nothing that writes, loads or jumps.
    expect(link.sent.map(([byte]) => byte)).toEqual([0xa0, 0x0a, 0x50, 0x05, 0xfd, 0xfe, 0xd8, 0xfc, 0xe1, 0xe7]);
    expect(fact?.standing).toBe('shown');
  });

  test('a preloader says READY first, and is a loader that is flashed', async () => {
    const { complete, identity } = await ask('mediatek', cable(mediatekChip({ ...MT6592, preloaderVersion: 3 })));
    expect(complete).toBe(true);
    expect(identity).toMatchObject({ stage: 'bootloader', hwCode: 0x6592 });
  });

  test('Sahara of version 2 and of version 3, left as they were found', async () => {
    for (const version of [2, 3]) {
      const link = cable(qualcommChip({ ...SDM845, version }));
      const { complete, identity } = await ask('sahara', link);
      expect(complete).toBe(true);
      expect(identity).toMatchObject({
        stage: 'mask-rom',
        version,
        serial: '1234abcd',
        hardware: { msmId: 0x8b0e1, oemId: 0x72, modelId: 0 },
        keyHash: SDM845.keyHash,
      });
      // Hello response, execute, execute data, and back to waiting for an image: no image, no memory command.
      expect([...new Set(link.sent.map(([command]) => command))].toSorted((a, b) => (a ?? 0) - (b ?? 0))).toEqual([0x02, 0x0c, 0x0d, 0x0f]);
      expect(link.sent.at(-1)?.[8]).toBe(0);
    }
  });

  test('a chip that knows a command less answers the others', async () => {
    const chip = qualcommChip(SDM845);
    const without: Chip = { ...chip, answer: (sent) => chip.answer(sent[0] === 0x0d && sent[8] === 3 ? sent.with(8, 9) : sent) };
    const { complete, identity } = await ask('sahara', cable(without));
    expect(complete).toBe(true);
    expect(identity).toMatchObject({ serial: '1234abcd', hardware: { msmId: 0x8b0e1 }, keyHash: undefined });
  });

  test('a Unisoc boot ROM has a version and no more', async () => {
    const { complete, identity } = await ask('unisoc', cable(unisocChip('SPRD3')));
    expect([complete, identity]).toEqual([true, { protocol: 'unisoc', stage: 'mask-rom', version: 'SPRD3' }]);
  });

  test('a mask ROM is measured only once a real chip was among the tests', () => {
    const tried = { mediatek: ['a phone'], sahara: [], unisoc: [] };
    expect(romStanding({ protocol: 'mediatek', stage: 'mask-rom' })).toBe('shown');
    expect(romStanding({ protocol: 'mediatek', stage: 'mask-rom' }, tried)).toBe('measured');
    expect(romStanding({ protocol: 'mediatek', stage: 'bootloader' }, tried)).toBe('shown');
    expect(romStanding({ protocol: 'sahara', stage: 'mask-rom' }, tried)).toBe('shown');
  });
});

describe('hostile chips', () => {
  const silent: Chip = { greeting: [], answer: () => [] };
  const flood: Chip = { greeting: [], answer: () => Array.from({ length: 4096 }, () => new Uint8Array(4096)) };
  const of = (protocol: RomProtocol, chip: Chip) => ask(protocol, cable(chip));

  test.each(['mediatek', 'sahara', 'unisoc'] as const)('%s: nothing ever comes', async (protocol) => {
    const { complete, item, fact } = await of(protocol, silent);
    expect([complete, item?.outcome, fact]).toEqual([false, 'timed out', undefined]);
  });

  test.each(['mediatek', 'sahara', 'unisoc'] as const)('%s: gigabytes come', async (protocol) => {
    const { complete, item } = await of(protocol, { ...flood, greeting: protocol === 'sahara' ? flood.answer(new Uint8Array(0)) : [] });
    expect(complete).toBe(false);
    expect(['failed', 'flooded']).toContain(item?.outcome);
    expect(item?.bytes).toBeLessThan(70_000);
  });

  test('it answers before it is asked', async () => {
    const chip = mediatekChip(MT6592);
    const early: Chip = {
      ...chip,
      answer: (sent) => (sent[0] === 0xfd ? [Uint8Array.of(0xfd, 0x65, 0x92, 0, 0, 0xfe)] : chip.answer(sent)),
    };
    const { complete, item } = await of('mediatek', early);
    expect([complete, item?.outcome, item?.note]).toEqual([false, 'failed', '1 bytes more than the answer to GET_HW_CODE has']);
  });

  test('it stops in the middle of an answer: what it said before is kept', async () => {
    const chip = mediatekChip(MT6592);
    const stops: Chip = { ...chip, answer: (sent) => (sent[0] === 0xe1 ? [Uint8Array.of(0xe1, 0, 0)] : chip.answer(sent)) };
    const { complete, item, identity, fact } = await of('mediatek', stops);
    expect([complete, item?.outcome]).toEqual([false, 'timed out']);
    expect(identity).toMatchObject({ hwCode: 0x6592, stage: 'mask-rom', meId: undefined, socId: undefined });
    expect(fact?.value.complete).toBe(false);
    expect(fact?.oddities).toMatchObject([{ field: 'GET_ME_ID' }]);
  });

  test('it states lengths of gigabytes', async () => {
    const chip = mediatekChip(MT6592);
    const lies: Chip = {
      ...chip,
      answer: (sent) => (sent[0] === 0xe1 ? [Uint8Array.of(0xe1, 0xff, 0xff, 0xff, 0xff)] : chip.answer(sent)),
    };
    expect((await of('mediatek', lies)).item?.note).toContain('no identity has more than 64');
    const sahara: Chip = { greeting: [Uint8Array.of(1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff)], answer: () => [] };
    expect((await of('sahara', sahara)).item?.note).toContain('a packet of 4294967295 bytes');
  });

  test('it refuses command mode, or leaves', async () => {
    const chip = qualcommChip(SDM845);
    const refuses: Chip = { ...chip, answer: () => [Uint8Array.of(4, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0x18, 0, 0, 0)] };
    expect((await of('sahara', refuses)).item).toMatchObject({ outcome: 'refused', note: 'no command mode: status 24' });
    const leaves: RomLink = {
      send: async () => undefined,
      receive: () => Promise.reject(new DeviceError('disconnected', 'it left the cable')),
      close: async () => undefined,
    };
    expect((await ask('sahara', leaves)).item).toMatchObject({ outcome: 'disconnected', note: 'it left the cable' });
  });
});
