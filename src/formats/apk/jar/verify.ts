/**
 * JAR signatures (APK signature scheme v1): every entry's digest in the manifest, the manifest's in signature files, those signed by PKCS#7 blocks.
 * Spec: JAR File Specification; what platforms check of it and since when: AOSP tools/apksig V1SchemeVerifier (2023-04), whose order and names of
 * issues this follows. Chains are not believed: the certificate that signs is the identity, whatever it says of its issuer.
 */
import { equalBytes, type HashAlgorithm, hashOf } from '../../../bytes/index.ts';
import type { ZipEntry } from '../../archive/index.ts';
import { type ApkIssue, type ApkPorts, addError, addWarning, type IssueLog, issueLog, type SdkRange } from '../issue.ts';
import { type ApkZip, findEntry, openMember } from '../zip-view.ts';
import { digestsToVerify, type ExpectedDigest, expectedDigests, putDigests, usualDigest } from './digests.ts';
import { beginMembers, compareMembers, type MemberDigests, type MembersAhead } from './entry-digests.ts';
import {
  beginAlike,
  type JarAttribute,
  type JarSection,
  jarAttribute,
  jarAttributes,
  jarSectionBytes,
  jarSectionName,
  readJarMain,
  readJarSections,
} from './manifest.ts';
import { schemeNumber } from './scheme-number.ts';
import { type JarSigner, verifyBlock } from './signer.ts';

export const MANIFEST_NAME = 'META-INF/MANIFEST.MF';
const SIGNERS_MAX = 10;
const N = 24;

/** What the JAR signature says of an APK. */
export interface JarResult {
  readonly verified: boolean;
  /** Those whose signature covers the entries. */
  readonly signers: readonly JarSigner[];
  /** Those that are there and do not count. */
  readonly ignored: readonly JarSigner[];
  readonly log: IssueLog;
}

/** What verifying takes. */
export interface JarContext {
  readonly ports: ApkPorts;
  readonly range: SdkRange;
  /** Schemes of the signing block that the range's platforms know, and that were found to verify. */
  readonly supported: ReadonlySet<number>;
  readonly found: ReadonlySet<number>;
}

/** Every error of the JAR signature and its signers. */
export function jarErrors(result: JarResult): readonly ApkIssue[] {
  return [...result.log.errors, ...result.signers.flatMap((signer) => signer.log.errors)];
}

/** Every warning likewise. */
export function jarWarnings(result: JarResult): readonly ApkIssue[] {
  return [...result.log.warnings, ...result.signers.flatMap((signer) => signer.log.warnings)];
}

/** Verifies an APK's JAR signature. @throws ApkRefusal where an entry cannot be read */
export async function verifyJar(zip: ApkZip, context: JarContext): Promise<JarResult> {
  const log = issueLog();
  const refused = (): JarResult => ({ verified: false, signers: [], ignored: [], log });
  for (const name of namesTwice(zip)) addError(log, 'JAR_SIG_DUPLICATE_ZIP_ENTRY', name);
  if (log.errors.length > 0) return refused();

  const manifestEntry = findEntry(zip, MANIFEST_NAME);
  if (manifestEntry === undefined) {
    addError(log, 'JAR_SIG_NO_MANIFEST');
    return refused();
  }
  const manifestBytes = await openMember(zip, manifestEntry, context.ports);
  // While this thread reads what is said of the entries, another digests them, as they are likely to be wanted.
  const entries = zip.entries.filter(isSigned).sort(byPlace);
  const usual = usualDigest(manifestBytes);
  const ahead = beginMembers(zip, entries, { algorithm: usual, ports: context.ports });
  try {
    return await verifyManifest(zip, { manifestBytes, usual, entries, ahead, context, log });
  } finally {
    await ahead?.work.stop();
  }
}

/** Names that several entries have. */
function namesTwice({ archive, entries }: ApkZip): ReadonlySet<string> {
  const twice = new Set<string>();
  if (archive.names.size === archive.entries.length) return twice;
  const names = new Set<string>();
  for (const { name } of entries) {
    if (names.has(name)) twice.add(name);
    names.add(name);
  }
  return twice;
}

const isSigned = ({ name }: ZipEntry) => !name.startsWith('META-INF/');
const byPlace = (a: ZipEntry, b: ZipEntry) => a.localAt - b.localAt;

interface ManifestWork {
  readonly manifestBytes: Uint8Array;
  /** The algorithm that most of it is likely to be in. */
  readonly usual: HashAlgorithm;
  /** Those that the manifest has to name, in the order they lie. */
  readonly entries: readonly ZipEntry[];
  readonly ahead: MembersAhead | undefined;
  readonly context: JarContext;
  readonly log: IssueLog;
}

