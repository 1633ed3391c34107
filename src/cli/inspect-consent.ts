/** What `inspect` does to a phone only with its operator's yes: programs that load it, canaries that are installed, the secure world that is asked. */
import { askForYes } from './consent.ts';
import { UsageError } from './exit.ts';
import type { InspectOptions } from './inspect.ts';
import type { InspectFlags } from './inspect-flags.ts';

const MEMORY_WORDS =
  'This fills up to half of the claimed memory of the phone for some twenty seconds. It stops early when little is left, but apps may be closed, and a phone may hang and restart. Charge it first.';

const storageWords = (bytes: number) =>
  `This reserves the free storage of the phone for some seconds, less a tenth, and writes ${(bytes / 2 ** 30).toFixed(2)} GiB of it once, which wears flash as much as a film that is copied. Nothing is left behind. On a phone whose storage only claims its size, what is written may overwrite what is there: copy what you need first.`;

/** Between the least that says something and what one program can hold. */
async function gigabytes(word: string): Promise<number> {
  const { STORAGE_BUDGET } = await import('../challenges/index.ts');
  const bytes = Number(word) * 2 ** 30;
  if (!(bytes >= STORAGE_BUDGET.least && bytes <= STORAGE_BUDGET.most))
    throw new UsageError(`--challenge-storage: from ${STORAGE_BUDGET.least / 2 ** 30} to ${STORAGE_BUDGET.most / 2 ** 30}`);
  return bytes;
}

type Challenged = Pick<InspectOptions, 'challenge' | 'challengeMemory' | 'challengeStorageBytes'>;

/** The programs that are asked for. @throws UsageError for parts without the whole */
export async function challengeOf(flags: InspectFlags, claimedMemory: number | undefined): Promise<Challenged> {
  const { challenge, timed, challengeMemory, challengeStorage } = flags;
  if (challenge !== true) {
    if (timed === true || challengeMemory === true || challengeStorage !== undefined)
      throw new UsageError('--timed, --challenge-memory and --challenge-storage belong to --challenge');
    return {};
  }
  if (challengeMemory === true) {
    if (claimedMemory === undefined) throw new UsageError('--challenge-memory wants to know what is claimed, as in --claim memory=8GB');
    await askForYes(MEMORY_WORDS, flags.yes === true);
  }
  const challengeStorageBytes = challengeStorage === undefined ? undefined : await gigabytes(challengeStorage);
  if (challengeStorageBytes !== undefined) await askForYes(storageWords(challengeStorageBytes), flags.yes === true);
  return {
    challenge: timed === true ? 'timed' : 'instructions',
    ...(challengeMemory === true ? { challengeMemory } : {}),
    ...(challengeStorageBytes === undefined ? {} : { challengeStorageBytes }),
  };
}

/** The carrier of an attestation, agreed to. */
export async function attestOf({ attest, yes }: InspectFlags): Promise<Pick<InspectOptions, 'attest'>> {
  if (attest === undefined) return {};
  const { agreeToAttest } = await import('./attestation.ts');
  return { attest: await agreeToAttest(attest, yes === true) };
}

/** The canaries, made and agreed to. @throws UsageError */
export async function canariesOf(flags: InspectFlags): Promise<Pick<InspectOptions, 'canaries'>> {
  if (flags.canary !== true && flags.canaryApk.length === 0) return {};
  if (flags.full !== true) throw new UsageError('--canary belongs to --full: it installs apps and takes its time');
  const { CANARY_WORDS, makeCanaries } = await import('./canaries.ts');
  await askForYes(CANARY_WORDS, flags.yes === true);
  return { canaries: await makeCanaries(flags.canaryApk) };
}
