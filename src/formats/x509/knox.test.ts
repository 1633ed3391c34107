import { describe, expect, test } from 'vitest';
import { parseHex } from '../../bytes/index.ts';
import { type KnoxIntegrity, readKnoxIntegrity, writeKnoxIntegrity } from './knox.ts';

const ALL: KnoxIntegrity = {
  trustBoot: 'normal',
  warranty: 'abnormal',
  icd: 'not supported',
  kernelStatus: 'normal',
  systemStatus: 'normal',
};
const hex = (text: string) => parseHex(text.replaceAll(' ', '')) ?? new Uint8Array(0);

test.each([ALL, {}, { warranty: 'normal' } as const])('%j reads back as it was written', (integrity) => {
  expect(readKnoxIntegrity(writeKnoxIntegrity(integrity))).toEqual({ value: integrity, oddities: [] });
});

/** By hand, from the tags in vvb2060's reader, among elements of which nobody publishes a meaning. */
test('the layout: [5] among others, numbers under their tags, and what has no name is read past', () => {
  const bytes = hex('30 1e  a0 03 04 01 aa  a3 03 04 01 bb  a5 12 30 10  a0 03 02 01 00  a1 03 02 01 01  a5 04 30 02 05 00');
  expect(readKnoxIntegrity(bytes).value).toEqual({ trustBoot: 'normal', warranty: 'abnormal' });
});

test('no integrity status is none, not a good one', () => {
  expect(readKnoxIntegrity(hex('30 05 a0 03 04 01 aa')).value).toBeUndefined();
});

test('stated twice: the first is kept, and said', () => {
  const { value, oddities } = readKnoxIntegrity(hex('30 0e a5 0c 30 0a a1 03 02 01 01 a1 03 02 01 00'));
  expect([value, oddities.map(({ code }) => code)]).toEqual([{ warranty: 'abnormal' }, ['duplicate-tag']]);
});

describe('malformed', () => {
  test.each([
    ['nothing', '', 'knox attestation'],
    ['no sequence', '04 00', 'extension'],
    ['a status of text', '30 09 a5 07 30 05 a1 03 0c 01 41', 'warranty'],
    ['a status that nobody knows', '30 09 a5 07 30 05 a1 03 02 01 07', 'no status that is known'],
    ['around nothing', '30 02 a5 00', 'integrityStatus'],
  ])('%s is refused', (_name, text, because) => expect(() => readKnoxIntegrity(hex(text))).toThrow(because));

  test('cut anywhere: refused', () => {
    const bytes = writeKnoxIntegrity(ALL);
    for (let end = 0; end < bytes.length; end++) expect(() => readKnoxIntegrity(bytes.subarray(0, end))).toThrow('knox attestation');
  });
});
