import { describe, expect, test } from 'vitest';
import { FormatError } from '../../bytes/index.ts';
import { type Envelope, emptyPack, readPack, writePack } from '../../knowledge/index.ts';
import { envelopesOf, isRefuted, judgeEnvelope, type SignedRecord } from './envelope.ts';
import { recordOf } from './record.ts';

const digest = (name: string) =>
  Array.from(name.padEnd(32), (character) => character.charCodeAt(0).toString(16).padStart(2, '0'))
    .join('')
    .slice(0, 64);

/** Records of owners a, b, c …, each of this clock. */
const of = (clocks: readonly number[], more: { readonly model?: string; readonly build?: string; readonly owner?: string } = {}) =>
  clocks.map((clock, index): SignedRecord => {
    const { model = 'Pixel 8', build = 'build a', owner } = more;
    const named = { model, brand: 'google', platform: 'zuma', fingerprint: build, kernel: '6.1' };
    const circumstances = { governors: [], batteryCelsius: null, load: null };
    return {
      record: { ...recordOf({ ...named, circumstances }, []), figures: { clockHertz: clock } },
      signer: digest(owner ?? `owner ${index}`),
      sha256: digest(`${model} ${build} ${owner ?? index} ${clock}`),
    };
  });

describe('envelopes of records', () => {
  test('five owners make one of the model, and one of the build that they all ran', () => {
    const { envelopes, tooFew } = envelopesOf(of([1.9e9, 2.9e9, 2.8e9, 2.85e9, 2.7e9]));
    expect(tooFew).toEqual([]);
    expect(envelopes.map(({ build, signers, figures }) => [build, signers.length, figures])).toEqual(
      [null, 'build a'].map((build) => [build, 5, { clockHertz: { n: 5, min: 1.9e9, median: 2.8e9, max: 2.9e9 } }]),
    );
  });

  test('five owners of two builds make one of the model alone', () => {
    const records = [
      ...of([1e9, 1e9, 1e9]),
      ...of([1e9, 1e9], { build: 'build b' }).map((one, index) => ({ ...one, signer: digest(`b${index}`) })),
    ];
    expect(envelopesOf(records).envelopes.map(({ build }) => build)).toEqual([null]);
  });

  test('four make none, and a figure of four is none', () => {
    expect(envelopesOf(of([1, 2, 3, 4]))).toEqual({ envelopes: [], tooFew: [{ model: 'Pixel 8', units: 4 }] });
    const [first, ...rest] = of([1, 2, 3, 4, 5]);
    if (first === undefined) throw new Error('five were made');
    expect(envelopesOf([{ ...first, record: { ...first.record, figures: {} } }, ...rest]).envelopes[0]?.figures).toEqual({});
  });

  test('one record given five times is one unit; five of one owner are one unit too, and widen', () => {
    const [one] = of([2e9]);
    if (one === undefined) throw new Error('one was made');
    expect(envelopesOf([one, one, one, one, one]).tooFew).toEqual([{ model: 'Pixel 8', units: 1 }]);
    expect(envelopesOf(of([1, 2, 3, 4, 5], { owner: 'same' })).tooFew).toEqual([{ model: 'Pixel 8', units: 1 }]);
    const wide = envelopesOf([...of([5, 5, 5, 5, 5]), ...of([1, 9], { owner: 'owner 0' })]);
    expect(wide.envelopes[0]?.figures['clockHertz']).toEqual({ n: 5, min: 1, median: 5, max: 9 });
  });

  test('records that do not say of what they are make none', () => {
    expect(envelopesOf(of([1, 1, 1, 1, 1], { model: '' })).envelopes).toEqual([]);
  });
});

describe('a pack with envelopes', () => {
  const [good] = envelopesOf(of([1, 2, 3, 4, 5])).envelopes;
  const pack = (envelope: unknown) =>
    new TextEncoder().encode(
      JSON.stringify({
        ...emptyPack({ id: 'e', title: 'E', version: '1', licence: 'CC0-1.0', source: 'x' }),
        envelopes: [envelope],
      }),
    );

  test('round trip', () => expect(writePack(readPack(pack(good)))).toEqual(new Uint8Array([...pack(good), 10])));

  test.each([
    ['four owners', { signers: good?.signers.slice(1) }],
    ['an owner twice', { signers: [...(good?.signers.slice(1) ?? []), good?.signers[1]] }],
    ['a record twice', { records: [...(good?.records.slice(1) ?? []), good?.records[1]] }],
    ['more units than owners', { figures: { clockHertz: { n: 6, min: 1, median: 2, max: 3 } } }],
    ['a figure of four', { figures: { clockHertz: { n: 4, min: 1, median: 2, max: 3 } } }],
    ['out of order', { figures: { clockHertz: { n: 5, min: 3, median: 2, max: 3 } } }],
    ['negative', { figures: { clockHertz: { n: 5, min: -3, median: 2, max: 3 } } }],
    ['more than it should', { serial: 'X' }],
  ])('%s is refused', (_name, change) => expect(() => readPack(pack({ ...good, ...change }))).toThrow(FormatError));
});

