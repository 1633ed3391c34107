import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Instant, instantOf, parseBase64, toHex } from '../../src/bytes/index.ts';
import {
  type AttestationResult,
  builtinAnchors,
  givenAnchor,
  parseAnchors,
  parseStatusList,
  verifyAttestation,
} from '../../src/checks/attestation/index.ts';
import {
  type ChainFile,
  extensionOf,
  KEY_DESCRIPTION_OID,
  type KeyDescription,
  patchMonth,
  plainJson,
  readChainFile,
  readKeyDescription,
  writeKeyDescription,
} from '../../src/formats/x509/index.ts';
import { nodeHash, nodeVerify } from '../../src/platform/node/index.ts';

export const collection = 'attestation';

/** What the chains' own projects expect, by path below `chains`; for every other chain the JSON beside it says. */
interface Expectation {
  readonly trusted: boolean;
  /** Default: the moment the key was made. */
  readonly at?: Instant;
  /** The chain's own last certificate is trusted, too. */
  readonly ownRoot?: true;
  /** Rules with the outcome that must come. */
  readonly rules?: Readonly<Record<string, 'pass' | 'fail'>>;
  readonly locked?: boolean;
}

const EXPECTATIONS: Readonly<Record<string, Expectation>> = {
  'allow_while_on_body.pem': { trusted: false, rules: { 'chain-length': 'fail', statement: 'pass' } },
  'p256_sha384_intermediate.pem': {
    trusted: false,
    ownRoot: true,
    at: '2024-11-01T00:00:00Z',
    rules: { 'chain-signatures': 'pass', statement: 'fail' },
  },
  'invalid/malformed_rot_device_locked.pem': { trusted: true, locked: true, rules: { 'chain-signatures': 'pass', encoding: 'fail' } },
  'invalid/tags_not_in_ascending_order.pem': { trusted: false, rules: { 'chain-signatures': 'fail', encoding: 'fail' } },
  'legacy/gk_algorithm_EC_SecurityLevel_StrongBox.pem': { trusted: false, rules: { 'chain-anchor': 'fail', 'chain-signatures': 'pass' } },
  'legacy/gk_algorithm_RSA_SecurityLevel_StrongBox.pem': { trusted: false, rules: { 'chain-anchor': 'fail', 'chain-signatures': 'pass' } },
  'legacy/gk_algorithm_EC_SecurityLevel_TEE.pem': { trusted: true, locked: false },
  'legacy/gk_algorithm_RSA_SecurityLevel_TEE.pem': { trusted: true, locked: false },
  'warden/Samsung_SM-S921B_full.pem': { trusted: true, at: '2025-08-08T11:23:47Z', locked: true, rules: { 'provisioning-info': 'pass' } },
  'warden/Pixel_6_9bb0bc2c.pem': { trusted: true, at: '2023-04-14T14:31:42Z', locked: true },
  'warden/Nokia_X10_48dc2c73.pem': { trusted: true, at: '2023-04-14T14:31:42Z', locked: true },
  'warden/bq_full.pem': { trusted: false, rules: { 'chain-anchor': 'fail', 'chain-signatures': 'pass' } },
  'warden/Android_Emulator_RSA_6be08457.pem': {
    trusted: false,
    rules: { 'chain-anchor': 'fail', 'root-of-trust': 'fail', 'chain-signatures': 'pass' },
  },
  'warden/Android_Emulator_c62561c2.pem': {
    trusted: false,
    rules: { 'chain-anchor': 'fail', 'root-of-trust': 'fail', 'chain-signatures': 'pass' },
  },
};

