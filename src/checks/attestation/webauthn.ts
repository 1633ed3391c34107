/**
 * Verifies a browser's credential: its client data, authenticator data and `android-key` statement, then the chain as any other.
 * Spec: W3C Web Authentication Level 3, 7.1 (registering a credential) and 8.4 (android-key). Other statement formats are named and refused, not verified.
 * The statement is over the SHA-256 of the client data, made by whatever signs for the browser (Play services), and holds no identifier: it never binds a chain to a phone.
 */
import { equalBytes, FormatError, hashOf, type SignatureScheme } from '../../bytes/index.ts';
import {
  type AttestationObject,
  type Certificate,
  cborGet,
  coseEcPoint,
  coseRsaKey,
  derTrail,
  extensionOf,
  KEY_DESCRIPTION_OID,
  type KeyDescription,
  readCertificate,
  readDer,
  readKeyDescription,
  rsaKeyOf,
} from '../../formats/x509/index.ts';
import { fail, notChecked, pass } from './chain-rules.ts';
import type { AttestationQuestion, AttestationResult, RuleId, RuleResult } from './types.ts';
import { verifyAttestation } from './verify.ts';

export interface WebauthnQuestion extends Omit<AttestationQuestion, 'chain' | 'challenge'> {
  readonly object: AttestationObject;
  /** `clientDataJSON`, byte for byte; undefined where only the object was kept. */
  readonly clientData: Uint8Array | undefined;
  /** What was asked; undefined where it is not known, which leaves its rule unchecked. */
  readonly nonce: Uint8Array | undefined;
  readonly origin: string | undefined;
  readonly relyingParty: string | undefined;
}

/** The contract of `attest verify --json` for WebAuthn objects: the rules of the credential come before those of its chain. */
export interface WebauthnResult extends AttestationResult {
  readonly webauthn: {
    readonly format: string;
    readonly origin: string | null;
    readonly userVerified: boolean;
    /** Never: it carries no identifier. */
    readonly bound: false;
  };
}

type Answer = Omit<RuleResult, 'rule'>;
const CLIENT_DATA_MAX = 1 << 16;
const FORMATS: Readonly<Record<string, string>> = {
  none: 'no attestation at all',
  packed: 'a security key’s or a passkey provider’s own attestation',
  'android-safetynet': 'a SafetyNet answer, which Google ended in 2025',
  'fido-u2f': 'an older security key',
  tpm: 'a TPM',
  apple: 'an Apple device',
};
/** COSE algorithm identifiers (IANA) of signatures. */
const SCHEMES: ReadonlyMap<number, SignatureScheme> = new Map<number, SignatureScheme>([
  [-7, { kind: 'ecdsa', hash: 'sha256' }],
  [-35, { kind: 'ecdsa', hash: 'sha384' }],
  [-36, { kind: 'ecdsa', hash: 'sha512' }],
  [-257, { kind: 'rsa-pkcs1', hash: 'sha256' }],
  [-258, { kind: 'rsa-pkcs1', hash: 'sha384' }],
  [-259, { kind: 'rsa-pkcs1', hash: 'sha512' }],
]);
const PURPOSE_SIGN = 2;

/** Answers a question about a credential. Never throws on hostile values: what is wrong is a rule that failed. */
export async function verifyWebauthn(question: WebauthnQuestion): Promise<WebauthnResult> {
  const { object } = question;
  const said = clientDataOf(question.clientData);
  const rules: RuleResult[] = [];
  const add = (rule: RuleId, answer: Answer) => void rules.push({ rule, ...answer });
  add('webauthn-format', formatAnswer(object.format));
  add('webauthn-client-data', typeof said === 'string' ? fail(said) : said === undefined ? notChecked('there is none') : typeAnswer(said));
  const client = typeof said === 'object' ? said : undefined;
  add('webauthn-challenge', challengeAnswer(client, question.nonce));
  add('webauthn-origin', equalText('the origin', client?.origin, question.origin));
  add('webauthn-relying-party', relyingPartyAnswer(question));
  add('webauthn-flags', flagsAnswer(object));
  const webauthn = {
    format: object.format,
    origin: client?.origin ?? null,
    userVerified: object.authData.userVerified,
    bound: false,
  } as const;
  // The rest is about a statement that only this format has.
  if (object.format !== 'android-key') return { ...NO_CHAIN, rules, webauthn };
  const chain = readChain(object);
  const target = chain[0];
  if (target === undefined) {
    add('webauthn-statement', fail('it holds no certificate that can be read'));
    return { ...NO_CHAIN, rules, webauthn };
  }
  const description = descriptionOf(target);
  const dataHash =
    question.clientData === undefined ? description?.attestationChallenge : hashOf(question.hash, 'sha256', question.clientData);
  add('webauthn-statement', statementAnswer(object));
  add('webauthn-signature', await signatureAnswer(question, target, dataHash));
  add(
    'webauthn-key',
    guarded(() => keyAnswer(object, target)),
  );
  add('webauthn-key-use', useAnswer(description));
  const result = await verifyAttestation({
    chain,
    roots: question.roots,
    status: question.status,
    at: question.at,
    challenge: question.clientData === undefined ? undefined : dataHash,
    verify: question.verify,
    hash: question.hash,
    ...(question.cache === undefined ? {} : { cache: question.cache }),
  });
  // The one place that accepts: the chain is trusted, and every rule of the credential passed or was not asked for.
  const trusted = result.trusted && rules.every((rule) => allows(rule, question));
  const fresh = trusted && result.standing.fresh && rules.some(({ rule, outcome }) => rule === 'webauthn-challenge' && outcome === 'pass');
  return {
    ...result,
    trusted,
    rules: [...rules, ...result.rules],
    standing: { ...result.standing, hardwareEnforced: trusted ? 'signed' : 'told', fresh },
    webauthn,
  };
}

