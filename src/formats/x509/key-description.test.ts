import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FormatError, parseHex, toHex } from '../../bytes/index.ts';
import { patchMonth } from './authorization-list.ts';
import { type CborValue, writeCbor } from './cbor.ts';
import { derBody, derTrail, readDer } from './der.ts';
import { writeDerContext, writeDerInteger, writeDerNull, writeDerOctets, writeDerSequence, writeDerUniversal } from './der-write.ts';
import { readEatDescription } from './eat.ts';
import {
  type KeyDescription,
  plainJson,
  readKeyDescription,
  readProvisioningInfo,
  writeKeyDescription,
  writeProvisioningInfo,
} from './key-description.ts';
import { COMPLETE_DESCRIPTION } from './samples.ts';

const hex = (text: string) => parseHex(text) ?? new Uint8Array(0);
const bodyOf = (der: Uint8Array) => derBody(readDer(der, derTrail('test')));
const EMPTY: KeyDescription = { ...COMPLETE_DESCRIPTION, softwareEnforced: {}, hardwareEnforced: {} };

/** A description whose hardware list holds these elements as they are. */
function withHardware(...elements: Uint8Array[]): Uint8Array {
  const body = bodyOf(writeKeyDescription(EMPTY));
  return writeDerSequence([body.subarray(0, body.length - 2), writeDerSequence(elements)]);
}

test('every field reads back as it was written', () => {
  const { value, oddities } = readKeyDescription(writeKeyDescription(COMPLETE_DESCRIPTION));
  expect(oddities).toEqual([]);
  expect(value).toEqual(COMPLETE_DESCRIPTION);
});

test('any subset of fields reads back', () => {
  const all = Object.entries(COMPLETE_DESCRIPTION.hardwareEnforced);
  fc.assert(
    fc.property(fc.subarray(all), (some) => {
      const description: KeyDescription = { ...EMPTY, hardwareEnforced: Object.fromEntries(some) };
      expect(readKeyDescription(writeKeyDescription(description))).toEqual({ value: description, oddities: [] });
    }),
  );
});

test('as JSON: bytes are hex, numbers above 2^53 text, and nothing is added', () => {
  const json = plainJson(COMPLETE_DESCRIPTION);
  expect(json).toMatchObject({
    attestationChallenge: '010203',
    hardwareEnforced: { originationExpireDateTime: '18446744073709551615', keySize: 256 },
  });
  expect(JSON.parse(JSON.stringify(json))).toEqual(json);
});

/** What phones write that the schema does not have: each is read, recorded, and costs no other field. */
describe('quirks', () => {
  const origin = writeDerContext(702, [writeDerInteger(0)]);
  test.each([
    ['tags out of order', [origin, writeDerContext(503, [writeDerNull()])], ['tag-order'], { origin: 'GENERATED', noAuthRequired: true }],
    ['a tag twice: the first is kept', [origin, writeDerContext(702, [writeDerInteger(2)])], ['duplicate-tag'], { origin: 'GENERATED' }],
    [
      'a key size that is an octet string',
      [writeDerContext(3, [writeDerOctets(Uint8Array.of(1))]), origin],
      ['malformed-field'],
      { origin: 'GENERATED' },
    ],
    ['an origin that does not exist', [writeDerContext(702, [writeDerInteger(9)])], ['malformed-field'], {}],
    ['an empty explicit tag', [writeDerContext(2, [])], ['malformed-field'], {}],
    ['a patch level without a month', [writeDerContext(706, [writeDerInteger(202_400)])], ['patch-level-form'], { osPatchLevel: 202_400 }],
    ['a patch level of zeros', [writeDerContext(718, [writeDerInteger(0)])], ['patch-level-form'], { vendorPatchLevel: 0 }],
    [
      'a locked state of 01, as in a chain of 2023',
      [writeDerContext(704, [writeDerSequence([writeDerOctets(new Uint8Array(0)), hex('010101'), writeDerInteger(0, 10)])])],
      ['boolean-not-ff'],
      {
        rootOfTrust: { verifiedBootKey: new Uint8Array(0), deviceLocked: true, verifiedBootState: 'VERIFIED', verifiedBootHash: undefined },
      },
    ],
  ])('%s', (_name, elements, codes, fields) => {
    const { value, oddities } = readKeyDescription(withHardware(...elements));
    expect(oddities.map(({ code }) => code)).toEqual(codes);
    expect(value.hardwareEnforced).toEqual(fields);
  });

  test('an unknown tag is kept, and written again', () => {
    const element = writeDerContext(1000, [writeDerInteger(2048)]);
    const { value, oddities } = readKeyDescription(withHardware(element));
    expect(oddities.map(({ code }) => code)).toEqual(['unknown-tag']);
    expect(value.hardwareEnforced.unknownTags).toEqual([{ tag: 1000, bytes: element }]);
    expect(toHex(writeKeyDescription(value))).toBe(toHex(withHardware(element)));
  });
});

