/** Keys of every kind that APKs are signed with, made by openssl and thrown away. */
import { execFileSync } from 'node:child_process';
import { constants, createPrivateKey, sign, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SignatureScheme } from '../../src/bytes/index.ts';

/** A key with its certificate. */
export interface TestKey {
  readonly name: string;
  readonly kind: 'rsa' | 'ec' | 'dsa' | 'other';
  /** DER. */
  readonly certificate: Uint8Array;
  readonly spki: Uint8Array;
  /** Undefined where the key cannot sign so. */
  sign(scheme: SignatureScheme, data: Uint8Array): Uint8Array | undefined;
}

const ec = (curve: string) => ['-newkey', 'ec', '-pkeyopt', `ec_paramgen_curve:${curve}`];
/** Name, how openssl makes it, and whether the reference library signs with it. */
const KEYS: readonly (readonly [name: string, args: readonly string[], signs: boolean])[] = [
  ['rsa1024', ['-newkey', 'rsa:1024'], true],
  ['rsa2048', ['-newkey', 'rsa:2048'], true],
  ['rsa3072', ['-newkey', 'rsa:3072'], true],
  ['rsa4096', ['-newkey', 'rsa:4096'], true],
  ['ec256', ec('P-256'), true],
  ['ec384', ec('P-384'), true],
  ['ec521', ec('P-521'), true],
  ['dsa1024', ['-newkey', 'dsa:PARAM1024'], true],
  ['dsa2048', ['-newkey', 'dsa:PARAM2048'], true],
  ['rsaodd', ['-newkey', 'rsa:1032'], false],
  ['ecusage', [...ec('P-256'), '-addext', 'keyUsage=critical,keyCertSign'], false],
  ['rsausage', ['-newkey', 'rsa:2048', '-addext', 'keyUsage=digitalSignature'], false],
  ['rsacritical', ['-newkey', 'rsa:2048', '-addext', '1.2.3.4=critical,ASN1:UTF8String:x'], false],
  ['rsapast', ['-newkey', 'rsa:2048', '-addext', 'extendedKeyUsage=critical,codeSigning', '-days', '1'], false],
  ['pss2048', ['-newkey', 'rsa-pss', '-pkeyopt', 'rsa_keygen_bits:2048'], false],
  ['ed25519', ['-newkey', 'ed25519'], false],
];

/** Makes all of them in a folder, for openssl and the library too; answers the names of those with which the library signs. */
export function makeKeys(folder: string): readonly string[] {
  const openssl = (...args: readonly string[]) => execFileSync('openssl', args, { stdio: 'ignore' });
  for (const bits of ['1024', '2048']) openssl('dsaparam', '-out', join(folder, `PARAM${bits}`), bits);
  for (const [name, args] of KEYS) {
    const pem = join(folder, `${name}.pem`);
    const own = args.map((one) => one.replace('PARAM', `${folder}/PARAM`));
    const days = own.includes('-days') ? [] : ['-days', '9000'];
    const digest = name === 'ed25519' ? [] : ['-sha256'];
    const out = ['-keyout', pem, '-out', join(folder, `${name}.crt`)];
    openssl('req', '-x509', '-nodes', ...digest, ...days, '-subj', `/CN=${name}`, ...own, ...out);
    openssl('pkcs8', '-topk8', '-nocrypt', '-outform', 'DER', '-in', pem, '-out', join(folder, `${name}.key`));
  }
  return KEYS.filter(([, , signs]) => signs).map(([name]) => name);
}

/** All of them, ready to sign. */
export const readKeys = (folder: string): readonly TestKey[] => KEYS.map(([name]) => readKey(folder, name));

function readKey(folder: string, name: string): TestKey {
  const certificate = new X509Certificate(readFileSync(join(folder, `${name}.crt`)));
  const key = createPrivateKey(readFileSync(join(folder, `${name}.pem`)));
  const kinds: Readonly<Record<string, TestKey['kind']>> = { rsa: 'rsa', ec: 'ec', dsa: 'dsa' };
  const kind = kinds[key.asymmetricKeyType ?? ''] ?? 'other';
  return {
    name,
    kind,
    certificate: new Uint8Array(certificate.raw),
    spki: new Uint8Array(certificate.publicKey.export({ type: 'spki', format: 'der' })),
    sign(scheme, data) {
      const fits = scheme.kind === 'ecdsa' ? kind === 'ec' : scheme.kind === 'dsa' ? kind === 'dsa' : kind === 'rsa';
      if (!fits || !('hash' in scheme)) return undefined;
      const how =
        scheme.kind === 'rsa-pss'
          ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: scheme.saltLength }
          : scheme.kind === 'rsa-pkcs1'
            ? { padding: constants.RSA_PKCS1_PADDING }
            : { dsaEncoding: 'der' as const };
      try {
        return new Uint8Array(sign(scheme.hash, data, { key, ...how }));
      } catch {
        // RSA of 1024 bits has no room for PSS with SHA-512 and 64 bytes of salt.
        return undefined;
      }
    },
  };
}