async function verifyManifest(zip: ApkZip, { manifestBytes, usual, entries, ahead, context, log }: ManifestWork): Promise<JarResult> {
  const refused = (signers: readonly JarSigner[] = []): JarResult => ({ verified: false, signers, ignored: [], log });
  const manifest = readManifest(manifestBytes, zip, log);
  if (log.errors.length > 0) return refused();

  let signers = await findSigners(zip, context, log);
  if (signers.length === 0) addError(log, 'JAR_SIG_NO_SIGNATURES');
  if (signers.length > SIGNERS_MAX) addError(log, 'JAR_SIG_MAX_SIGNATURES_EXCEEDED', `${signers.length} signers`);
  if (log.errors.length > 0) return refused();
  for (const signer of signers) await verifyBlock(signer, context);
  if (signers.some((signer) => signer.log.errors.length > 0)) return refused(signers.filter((signer) => signer.log.errors.length > 0));

  for (const signer of signers) verifySignatureFile(signer, { bytes: manifestBytes, manifest }, context);
  const failed = signers.filter((signer) => !signer.ignored && signer.log.errors.length > 0);
  if (failed.length > 0) return refused(failed);
  const setAside = signers.filter((signer) => signer.ignored);
  signers = signers.filter((signer) => !signer.ignored);
  if (signers.length === 0) {
    addError(log, 'JAR_SIG_NO_SIGNATURES');
    return refused();
  }

  const counting = await verifyEntries(zip, { manifest, usual, signers, entries, context, ahead, log });
  if (log.errors.length > 0) return refused();
  const protectedNames = new Set([MANIFEST_NAME, ...counting.flatMap(({ blockEntry, fileEntry }) => [blockEntry.name, fileEntry.name])]);
  for (const { name } of zip.entries) {
    if (name.startsWith('META-INF/') && !protectedNames.has(name)) addWarning(log, 'JAR_SIG_UNPROTECTED_ZIP_ENTRY', name);
  }
  const ignored = [...setAside, ...signers.filter((signer) => !counting.includes(signer))];
  return { verified: true, signers: counting, ignored, log };
}

/** The manifest's sections, and its main one. */
interface Manifest {
  readonly main: JarSection | undefined;
  /** All but the main one, in order. */
  readonly individual: readonly JarSection[];
  /** By the entry that they are about: its place in the directory. */
  readonly sections: readonly (JarSection | undefined)[];
}

function readManifest(bytes: Uint8Array, zip: ApkZip, log: IssueLog): Manifest {
  const individual = readJarSections(bytes);
  const main = individual.shift();
  const sections: (JarSection | undefined)[] = zip.archive.entries.map(() => undefined);
  const missing = new Set<string>();
  // By index: an iterator makes an object for each of thousands.
  for (let index = 0; index < individual.length; index++) {
    const section = individual[index];
    if (section === undefined) break;
    const name = jarSectionName(section);
    if (name === undefined) {
      addError(log, 'JAR_SIG_UNNNAMED_MANIFEST_SECTION', `section ${index + 1}`);
      continue;
    }
    const entry = findEntry(zip, name)?.index;
    if (entry === undefined ? missing.has(name) : sections[entry] !== undefined) addError(log, 'JAR_SIG_DUPLICATE_MANIFEST_SECTION', name);
    else if (entry === undefined) addError(log, 'JAR_SIG_MISSING_ZIP_ENTRY_REFERENCED_IN_MANIFEST', name);
    if (entry === undefined) missing.add(name);
    else sections[entry] = section;
  }
  return { main, individual, sections };
}

/** Pairs every signature block with its signature file. */
async function findSigners(zip: ApkZip, { ports }: JarContext, log: IssueLog): Promise<JarSigner[]> {
  const files = new Map<string, ZipEntry>();
  const blocks: ZipEntry[] = [];
  for (const entry of zip.entries) {
    if (!entry.name.startsWith('META-INF/') || entry.name === MANIFEST_NAME) continue;
    if (entry.name.endsWith('.SF')) files.set(entry.name, entry);
    else if (/\.(?:RSA|DSA|EC)$/.test(entry.name)) blocks.push(entry);
  }
  const signers: JarSigner[] = [];
  for (const blockEntry of blocks) {
    const fileName = `${blockEntry.name.slice(0, blockEntry.name.lastIndexOf('.'))}.SF`;
    const fileEntry = files.get(fileName);
    if (fileEntry === undefined) {
      addWarning(log, 'JAR_SIG_MISSING_FILE', `${blockEntry.name} has no ${fileName}`);
      continue;
    }
    const load = () => Promise.all([openMember(zip, blockEntry, ports), openMember(zip, fileEntry, ports)]);
    signers.push({
      blockEntry,
      fileEntry,
      load,
      log: issueLog(),
      file: new Uint8Array(0),
      certificate: undefined,
      chain: [],
      entryNames: new Set(),
      ignored: false,
    });
  }
  return signers;
}

