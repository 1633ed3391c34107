/** `assay attest` as a user runs it: every form of file, every exit status, and the bad input that the issue names, in a process with little memory. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { concatBytes, parseBase64, type SignatureScheme, toBase64, toHex } from '../src/bytes/index.ts';
import {
  type AttestationWorld,
  attest,
  commonName,
  forgeStatusList,
  forgeWorld,
  honestDescription,
  type Issued,
  issue,
} from '../src/forge/cert.ts';
import { makeWorld, openVirtualPhone } from '../src/forge/node/index.ts';
import { nodeSigningKey } from '../src/forge/node/sign.ts';
import { PROFILES } from '../src/forge/profiles/index.ts';
import { honestSecureWorld } from '../src/forge/secure-world.ts';
import { crc32 } from '../src/formats/codec/index.ts';
import {
  writeAuditorChain,
  writeAuditorMessage,
  writeBasicConstraints,
  writeDerContext,
  writeDerInteger,
  writeDerOctets,
  writeDerSequence,
  writeDerUniversal,
  writeKeyDescription,
  writeKeyUsage,
  writePem,
  writePkcs7Certificates,
} from '../src/formats/x509/index.ts';
import { nodeClock } from '../src/platform/node/index.ts';
import { assay, type Ran } from './support/cli.ts';
import { PIXEL_8A } from './support/webauthn-vectors.ts';

const folder = mkdtempSync(join(tmpdir(), 'assay-attest-cli-'));
const CHALLENGE = new TextEncoder().encode('a nonce of this test');
const AT = '2025-06-01T00:00:00Z';
let world: AttestationWorld;
let chain: readonly Uint8Array[];

const run = (...words: string[]) => assay(folder, 'attest', ...words);
const write = (name: string, bytes: Uint8Array | string) => writeFileSync(join(folder, name), bytes);
const pem = (ders: readonly Uint8Array[]) => ders.map((der) => writePem('CERTIFICATE', der)).join('');
const ders = (...issued: readonly Issued[]) => issued.map(({ der }) => der);
const verify = (...words: string[]) => run('verify', ...words, '--at', AT, '--roots', 'roots.pem');
const json = ({ out }: Ran) => JSON.parse(out);

beforeAll(async () => {
  world = await forgeWorld((scheme) => nodeSigningKey(scheme));
  const { batch, intermediate } = world.factory;
  chain = ders(await attest(world, batch, honestDescription(CHALLENGE)), batch, intermediate, world.root);
  write('roots.pem', pem([world.root.der]));
  write('chain.pem', pem(chain));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a chain in each form that tools write', () => {
  const base64 = (der: Uint8Array) => toBase64(der);
  test.each([
    ['PEM', 'a.pem', () => pem(chain)],
    ['DER end to end', 'a.der', () => concatBytes(chain)],
    ['PKCS#7, which is a set', 'a.p7b', () => writePkcs7Certificates(chain.toReversed())],
    ['PKCS#7 in PEM', 'a.p7.pem', () => writePem('PKCS7', writePkcs7Certificates(chain))],
    ['a JSON array of base64', 'a.json', () => JSON.stringify(chain.map(base64))],
    ['a JSON object of hex', 'b.json', () => JSON.stringify({ device: { model: 'x' }, certificateChain: chain.map(toHex) })],
    ['a JSON object of PEM in one text', 'c.json', () => JSON.stringify({ certificates: pem(chain) })],
    ['an x5c', 'd.json', () => JSON.stringify({ x5c: chain.map(base64) })],
  ] satisfies readonly (readonly [string, string, () => string | Uint8Array])[])('%s', async (_form, name, make) => {
    write(name, make());
    const ran = await verify(name, '--json', '--challenge', toHex(CHALLENGE));
    expect(ran).toMatchObject({ status: 0, err: '' });
    expect(json(ran)).toMatchObject({ trusted: true, securityLevel: 'TRUSTED_ENVIRONMENT', standing: { fresh: true } });
  });

  test('openssl’s own PKCS#7 of it', async () => {
    execFileSync('openssl', ['crl2pkcs7', '-nocrl', '-certfile', 'chain.pem', '-out', 'openssl.p7b', '-outform', 'DER'], { cwd: folder });
    expect(await verify('openssl.p7b', '--json')).toMatchObject({ status: 0 });
  });
});

describe('what it prints and how it exits', () => {
  test('one document with every field of the contract and nothing else', async () => {
    const document = json(await verify('chain.pem', '--json'));
    expect(Object.keys(document)).toEqual(
      expect.arrayContaining(['trusted', 'root', 'revocation', 'securityLevel', 'rootOfTrust', 'attestation', 'rules', 'standing']),
    );
    expect(document.rules.every((rule: object) => Object.keys(rule).join() === 'rule,outcome,because')).toBe(true);
    // No challenge was given: nothing says that the chain is fresh.
    expect(document.standing.fresh).toBe(false);
  });

  test('several files are an array in their order; one that cannot be read is its own error', async () => {
    write('not-a-chain', 'prose');
    const ran = await verify('chain.pem', 'not-a-chain', 'missing.pem', '--json');
    expect(ran.status).toBe(1);
    expect(json(ran)).toMatchObject([
      { trusted: true },
      { source: 'not-a-chain', error: expect.any(String) },
      { source: 'missing.pem', error: expect.any(String) },
    ]);
  });

  test.each([
    ['another challenge', ['chain.pem', '--challenge', '00ff'], 20, 'challenge'],
    ['a list that revokes its issuer', ['chain.pem', '--status', 'status-2025-05-31.json'], 20, 'revocation'],
    ['no root that is trusted', ['chain.pem', '--roots', 'strangers.pem'], 20, 'chain-anchor'],
  ])('%s: not verified, exit 20', async (_name, words, status, rule) => {
    write('status-2025-05-31.json', forgeStatusList({ '1002': 'SUSPENDED' }));
    write('strangers.pem', pem([world.strangers.der]));
    const ran = await run('verify', ...words, '--at', AT, ...(words.includes('--roots') ? [] : ['--roots', 'roots.pem']), '--json');
    expect(ran.status).toBe(status);
    expect(json(ran).rules).toContainEqual(expect.objectContaining({ rule, outcome: 'fail' }));
  });

  test('for people: the conclusion first, and no control character of the chain’s', async () => {
    const { batch, intermediate } = world.factory;
    const target = await attest(world, batch, honestDescription(CHALLENGE), { subject: commonName('\u001b[31mred\u0007') });
    write('colour.pem', pem(ders(target, batch, intermediate, world.root)));
    const ran = await verify('colour.pem');
    expect(ran.out).toMatch(/^colour\.pem:\n {2}The chain is/);
    expect(ran.out).not.toMatch(/[^\P{Cc}\n]/u);
  });

  test.each([
    ['a challenge that is no hex', ['verify', 'chain.pem', '--challenge', 'xyz']],
    ['a time that is none', ['verify', 'chain.pem', '--at', 'yesterday']],
    ['a misspelt flag', ['verify', 'chain.pem', '--chalenge', '00']],
    ['no file', ['verify']],
  ])('%s: wrong usage, exit 2, nothing on standard output', async (_name, words) => {
    expect(await run(...words)).toMatchObject({ status: 2, out: '' });
  });

  test('an empty file of roots is refused: nothing is trusted for its absence', async () => {
    write('empty.pem', '');
    const ran = await run('verify', 'chain.pem', '--roots', 'empty.pem');
    expect([ran.status, ran.out]).toEqual([1, '']);
  });

  test('a nonce to paste: 32 fresh bytes in the forms that tools take', async () => {
    const [one, two] = [json(await run('challenge', '--json')), json(await run('challenge', '--json'))];
    expect(one.hex).toMatch(/^[0-9a-f]{64}$/);
    expect(one.hex).not.toBe(two.hex);
    expect(toHex(parseBase64(one.base64url) ?? new Uint8Array(0))).toBe(one.hex);
    expect((await run('challenge')).out).toContain('--challenge ');
  });
});

describe('WebAuthn objects', () => {
  const challenge = toHex(parseBase64(PIXEL_8A.challenge) ?? new Uint8Array(0));
  beforeAll(() => {
    write('object.cbor', parseBase64(PIXEL_8A.attestationObject) ?? new Uint8Array(0));
    const { attestationObject, clientDataJSON } = PIXEL_8A;
    write('response.json', JSON.stringify({ id: 'x', type: 'public-key', response: { attestationObject, clientDataJSON } }));
  });
  const at = ['--at', '2025-01-08', '--json'];

  test('a registration response of a real phone, with the nonce and the page that asked', async () => {
    const ran = await run('verify', 'response.json', '--challenge', challenge, '--origin', 'http://localhost:8000', ...at);
    expect(ran.status).toBe(0);
    expect(json(ran)).toMatchObject({ trusted: true, standing: { fresh: true }, webauthn: { format: 'android-key', bound: false } });
  });

  test('another page asked: exit 20', async () => {
    const ran = await run('verify', 'response.json', '--challenge', challenge, '--origin', 'https://example.org', ...at);
    expect([ran.status, json(ran).trusted]).toEqual([20, false]);
  });

  test('the object alone says nothing of when: with a challenge it is refused, without it is not fresh', async () => {
    expect((await run('verify', 'object.cbor', '--challenge', challenge, ...at)).status).toBe(20);
    expect(json(await run('verify', 'object.cbor', ...at))).toMatchObject({ trusted: true, standing: { fresh: false } });
  });

  test('a byte behind the object is refused with format and offset', async () => {
    write('trailing.cbor', concatBytes([parseBase64(PIXEL_8A.attestationObject) ?? new Uint8Array(0), Uint8Array.of(0)]));
    const ran = await run('verify', 'trailing.cbor', ...at);
    expect(ran.status).toBe(1);
    expect(json(ran).error).toMatch(/^webauthn attestation object @0x[0-9a-f]+ .*left over/);
  });
});

describe('a message of Auditor’s, deflated by Python’s zlib with a dictionary', () => {
  // What the dictionary holds is Auditor's; one of ours compresses as well, for chains of ours.
  const DEFLATE = `
import sys, zlib
deflate = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zlib.Z_DEFAULT_STRATEGY, open('dictionary.bin', 'rb').read())
sys.stdout.buffer.write(deflate.compress(open('chain.bin', 'rb').read()) + deflate.flush())`;
  const TAIL = new Uint8Array(32 + 4 + 70);
  const OTHERS = [1, 7, 64, 128, 255];
  const unpack = (...words: string[]) => run('unpack', ...words);
  beforeAll(() => {
    write('dictionary.bin', Buffer.concat([...chain].reverse()));
    const dictionary = Buffer.concat([...chain].reverse());
    for (const by of OTHERS)
      write(
        `other-${by}.bin`,
        dictionary.map((byte) => byte ^ by),
      );
    write('chain.bin', writeAuditorChain(chain));
    const compressedChain = execFileSync('python3', ['-c', DEFLATE], { cwd: folder });
    const message = writeAuditorMessage({ version: 5, compressedChain }, TAIL);
    write('message.bin', message);
    write('message.txt', `${Buffer.from(message).toString('latin1')}\n`);
    write('cut.bin', message.subarray(0, 60));
  });

  test.each(['bin', 'txt'])('its chain comes out as PEM and verifies (.%s)', async (form) => {
    expect(await unpack(`message.${form}`, '--dictionary', 'dictionary.bin', '--out', `unpacked-${form}.pem`)).toMatchObject({ status: 0 });
    expect(json(await verify(`unpacked-${form}.pem`, '--json'))).toMatchObject({ trusted: true, standing: { fresh: false } });
  });

  // Every dictionary inflates to something: wherever it stops to be a chain, in a length or in a certificate, the user is told the same.
  test.each(OTHERS)('another dictionary is named as the likely cause (%i)', async (by) => {
    const other = await unpack('message.bin', '--dictionary', `other-${by}.bin`, '--out', 'never.pem');
    expect([other.status, /dictionary/.test(other.err)]).toEqual([2, true]);
  });

  test('a cut message, a file that is there: refused in words', async () => {
    const cut = await unpack('cut.bin', '--dictionary', 'dictionary.bin', '--out', 'never.pem');
    expect([cut.status, /auditor message/.test(cut.err)]).toEqual([1, true]);
    expect((await unpack('message.bin', '--dictionary', 'dictionary.bin', '--out', 'chain.pem')).status).toBe(1);
  });
});

test.each([44, 65, 87] as const)('a chain of ML-DSA-%i from the root down, as Android 17 signs', { timeout: 60_000 }, async (level) => {
  const scheme: SignatureScheme = { kind: 'ml-dsa', level };
  const all = await forgeWorld((wanted) => nodeSigningKey(wanted.kind === 'ecdsa' ? scheme : wanted), { root: scheme, upper: scheme });
  const { batch, intermediate } = all.factory;
  const honest = honestDescription(CHALLENGE);
  // The key that is attested is an ordinary one: algorithms of its kind have no number in a statement yet.
  const target = await attest(all, batch, honest, { key: await nodeSigningKey({ kind: 'ecdsa', hash: 'sha256' }) });
  write(`ml-dsa-${level}.pem`, pem(ders(target, batch, intermediate, all.root)));
  write(`ml-dsa-${level}.roots.pem`, pem([all.root.der]));
  const words = [`ml-dsa-${level}.pem`, '--at', AT, '--roots', `ml-dsa-${level}.roots.pem`, '--challenge', toHex(CHALLENGE), '--json'];
  const ran = await run('verify', ...words);
  expect(json(ran).rules).toContainEqual(expect.objectContaining({ rule: 'chain-signatures', outcome: 'pass' }));
  expect([ran.status, json(ran).trusted]).toEqual([0, true]);
});

describe('bad input, in a process of little memory', () => {
  const BIN = fileURLToPath(new URL('../bin/assay.mjs', import.meta.url));
  /** A heap of 96 MiB; a process that hangs is ended, which fails the test. */
  const small = (...words: string[]): Promise<Ran> =>
    new Promise((resolve) => {
      const env = { ...process.env, ASSAY_CONFIG: `${folder}/config`, INIT_CWD: folder, NODE_OPTIONS: '--max-old-space-size=96' };
      const args = [BIN, 'attest', 'verify', ...words, '--json', '--at', AT, '--roots', 'roots.pem'];
      execFile(process.execPath, args, { cwd: folder, env, timeout: 60_000, maxBuffer: 64 << 20 }, (error, out, err) => {
        const code = error === null ? 0 : error.code;
        resolve({ status: typeof code === 'number' ? code : -1, out, err });
      });
    });
  const nested = (levels: number): Uint8Array => {
    // Written from the inside, with the long form of lengths: four bytes a level.
    const bytes = new Uint8Array(levels * 6);
    for (let level = 0; level < levels; level++) {
      const left = bytes.length - level * 6 - 6;
      bytes.set([0x30, 0x84, left >>> 24, (left >>> 16) & 255, (left >>> 8) & 255, left & 255], level * 6);
    }
    return bytes;
  };
  const TBS = [writeDerContext(0, [writeDerInteger(2)])];
  const extensionsOf = async (...extensions: Parameters<typeof issue>[0]['extensions'][number][]) => {
    const { batch, intermediate } = world.factory;
    const target = await attest(world, batch, honestDescription(CHALLENGE), { extensions });
    return pem(ders(target, batch, intermediate, world.root));
  };
  const KEY = '1.3.6.1.4.1.11129.2.1.17';
  const statement = (value: Uint8Array) => ({ oid: KEY, critical: false, value });

  test.each([
    ['nested sequences, half a megabyte of them', 'bomb.der', () => nested(80_000), /@0x[0-9a-f]+ .*/],
    [
      'an indefinite length in place of a certificate',
      'indefinite.der',
      () => Uint8Array.of(0x30, 0x80, 0x30, 0x80, 0x30, 0x80),
      /^\S.* @0x/,
    ],
    [
      'a serial number of a megabyte',
      'integer.der',
      () => writeDerSequence([writeDerSequence([...TBS, writeDerUniversal(2, new Uint8Array(1 << 20).fill(1))])]),
      /@0x[0-9a-f]+ certificate: .*is the most/,
    ],
    ['10,000 certificates', 'many.pem', () => pem(Array.from({ length: 10_000 }, () => Uint8Array.of(0x30, 0))), /more than 1024 blocks/],
    ['10,000 certificates in DER', 'many.der', () => new Uint8Array(20_000).map((_, index) => (index % 2 === 0 ? 0x30 : 0)), /is the most/],
    ['an empty sequence', 'empty.der', () => Uint8Array.of(0x30, 0), /@0x/],
    [
      'a CBOR array of 2^32 items',
      'array.cbor',
      () => Uint8Array.of(0xa1, 0x9a, 0xff, 0xff, 0xff, 0xff),
      /^webauthn attestation object @0x/,
    ],
    ['CBOR nested a thousand deep', 'deep.cbor', () => new Uint8Array(1000).fill(0xa1), /^webauthn attestation object @0x/],
  ] satisfies readonly (readonly [string, string, () => string | Uint8Array, RegExp])[])(
    '%s: a typed refusal, exit 1',
    async (_what, name, make, says) => {
      write(name, make());
      const ran = await small(name);
      expect(ran.status).toBe(1);
      expect(json(ran).error).toMatch(says);
    },
  );

  test('a cycle: two that certify each other lead nowhere, in a list and in a set', async () => {
    const [a, b] = [
      { subject: commonName('a'), key: await world.makeKey() },
      { subject: commonName('b'), key: await world.makeKey() },
    ];
    const extensions = [writeBasicConstraints({ ca: true }), writeKeyUsage('certify')];
    const byB = await issue({ issuer: b, ...a, serial: '11', extensions });
    const byA = await issue({ issuer: a, ...b, serial: '12', extensions });
    const target = await attest(world, byB, honestDescription(CHALLENGE));
    const round = Array.from({ length: 8 }, (_, index) => (index % 2 === 0 ? byB : byA));
    write('cycle.pem', pem(ders(target, ...round)));
    write('cycle.p7b', writePkcs7Certificates(ders(target, ...round)));
    for (const name of ['cycle.pem', 'cycle.p7b']) {
      const ran = await small(name);
      expect([ran.status, json(ran).trusted]).toEqual([20, false]);
      expect(json(ran).rules).toContainEqual(expect.objectContaining({ rule: 'chain-anchor', outcome: 'fail' }));
    }
  });

  test.each([
    [
      'the statement twice',
      () =>
        extensionsOf(
          statement(writeKeyDescription(honestDescription(CHALLENGE))),
          statement(writeKeyDescription(honestDescription(new Uint8Array(9)))),
        ),
    ],
    [
      'a statement that does not parse in a certificate that does',
      () => extensionsOf(statement(Uint8Array.of(0x30, 0x84, 0xff, 0xff, 0xff, 0xff))),
    ],
    ['a statement of nested sequences', () => extensionsOf(statement(nested(1000)))],
    [
      'a statement with a version of 60 kilobytes',
      () => extensionsOf(statement(writeDerSequence([writeDerUniversal(2, new Uint8Array(60_000).fill(1))]))),
    ],
    [
      'a challenge of a hundred kilobytes in a list of octets',
      () => extensionsOf(statement(writeDerSequence([writeDerInteger(3), writeDerOctets(new Uint8Array(100_000))]))),
    ],
  ])('%s: read, and refused by a rule, exit 20', async (_what, make) => {
    write('extension.pem', await make());
    const ran = await small('extension.pem');
    expect([ran.status, json(ran).trusted]).toEqual([20, false]);
  });

  test('a NUL in a name does not end it: the issuer is not who its first part says', async () => {
    const { batch, intermediate } = world.factory;
    const target = await attest(world, batch, honestDescription(CHALLENGE), {
      statedIssuer: [
        ...batch.subject.slice(0, -1),
        ...batch.subject.slice(-1).map(({ oid, value }) => ({ oid, value: `${value}\0.example` })),
      ],
    });
    write('nul.pem', pem(ders(target, batch, intermediate, world.root)));
    const ran = await small('nul.pem');
    expect(ran.status).toBe(20);
    expect(json(ran).rules).toContainEqual(expect.objectContaining({ rule: 'chain-names', outcome: 'fail' }));
  });

  test('bytes behind the last certificate are refused', async () => {
    write('trailing.der', concatBytes([...chain, Uint8Array.of(0xde, 0xad)]));
    const ran = await small('trailing.der');
    expect(ran.status).toBe(1);
    expect(json(ran).error).toMatch(/certificate chain @0x[0-9a-f]+/);
  });

  test('a revocation list of 100 MB is refused by its size, before it is read', async () => {
    write('huge-2025-05-31.json', '{"entries":{');
    truncateSync(join(folder, 'huge-2025-05-31.json'), 100_000_000);
    const ran = await small('chain.pem', '--status', 'huge-2025-05-31.json');
    expect([ran.status, ran.out]).toEqual([1, '']);
    expect(ran.err).toContain('100000000 bytes');
  });

  test('a list of as many entries as fit into its limit is still read', async () => {
    const entries = Object.fromEntries(
      Array.from({ length: 100_000 }, (_, index) => [`1${index.toString(16).padStart(8, '0')}`, { status: 'REVOKED' }]),
    );
    write('long-2025-05-31.json', JSON.stringify({ entries }));
    expect(await small('chain.pem', '--status', 'long-2025-05-31.json')).toMatchObject({ status: 0 });
  });

  test('a chain of 4 MiB and more is refused by its size', async () => {
    write('long.pem', new Uint8Array((1 << 22) + 1).fill(0x2d));
    const ran = await small('long.pem');
    expect([ran.status, json(ran).error]).toEqual([1, expect.stringContaining('is the most')]);
  });
});

