import { ed25519 } from '@noble/curves/ed25519.js';
import { describe, expect, test } from 'vitest';
import { hash, verify } from '../../../test/support/ports.ts';
import { concatBytes, FormatError, parseHex, toBase64, toHex } from '../../bytes/index.ts';
import {
  type Checkpoint,
  ed25519NoteKey,
  formatCheckpoint,
  formatLogProof,
  formatNote,
  formatVerifierKey,
  leafHash,
  parseLogPolicy,
  proveInclusion,
  rootOf,
} from '../log/index.ts';
import type { SignPort } from '../sign.ts';
import {
  cosignEnvelope,
  discloseArtefact,
  type Envelope,
  evidenceRoot,
  hmacSha256,
  PAYLOAD_TYPE,
  preAuthEncoding,
  signEnvelope,
  statementBytes,
  statementOf,
  summaryOf,
  type TrustedSigner,
} from '../statement/index.ts';
import { type Bundle, type BundleTrust, formatBundle, logEntryOf, parseBundle, verifyBundle } from './index.ts';

const utf8 = new TextEncoder();
const ED25519_SPKI = parseHex('302a300506032b6570032100') ?? new Uint8Array(0);
const secretOf = (seed: number) => new Uint8Array(32).fill(seed);
const signerOf = (seed: number): SignPort => ({
  scheme: { kind: 'ed25519' },
  spki: concatBytes([ED25519_SPKI, ed25519.getPublicKey(secretOf(seed))]),
  sign: async (data) => ed25519.sign(data, secretOf(seed)),
});
const trusted = (seed: number): TrustedSigner => ({ ...signerOf(seed), name: `lab ${seed}` });
const logKey = ed25519NoteKey(hash, { name: 'log.example/assay', publicKey: ed25519.getPublicKey(secretOf(9)), type: 'ed25519' });
const witnessKey = ed25519NoteKey(hash, { name: 'w.example', publicKey: ed25519.getPublicKey(secretOf(8)), type: 'cosignature-ed25519' });
const policy = parseLogPolicy(hash, `log ${formatVerifierKey(logKey)}\nquorum none\n`);
const witnessed = parseLogPolicy(hash, `log ${formatVerifierKey(logKey)}\nwitness w ${formatVerifierKey(witnessKey)}\nquorum w\n`);

const report = {
  format: 'assay.report/1',
  subject: { kind: 'phone', judgedAsOf: '2026-01-01T00:00:00Z', origin: 'usb' },
  verdict: {
    hardware: 'genuine',
    software: 'altered',
    custody: 'unproven',
    decision: 'reject',
    policy: 'owner',
    reason: 'The software was changed.',
    nextStep: 'Return it.',
  },
  findings: [],
  notExamined: [{ what: 'mask ROM', because: 'no cable', settledBy: 'a cable' }],
  evidence: ['getprop', 'dumpsys', 'vbmeta'].map((artefact, i) => ({ artefact, sha256: String(i).repeat(64), bytes: i, command: null })),
  expires: '2026-02-01T00:00:00Z',
  versions: { assay: '1.0.0', knowledge: 'k1', references: [] },
};
const salt = new Uint8Array(32).fill(5);
const secret = new Uint8Array(32).fill(6);
const identities = [
  { kind: 'imei', value: '1' },
  { kind: 'serial', value: '2' },
];
const artefacts = report.evidence.map(({ artefact, sha256, bytes }) => ({ artefact, sha256, bytes }));
const statement = statementOf(utf8.encode(JSON.stringify(report)), {
  hash,
  issued: '2026-01-01T00:00:00Z',
  salt,
  identities,
  evidence: evidenceRoot(hash, secret, artefacts),
});

const sign = (document: Parameters<typeof statementBytes>[0], seed = 1) =>
  signEnvelope(hash, PAYLOAD_TYPE, statementBytes(document), [signerOf(seed)]);

/** A log of seven entries with this statement fourth, signed by `seed` under `origin`. */
async function logProofOf(envelope: Envelope, seed = 9, origin = logKey.name): Promise<string> {
  const leaves = Array.from({ length: 7 }, (_, i) => leafHash(hash, i === 3 ? logEntryOf(hash, envelope) : utf8.encode(`other ${i}`)));
  const checkpoint: Checkpoint = { origin, size: 7, root: rootOf(hash, leaves), extensions: [] };
  const text = formatCheckpoint(checkpoint);
  const hashes = await proveInclusion((start, end) => rootOf(hash, leaves.slice(start, end)), 3, 7);
  const signature = ed25519.sign(utf8.encode(text), secretOf(seed));
  return formatLogProof({
    index: 3,
    hashes,
    extra: undefined,
    checkpoint: formatNote(text, [{ name: logKey.name, id: logKey.id, signature }]),
  });
}