/** Checks every chain below `attestation/chains` against its JSON, the projects' expectations, and the lists beside them. Undefined: there is no such folder. */
export async function run(dataDir: string): Promise<{ agree: number; differ: string[] } | undefined> {
  const root = join(dataDir, 'attestation');
  let names: string[];
  try {
    names = (await readdir(join(root, 'chains'), { recursive: true })).toSorted();
  } catch {
    return undefined;
  }
  const differ: string[] = [];
  let agree = 0;
  const count = (name: string, problems: readonly string[]) => {
    if (problems.length === 0) agree++;
    else differ.push(`${name}: ${problems.join('; ')}`);
  };
  for (const name of names.filter((file) => file.endsWith('.pem'))) {
    try {
      count(name, await checkChain(root, name, names));
    } catch (error) {
      count(name, [String(error)]);
    }
  }
  for (const name of names.filter((file) => file.endsWith('complete_authlist.json'))) {
    try {
      count(name, checkRoundTrip(parseLoose(await readFile(join(root, 'chains', name), 'utf8'))));
    } catch (error) {
      count(name, [String(error)]);
    }
  }
  for (const list of await listFiles(root, 'revocation', '.json')) count(list, await checkList(join(root, list)));
  for (const file of await listFiles(root, '.', '.pem')) count(file, await checkRoot(join(root, file)));
  return { agree, differ };
}

async function checkChain(root: string, name: string, names: readonly string[]): Promise<string[]> {
  const { value: file } = readChainFile(await readFile(join(root, 'chains', name)));
  const json = name.replace(/\.pem$/, '.json');
  const stated = names.includes(json) ? parseLoose(await readFile(join(root, 'chains', json), 'utf8')) : undefined;
  const expectation =
    EXPECTATIONS[name] ?? (stated === undefined ? undefined : { trusted: stated['attestationSecurityLevel'] !== 'SOFTWARE' });
  const [first, ...rest] = builtinAnchors();
  const own = file.certificates.at(-1);
  const result = await verifyAttestation({
    chain: file.certificates,
    roots: expectation?.ownRoot === true && own !== undefined ? [first, ...rest, givenAnchor(own, 0)] : [first, ...rest],
    status: undefined,
    at: expectation?.at ?? madeAt(file),
    challenge: undefined,
    verify: nodeVerify,
    hash: nodeHash,
  });
  const problems = stated === undefined ? [] : compare(stated, result.attestation, '');
  if (expectation === undefined) {
    // A chain of which nothing is said must at least hold together.
    if (result.rules.some(({ rule, outcome }) => rule === 'chain-signatures' && outcome !== 'pass')) problems.push(reasons(result));
    return problems;
  }
  if (result.trusted !== expectation.trusted) problems.push(`trusted ${result.trusted}: ${reasons(result)}`);
  for (const [rule, outcome] of Object.entries(expectation.rules ?? {})) {
    const found = result.rules.find((item) => item.rule === rule);
    if (found?.outcome !== outcome) problems.push(`${rule} ${found?.outcome}: ${found?.because}`);
  }
  if (expectation.locked !== undefined && result.rootOfTrust?.deviceLocked !== expectation.locked)
    problems.push(`deviceLocked ${result.rootOfTrust?.deviceLocked}`);
  if (stated !== undefined) {
    if (result.securityLevel !== stated['attestationSecurityLevel']) problems.push(`securityLevel ${result.securityLevel}`);
    const rot = member(member(stated, 'hardwareEnforced'), 'rootOfTrust');
    problems.push(...compare(rot ?? null, result.rootOfTrust === null ? null : dropNull(result.rootOfTrust), 'rootOfTrust'));
  }
  return problems;
}

const reasons = (result: AttestationResult) =>
  result.rules
    .filter(({ outcome }) => outcome === 'fail')
    .map(({ rule, because }) => `${rule} (${because})`)
    .join(', ');

const dropNull = (value: object) => Object.fromEntries(Object.entries(value).filter(([, item]) => item !== null));

/** The moment that the keystore wrote beside the key: the time at which the chain was made. */
function madeAt({ certificates }: ChainFile): Instant {
  const extension = certificates[0] === undefined ? undefined : extensionOf(certificates[0], KEY_DESCRIPTION_OID);
  if (extension === undefined) return '2026-01-01T00:00:00Z';
  const { softwareEnforced, hardwareEnforced } = readKeyDescription(extension.value).value;
  return instantOf(Number(softwareEnforced.creationDateTime ?? hardwareEnforced.creationDateTime ?? 1_767_225_600_000));
}

/** One file of the set has comments in its JSON. */
function parseLoose(text: string): Record<string, unknown> {
  const parsed: unknown = JSON.parse(text.replaceAll(/^\s*\/\/.*$/gm, ''));
  if (typeof parsed !== 'object' || parsed === null) throw new TypeError('no JSON object');
  return { ...parsed };
}