describe('a transcript out of a capture', () => {
  const transcript = (carrier: string, answer: string, change: object = {}) =>
    JSON.stringify({
      format: 'assay.attestation/1',
      carrier,
      nonce: toHex(CHALLENGE).padEnd(40, '0').slice(0, 40),
      idsAsked: [],
      request: '',
      program: null,
      askedAt: null,
      answeredAt: null,
      outcome: 'answered',
      exitStatus: 0,
      answer: toBase64(new TextEncoder().encode(answer)),
      complaint: '',
      note: null,
      page: null,
      leaves: [],
      ...change,
    });
  const frame = (...lines: readonly string[]) => ['ASSAY-ATTEST 1', ...lines, 'END', ''].join('\n');
  const chainLines = () => [
    'TRY plain',
    ...chain.map((der) => `C ${toBase64(der)}`),
    `K ${chain.length} ${crc32(concatBytes(chain)).toString(16)}`,
    'G yes',
  ];

  test('is verified again without the phone; its own word for the nonce makes nothing fresh', async () => {
    write('adb.json', transcript('adb', frame(...chainLines()), { nonce: toHex(CHALLENGE) }));
    const told = await verify('adb.json', '--json');
    expect([told.status, json(told).trusted, json(told).standing.fresh]).toEqual([0, true, false]);
    expect(json(told).rules).toContainEqual(expect.objectContaining({ rule: 'challenge', outcome: 'pass' }));
    const known = await verify('adb.json', '--json', '--challenge', toHex(CHALLENGE));
    expect(json(known).standing.fresh).toBe(true);
  });

  test('another nonce than the chain holds: exit 20', async () => {
    write('other.json', transcript('adb', frame(...chainLines()), { nonce: '00'.repeat(32) }));
    expect((await verify('other.json', '--json')).status).toBe(20);
  });

  test('of a browser: with the page that asked', async () => {
    const { attestationObject, clientDataJSON, challenge, origin, relyingParty } = PIXEL_8A;
    const page = { origin, relyingParty };
    const nonce = toHex(parseBase64(challenge) ?? new Uint8Array(0));
    write('browser.json', transcript('browser', JSON.stringify({ attestationObject, clientDataJSON }), { nonce, page }));
    const ran = await run('verify', 'browser.json', '--at', '2025-01-08', '--json');
    expect(json(ran)).toMatchObject({ trusted: true, webauthn: { format: 'android-key', bound: false }, standing: { fresh: false } });
  });

  test.each([
    [
      'a phone that refused everything',
      () => transcript('adb', frame('TRY plain', 'E java.lang.X: no', 'G yes')),
      'plain: java.lang.X: no',
    ],
    ['Trade-in Mode', () => transcript('trade-in', '{}'), 'published by nobody'],
    ['an answer that is cut short', () => transcript('adb', 'ASSAY-ATTEST 1\nTRY plain\n'), 'cut short'],
    ['a document of another form', () => transcript('pigeon', ''), 'carrier'],
  ])('%s: no chain, the reason, exit 1', async (_what, make, says) => {
    write('none.json', make());
    const ran = await verify('none.json', '--json');
    expect(ran.status).toBe(1);
    expect(json(ran).error).toContain(says);
  });
});

