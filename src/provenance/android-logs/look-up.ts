/** Questions to Google's logs, and what their proofs say. */
import type { LoggedPackage, PackageQuestion } from '../../evidence/index.ts';
import { type OpenAndroidLog, proveIncluded, unprovenEntries } from './open.ts';
import type { AndroidLogEntry, PackageEntry, UnprovenEntry } from './records.ts';

/** Entries of one package and version that are proven: a log that lists more is not asked for all of them. */
const PROVEN_MAX = 64;

/**
 * Looks packages up in every log that holds whole packages. Each answer rests on entries whose inclusion was proven; one that is not in the log after all refuses the log.
 * @throws FormatError then
 * A question without an answer has none: the package is in no log that was opened, in no version.
 */
export async function lookUpPackages(
  logs: readonly OpenAndroidLog[],
  questions: readonly PackageQuestion[],
): Promise<readonly LoggedPackage[]> {
  const names = new Set(questions.map((question) => question.package));
  const digests = new Set(questions.map(({ sha256 }) => sha256));
  const answers: LoggedPackage[] = [];
  for (const open of logs) {
    if (open.log.holds !== 'package') continue;
    const entries = await unprovenEntries(open, (entry) => isPackage(entry) && (names.has(entry.package) || digests.has(entry.sha256)));
    for (const question of questions) answers.push(...(await answer(open, entries, question)));
  }
  return answers;
}

async function answer(
  open: OpenAndroidLog,
  entries: readonly UnprovenEntry[],
  question: PackageQuestion,
): Promise<readonly LoggedPackage[]> {
  const packages = entries.flatMap(({ index, entry }) => (isPackage(entry) ? [{ index, entry }] : []));
  const common = { ...question, log: open.log.id, treeSize: open.checkpoint.size };
  const same = packages.find(({ entry }) => entry.sha256 === question.sha256);
  if (same !== undefined) {
    await proveIncluded(open, same);
    const { package: name, versionCode } = same.entry;
    return [{ ...common, outcome: 'logged', index: same.index, as: { package: name, versionCode }, others: [] }];
  }
  const ofPackage = packages.filter(({ entry }) => entry.package === question.package);
  const ofVersion = ofPackage.filter(({ entry }) => entry.versionCode === question.versionCode).slice(0, PROVEN_MAX);
  for (const entry of ofVersion) await proveIncluded(open, entry);
  const [first] = ofVersion;
  if (first !== undefined)
    return [{ ...common, outcome: 'other-bytes', index: first.index, as: undefined, others: ofVersion.map(({ entry }) => entry.sha256) }];
  // That the log has the package at all is proven by one entry of it.
  const newest = ofPackage.at(-1);
  if (newest === undefined) return [];
  await proveIncluded(open, newest);
  return [{ ...common, outcome: 'other-versions', index: newest.index, as: undefined, others: [] }];
}

const isPackage = (entry: AndroidLogEntry): entry is PackageEntry => entry.kind === 'package' && entry.over !== 'code transparency';

/** What a log says of one build of a Pixel. */
export interface LoggedImage {
  readonly log: string;
  readonly treeSize: number;
  /** `logged`: this fingerprint with this digest; `other-digest`: the fingerprint with another; `absent`: neither. */
  readonly outcome: 'logged' | 'other-digest' | 'absent';
  readonly index: number | undefined;
  readonly vbmetaDigests: readonly string[];
}

/** Looks a build up by fingerprint and vbmeta digest (hex). Only proven entries count. @throws FormatError where one is not in the log after all */
export async function lookUpImage(
  open: OpenAndroidLog,
  image: { readonly fingerprint: string; readonly vbmetaDigest: string },
): Promise<LoggedImage> {
  const digest = image.vbmetaDigest.toLowerCase();
  const entries = await unprovenEntries(open, (entry) => entry.kind === 'image' && entry.fingerprint === image.fingerprint);
  const images = entries.flatMap(({ index, entry }) => (entry.kind === 'image' ? [{ index, entry }] : [])).slice(0, PROVEN_MAX);
  for (const image of images) await proveIncluded(open, image);
  const same = images.find(({ entry }) => entry.vbmetaDigest === digest);
  return {
    log: open.log.id,
    treeSize: open.checkpoint.size,
    outcome: same !== undefined ? 'logged' : images.length > 0 ? 'other-digest' : 'absent',
    index: (same ?? images[0])?.index,
    vbmetaDigests: images.map(({ entry }) => entry.vbmetaDigest),
  };
}
