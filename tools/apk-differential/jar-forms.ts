/** APKs with a JAR signature whose manifest and signature file are written in unusual forms, and signed over exactly that: what only their readers can differ about. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { concatBytes, type HashAlgorithm, hashOf, type SignatureScheme, toBase64 } from '../../src/bytes/index.ts';
import type { ApkSigner } from '../../src/forge/apk.ts';
import { writeSignedData } from '../../src/formats/apk/index.ts';
import { type WriteZipOptions, writeZip, type ZipPart } from '../../src/formats/archive/index.ts';
import { readCertificate } from '../../src/formats/x509/index.ts';
import { nodeHash } from '../../src/platform/node/index.ts';
import { changedByte, type Roll } from './mutate.ts';

const utf8 = new TextEncoder();
const pick = <T>(roll: Roll, values: readonly T[]): T => values[roll(values.length)] as T; // never empty
const seldom = (roll: Roll) => roll(12) === 0;

const DIGESTS: readonly (readonly [names: readonly string[], algorithm: HashAlgorithm])[] = [
  [['SHA1', 'SHA-1', 'SHA', 'sha1', 'Sha-1'], 'sha1'],
  [['SHA-256', 'SHA256', 'sha-256'], 'sha256'],
  [['SHA-384', 'SHA384'], 'sha384'],
  [['SHA-512', 'SHA512'], 'sha512'],
  [['MD5'], 'md5'],
  [['SHA-224'], 'sha224'],
];

/** One line of a section, folded as the specification wants it, or in some other way. */
function lineOf(name: string, value: string, roll: Roll): string {
  const colon = seldom(roll) ? pick(roll, [':', ' : ', ':  ', '']) : ': ';
  const whole = `${name}${colon}${value}${seldom(roll) ? pick(roll, [' ', '\t', '\0', '=']) : ''}`;
  const eol = seldom(roll) ? pick(roll, ['\n', '\r', '\r\n', '\n\r']) : '\r\n';
  const width = seldom(roll) ? 1 + roll(20) : 70;
  const lines: string[] = [];
  for (let at = 0; at < whole.length || at === 0; at += width) lines.push(whole.slice(at, at + width));
  return lines.join(`${eol} `) + eol;
}

type Attribute = readonly [name: string, value: string];

function sectionOf(attributes: readonly Attribute[], roll: Roll): Uint8Array {
  const lines = attributes.map(([name, value]) =>
    lineOf(seldom(roll) ? pick(roll, [name.toUpperCase(), name.toLowerCase()]) : name, value, roll),
  );
  if (seldom(roll)) lines.splice(roll(lines.length + 1), 0, lineOf('Other', 'x'.repeat(roll(100)), roll));
  const end = seldom(roll) ? pick(roll, ['', '\r\n\r\n', '\n', '\r']) : '\r\n';
  return utf8.encode(lines.join('') + end);
}

/** Digests of bytes as attributes: one, several, or wrong ones. */
function digestsOf(bytes: Uint8Array, suffix: string, roll: Roll): readonly Attribute[] {
  const count = seldom(roll) ? roll(3) : 1;
  const first = roll(8) > 0 ? roll(2) : roll(DIGESTS.length);
  const attributes = Array.from({ length: count }, (_, index): Attribute => {
    const [names, algorithm] = DIGESTS[(first + index) % DIGESTS.length] ?? [['SHA1'], 'sha1' as const];
    const digest = hashOf(nodeHash, algorithm, seldom(roll) && roll(3) === 0 ? utf8.encode('other') : bytes);
    const text = toBase64(digest);
    const name = seldom(roll) ? pick(roll, names) : (names[0] ?? '');
    return [
      `${name}${suffix}`,
      seldom(roll) && roll(3) === 0 ? pick(roll, [text.replace(/=+$/, ''), ` ${text}`, `${text}\t`, `*${text}`]) : text,
    ];
  });
  if (!seldom(roll)) return attributes;
  const listed = pick(roll, ['SHA-256 SHA1', 'SHA1', 'SHA-256', 'MD5 SHA-1', 'X SHA-512']);
  return [...attributes, ['Digest-Algorithms', listed]];
}