describe('assay inspect --attestation: a chain that another tool saved', () => {
  const inspect = (...words: string[]) => assay(folder, 'inspect', 'getprop.txt', ...words, '--json');
  beforeAll(() => {
    write('getprop.txt', '[ro.product.model]: [Example]\n[ro.product.brand]: [Example]\n[ro.build.version.release]: [14]\n');
    write('saved.p7b', writePkcs7Certificates(chain.toReversed()));
  });

  test('is judged with the recording, in whatever form it came', async () => {
    const ran = await inspect(
      '--attestation',
      'saved.p7b',
      '--attestation',
      'chain.pem',
      '--attestation-challenge',
      toHex(CHALLENGE).padEnd(64, '0'),
    );
    expect(ran).toMatchObject({ status: 10, err: '' });
    expect(json(ran).evidence.map(({ artefact }: { artefact: string }) => artefact)).toEqual(
      expect.arrayContaining(['attestation-imported.json', 'attestation-imported-1.json']),
    );
  });

  test.each([
    ['what is no chain', ['--attestation', 'getprop.txt'], 'getprop.txt'],
    ['a file that is not there', ['--attestation', 'nowhere.pem'], 'nowhere.pem'],
    ['a challenge that is no hex', ['--attestation', 'saved.p7b', '--attestation-challenge', 'x'], 'wants hex'],
    ['a challenge of three bytes', ['--attestation', 'saved.p7b', '--attestation-challenge', '000000'], '16 to 128 bytes'],
    ['a challenge without a chain', ['--attestation-challenge', '00'], 'belongs to --attestation'],
    ['a carrier of nobody', ['--attest=pigeon'], 'Allowed choices'],
  ])('%s: wrong usage, exit 2', async (_name, words, says) => {
    const ran = await inspect(...words);
    expect([ran.status, ran.out]).toEqual([2, '']);
    expect(ran.err).toContain(says);
  });

  test('asking a phone needs a yes: where nobody can be asked, nothing is done', async () => {
    for (const command of ['inspect', 'capture']) {
      const ran = await assay(folder, command, '127.0.0.1:1', '--attest');
      expect([ran.status, ran.out]).toEqual([2, '']);
      expect(ran.err).toContain('give --yes');
    }
  });

  test('a phone is asked, and the transcript in its capture verified, by two commands', { timeout: 60_000 }, async () => {
    const value = PROFILES['pixel-14']?.();
    if (value === undefined) throw new Error('no profile');
    const phone = { ...value, secureWorld: honestSecureWorld(value) };
    const makers = makeWorld();
    const open = await openVirtualPhone(phone, {
      latencyMs: 0,
      shell: 'built-in',
      secureWorld: makers.secureWorldOf(phone, nodeClock.now()),
    });
    try {
      const ran = await assay(folder, 'capture', `${open.host}:${open.port}`, '--quick', '--attest', '--yes', '--out', 'capture');
      expect(ran.status).toBe(0);
      write('makers.pem', pem([await makers.attestationRoot()]));
      const verified = await run('verify', 'capture/attestation-adb.json', '--roots', 'makers.pem', '--json');
      expect([verified.status, json(verified).trusted, json(verified).attestation.hardwareEnforced.attestationIdSerial]).toEqual([
        0,
        true,
        expect.anything(),
      ]);
    } finally {
      await open.close();
    }
  });
});