/** A rule that was not checked is allowed only where nothing was given to check it by. */
function allows({ rule, outcome }: RuleResult, { clientData, nonce, origin, relyingParty }: WebauthnQuestion): boolean {
  if (outcome !== 'not-checked') return outcome === 'pass';
  const unasked: Partial<Record<RuleId, boolean>> = {
    'webauthn-client-data': clientData === undefined && nonce === undefined && origin === undefined,
    'webauthn-challenge': nonce === undefined,
    'webauthn-origin': origin === undefined,
    'webauthn-relying-party': relyingParty === undefined,
  };
  return unasked[rule] === true;
}

const NO_CHAIN: Omit<WebauthnResult, 'rules' | 'webauthn'> = {
  trusted: false,
  root: null,
  revocation: { status: 'not-checked', serial: null, reason: null, listDate: null, stale: null },
  securityLevel: null,
  rootOfTrust: null,
  attestation: null,
  standing: { hardwareEnforced: 'told', softwareEnforced: 'told', fresh: false },
  provisioning: { method: 'unknown', certificatesIssued: null, manufacturer: null },
  knox: null,
  certificates: [],
  oddities: [],
};

function formatAnswer(format: string): Answer {
  if (format === 'android-key') return pass('android-key: a key attestation of the phone’s keystore');
  return fail(`${format.slice(0, 40)}: ${Object.hasOwn(FORMATS, format) ? FORMATS[format] : 'not known'}; not verified`);
}

interface ClientData {
  readonly type: unknown;
  readonly challenge: unknown;
  readonly origin: string | undefined;
  readonly crossOrigin: unknown;
}

/** Client data as it reads, or why it does not; undefined where there is none. */
function clientDataOf(bytes: Uint8Array | undefined): ClientData | string | undefined {
  if (bytes === undefined) return undefined;
  if (bytes.length > CLIENT_DATA_MAX) return `${bytes.length} bytes of client data, ${CLIENT_DATA_MAX} is the most`;
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'the client data is no JSON object';
    const own = (name: string): unknown => (Object.hasOwn(value, name) ? Object.getOwnPropertyDescriptor(value, name)?.value : undefined);
    const origin = own('origin');
    return {
      type: own('type'),
      challenge: own('challenge'),
      origin: typeof origin === 'string' ? origin : undefined,
      crossOrigin: own('crossOrigin'),
    };
  } catch {
    return 'the client data is no JSON in UTF-8';
  }
}

// 7.1 steps 7 and 10.
function typeAnswer({ type, crossOrigin }: ClientData): Answer {
  if (type !== 'webauthn.create') return fail(`its type is ${shown(type)}, not webauthn.create`);
  return crossOrigin === true ? fail('it was made inside a page of another origin') : pass('of the making of a credential');
}

// 7.1 step 8: base64url without padding. Compared as text, so that no second spelling passes.
function challengeAnswer(client: ClientData | undefined, nonce: Uint8Array | undefined): Answer {
  if (nonce === undefined) return notChecked('no nonce was given');
  if (client === undefined) return notChecked('there is no client data to hold the nonce');
  const own = base64Url(nonce);
  return client.challenge === own
    ? pass('the client data holds our nonce')
    : fail(`the client data holds ${shown(client.challenge)}, not our nonce`);
}

const base64Url = (bytes: Uint8Array): string => {
  let raw = '';
  for (const byte of bytes) raw += String.fromCharCode(byte);
  return btoa(raw).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
};

const shown = (value: unknown): string => (JSON.stringify(value) ?? 'nothing').slice(0, 100);

function equalText(what: string, said: string | undefined, asked: string | undefined): Answer {
  if (asked === undefined) return notChecked(`${what} asked for is not known`);
  if (said === undefined) return notChecked(`${what} is not said`);
  return said === asked ? pass(`${what} is ${asked}`) : fail(`${what} is ${shown(said)}, not ${asked}`);
}