const figure = (min: number, max: number) => ({ n: 5, min, median: min, max });
/** A big core: 64 KiB of first, 512 KiB of second cache; eight cores; 2.4 to 2.5 GHz. */
const figures: Envelope['figures'] = {
  counterHertz: figure(24_576_000, 24_576_100),
  clockHertz: figure(2.4e9, 2.5e9),
  'ring4KiB.relative': figure(1, 1),
  'ring16KiB.relative': figure(1, 1.02),
  'ring32KiB.relative': figure(1, 1.05),
  'ring64KiB.relative': figure(1, 1.3),
  'ring128KiB.relative': figure(2.4, 3),
  'ring256KiB.relative': figure(2.5, 3.2),
  'ring512KiB.relative': figure(2.6, 5),
  'ring1024KiB.relative': figure(6, 9),
  'ring2048KiB.relative': figure(8, 15),
  'ring8192KiB.relative': figure(30, 60),
  'scale1.relative': figure(1, 1),
  'scale4.relative': figure(0.9, 1.05),
  'scale8.relative': figure(0.9, 1.3),
};
/** What the middle unit shows. */
const genuine = Object.fromEntries(Object.entries(figures).map(([name, { median }]) => [name, median]));
const natures = (changed: Readonly<Record<string, number>>) =>
  judgeEnvelope({ ...genuine, ...changed }, { figures }).map(({ nature }) => nature);

describe('times against an envelope', () => {
  test('a unit inside, and each unit that made it', () => {
    expect(natures({})).toEqual([]);
    expect(natures(Object.fromEntries(Object.entries(figures).map(([name, { max }]) => [name, max])))).toEqual([]);
  });

  test('a fake of slower and fewer cores is refuted by shape and speed', () => {
    const outside = judgeEnvelope(
      { ...genuine, clockHertz: 1.3e9, 'scale8.relative': 2.1, 'ring64KiB.relative': 4, 'ring128KiB.relative': 9, counterHertz: 13e6 },
      { figures },
    );
    expect(outside.map(({ nature }) => nature)).toEqual(['counter', 'caches', 'cores', 'clock']);
    expect(isRefuted(outside)).toBe(true);
    expect(outside.map(({ expected }) => expected).join()).toContain('in 5 units');
  });

  test('a genuine phone at a third of its clock is outside in speed alone, which refutes nothing', () => {
    const outside = judgeEnvelope({ ...genuine, clockHertz: 0.8e9, roundTripFloorNs: 9e9 }, { figures });
    expect(outside.map(({ nature }) => nature)).toEqual(['clock']);
    expect(isRefuted(outside)).toBe(false);
  });

  test('faster than any unit: another machine, or another clock', () => expect(natures({ clockHertz: 3.6e9 })).toEqual(['clock']));

  test('a knee that a busy phone shows an octave or two low is inside', () => {
    // All of the second cache is taken by neighbours: 256 KiB look like 1 MiB of a quiet unit.
    expect(natures({ 'ring64KiB.relative': 3, 'ring128KiB.relative': 5, 'ring256KiB.relative': 9, 'ring512KiB.relative': 15 })).toEqual([]);
  });

  test('shared levels never speak: memory at 1 MiB and beyond', () => {
    expect(natures({ 'ring512KiB.relative': 90, 'ring1024KiB.relative': 90, 'ring2048KiB.relative': 90 })).toEqual([]);
  });

  test('what was not measured, or of which no unit was, says nothing', () => {
    expect(judgeEnvelope({}, { figures })).toEqual([]);
    expect(judgeEnvelope(genuine, { figures: {} })).toEqual([]);
    expect(natures({ clockHertz: Number.NaN, 'scale8.relative': Number.NaN })).not.toContain('cores');
  });
});
