import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Instant } from '../../bytes/index.ts';
import { makeSigningKey, nodeHash, nodeSigner, nodeVerify } from '../../platform/node/index.ts';
import {
  type CaseFile,
  caseState,
  checkDigit,
  commitValue,
  type NewEntry,
  nonCompliantReport,
  parseCase,
  signEntry,
  verifyCase,
} from './index.ts';

const signer = nodeSigner(makeSigningKey('ed25519'));
const trusted = { name: 'lab', scheme: signer.scheme, spki: signer.spki };
const by = { name: 'Lab', role: 'lab' } as const;
const base = (minute: number, text = 'words') => ({
  at: `2026-01-01T00:${String(minute).padStart(2, '0')}:00Z` as Instant,
  by,
  text,
  sources: [],
  withheld: [],
});
const opening: NewEntry = { kind: 'opening', title: 'A phone', ...base(0) };

async function written(...entries: readonly NewEntry[]): Promise<string> {
  let text = '';
  for (const entry of entries) text += await signEntry(nodeHash, parseCase(nodeHash, text), entry, [signer]);
  return text;
}
const fold = (text: string, asOf: Instant) =>
  caseState(
    parseCase(nodeHash, text).entries.map(({ entry }) => entry),
    asOf,
  );
const TODAY = '2026-02-01T00:00:00Z' as Instant; // A literal of the type's form.
const verify = (file: CaseFile) =>
  verifyCase(file, { signers: [trusted], checkpoint: undefined, at: TODAY }, { hash: nodeHash, verify: nodeVerify });

const whole = await written(
  opening,
  { kind: 'claim', ...base(1) },
  { kind: 'rebuttal', about: 1, ...base(2) },
  { kind: 'evidence', about: 1, speaks: 'against', ...base(3) },
  { kind: 'correction', about: 1, ...base(4) },
  { kind: 'resolution', about: 1, outcome: 'refuted', agreed: ['Lab', 'Maker'], ...base(5) },
);

describe('a chain', () => {
  test('is verified when nothing was touched', async () => {
    expect(await verify(parseCase(nodeHash, whole))).toMatchObject({ verified: true });
  });
  test('without entries is not verified', async () => {
    expect((await verify({ entries: [], proofs: [] })).verified).toBe(false);
  });
  test('that a stranger signed is not verified', async () => {
    const stranger = nodeSigner(makeSigningKey('ecdsa-p256'));
    const text = whole + (await signEntry(nodeHash, parseCase(nodeHash, whole), { kind: 'claim', ...base(6) }, [stranger]));
    expect(await verify(parseCase(nodeHash, text))).toMatchObject({ verified: false, because: 'No key that is trusted signed entry 6.' });
  });
  test('is broken by any line that is dropped, doubled or moved, except the last', () => {
    const lines = whole.split('\n').slice(0, -1);
    const join = (list: readonly string[]) => list.map((line) => `${line}\n`).join('');
    for (let i = 0; i + 1 < lines.length; i++) {
      expect(() => parseCase(nodeHash, join(lines.filter((_, at) => at !== i)))).toThrow();
      expect(() => parseCase(nodeHash, join(lines.flatMap((line, at) => (at === i ? [line, line] : [line]))))).toThrow();
      expect(() => parseCase(nodeHash, join(lines.map((_, at) => lines[at === i ? i + 1 : at === i + 1 ? i : at] ?? '')))).toThrow();
    }
  });
  test('a rewritten entry is found, whichever it is and whatever is changed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(5), fc.string({ minLength: 1, maxLength: 20 }), async (which, words) => {
        const lines = whole.split('\n').slice(0, -1);
        const line = JSON.parse(lines[which] ?? '');
        const payload = JSON.parse(Buffer.from(line.entry.payload, 'base64').toString());
        fc.pre(words !== 'words' && !/[{}]/.test(words));
        line.entry.payload = Buffer.from(JSON.stringify({ ...payload, text: words })).toString('base64');
        const text = `${lines.with(which, JSON.stringify(line)).join('\n')}\n`;
        const isFound = await (async () => {
          try {
            return !(await verify(parseCase(nodeHash, text))).verified;
          } catch {
            return true;
          }
        })();
        expect(isFound).toBe(true);
      }),
      { numRuns: 30 },
    );
  });
  test.each([
    ['cut in the middle of a line', whole.slice(0, -30), 'no end'],
    ['no JSON', 'words\n', 'no JSON'],
    ['a proof of what is not there', `${JSON.stringify({ proof: { entry: 9, logProof: '' } })}\n`, 'not there before it'],
  ])('%s is refused by name', (_, text, words) => {
    expect(() => parseCase(nodeHash, text)).toThrow(words);
  });
});

