/** Tokens by OpenSSL's own authority (`openssl ts`), made anew for each run: RSA and ECDSA, with an intermediate certificate and without. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FormatError, hashOf, type Instant, toBase64 } from '../../bytes/index.ts';
import { isOnlyForTimestamps, readTimestampToken, tokenOf, writeTimestampRequest } from '../../formats/x509/index.ts';
import { makeSigningKey, nodeHash, nodeSigner, nodeVerify } from '../../platform/node/index.ts';
import { evidenceRoot, PAYLOAD_TYPE, signEnvelope, statementBytes, statementOf, summaryOf } from '../statement/index.ts';
import { type Bundle, statementDigest, timestampRoots, verifyBundle, verifyTimestamp } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'assay-ts-'));
const at = (name: string) => join(folder, name);
const openssl = (...words: string[]) => execFileSync('openssl', words, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
const digest = hashOf(nodeHash, 'sha256', new TextEncoder().encode('a statement'));
const ports = { hash: nodeHash, verify: nodeVerify };

const REPORT = {
  format: 'assay.report/1',
  subject: { kind: 'phone', judgedAsOf: '2026-01-01T00:00:00Z' },
  verdict: { hardware: 'unproven', software: 'unproven', custody: 'unproven', decision: 'hold', policy: 'owner', reason: 'None.' },
  findings: [],
  notExamined: [],
  evidence: [],
  expires: '2100-01-01T00:00:00Z',
  versions: { assay: '1.0.0', knowledge: 'k1', references: [] },
};
const CONFIG = `[root]
basicConstraints=critical,CA:TRUE
keyUsage=critical,keyCertSign
[tsa]
keyUsage=critical,digitalSignature
extendedKeyUsage=critical,timeStamping
[both]
extendedKeyUsage=critical,timeStamping,codeSigning
[web]
extendedKeyUsage=serverAuth
[tsa1]
serial=serial
crypto_device=builtin
signer_digest=sha256
default_policy=1.2.3.4.1
digests=sha256
accuracy=secs:1,millisecs:500
ess_cert_id_alg=sha256
[sha1]
serial=serial
crypto_device=builtin
signer_digest=sha1
default_policy=1.2.3.4.1
digests=sha256
ess_cert_id_alg=sha1
`;
/** A key and a certificate under an issuer; its own where there is none. */
function certify(name: string, kind: string, section: string, issuer?: string) {
  const key = kind === 'rsa' ? ['rsa:2048'] : ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
  const own = issuer === undefined ? [] : ['-CA', `${issuer}.pem`, '-CAkey', `${issuer}.key`];
  openssl(
    'req',
    '-x509',
    '-newkey',
    ...key,
    '-nodes',
    '-keyout',
    `${name}.key`,
    '-out',
    `${name}.pem`,
    '-subj',
    `/CN=${name}`,
    '-days',
    '30',
    '-config',
    'req.cnf',
    '-extensions',
    section,
    ...own,
  );
}
/** The authority's answer to a request. */
function stamp(request: string, signer: string, more: readonly string[] = [], section = 'tsa1') {
  const out = `${signer}-${section}.tsr`;
  openssl(
    'ts',
    '-reply',
    '-config',
    'req.cnf',
    '-section',
    section,
    '-queryfile',
    request,
    '-signer',
    `${signer}.pem`,
    '-inkey',
    `${signer}.key`,
    '-out',
    out,
    ...more,
  );
  return readFileSync(at(out));
}
const rootsOf = (...names: string[]) => timestampRoots(names.map((name) => readFileSync(at(`${name}.pem`), 'utf8')).join('\n'));
const verify = (token: Uint8Array, roots: readonly string[] = ['root'], of = digest) =>
  verifyTimestamp(token, of, rootsOf(...roots), ports);

