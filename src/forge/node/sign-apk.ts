/** Keys for forged APKs, made when they are asked for: none lies in the repository. */
import { constants, createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { SignatureScheme } from '../../bytes/index.ts';
import { algorithmOf, type NameAttribute, readCertificate, writeCertificate, writeTbsCertificate } from '../../formats/x509/index.ts';
import type { ApkSigner } from '../apk.ts';

/** Which key to make. */
export interface KeyRequest {
  readonly kind: 'rsa' | 'ec';
  /** RSA bits; default 2048. */
  readonly bits?: number;
  /** Common name of the subject. */
  readonly name: string;
  /** The issuer's name as the certificate claims it, true or not; default: its own. */
  readonly claimedIssuer?: readonly NameAttribute[];
  /** Who truly signs the certificate; default: the key itself. */
  readonly issuer?: ApkSigner;
}

const commonName = (value: string): readonly NameAttribute[] => [{ oid: '2.5.4.3', value }];

/** Makes a key and its certificate. */
export async function makeApkSigner(request: KeyRequest): Promise<ApkSigner> {
  const { publicKey, privateKey } =
    request.kind === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: request.bits ?? 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }));
  const own = { kind: request.kind, spki, sign: async (scheme: SignatureScheme, data: Uint8Array) => signWith(privateKey, scheme, data) };
  const subject = commonName(request.name);
  const issuerKey = request.issuer ?? own;
  const scheme: SignatureScheme = issuerKey.kind === 'rsa' ? { kind: 'rsa-pkcs1', hash: 'sha256' } : { kind: 'ecdsa', hash: 'sha256' };
  const signatureAlgorithm = algorithmOf(scheme);
  if (signatureAlgorithm === undefined) throw new RangeError('no identifier for the scheme');
  const trueIssuer = request.issuer === undefined ? subject : readCertificate(request.issuer.certificate).value.subject.attributes;
  const tbs = writeTbsCertificate({
    serial: createHash('sha256')
      .update(spki)
      .digest('hex')
      .slice(0, 16)
      .replace(/^[89a-f]/, '1'),
    issuer: request.claimedIssuer ?? trueIssuer,
    subject,
    notBefore: '2015-01-01T00:00:00Z',
    notAfter: '2045-01-01T00:00:00Z',
    spki,
    signatureAlgorithm,
    extensions: [],
  });
  const certificate = writeCertificate(tbs, signatureAlgorithm, await issuerKey.sign(scheme, tbs));
  return { ...own, certificate };
}

function signWith(key: KeyObject, scheme: SignatureScheme, data: Uint8Array): Uint8Array {
  switch (scheme.kind) {
    case 'rsa-pkcs1':
      return new Uint8Array(sign(scheme.hash, data, { key, padding: constants.RSA_PKCS1_PADDING }));
    case 'rsa-pss':
      return new Uint8Array(sign(scheme.hash, data, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: scheme.saltLength }));
    case 'ecdsa':
    case 'dsa':
      return new Uint8Array(sign(scheme.hash, data, { key, dsaEncoding: 'der' }));
    case 'ed25519':
    case 'ml-dsa':
      throw new RangeError(`APKs are not signed with ${scheme.kind}`);
  }
}