describe('states', () => {
  test('go from asserted over rebutted and evidence-backed to resolved, and a new rebuttal opens again', async () => {
    const { claims, corrections } = fold(whole, '2026-01-02T00:00:00Z');
    expect(claims[0]?.steps.map(({ state }) => state)).toEqual(['asserted', 'rebutted', 'evidence-backed', 'resolved']);
    expect(corrections.get(1)).toEqual([4]);
    const more = whole + (await signEntry(nodeHash, parseCase(nodeHash, whole), { kind: 'rebuttal', about: 1, ...base(6) }, [signer]));
    expect(fold(more, '2026-01-02T00:00:00Z').claims[0]).toMatchObject({ state: 'rebutted', outcome: null });
  });
  test('the clock of a promise: open, broken, kept, late', async () => {
    const promise: NewEntry = { kind: 'promise', due: '2026-01-02T00:00:00Z', ...base(1) };
    const open = await written(opening, promise);
    expect(fold(open, '2026-01-01T12:00:00Z').promises[0]).toMatchObject({ state: 'open', hours: 12 });
    expect(fold(open, '2026-01-03T00:00:00Z').promises[0]).toMatchObject({ state: 'broken', hours: -24 });
    const answered = (at: Instant) => written(opening, promise, { kind: 'answer', about: 1, ...base(2), at });
    expect(fold(await answered('2026-01-01T23:00:00Z'), '2026-02-01T00:00:00Z').promises[0]).toMatchObject({ state: 'kept', hours: 1 });
    expect(fold(await answered('2026-01-02T05:00:00Z'), '2026-02-01T00:00:00Z').promises[0]).toMatchObject({ state: 'late', hours: -5 });
  });
  test.each<[string, NewEntry, string]>([
    ['time that goes back', { kind: 'claim', ...base(0) }, 'before the entry before it'],
    ['evidence about a correction', { kind: 'evidence', about: 4, speaks: 'for', ...base(7) }, 'about a claim'],
    ['an answer to nothing', { kind: 'answer', about: 1, ...base(7) }, 'about a promise'],
    ['a second opening', { ...opening, ...base(7) }, 'opened once'],
    ['about the future', { kind: 'correction', about: 99, ...base(7) }, 'not before it'],
    ['a withheld value without commitment', { kind: 'claim', ...base(7, 'the {imei}') }, 'commits to no such value'],
    ['what happened after it was entered', { kind: 'claim', happened: '2027-01-01', ...base(7) }, 'after it was entered'],
  ])('%s is refused', async (_, entry, words) => {
    await expect(signEntry(nodeHash, parseCase(nodeHash, whole), entry, [signer])).rejects.toThrow(words);
  });
});

test('a commitment is HMAC-SHA256 as documented, and hides under its salt', () => {
  const salt = new Uint8Array(32).fill(7);
  const value = { label: 'imei', value: '000000000000000' };
  // HMAC by its definition (RFC 2104), by hand.
  const block = (byte: number) => Buffer.concat([Buffer.from(salt).map((b) => b ^ byte), Buffer.alloc(32, byte)]);
  const inner = createHash('sha256')
    .update(Buffer.concat([block(0x36), Buffer.from('assay.case-value/1\nimei\n000000000000000')]))
    .digest();
  expect(commitValue(nodeHash, salt, value)).toBe(
    createHash('sha256')
      .update(Buffer.concat([block(0x5c), inner]))
      .digest('hex'),
  );
  expect(commitValue(nodeHash, new Uint8Array(32).fill(8), value)).not.toBe(commitValue(nodeHash, salt, value));
});

describe('GSMA', () => {
  const input = {
    imei: '00-000000-000000-0',
    organisation: 'Lab',
    brand: 'B',
    model: 'M',
    photos: { device: null, packaging: null, imeiOnScreen: null, imeiOnPackaging: null },
    originalBrand: null,
    vendor: null,
    obtained: null,
  };
  test('the example of 3GPP TS 23.003 annex B has a good check digit, its neighbours have not', () => {
    // 26053179311383 has the check digit 7 (TS 23.003 annex B.3).
    expect(checkDigit('260531793113837')).toBe('good');
    expect(checkDigit('260531793113836')).toBe('bad');
    expect(checkDigit('2605317931138')).toBe('none');
  });
  test('names what is missing, and refuses what is no number', () => {
    expect(nonCompliantReport(input).missing).toHaveLength(4);
    expect(nonCompliantReport({ ...input, brand: ' ' }).missing).toContain('brand');
    expect(() => nonCompliantReport({ ...input, imei: 'none' })).toThrow(RangeError);
  });
});

test('an entry of a day that is yet to come is not verified, and is named; a clock some minutes ahead is forgiven', async () => {
  const at = (day: string) => `2026-02-${day}Z` as Instant; // A literal of the type's form.
  const dated = async (day: string) => verify(parseCase(nodeHash, await written({ ...opening, at: at(day) })));
  expect(await dated('01T00:04:00')).toMatchObject({ verified: true });
  expect(await dated('01T00:06:00')).toMatchObject({
    verified: false,
    because: 'Entry 0 is dated 2026-02-01T00:06:00Z, which is yet to come.',
  });
});