/** Verifies a signature file against the manifest. A file that does not parse as one is set aside, as platforms do. */
function verifySignatureFile(
  signer: JarSigner,
  { bytes, manifest }: { readonly bytes: Uint8Array; readonly manifest: Manifest },
  context: JarContext,
): void {
  const { range, ports } = context;
  const main = readJarMain(signer.file);
  const attributes = main === undefined ? [] : jarAttributes(main);
  if (main === undefined || jarAttribute(attributes, 'Signature-Version') === undefined) {
    addError(signer.log, 'JAR_SIG_MISSING_VERSION_ATTR_IN_SIG_FILE', signer.fileEntry.name);
    signer.ignored = true;
    return;
  }
  if (range.maxSdk >= N) checkStripped(attributes, signer, context);
  if (signer.log.errors.length > 0) return;
  const bySigntool = jarAttribute(attributes, 'Created-By')?.includes('signtool') ?? false;
  const differs = ({ algorithm, digest }: ExpectedDigest, part: Uint8Array) => !equalBytes(hashOf(ports.hash, algorithm, part), digest);

  const whole = digestsToVerify(main, bySigntool ? '-Digest' : '-Digest-Manifest', range);
  if (whole.length === 0) addWarning(signer.log, 'JAR_SIG_NO_MANIFEST_DIGEST_IN_SIG_FILE', signer.fileEntry.name);
  let wholeVerified = whole.length > 0;
  for (const expected of whole) {
    if (!differs(expected, bytes)) continue;
    addWarning(signer.log, 'JAR_SIG_ZIP_ENTRY_DIGEST_DID_NOT_VERIFY', `${MANIFEST_NAME}, ${expected.algorithm}`);
    wholeVerified = false;
  }
  if (!bySigntool && manifest.main !== undefined) {
    const part = jarSectionBytes(manifest.main);
    for (const expected of digestsToVerify(main, '-Digest-Manifest-Main-Attributes', range)) {
      if (differs(expected, part)) {
        addError(signer.log, 'JAR_SIG_MANIFEST_MAIN_SECTION_DIGEST_DID_NOT_VERIFY', expected.algorithm);
      }
    }
  }
  if (signer.log.errors.length > 0) return;
  if (wholeVerified && beginAlike(main, manifest.individual)) {
    // Every section of the manifest has a name by now: nothing has to be looked up.
    signer.entryNames = EVERY;
    return;
  }
  const entryNames = new Set<string>();
  signer.entryNames = entryNames;
  const byName = new Map(manifest.individual.map((section) => [jarSectionName(section), section]));
  for (const [index, section] of readJarSections(signer.file).slice(1).entries()) {
    const name = jarSectionName(section);
    if (name === undefined || entryNames.has(name)) {
      const issue = name === undefined ? 'JAR_SIG_UNNNAMED_SIG_FILE_SECTION' : 'JAR_SIG_DUPLICATE_SIG_FILE_SECTION';
      addError(signer.log, issue, name ?? `section ${index + 1}`);
      signer.ignored = true;
      return;
    }
    entryNames.add(name);
    if (wholeVerified) continue;
    const target = byName.get(name);
    if (target === undefined) {
      addError(signer.log, 'JAR_SIG_NO_ZIP_ENTRY_DIGEST_IN_SIG_FILE', name);
      signer.ignored = true;
      continue;
    }
    const expected = digestsToVerify(section, '-Digest', range);
    if (expected.length === 0) addError(signer.log, 'JAR_SIG_NO_ZIP_ENTRY_DIGEST_IN_SIG_FILE', name);
    const part = sectionBytes(target, bySigntool);
    for (const digest of expected) {
      if (differs(digest, part)) addError(signer.log, 'JAR_SIG_MANIFEST_SECTION_DIGEST_DID_NOT_VERIFY', `${name}, ${digest.algorithm}`);
    }
  }
}