const member = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Object.entries(value).find(([key]) => key === name)?.[1] : undefined;

const BYTES = new Set([
  'attestationChallenge',
  'uniqueId',
  'verifiedBootKey',
  'verifiedBootHash',
  'moduleHash',
  'signatures',
  'applicationId',
]);

/** Fields of the schema that Google's own JSON has no name for. */
const UNKNOWN_TO_THEM = new Set([
  'callerNonce',
  'minMacLength',
  'kdf',
  'rollbackResistance',
  'earlyBootOnly',
  'userSecureId',
  'allApplications',
  'applicationId',
  'deviceUniqueAttestation',
  'identityCredentialKey',
]);

/** Field for field, both ways. Their numbers are texts and their bytes base64. */
function compare(theirs: unknown, ours: unknown, path: string): string[] {
  const key = path.split('.').findLast((part) => !/^\d+$/.test(part)) ?? '';
  if (Array.isArray(theirs) && Array.isArray(ours)) {
    if (theirs.length !== ours.length) return [`${path}: ${ours.length} items, where ${theirs.length} were expected`];
    return theirs.flatMap((item, index) => compare(item, ours[index], `${path}.${index}`));
  }
  if (typeof theirs === 'object' && theirs !== null && typeof ours === 'object' && ours !== null) {
    const names = new Set([...Object.keys(theirs), ...Object.keys(ours)]);
    return [...names].flatMap((name) => compare(member(theirs, name), member(ours, name), path === '' ? name : `${path}.${name}`));
  }
  // Their reader leaves out what it does not know, and patch levels of another form; ours keeps both.
  if (theirs === undefined && (UNKNOWN_TO_THEM.has(key) || (key.endsWith('PatchLevel') && patchMonth(Number(ours)) === undefined)))
    return [];
  const wanted = BYTES.has(key) && typeof theirs === 'string' ? toHex(parseBase64(theirs) ?? new Uint8Array(0)) : theirs;
  return String(wanted) === String(ours) ? [] : [`${path}: ${String(ours)}, where ${String(wanted)} was expected`];
}

async function listFiles(root: string, folder: string, ending: string): Promise<string[]> {
  const names = await readdir(join(root, folder)).catch(() => []);
  return names.filter((name) => name.endsWith(ending)).map((name) => join(folder, name));
}

/** A description that exists only as JSON: written as DER and read back, every field must be the same. */
function checkRoundTrip(stated: Record<string, unknown>): string[] {
  // The JSON is of the schema that KeyDescription is the type of; what is not will differ after the round trip.
  const description = typed(stated, '') as KeyDescription;
  return compare(stated, plainJson(readKeyDescription(writeKeyDescription(description)).value), '');
}

/** Their texts as our values: base64 as bytes, digits as numbers. */
function typed(value: unknown, key: string): unknown {
  if (Array.isArray(value)) return value.map((item) => typed(item, key));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, typed(item, name)]));
  if (typeof value !== 'string') return value;
  if (BYTES.has(key)) return parseBase64(value);
  return /^\d+$/.test(value) && key !== 'name' && !key.startsWith('attestationId') ? Number(value) : value;
}

/** Every entry of a revocation list must be found again, in its own words. */
async function checkList(path: string): Promise<string[]> {
  const text = await readFile(path, 'utf8');
  const { value, oddities } = parseStatusList(text, undefined);
  const problems = oddities.map(({ field, detail }) => `${field}: ${detail}`);
  const entries = member(JSON.parse(text), 'entries');
  for (const [serial, entry] of Object.entries(typeof entries === 'object' && entries !== null ? entries : {})) {
    if (value.entries.get(serial.replace(/^0+/, ''))?.status !== member(entry, 'status')) problems.push(`${serial} is lost`);
  }
  return problems;
}

/** A root beside the chains must be one that we know. */
async function checkRoot(path: string): Promise<string[]> {
  const [anchor] = parseAnchors(await readFile(path));
  return anchor.kind === 'google' ? [] : [`${anchor.name} is not a root we know as Google's`];
}