// 7.1 step 14.
function relyingPartyAnswer({ object, relyingParty, hash }: WebauthnQuestion): Answer {
  if (relyingParty === undefined) return notChecked('the relying party asked for is not known');
  const own = hashOf(hash, 'sha256', new TextEncoder().encode(relyingParty));
  return equalBytes(own, object.authData.rpIdHash)
    ? pass(`made for ${relyingParty}`)
    : fail(`made for another relying party than ${relyingParty}`);
}

// 7.1 steps 15 to 18. A credential that may be backed up lives on other devices too.
function flagsAnswer({ authData }: AttestationObject): Answer {
  if (!authData.userPresent) return fail('nobody was present');
  if (authData.credential === undefined) return fail('it holds no credential');
  if (authData.backupState && !authData.backupEligible) return fail('backed up, and not eligible for it');
  if (authData.backupEligible) return fail('the credential may be copied to other devices: it says nothing of this one');
  return pass(authData.userVerified ? 'somebody was there and was verified' : 'somebody was there');
}

function readChain({ x5c }: AttestationObject): readonly Certificate[] {
  try {
    return x5c.map((der) => readCertificate(der).value);
  } catch {
    return [];
  }
}

function descriptionOf(target: Certificate): KeyDescription | undefined {
  try {
    const extension = extensionOf(target, KEY_DESCRIPTION_OID);
    return extension === undefined ? undefined : readKeyDescription(extension.value, extension.at).value;
  } catch {
    // The chain's own rules say what is wrong with it.
    return undefined;
  }
}

// 8.4: { alg, sig, x5c }, nothing else.
function statementAnswer({ statement, algorithm, signature }: AttestationObject): Answer {
  const keys = statement.entries.map(([key]) => key);
  const known = ['alg', 'sig', 'x5c'];
  if (keys.length !== known.length || !known.every((key) => keys.includes(key))) return fail(`its fields are ${shown(keys.map(String))}`);
  if (algorithm === undefined || signature === undefined) return fail('its algorithm or signature is of another type');
  return pass('it has the fields that the format wants');
}

/** The first certificate's key signs authenticator data and the hash of the client data; where that was not kept, the hash that the statement attests. */
async function signatureAnswer(
  { object, verify }: WebauthnQuestion,
  target: Certificate,
  dataHash: Uint8Array | undefined,
): Promise<Answer> {
  const scheme = object.algorithm === undefined ? undefined : SCHEMES.get(object.algorithm);
  if (scheme === undefined) return fail(`the algorithm ${object.algorithm} is none that android-key uses`);
  if (object.signature === undefined || dataHash === undefined) return fail('there is no signature, or nothing that it could be over');
  const data = new Uint8Array(object.authData.bytes.length + dataHash.length);
  data.set(object.authData.bytes);
  data.set(dataHash, object.authData.bytes.length);
  const answer = await verify({ scheme, spki: target.spki.bytes, data, signature: object.signature });
  if (answer === 'unsupported') return fail('this machine cannot verify its kind of signature');
  return answer === 'valid' ? pass('the certified key signed authenticator data and client data') : fail('the signature does not verify');
}

/** What does not parse when it is looked at is a rule that failed. */
function guarded(answer: () => Answer): Answer {
  try {
    return answer();
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return fail(error.message);
  }
}

function keyAnswer({ authData, algorithm }: AttestationObject, target: Certificate): Answer {
  const key = authData.credential?.publicKey;
  if (key === undefined) return fail('there is no credential');
  if (cborGet(key, 3) !== algorithm) return fail('the credential’s key is for another algorithm than the statement');
  const point = coseEcPoint(key);
  if (point !== undefined)
    return equalBytes(point, target.spki.key)
      ? pass('the credential’s key is the certified one')
      : fail('the certified key is not the credential’s');
  const rsa = coseRsaKey(key);
  const certified = rsa === undefined ? undefined : rsaKeyOf(readDer(target.spki.key, derTrail('rsa public key')));
  if (rsa === undefined || certified === undefined) return fail('the credential’s key is of a kind that is not known');
  return equalBytes(rsa.modulus, certified.modulus) && equalBytes(rsa.exponent, certified.exponent)
    ? pass('the credential’s key is the certified one')
    : fail('the certified key is not the credential’s');
}

// 8.4 verification procedure: allApplications absent, origin GENERATED, purpose SIGN.
function useAnswer(description: KeyDescription | undefined): Answer {
  if (description === undefined) return fail('the certificate holds no statement that can be read');
  const { softwareEnforced, hardwareEnforced } = description;
  if (softwareEnforced.allApplications === true || hardwareEnforced.allApplications === true)
    return fail('the key is for all applications, not for this relying party');
  if (hardwareEnforced.origin !== 'GENERATED') return fail(`the key’s origin is ${hardwareEnforced.origin ?? 'not said'}`);
  const purposes = hardwareEnforced.purposes ?? [];
  return purposes.length === 1 && purposes[0] === PURPOSE_SIGN
    ? pass('generated by the keystore, to sign and for nothing else')
    : fail(`its purposes are ${shown(purposes)}, not signing alone`);
}