beforeAll(() => {
  writeFileSync(at('req.cnf'), `[req]\ndistinguished_name=dn\n[dn]\n${CONFIG}`);
  writeFileSync(at('serial'), '01\n');
  certify('root', 'ec', 'root');
  certify('other', 'ec', 'root');
  certify('middle', 'rsa', 'root', 'root');
  certify('short', 'rsa', 'tsa', 'root');
  certify('long', 'ec', 'tsa', 'middle');
  certify('leafca', 'ec', 'tsa', 'short');
  certify('strange', 'ec', 'tsa', 'other');
  writeFileSync(at('request.tsq'), writeTimestampRequest(digest));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a token of RFC 3161', () => {
  test('the request is one that OpenSSL reads as it was meant', () => {
    const text = execFileSync('openssl', ['ts', '-query', '-in', 'request.tsq', '-text'], { cwd: folder, encoding: 'utf8' });
    expect(text).toMatch(/Version: 1\nHash Algorithm: sha256[\s\S]*Certificate required: yes/);
  });

  test.each([
    ['short', []],
    ['long', ['-chain', 'middle.pem']],
  ])('by an authority (%s) is verified under its root, and says when', async (signer, more) => {
    const token = tokenOf(stamp('request.tsq', signer, more));
    const answer = await verify(token);
    expect(answer).toMatchObject({ by: signer });
    expect('at' in answer && Math.abs(Date.parse(answer.at) - Date.now())).toBeLessThan(60_000);
    expect(readTimestampToken(token)).toMatchObject({ policy: '1.2.3.4.1', accuracySeconds: 2 });
    // The token without its response is the same token.
    expect(tokenOf(token)).toEqual(token);
  });

  test('timestamp-of-other: over another statement', async () => {
    const token = tokenOf(stamp('request.tsq', 'short'));
    expect(await verify(token, ['root'], hashOf(nodeHash, 'sha256', digest))).toMatchObject({ failure: 'timestamp-of-other' });
  });

  test('timestamp-missing, -malformed, -contradicts: stamped long before the statement says that it was issued; else the bundle is verified with its time', async () => {
    const signer = nodeSigner(makeSigningKey('ed25519'));
    const bundleOf = async (issued: Instant): Promise<Bundle> => {
      const salt = new Uint8Array(32).fill(1);
      const evidence = evidenceRoot(nodeHash, salt, []);
      const statement = statementOf(new TextEncoder().encode(JSON.stringify(REPORT)), {
        hash: nodeHash,
        issued,
        salt,
        identities: [],
        evidence,
      });
      const envelope = await signEnvelope(nodeHash, PAYLOAD_TYPE, statementBytes(statement), [signer]);
      writeFileSync(at('bundle.tsq'), writeTimestampRequest(statementDigest(nodeHash, envelope)));
      return {
        format: 'assay.bundle/1',
        statement: envelope,
        summary: await signEnvelope(nodeHash, PAYLOAD_TYPE, statementBytes(summaryOf(statement)), [signer]),
        subject: { salt: toBase64(salt), identities: [] },
        logProof: null,
        policy: null,
        disclosed: [],
        timestamp: toBase64(tokenOf(stamp('bundle.tsq', 'short'))),
      };
    };
    const trust = {
      signers: [{ ...signer, name: 'lab' }] as const,
      signersNeeded: 1,
      log: 'not-asked' as const,
      timestamps: rootsOf('root'),
      at: '2099-06-01T00:00:00Z' as Instant, // A literal of the type's form.
      phone: undefined,
    };
    const stepOf = async (bundle: Bundle) => (await verifyBundle(bundle, trust, ports)).steps.find(({ step }) => step === 'timestamp');
    expect(await stepOf(await bundleOf('2099-01-01T00:00:00Z'))).toMatchObject({ outcome: 'fail', failure: 'timestamp-contradicts' });
    const good = await bundleOf('2026-01-01T00:00:00Z');
    expect(await verifyBundle(good, trust, ports)).toMatchObject({ verified: true });
    const { timestamp: _, ...without } = good;
    expect(await stepOf(without)).toMatchObject({ outcome: 'fail', failure: 'timestamp-missing' });
    for (const timestamp of ['AAAA', '!']) expect(await stepOf({ ...good, timestamp })).toMatchObject({ failure: 'timestamp-malformed' });
    expect(await stepOf(good)).toMatchObject({ outcome: 'pass', because: expect.stringMatching(/^there at .* at the latest, by short$/) });
  });

  test('timestamp-untrusted: another root, a missing intermediate, a signer under no authority', async () => {
    expect(await verify(tokenOf(stamp('request.tsq', 'strange')))).toMatchObject({ failure: 'timestamp-untrusted' });
    expect(await verify(tokenOf(stamp('request.tsq', 'long')))).toMatchObject({ failure: 'timestamp-untrusted' });
    expect(await verify(tokenOf(stamp('request.tsq', 'long')), ['middle'])).toMatchObject({ by: 'long' });
    // What signed it is no authority over certificates.
    expect(await verify(tokenOf(stamp('request.tsq', 'leafca', ['-chain', 'short.pem'])))).toMatchObject({
      failure: 'timestamp-untrusted',
    });
  });

  test('a certificate that is for more than time-stamping, or for something else, is none of an authority', async () => {
    for (const section of ['both', 'web', 'root']) {
      certify(`wrong-${section}`, 'ec', section, 'root');
      const [certificate] = rootsOf(`wrong-${section}`);
      expect([section, isOnlyForTimestamps(certificate)]).toEqual([section, false]);
    }
    expect(isOnlyForTimestamps(rootsOf('short')[0])).toBe(true);
  });

  test('timestamp-signature-invalid: it rests on SHA-1', async () => {
    expect(await verify(tokenOf(stamp('request.tsq', 'short', [], 'sha1')))).toMatchObject({
      failure: 'timestamp-signature-invalid',
      because: 'it rests on sha1',
    });
  });

  test('any byte that is bent is refused, and none is taken for another time', async () => {
    const token = tokenOf(stamp('request.tsq', 'short'));
    const good = await verify(token);
    const kinds = new Set<string>();
    for (let i = 0; i < token.length; i += 3) {
      const bent = Uint8Array.from(token);
      bent[i] = (bent[i] ?? 0) ^ 0x20;
      const answer = await verify(bent);
      // Bytes that nothing rests on: versions, the signer's other name, the list of digests. What is said stays the same.
      if ('failure' in answer) kinds.add(answer.failure);
      else expect(answer).toEqual(good);
    }
    expect([...kinds].toSorted()).toEqual([
      'timestamp-malformed',
      'timestamp-of-other',
      'timestamp-signature-invalid',
      'timestamp-untrusted',
    ]);
  }, 60_000);

  test('cut short it is malformed, and so is what is no token', async () => {
    const token = tokenOf(stamp('request.tsq', 'short'));
    for (const length of [0, 1, 20, token.length - 1])
      expect(await verify(token.subarray(0, length))).toMatchObject({ failure: 'timestamp-malformed' });
    expect(() => tokenOf(new Uint8Array(1 << 19))).toThrow(FormatError);
    expect(() => timestampRoots('nothing')).toThrow('no certificate in PEM');
    // status 2: rejection.
    expect(() => tokenOf(Uint8Array.of(0x30, 0x05, 0x30, 0x03, 0x02, 0x01, 0x02))).toThrow('the authority refused: status 2');
  });
});