async function makeBundle(): Promise<Bundle> {
  const envelope = await sign(statement);
  return {
    format: 'assay.bundle/1',
    statement: envelope,
    summary: await sign(summaryOf(statement)),
    subject: { salt: toBase64(salt), identities },
    logProof: await logProofOf(envelope),
    policy: null,
    disclosed: [await discloseArtefact(hash, secret, artefacts, 1)],
  };
}
const bundle = await makeBundle();
const trust: BundleTrust = {
  signers: [trusted(1)],
  signersNeeded: 1,
  log: policy,
  timestamps: 'not-asked',
  at: '2026-01-15T00:00:00Z',
  phone: identities,
};
const ports = { hash, verify };
const failures = async (changed: Partial<Bundle>, changedTrust: Partial<BundleTrust> = {}) => {
  const result = await verifyBundle({ ...bundle, ...changed }, { ...trust, ...changedTrust }, ports);
  expect(result.verified).toBe(false);
  return result.steps.flatMap(({ failure }) => (failure === undefined ? [] : [failure]));
};

describe('DSSE', () => {
  test("the specification's example of PAE", () => {
    expect(new TextDecoder().decode(preAuthEncoding('http://example.com/HelloWorld', utf8.encode('hello world')))).toBe(
      'DSSEv1 29 http://example.com/HelloWorld 11 hello world',
    );
  });
  test('RFC 4231 test cases 1 and 6 of HMAC-SHA-256', () => {
    expect(toHex(hmacSha256(hash, new Uint8Array(20).fill(0x0b), utf8.encode('Hi There')))).toBe(
      'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
    );
    expect(
      toHex(hmacSha256(hash, new Uint8Array(131).fill(0xaa), utf8.encode('Test Using Larger Than Block-Size Key - Hash Key First'))),
    ).toBe('60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54');
  });
});

describe('a bundle', () => {
  test('verifies, also after its file was written and read', async () => {
    const again = parseBundle(utf8.encode(formatBundle(bundle)));
    expect(again).toEqual(bundle);
    const result = await verifyBundle(again, trust, ports);
    expect(result.steps.map(({ step, outcome }) => `${step} ${outcome}`)).toEqual(
      ['signatures', 'statement', 'log', 'inclusion', 'timestamp', 'time', 'summary', 'subject', 'evidence'].map(
        (step) => `${step} ${step === 'timestamp' ? 'not-checked' : 'pass'}`,
      ),
    );
    expect(result).toMatchObject({ verified: true, signedBy: ['lab 1'] });
  });
  test('a second lab co-signs, and the log entry stays the same', async () => {
    const both = {
      ...bundle,
      statement: await cosignEnvelope(hash, bundle.statement, signerOf(2)),
      summary: await cosignEnvelope(hash, bundle.summary, signerOf(2)),
    };
    const result = await verifyBundle(both, { ...trust, signers: [trusted(1), trusted(2)], signersNeeded: 2 }, ports);
    expect(result).toMatchObject({ verified: true, signedBy: ['lab 1', 'lab 2'] });
  });
  test('a summary of a recording clears nothing', () => {
    const recording = { ...statement, predicate: { ...statement.predicate, kind: 'recording' as const } };
    expect(summaryOf(statement).predicate.properties).toEqual(['ASSAY_HARDWARE_GENUINE']);
    expect(summaryOf(recording).predicate.properties).toEqual([]);
  });
  test.each(['', '{', '[]', '{"format":"assay.bundle/2"}', JSON.stringify({ ...bundle, more: 1 })])(
    'that is none is refused: %.30s',
    (text) => {
      expect(() => parseBundle(utf8.encode(text))).toThrow(FormatError);
    },
  );
});

