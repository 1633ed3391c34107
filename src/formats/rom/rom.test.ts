import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FormatError, parseHex, toHex } from '../../bytes/index.ts';
import {
  readBootLoaderVersion,
  readBsl,
  readBslVersion,
  readHwCode,
  readHwSwVersions,
  readMediatekId,
  readRomIdentity,
  readSahara,
  readSaharaChipIdV3,
  readSaharaHardwareId,
  readSaharaKeyHash,
  readSaharaSerial,
  readTargetConfig,
  SAHARA_MODE,
  type SaharaPacket,
  writeBsl,
  writeExecute,
  writeExecuteData,
  writeHelloResponse,
  writeSahara,
  writeSwitchMode,
} from './index.ts';

const hex = (text: string): Uint8Array => parseHex(text.replaceAll(' ', '')) ?? new Uint8Array(0);
const refusal = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof FormatError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'read';
};

// Bytes as bkerler/edl and mtkclient document them; none is of a real chip of ours.
const HELLO = hex('01000000 30000000 02000000 01000000 00040000 00000000 000000000000000000000000000000000000000000000000');

describe('sahara', () => {
  test('a hello, byte for byte', () => {
    expect(readSahara(HELLO)).toEqual({
      kind: 'hello',
      version: 2,
      minimumVersion: 1,
      maximumPacket: 1024,
      mode: SAHARA_MODE.imagePending,
    });
    expect(toHex(writeHelloResponse(2, 1, SAHARA_MODE.command))).toBe(
      `0200000030000000${'02000000'}${'01000000'}${'00000000'}${'03000000'}${'00'.repeat(24)}`,
    );
    expect([writeExecute(2), writeExecuteData(2), writeSwitchMode(0)].map(toHex)).toEqual([
      '0d0000000c00000002000000',
      '0f0000000c00000002000000',
      '0c0000000c00000000000000',
    ]);
  });

  test('the hardware id of a Snapdragon 845 of OEM 0x72', () => {
    expect(readSaharaHardwareId(hex('0000 7200 e1b00800'))).toEqual({ msmId: 0x08b0e1, oemId: 0x72, modelId: 0 });
  });

  test('the identity of version 3, with the OEM in either place', () => {
    const identity = (oem: string, other: string) => hex(`c3b2a100 ${'00'.repeat(32)} e1c02800 ${oem} 12a0 ${other}0000`);
    expect(readSaharaChipIdV3(identity('5100', '0000'))).toEqual({ chipId: 0xa1b2c3, msmId: 0x28c0e1, oemId: 0x51, modelId: 0xa012 });
    expect(readSaharaChipIdV3(identity('0000', '5100')).oemId).toBe(0x51);
  });

  test('a key digest is read once, however often it is sent', () => {
    const digest = 'cc3153a80293939b90d02d3bf8b23e0292e452fef662c74998421adad42a380f';
    for (const times of [1, 2, 3]) expect(readSaharaKeyHash(hex(digest.repeat(times)))).toBe(digest);
    expect(readSaharaKeyHash(hex('ab'.repeat(24).concat('cd'.repeat(24))))).toHaveLength(96);
    expect(readSaharaSerial(hex('78563412'))).toBe('12345678');
  });

  test.each([
    ['nothing', '', 'short-read: sahara @0x0 command'],
    ['a header alone', '01000000', 'short-read: sahara @0x4 length'],
    ['a packet of gigabytes', '01000000ffffffff', 'too-large: sahara @0x4 length'],
    ['a length below the header', '0b00000007000000', 'bad-value: sahara @0x4 length'],
    ['more than the packet', '0b0000000800000000', 'trailing: sahara @0x8 packet'],
    ['less than the packet', '0100000030000000', 'short-read: sahara @0x4 length'],
    ['a hello that is too short', '010000000c00000002000000', 'short-read: sahara @0xc body.version_supported'],
    ['a ready with a body', '0b0000000c00000001000000', 'trailing: sahara @0x8 body.body'],
    ['an answer of gigabytes', '0e000000100000000200000000000080', 'too-large: sahara @0xc body.data_length'],
  ])('%s is refused', (_name, bytes, message) => expect(refusal(() => readSahara(hex(bytes)))).toContain(message));

  test.each([
    ['a digest of no digest’s length', () => readSaharaKeyHash(new Uint8Array(31))],
    ['a digest repeated with a difference', () => readSaharaKeyHash(hex(`${'ab'.repeat(32)}${'ab'.repeat(31)}ac${'ab'.repeat(32)}`))],
    ['no digest', () => readSaharaKeyHash(new Uint8Array(0))],
    ['a serial of three bytes', () => readSaharaSerial(new Uint8Array(3))],
    ['an id of seven bytes', () => readSaharaHardwareId(new Uint8Array(7))],
    ['an identity of version 3 that ends early', () => readSaharaChipIdV3(new Uint8Array(40))],
  ])('%s is refused', (_name, run) => expect(refusal(run)).toMatch(/^(bad-value|short-read): sahara/));

  test('what is written is read', () => {
    const u32 = fc.nat({ max: 0xffffffff });
    const packet: fc.Arbitrary<SaharaPacket> = fc.oneof(
      fc.record({ kind: fc.constant('hello' as const), version: u32, minimumVersion: u32, maximumPacket: u32, mode: u32 }),
      fc.record({ kind: fc.constant('end-transfer' as const), imageId: u32, status: u32 }),
      fc.constant({ kind: 'command-ready' as const }),
      fc.record({ kind: fc.constant('execute-response' as const), clientCommand: u32, dataLength: fc.nat({ max: 4096 }) }),
      fc.record({ kind: fc.constant('other' as const), command: fc.integer({ min: 0x10, max: 0xffffffff }) }),
    );
    fc.assert(
      fc.property(packet, (value) => {
        expect(readSahara(writeSahara(value))).toEqual(value);
      }),
    );
  });
});

