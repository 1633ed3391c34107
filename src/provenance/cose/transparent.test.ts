import { ed25519 } from '@noble/curves/ed25519.js';
import { describe, expect, test } from 'vitest';
import { hash, verify } from '../../../test/support/ports.ts';
import { concatBytes, FormatError, parseHex } from '../../bytes/index.ts';
import { type CborMap, readCbor, writeCbor } from '../../formats/x509/index.ts';
import { logEntryOf } from '../bundle/index.ts';
import { ed25519NoteKey, formatVerifierKey, leafHash, parseLogPolicy, proveInclusion, rootOf } from '../log/index.ts';
import type { SignPort } from '../sign.ts';
import { type Envelope, evidenceRoot, PAYLOAD_TYPE, signEnvelope, statementBytes, statementOf } from '../statement/index.ts';
import { type ReceiptParts, signReceipt, signTransparent, verifyTransparent } from './index.ts';

const utf8 = new TextEncoder();
const secretOf = (seed: number) => new Uint8Array(32).fill(seed);
const signerOf = (seed: number): SignPort => ({
  scheme: { kind: 'ed25519' },
  spki: concatBytes([parseHex('302a300506032b6570032100') ?? new Uint8Array(0), ed25519.getPublicKey(secretOf(seed))]),
  sign: async (data) => ed25519.sign(data, secretOf(seed)),
});
const lab = { ...signerOf(1), name: 'lab' };
const origin = 'log.example/assay';
const keyOf = (seed: number, name = origin) =>
  ed25519NoteKey(hash, { name, publicKey: ed25519.getPublicKey(secretOf(seed)), type: 'ed25519' });
const policyOf = (seed = 9, name = origin, quorum = 'quorum none') =>
  parseLogPolicy(hash, `log ${formatVerifierKey(keyOf(seed, name))}\n${quorum}\n`);
const report = {
  format: 'assay.report/1',
  subject: { kind: 'phone', judgedAsOf: '2026-01-01T00:00:00Z' },
  verdict: { hardware: 'unproven', software: 'altered', custody: 'unproven', decision: 'reject', policy: 'owner', reason: 'Changed.' },
  findings: [],
  notExamined: [],
  evidence: [],
  expires: '2026-02-01T00:00:00Z',
  versions: { assay: '1.0.0', knowledge: 'k1', references: [] },
};
async function envelopeOf(knowledge: string): Promise<Envelope> {
  const bytes = utf8.encode(JSON.stringify({ ...report, versions: { ...report.versions, knowledge } }));
  const salt = secretOf(5);
  const statement = statementOf(bytes, {
    hash,
    issued: '2026-01-01T00:00:00Z',
    salt,
    identities: [],
    evidence: evidenceRoot(hash, salt, []),
  });
  return signEnvelope(hash, PAYLOAD_TYPE, statementBytes(statement), [lab]);
}
const envelope = await envelopeOf('k1');
/** A log of `size` entries with the statement at `index`. */
async function treeOf(index: number, size: number, of = envelope): Promise<ReceiptParts> {
  const leaves = Array.from({ length: size }, (_, i) => leafHash(hash, i === index ? logEntryOf(hash, of) : utf8.encode(`other ${i}`)));
  return {
    origin,
    index,
    size,
    root: rootOf(hash, leaves),
    hashes: await proveInclusion((start, end) => rootOf(hash, leaves.slice(start, end)), index, size),
  };
}
const receiptOf = async (parts: Partial<ReceiptParts> = {}, seed = 9) =>
  signReceipt(hash, { ...(await treeOf(3, 7)), ...parts }, signerOf(seed));
const make = (receipts: readonly Uint8Array[]) => signTransparent(hash, envelope, lab, receipts);
const check = (bytes: Uint8Array, log: Parameters<typeof verifyTransparent>[1]['log'] = policyOf()) =>
  verifyTransparent(bytes, { signers: [lab], log }, { hash, verify });

