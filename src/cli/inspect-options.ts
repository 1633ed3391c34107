/** From the flags of `assay inspect` to what an inspection takes: everything that is named is opened here, and what is wrong with it is wrong usage. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { isInstant, parseHex } from '../bytes/index.ts';
import type { Artefact, AskLogs, Claims, Sighting } from '../evidence/index.ts';
import type { TrustedSigner } from '../provenance/index.ts';
import type { Reference } from '../references/index.ts';
import type { DiskShelf } from '../store/shelf/index.ts';
import { type Policy, policies, policySchema } from '../verdict/index.ts';
import { because } from './because.ts';
import { parseClaims } from './claims.ts';
import { waitForHand } from './consent.ts';
import { UsageError } from './exit.ts';
import { type InspectOptions, readSighting } from './inspect.ts';
import { attestOf, canariesOf, challengeOf } from './inspect-consent.ts';
import type { InspectFlags } from './inspect-flags.ts';
import { openKnowledge } from './knowledge.ts';
import { callerPath } from './paths.ts';

/** @throws UsageError */
export async function inspectOptionsOf(flags: InspectFlags): Promise<InspectOptions> {
  if (flags.asOf !== undefined && !isInstant(flags.asOf))
    throw new UsageError(`--as-of wants a time as 2026-01-31T12:00:00Z; this is "${flags.asOf}"`);
  const typed = claimsOf(flags.claim);
  const shelf = await shelfOf(flags.shelf);
  const operators = await operatorsOf(flags.operatorKey);
  const trust = await trustOf(flags);
  return {
    policy: await policyOf(flags.policy),
    claims: { ...(await boxOf(flags.box)), ...typed },
    redact: flags.redact === true,
    asOf: flags.asOf,
    depth: flags.full ? 'full' : 'quick',
    out: flags.out,
    operator: flags.operator,
    operators,
    identity: flags.identity,
    knowledge: await openKnowledge(flags.knowledge),
    claimed: [...(await ctsOf(flags.cts)), ...(await photosOf(flags.screenPhoto)), ...(await importedOf(flags))],
    references: await referencesOf(flags.reference, shelf),
    ...(shelf === undefined ? {} : { shelf }),
    fastboot: flags.fastboot,
    ...(flags.fastboot === undefined
      ? {}
      : {
          beforeFastboot: () => waitForHand('Start the bootloader of the same phone (adb reboot bootloader, or its keys) and connect it.'),
        }),
    ...(flags.rom === undefined
      ? {}
      : {
          rom: flags.rom,
          beforeRom: () => waitForHand('Bring the same phone into its download mode (switched off, its keys held) and connect it.'),
        }),
    ...(flags.browser === undefined ? {} : { browser: flags.browser }),
    history: {
      sightings: await Promise.all(flags.earlier.map((word) => earlier(word, { operators, identity: flags.identity, ...trust }))),
    },
    ...keepingOf(flags),
    ...(flags.androidLogs === undefined ? {} : { askLogs: await askLogsOf(flags.androidLogs) }),
    ...(await canariesOf(flags)),
    ...(await challengeOf(flags, typed.memoryBytes)),
    ...(flags.challengeBrowser === true ? { challengeBrowser: true } : {}),
    ...(await attestOf(flags)),
    ...nonceOf(flags),
    ...trust,
  };
}

/** Photographs of the phone's screen, measured here. */
async function photosOf(words: readonly string[]): Promise<readonly Artefact[]> {
  if (words.length === 0) return [];
  const { screenPhotoArtefact } = await import('./screen-photo.ts');
  const photos: Artefact[] = [];
  // One after the other: a picture takes a gigabyte while it is decoded.
  for (const [index, word] of words.entries()) {
    try {
      photos.push(await screenPhotoArtefact(word, index));
    } catch (error) {
      throw new UsageError(`--screen-photo ${word}: ${because(error)}`);
    }
  }
  return photos;
}

/** Documents that are claimed for the phone. */
async function ctsOf(words: readonly string[]): Promise<readonly Artefact[]> {
  if (words.length === 0) return [];
  const { ctsArtefact } = await import('./cts.ts');
  return Promise.all(
    words.map((word, index) =>
      ctsArtefact(word, index).catch((error: unknown) => {
        throw new UsageError(`--cts ${word}: ${because(error)}`);
      }),
    ),
  );
}

async function askLogsOf(folder: string): Promise<AskLogs> {
  const [{ openAndroidLogs }, { ANDROID_LOGS, lookUpPackages }] = await Promise.all([
    import('../store/index.ts'),
    import('../provenance/index.ts'),
  ]);
  try {
    const logs = await openAndroidLogs(callerPath(folder), ANDROID_LOGS);
    return (questions) => lookUpPackages(logs, questions);
  } catch (error) {
    throw new UsageError(`--android-logs ${folder}: ${because(error)}`);
  }
}

async function operatorsOf(files: readonly string[]): Promise<readonly TrustedSigner[]> {
  if (files.length === 0) return [];
  const { trustedSigner } = await import('./operators.ts');
  return Promise.all(files.map(trustedSigner));
}