describe('mediatek', () => {
  test('answers, byte for byte', () => {
    expect(readHwCode(hex('fd 6592 0000'))).toBe(0x6592);
    // Some chips put their hardware version where others put the status.
    expect(readHwCode(hex('fd 0766 ca00'))).toBe(0x766);
    expect(readHwSwVersions(hex('fc 8a00 ca01 0200 0000'))).toEqual({ hwSubCode: 0x8a00, hwVersion: 0xca01, swVersion: 0x200 });
    expect(readTargetConfig(hex('d8 00000005 0000'))).toEqual({
      raw: 5,
      secureBoot: true,
      serialLinkAuthorisation: false,
      downloadAgentAuthorisation: true,
    });
    expect(readMediatekId(hex(`e1 00000010 ${'a5'.repeat(16)} 0000`), 'GET_ME_ID')).toBe('a5'.repeat(16));
    expect(readBootLoaderVersion(hex('fe')).stage).toBe('mask-rom');
    expect(readBootLoaderVersion(hex('03'))).toEqual({ stage: 'preloader', version: 3 });
  });

  test.each([
    ['another echo', () => readHwCode(hex('fc65920000')), 'bad-value: mediatek GET_HW_CODE @0x0 echo'],
    ['a chip without a code', () => readHwCode(hex('fd00000000')), 'bad-value: mediatek GET_HW_CODE @0x1 hw_code'],
    ['an answer too long', () => readHwCode(hex('fd659200000000')), 'trailing: mediatek GET_HW_CODE @0x5 answer'],
    ['a refusal', () => readTargetConfig(hex('d8000000051d0c')), 'bad-value: mediatek GET_TARGET_CONFIG @0x5 status'],
    ['an identity of gigabytes', () => readMediatekId(hex('e1ffffffff'), 'GET_ME_ID'), 'too-large: mediatek identity @0x0 length'],
    ['an identity cut short', () => readMediatekId(hex('e100000010aa'), 'GET_ME_ID'), 'short-read: mediatek GET_ME_ID @0x5 id'],
    ['an identity of nothing', () => readMediatekId(hex('e1000000000000'), 'GET_ME_ID'), 'bad-value: mediatek GET_ME_ID @0x1 length'],
    ['two versions', () => readBootLoaderVersion(hex('fefe')), 'trailing: mediatek GET_BL_VER @0x1 answer'],
  ])('%s is refused', (_name, run, message) => expect(refusal(run)).toContain(message));
});

describe('unisoc', () => {
  // As U-Boot's download code sends it: SPRD3 with its NUL.
  const VERSION = writeBsl({ type: 0x81, data: new TextEncoder().encode('SPRD3\0') });

  test('a version, and frames with bytes that must be escaped', () => {
    expect(readBslVersion(VERSION)).toBe('SPRD3');
    // The sums are those of Python's binascii.crc_hqx.
    expect(toHex(VERSION)).toBe('7e00810006535052443300570a7e');
    expect(toHex(writeBsl({ type: 0, data: new Uint8Array(0) }))).toBe('7e0000000000007e');
    fc.assert(
      fc.property(fc.nat({ max: 0xffff }), fc.uint8Array({ maxLength: 200 }), (type, data) => {
        expect(readBsl(writeBsl({ type, data }))).toEqual({ type, data });
      }),
    );
  });

  test.each([
    ['a sum that is wrong', VERSION.with(6, 0x41), 'bad-checksum: unisoc bsl'],
    ['no end', VERSION.subarray(0, -1), 'short-read: unisoc bsl'],
    ['no beginning', VERSION.subarray(1), 'bad-magic: unisoc bsl'],
    ['an escape at the end', hex('7e7d'), 'short-read: unisoc bsl'],
    ['two frames', Uint8Array.from([...VERSION, ...VERSION]), 'trailing: unisoc bsl'],
    ['a frame without end', new Uint8Array(3000).fill(0x41).with(0, 0x7e), 'too-large: unisoc bsl'],
  ])('%s is refused', (_name, bytes, message) => expect(refusal(() => readBsl(bytes))).toContain(message));
});

test('an answer that cannot be read costs itself, and is said', () => {
  const exchange = (ask: string, received: Uint8Array) => ({ ask, sent: new Uint8Array(0), received, sentMs: 0, receivedMs: 1 });
  const { value, oddities } = readRomIdentity('mediatek', [
    exchange('GET_HW_CODE', hex('fd65920000')),
    exchange('GET_TARGET_CONFIG', hex('d800')),
    exchange('GET_BL_VER', hex('fe')),
  ]);
  expect(value).toMatchObject({ protocol: 'mediatek', stage: 'mask-rom', hwCode: 0x6592, targetConfig: undefined, meId: undefined });
  expect(oddities).toMatchObject([{ code: 'malformed-answer', field: 'GET_TARGET_CONFIG' }]);
});