/** The names of a signature file that lists the manifest's entries as the manifest does. */
const EVERY = { has: () => true };

/** A section's bytes; signtool leaves the empty line's LF out. */
function sectionBytes(section: JarSection, bySigntool: boolean): Uint8Array {
  const part = jarSectionBytes(section);
  return bySigntool && part.at(-1) === 10 && part.at(-2) === 10 ? part.subarray(0, -1) : part;
}

/** From API 24 on, a signature file that says "signed with scheme v2" (or v3) convicts an APK from which that signature was removed. */
function checkStripped(attributes: readonly JarAttribute[], signer: JarSigner, { supported, found }: JarContext): void {
  const text = jarAttribute(attributes, 'X-Android-APK-Signed');
  if (text === undefined) {
    if (found.size > 0) addWarning(signer.log, 'JAR_SIG_NO_APK_SIG_STRIP_PROTECTION', signer.fileEntry.name);
    return;
  }
  if (supported.size === 0) return;
  const missing = new Set<number>();
  for (const word of text.split(',').slice(0, 256)) {
    const scheme = schemeNumber(word);
    if (scheme === undefined) continue;
    if (!supported.has(scheme)) addWarning(signer.log, 'JAR_SIG_UNKNOWN_APK_SIG_SCHEME_ID', String(scheme));
    else if (!found.has(scheme)) missing.add(scheme);
  }
  for (const scheme of missing) addError(signer.log, 'JAR_SIG_MISSING_APK_SIG_REFERENCED', `scheme v${scheme}`);
}

interface Entries {
  readonly manifest: Manifest;
  readonly usual: HashAlgorithm;
  readonly signers: readonly JarSigner[];
  readonly entries: readonly ZipEntry[];
  readonly context: JarContext;
  readonly ahead: MembersAhead | undefined;
  readonly log: IssueLog;
}

/** Verifies every entry outside META-INF against the manifest; all must be signed by the same signers, who are the answer. */
async function verifyEntries(
  zip: ApkZip,
  { manifest, usual, signers, entries, context, ahead, log }: Entries,
): Promise<readonly JarSigner[]> {
  let first: { readonly name: string; readonly signers: readonly JarSigner[] } | undefined;
  const work: ZipEntry[] = [];
  const expected = expectedDigests(usual, entries.length);
  for (const entry of entries) {
    const { name, index } = entry;
    const section = manifest.sections[index];
    if (section === undefined) {
      addError(log, 'JAR_SIG_NO_ZIP_ENTRY_DIGEST_IN_MANIFEST', name);
      continue;
    }
    const isEverybody = signers.every((signer) => signer.entryNames.has(name));
    const entrySigners = isEverybody ? signers : signers.filter((signer) => signer.entryNames.has(name));
    if (entrySigners.length === 0) {
      addError(log, 'JAR_SIG_ZIP_ENTRY_NOT_SIGNED', name);
      continue;
    }
    first ??= { name, signers: entrySigners };
    if (
      first.signers !== entrySigners &&
      (first.signers.length !== entrySigners.length || first.signers.some((signer, index) => signer !== entrySigners[index]))
    ) {
      addError(log, 'JAR_SIG_ZIP_ENTRY_SIGNERS_MISMATCH', `${first.name} and ${name}`);
      continue;
    }
    if (putDigests(expected, work.length, section, context.range)) work.push(entry);
    else addError(log, 'JAR_SIG_NO_ZIP_ENTRY_DIGEST_IN_MANIFEST', name);
  }
  await hashEntries(zip, { entries: work, expected }, { context, ahead, log });
  if (first === undefined) {
    addError(log, 'JAR_SIG_NO_SIGNED_ZIP_ENTRIES');
    return [];
  }
  return first.signers;
}

/** Records every digest that differs. @throws ApkRefusal for the first member that cannot be read: it decides */
async function hashEntries(
  zip: ApkZip,
  work: MemberDigests,
  { context, ahead, log }: Pick<Entries, 'context' | 'ahead' | 'log'>,
): Promise<void> {
  const answers = await compareMembers(zip, work, context.ports, ahead);
  for (let index = 0; index < answers.length; index++) {
    const answer = answers[index];
    if (answer === undefined) break;
    if ('refusal' in answer) throw answer.refusal;
    if (answer.wrong.length === 0) continue;
    for (const { algorithm } of answer.wrong) {
      addError(log, 'JAR_SIG_ZIP_ENTRY_DIGEST_DID_NOT_VERIFY', `${work.entries[index]?.name}, ${algorithm}`);
    }
  }
}