describe('malformed', () => {
  test('truncated at every byte: refused', () => {
    const whole = writeKeyDescription(COMPLETE_DESCRIPTION);
    for (let length = 0; length < whole.length; length++) expect(() => readKeyDescription(whole.subarray(0, length))).toThrow(FormatError);
  });

  test.each([
    ['two bytes', '4242'],
    ['an empty sequence', '3000'],
    ['a security level that does not exist', toHex(writeDerSequence([writeDerInteger(3), writeDerInteger(7, 10)]))],
    ['a list that is a set', toHex(withHardware()).replace(/3000$/, '3100')],
    ['a universal tag in a list', toHex(withHardware(writeDerInteger(1)))],
    [
      'three hundred entries',
      toHex(withHardware(...Array.from({ length: 300 }, (_, index) => writeDerContext(2000 + index, [writeDerNull()])))),
    ],
    ['a version of a megabyte', toHex(writeDerSequence([writeDerUniversal(2, new Uint8Array(1 << 16).fill(1))]))],
  ])('%s', (_name, bytes) => {
    expect(() => readKeyDescription(hex(bytes))).toThrow(FormatError);
  });

  test('errors name the field and its offset in the chain file', () => {
    expect(() => readKeyDescription(writeDerSequence([writeDerInteger(3), writeDerInteger(1)]), 1000)).toThrow(
      'android key description @0x3ed attestationSecurityLevel: integer, where enumerated was expected',
    );
  });
});

test.each([
  [202_408, '2024-08'],
  [20_240_805, '2024-08'],
  [20_190_700, '2019-07'],
  [202_400, undefined],
  [20_240_000, undefined],
  [2_000_231, undefined],
  [0, undefined],
])('patch level %d is of %s', (level, month) => {
  expect(patchMonth(level)).toBe(month);
});

describe('provisioning info', () => {
  const extension = (value: Uint8Array) => ({ oid: '1.3.6.1.4.1.11129.2.1.30', critical: false, value, at: 0 });

  test('reads back, bare and in an octet string', () => {
    const info = { certificatesIssued: 128, manufacturer: 'forge' };
    expect(readProvisioningInfo(extension(writeProvisioningInfo(info))).value).toEqual(info);
    expect(readProvisioningInfo(extension(writeDerOctets(writeProvisioningInfo(info)))).value).toEqual(info);
  });

  test.each(['', '02', 'a101', 'a10118', '0402a101'])('%j is refused', (text) => {
    expect(() => readProvisioningInfo(extension(hex(text)))).toThrow(FormatError);
  });
});

describe('the EAT form', () => {
  const claims = (...more: [CborValue, CborValue][]) =>
    writeCbor({ kind: 'map', entries: [[-82004, 3], [-82005, 41], [-76002, 3], [-75008, Uint8Array.of(1)], ...more] });

  test('says the same as a key description', () => {
    const { value, oddities } = readEatDescription(
      claims(
        [-82001, new Uint8Array(32)],
        [-82002, true],
        [-82006, true],
        [-76003, [true, true, true, true, false]],
        [
          -76000,
          {
            kind: 'map',
            entries: [
              [
                'tee',
                {
                  kind: 'map',
                  entries: [
                    [-80001, [2]],
                    [-80002, 3],
                    [-80503, true],
                    [-80702, 0],
                    [-80710, Uint8Array.of(0x61)],
                  ],
                },
              ],
            ],
          },
        ],
      ),
    );
    expect(oddities).toEqual([]);
    expect(value).toMatchObject({
      attestationVersion: 3,
      keyMintVersion: 41,
      attestationSecurityLevel: 'TRUSTED_ENVIRONMENT',
      hardwareEnforced: {
        purposes: [2],
        algorithms: 3,
        noAuthRequired: true,
        origin: 'GENERATED',
        attestationIdBrand: 'a',
        rootOfTrust: { deviceLocked: true, verifiedBootState: 'VERIFIED' },
      },
    });
  });

  test('without a root of trust there is none, and no good state is made up', () => {
    expect(readEatDescription(claims()).value.hardwareEnforced.rootOfTrust).toBeUndefined();
    expect(
      readEatDescription(claims([-82001, new Uint8Array(1)], [-82002, true], [-76003, [true]])).value.hardwareEnforced.rootOfTrust
        ?.verifiedBootState,
    ).toBe('SELF_SIGNED');
  });

  test('an official build that was not verified is refused', () => {
    expect(() => readEatDescription(claims([-82001, new Uint8Array(1)], [-82002, true], [-82006, true], [-76003, [false]]))).toThrow(
      'boot-state',
    );
  });

  test('claims that nobody knows are oddities', () => {
    const { oddities } = readEatDescription(
      claims([
        -76000,
        {
          kind: 'map',
          entries: [
            [
              'tee',
              {
                kind: 'map',
                entries: [
                  [-80999, 1],
                  ['x', 2],
                  [-80702, 'text'],
                ],
              },
            ],
          ],
        },
      ]),
    );
    expect(oddities.map(({ code }) => code)).toEqual(['unknown-claim', 'unknown-claim', 'unknown-claim']);
  });
});