/** Who makes PKCS#7 blocks over a signature file. */
export interface Forger {
  readonly extension: string;
  readonly block: (file: Uint8Array, roll: Roll) => Promise<Uint8Array>;
}

/** One whose blocks are ours. */
export const forger = (signer: ApkSigner): Forger => ({
  extension: signer.kind.toUpperCase(),
  block: (file, roll) => blockOf(file, signer, roll),
});

/** One whose blocks are openssl's: with signed attributes or without, and with the key named in either way. */
export const cmsForger = (keys: string, name: string): Forger => ({
  extension: name.replace(/\d+$/, '').toUpperCase(),
  async block(file, roll) {
    const args = ['cms', '-sign', '-binary', '-outform', 'DER', '-md', pick(roll, ['sha1', 'sha256', 'sha256', 'sha512', 'md5'])];
    const key = (of: string) => ['-signer', join(keys, `${of}.crt`), '-inkey', join(keys, `${of}.pem`)];
    const odd = [
      ['-noattr'],
      ['-nosmimecap'],
      ['-keyid'],
      ['-nocerts'],
      ['-stream'],
      ['-nodetach'],
      ['-econtent_type', '1.2.840.113549.1.9.16.1.4'],
      ['-certfile', join(keys, `${name}.crt`)],
    ].filter((_, index) => (index === 0 ? roll(2) === 0 : seldom(roll)));
    const signers = [key(name)];
    if (seldom(roll)) signers.push(key(name));
    if (name.startsWith('rsa') && seldom(roll)) signers.unshift([...key(name), '-keyopt', 'rsa_padding_mode:pss']);
    const made = spawnSync('openssl', [...args, ...odd.flat(), ...signers.flat()], {
      input: file,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const block = new Uint8Array(made.stdout);
    return seldom(roll) && block.length > 0 ? changedByte(block, roll(Math.min(block.length, 200)), roll) : block;
  },
});

/** How a JAR is signed and laid out. */
export interface OddJar {
  readonly signers: readonly Forger[];
  readonly roll: Roll;
  readonly around: WriteZipOptions;
}

/** A signed APK of some entries. */
export async function oddlySigned(parts: readonly ZipPart[], { signers, roll, around }: OddJar): Promise<Uint8Array> {
  const named = parts.map((part) => ({ part, name: String(part.name) }));
  const sections = named
    .filter(() => !(seldom(roll) && roll(3) === 0))
    .map(({ part, name }) => ({
      name,
      bytes: sectionOf([['Name', seldom(roll) && roll(4) === 0 ? `${name}x` : name], ...digestsOf(part.data, '-Digest', roll)], roll),
    }));
  if (seldom(roll)) sections.push(...sections.slice(0, 1));
  if (seldom(roll)) sections.reverse();
  const main = sectionOf(
    [
      ['Manifest-Version', '1.0'],
      ['Created-By', 'x'],
    ],
    roll,
  );
  const manifest = concatBytes([main, ...sections.map(({ bytes }) => bytes)]);
  const added: ZipPart[] = [{ name: 'META-INF/MANIFEST.MF', data: manifest, deflate: roll(2) === 0 }];
  for (const [index, signer] of signers.entries()) {
    const bySigntool = seldom(roll);
    const head: Attribute[] = [
      ...(seldom(roll) && roll(3) === 0 ? [] : [['Signature-Version', '1.0'] as const]),
      ['Created-By', bySigntool ? '1.0 (signtool)' : '1.0 (Android)'],
      ...(roll(4) === 0 ? [] : digestsOf(manifest, bySigntool ? '-Digest' : '-Digest-Manifest', roll)),
      ...(roll(4) === 0 ? digestsOf(main, '-Digest-Manifest-Main-Attributes', roll) : []),
      ...(seldom(roll)
        ? [['X-Android-APK-Signed', pick(roll, ['2', '3', '2, 3', ' 2', '+2', '02', '4', 'x', '', '2147483648', '2,', '1'])] as const]
        : []),
    ];
    const own = seldom(roll) ? sections.slice(1) : sections;
    const file = concatBytes([
      sectionOf(head, roll),
      ...own.map(({ name, bytes }) => sectionOf([['Name', name], ...digestsOf(bytes, '-Digest', roll)], roll)),
    ]);
    const base = `META-INF/${pick(roll, ['CERT', 'cert', 'A B', 'X'.repeat(30), 'é'])}${index}`;
    const extension = seldom(roll) ? pick(roll, ['RSA', 'DSA', 'EC', 'rsa']) : signer.extension;
    added.push(
      { name: `${base}.SF`, data: file, deflate: true },
      { name: `${base}.${extension}`, data: await signer.block(file, roll), deflate: true },
    );
  }
  if (seldom(roll))
    added.push({
      name: pick(roll, ['META-INF/x', 'META-INF/services/a', 'META-INF/', 'META-INF/MORE.SF', 'META-INF/MORE.RSA', 'other']),
      data: new Uint8Array(3),
    });
  const all = seldom(roll) ? [...added, ...parts] : [...parts, ...added];
  if (seldom(roll)) all.push(all[roll(all.length)] as ZipPart); // as above
  return writeZip(
    all.map((part) => (seldom(roll) && roll(3) === 0 ? odd(part, roll) : part)),
    around,
  );
}

/** An entry whose headers say something else than what lies there. */
function odd(part: ZipPart, roll: Roll): ZipPart {
  const change = pick(roll, [
    { flags: 8 },
    { flags: 1 },
    { flags: 0x800 },
    { method: 8 },
    { method: 0 },
    { method: 12 },
    { crc32: 5 },
    { size: part.data.length + 1 },
    { size: 0 },
    { compressedSize: 0 },
    { extra: new Uint8Array(4) },
    { extra: new Uint8Array(7) },
    { extraLength: 0xfff0 },
    { name: `${String(part.name)}x` },
  ]);
  const where = roll(3);
  return { ...part, ...(where === 1 ? {} : { local: change }), ...(where === 0 ? {} : { central: change }) };
}

const OIDS: Readonly<Partial<Record<HashAlgorithm, string>>> = {
  md5: '1.2.840.113549.2.5',
  sha1: '1.3.14.3.2.26',
  sha224: '2.16.840.1.101.3.4.2.4',
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
  sha512: '2.16.840.1.101.3.4.2.3',
};
const SIGNATURE_OIDS = {
  rsa: ['1.2.840.113549.1.1.1', '1.2.840.113549.1.1.5', '1.2.840.113549.1.1.11', '1.2.840.113549.1.1.13', '1.2.840.113549.1.1.4'],
  ec: ['1.2.840.10045.2.1', '1.2.840.10045.4.1', '1.2.840.10045.4.3.2', '1.2.840.10045.4.3.4', '1.2.840.10045.4.3.1'],
} as const;

async function blockOf(file: Uint8Array, signer: ApkSigner, roll: Roll): Promise<Uint8Array> {
  const hash = roll(3) > 0 ? pick(roll, ['sha1', 'sha256'] as const) : pick(roll, ['md5', 'sha224', 'sha384', 'sha512'] as const);
  const scheme: SignatureScheme = signer.kind === 'rsa' ? { kind: 'rsa-pkcs1', hash } : { kind: 'ecdsa', hash };
  const { issuer, serial } = readCertificate(signer.certificate).value;
  return writeSignedData({
    certificates: seldom(roll) ? [] : [signer.certificate],
    signer: { issuer, serial: seldom(roll) && roll(3) === 0 ? '01' : serial },
    digestOid: (seldom(roll) ? OIDS.sha256 : OIDS[hash]) ?? '',
    signatureOid: SIGNATURE_OIDS[signer.kind][roll(3) > 0 ? 0 : roll(5)] ?? '',
    signature: await signer.sign(scheme, seldom(roll) && roll(3) === 0 ? manifestless : file),
  });
}

const manifestless = utf8.encode('another file');