describe('a bundle is refused', () => {
  test('signature-invalid: the payload was changed', async () => {
    const payload = toBase64(utf8.encode(new TextDecoder().decode(statementBytes(statement)).replace('"altered"', '"genuine"')));
    const result = await verifyBundle({ ...bundle, statement: { ...bundle.statement, payload } }, trust, ports);
    expect(result).toMatchObject({ verified: false, statement: undefined, steps: [{ failure: 'signature-invalid' }] });
  });
  test('signers-too-few: signed by a stranger, or one signer under two names', async () => {
    expect(await failures({}, { signers: [trusted(2)] })).toEqual(['signers-too-few']);
    expect(await failures({}, { signers: [trusted(1), { ...trusted(1), name: 'again' }], signersNeeded: 2 })).toEqual(['signers-too-few']);
    const { statement: s } = bundle;
    expect(await failures({ statement: { ...s, signatures: [...s.signatures, ...s.signatures] } }, { signersNeeded: 2 })).toEqual([
      'signers-too-few',
    ]);
  });
  test('signature-unsupported: the platform cannot do the scheme', async () => {
    const result = await verifyBundle(bundle, trust, { hash, verify: async () => 'unsupported' });
    expect(result.steps[0]?.failure).toBe('signature-unsupported');
  });
  test('statement-malformed: another payload type, another document, 10,000 signatures', async () => {
    const typed = await signEnvelope(hash, 'text/plain', statementBytes(statement), [signerOf(1)]);
    expect(await failures({ statement: typed })).toEqual(['statement-malformed']);
    expect(await failures({ statement: bundle.summary })).toEqual(['statement-malformed']);
    const signatures = Array.from({ length: 10_000 }, () => ({ keyid: '', sig: '' }));
    expect(await failures({ statement: { ...bundle.statement, signatures } })).toEqual(['statement-malformed']);
  });
  test('log-proof-missing, log-proof-malformed', async () => {
    expect(await failures({ logProof: null })).toEqual(['log-proof-missing']);
    expect(await failures({ logProof: 'nothing' })).toEqual(['log-proof-malformed']);
  });
  test('checkpoint-signature-invalid: the known key, a bad signature', async () => {
    expect(await failures({ logProof: await logProofOf(bundle.statement, 7) })).toEqual(['checkpoint-signature-invalid']);
  });
  test('log-untrusted: a trusted key signs under another origin', async () => {
    expect(await failures({ logProof: await logProofOf(bundle.statement, 9, 'log.example/other') })).toEqual(['log-untrusted']);
  });
  test("quorum-not-met: no witness, and the bundle's own policy changes nothing", async () => {
    expect(await failures({ policy: `log ${formatVerifierKey(logKey)}\nquorum none\n` }, { log: witnessed })).toEqual(['quorum-not-met']);
  });
  test("not-in-log: another statement's proof", async () => {
    const other = await sign({ ...statement, predicate: { ...statement.predicate, knowledge: 'k2' } });
    expect(await failures({ logProof: await logProofOf(other) })).toEqual(['not-in-log']);
  });
  test('a token that nobody asked for changes nothing', async () => {
    expect((await verifyBundle({ ...bundle, timestamp: 'AAAA' }, trust, ports)).verified).toBe(true);
  });
  test('not-yet-valid, expired: at the last moment and one before', async () => {
    expect(await failures({}, { at: '2025-12-31T23:59:59Z' })).toEqual(['not-yet-valid']);
    expect(await failures({}, { at: '2026-02-01T00:00:00Z' })).toEqual(['expired']);
    expect((await verifyBundle(bundle, { ...trust, at: '2026-01-31T23:59:59Z' }, ports)).verified).toBe(true);
  });
  test('summary-mismatch: signed, and better than the statement; or unsigned', async () => {
    const summary = summaryOf(statement);
    const better = { ...summary, predicate: { ...summary.predicate, properties: ['ASSAY_ACCEPTED'] } };
    expect(await failures({ summary: await sign(better) })).toEqual(['summary-mismatch']);
    expect(await failures({ summary: await sign(summary, 2) })).toEqual(['summary-mismatch']);
  });
  test('subject-mismatch, subject-withheld, other-phone: shown with another phone', async () => {
    const other = [{ kind: 'imei', value: '3' }];
    expect(await failures({ subject: { salt: toBase64(salt), identities: other } })).toEqual(['subject-mismatch']);
    expect(await failures({ subject: { salt: '', identities } })).toEqual(['subject-mismatch']);
    expect(await failures({ subject: { salt: toBase64(salt), identities: null } })).toEqual(['subject-withheld']);
    expect(await failures({}, { phone: other })).toEqual(['other-phone']);
    expect(await failures({}, { phone: [] })).toEqual(['other-phone']);
  });
  test('disclosure-mismatch: another digest under a true proof', async () => {
    const disclosed = bundle.disclosed.map((one) => ({ ...one, sha256: 'f'.repeat(64) }));
    expect(await failures({ disclosed })).toEqual(['disclosure-mismatch']);
  });
});