async function shelfOf(named: string | undefined): Promise<DiskShelf | undefined> {
  const { shelfFolder } = await import('./shelf.ts');
  const path = shelfFolder(named);
  if (!existsSync(path)) {
    if (named !== undefined) throw new UsageError(`--shelf ${named}: there is no such folder`);
    return undefined;
  }
  const { openShelf } = await import('../store/shelf/index.ts');
  return openShelf(path);
}

/** Lists of builds stand beside the shelf: what is on one of them is vouched for as it is there. */
async function referencesOf(words: readonly string[], shelf: DiskShelf | undefined): Promise<readonly Reference[]> {
  if (words.length === 0) return [];
  const { openReference } = await import('./references.ts');
  const register = await shelf?.register();
  const inputs = register === undefined ? {} : { listed: register.listed };
  return Promise.all(
    words.map((word) =>
      openReference(word, inputs).catch((error: unknown) => {
        throw new UsageError(`--reference ${word}: ${because(error)}`);
      }),
    ),
  );
}

async function earlier(word: string, keys: Pick<InspectOptions, 'operators' | 'identity' | 'attestation'>): Promise<Sighting> {
  try {
    return await readSighting(word, keys);
  } catch (error) {
    throw new UsageError(`--earlier ${word}: ${because(error)}`);
  }
}

/** What the box says; what is typed counts above it. Numbers are shown by their ends: this may stand in a log. */
async function boxOf(pictures: readonly string[]): Promise<Claims> {
  if (pictures.length === 0) return {};
  const { boxLabelOf } = await import('./box.ts');
  const { claims, couldBeSerial, gtin } = await boxLabelOf(pictures);
  const said = Object.entries(claims).map(([key, value]) => `${key} …${value.slice(-4)}`);
  console.error(`assay: the box says ${[...said, ...(gtin === undefined ? [] : [`product ${gtin}`])].join(', ')}`);
  if (couldBeSerial.length > 0) console.error('assay: several codes of the box could be the serial: say it with --claim serial=…');
  return claims;
}

function claimsOf(words: readonly string[]) {
  try {
    return parseClaims(words);
  } catch (error) {
    throw new UsageError(because(error));
  }
}

async function policyOf(name: string): Promise<Policy> {
  if (name === 'owner' || name === 'trade' || name === 'lab') return policies[name];
  let text: string;
  try {
    text = await readFile(callerPath(name), 'utf8');
  } catch {
    throw new UsageError(`--policy is owner, trade, lab or a file; "${name}" is none of them`);
  }
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${name} is no JSON: ${because(error)}`);
  }
  const parsed = policySchema.safeParse(document);
  if (!parsed.success)
    throw new UsageError(
      `${name} is no assay.policy/1: ${parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')}`,
    );
  return parsed.data;
}

/** What chains are verified with, where the operator gives it. */
async function trustOf({ attestationStatus, attestationRoots }: InspectFlags): Promise<Pick<InspectOptions, 'attestation'>> {
  if (attestationStatus === undefined && attestationRoots === undefined) return {};
  const { rootsOf, statusOf } = await import('./attestation-trust.ts');
  return {
    attestation: {
      ...(attestationStatus === undefined ? {} : { status: await statusOf(attestationStatus) }),
      ...(attestationRoots === undefined ? {} : { roots: await rootsOf(attestationRoots) }),
    },
  };
}

/** Where it is kept, and what besides. */
function keepingOf({
  store,
  place = process.env['ASSAY_PLACE'],
  event,
  place: typed,
}: InspectFlags): Pick<InspectOptions, 'store' | 'place' | 'event'> {
  if (store === undefined) {
    if (typed !== undefined || event === true) throw new UsageError('--place and --event belong to --store');
    return {};
  }
  if (place !== undefined && place !== '' && !/^[A-Za-z][A-Za-z0-9+.-]*:\S+$/.test(place))
    throw new UsageError(`--place wants a URI; this is "${place}"`);
  return { store, ...(place === undefined || place === '' ? {} : { place }), ...(event === true ? { event } : {}) };
}

/** A challenge for the phone at the cable: it goes with --attest, or with what another tool saved. */
function nonceOf({ attest, attestation, attestationChallenge }: InspectFlags): Pick<InspectOptions, 'attestNonce'> {
  if (attestationChallenge === undefined || attestation.length > 0 || attest === undefined) return {};
  const nonce = parseHex(attestationChallenge);
  if (attest !== 'adb' || nonce?.length !== 32)
    throw new UsageError('--attestation-challenge with --attest is of the carrier adb, and has 32 bytes in hex');
  return { attestNonce: nonce };
}

async function importedOf({ attest, attestation, attestationChallenge }: InspectFlags) {
  if (attestation.length === 0 && (attestationChallenge === undefined || attest !== undefined)) return [];
  const { importAttestations } = await import('./attestation.ts');
  return importAttestations(attestation, attestationChallenge);
}