describe('a statement in COSE with receipts', () => {
  test.each([
    [0, 1],
    [3, 7],
    [0, 8],
    [7, 8],
    [255, 256],
  ])('entry %i of %i is verified back, and says what the bundle says', async (index, size) => {
    const found = await check(await make([await signReceipt(hash, await treeOf(index, size), signerOf(9))]));
    expect(found).toMatchObject({
      signedBy: 'lab',
      logs: [{ origin, index, size }],
      statement: { predicate: { verdict: { decision: 'reject' } } },
    });
  });

  test('a receipt is as RFC 9942 lays it out', async () => {
    const { value } = readCbor(await receiptOf(), 'test');
    expect(value).toMatchObject({
      kind: 'tag',
      tag: 18,
      value: [expect.any(Uint8Array), { entries: [[396, { entries: [[-1, [expect.any(Uint8Array)]]] }]] }, null, expect.any(Uint8Array)],
    });
    const [header, unprotected] = (value as unknown as { readonly value: readonly [Uint8Array, CborMap] }).value; // Of the form above.
    expect(readCbor(header, 'test').value).toMatchObject({
      entries: expect.arrayContaining([
        [1, -8],
        [395, 1],
        [15, { kind: 'map', entries: [[1, origin]] }],
      ]),
    });
    const [[, proofs]] = unprotected.entries as unknown as readonly [
      readonly [number, { readonly entries: readonly [readonly [number, readonly [Uint8Array]]] }],
    ]; // The same.
    expect(readCbor(proofs.entries[0][1][0], 'test').value).toEqual([7, 3, (await treeOf(3, 7)).hashes]);
  });

  test('receipts of logs that nobody named change nothing, and one that is named is wanted', async () => {
    const foreign = await receiptOf({ origin: 'log.example/other' }, 8);
    expect(await check(await make([foreign, await receiptOf()]))).toMatchObject({ logs: [{ origin }] });
    await expect(check(await make([foreign]))).rejects.toThrow('none is by a log that is trusted');
    await expect(check(await make([]))).rejects.toThrow('there is none');
    expect(await check(await make([]), 'not-asked')).toMatchObject({ signedBy: 'lab', logs: [] });
  });

  test.each<{ what: string; bytes: () => Promise<Uint8Array>; because: RegExp }>([
    {
      what: 'of another statement',
      bytes: async () => make([await signReceipt(hash, await treeOf(3, 7, await envelopeOf('k2')), signerOf(9))]),
      because: /signature of log.example/,
    },
    { what: 'another index', bytes: async () => make([await receiptOf({ index: 2 })]), because: /signature of/ },
    { what: 'another size', bytes: async () => make([await receiptOf({ size: 700 })]), because: /no proof of these sizes/ },
    { what: 'a root that is not the proof’s', bytes: async () => make([await receiptOf({ root: secretOf(1) })]), because: /signature of/ },
    { what: 'another key under the log’s name', bytes: async () => make([await receiptOf({}, 8)]), because: /no trusted key/ },
    { what: 'no receipt at all', bytes: async () => make([utf8.encode('none')]), because: /./ },
    { what: '17 receipts', bytes: async () => make(Array.from({ length: 17 }, () => new Uint8Array(1))), because: /16 is the most/ },
    {
      what: 'a stranger’s statement',
      bytes: async () => signTransparent(hash, envelope, signerOf(2), [await receiptOf()]),
      because: /no trusted key/,
    },
  ])('refused: $what', async ({ bytes, because }) => {
    await expect(check(await bytes())).rejects.toThrow(because);
  });

  test('a policy that asks for witnesses is refused: receipts have none', async () => {
    const witness = ed25519NoteKey(hash, { name: 'w', publicKey: ed25519.getPublicKey(secretOf(7)), type: 'cosignature-ed25519' });
    const policy = policyOf(9, origin, `witness w ${formatVerifierKey(witness)}\nquorum w`);
    await expect(check(await make([await receiptOf()]), policy)).rejects.toThrow('receipts have none');
  });

  test('any byte that is bent, and any end that is cut off, is refused', async () => {
    const bytes = await make([await receiptOf()]);
    for (let i = 0; i < bytes.length; i += 5)
      await expect(check(bytes.with(i, (bytes[i] ?? 0) ^ 1)), `byte ${i}`).rejects.toThrow(FormatError);
    for (let i = 0; i < bytes.length; i += 29) await expect(check(bytes.subarray(0, i))).rejects.toThrow(FormatError);
  });

  test('a header that nobody signed is refused', async () => {
    const { value } = readCbor(await make([]), 'test');
    const [header, , payload, signature] = (value as unknown as { readonly value: readonly [Uint8Array, CborMap, Uint8Array, Uint8Array] })
      .value; // Ours.
    const added = writeCbor({
      kind: 'tag',
      tag: 18,
      value: [header, { kind: 'map', entries: [[4, Uint8Array.of(1)]] }, payload, signature],
    });
    await expect(check(added, 'not-asked')).rejects.toThrow('a header that nobody signed');
  });
});
