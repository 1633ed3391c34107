/** Groups of differences → findings, each as strong as what it rests on. */
import type { Group } from '../../references/compare/index.ts';
import { phoneTree, weigh } from '../../references/compare/index.ts';
import { isCodePath } from '../boot/system-paths.ts';
import { type CheckContext, type Draft, failOrPass, notChecked, type Outcome, type Strength } from '../define.ts';
import { type Account, accountOf, SIGNED_AS_NAMED } from './account.ts';

/** Findings of one check; heaviest first, so what is left out is the lightest. */
const FINDINGS_MAX = 60;
const SHOWN = 4;

/** What would settle a comparison that could not be made. */
export const SETTLED_BY = "file lists with digests (--full), and a reference of the maker's build (--reference, --shelf)";

/** The outcome of a check over its share of the differences with the build that the phone names. */
export function groupOutcome(context: CheckContext, isMine: (group: Group) => boolean, own?: Partial<Pick<Draft, 'because'>>): Outcome {
  const account = accountOf(context);
  const { named, fingerprint } = account;
  if (named === undefined || fingerprint === undefined)
    return notChecked('no reference of the build that the phone names is known', SETTLED_BY);
  // Another system differs here as everywhere: `boot.reference-files` says so once.
  if (account.isOtherSystem)
    return notChecked('hardly a file of the system is that build’s: it is another one', 'a reference of the build that it truly is');
  const findings = account.groups
    .filter(isMine)
    .slice(0, FINDINGS_MAX)
    .map((group) => draftOf(group, account, context, own));
  const { same, counts } = named.comparison;
  if (findings.length === 0 && same + counts.changed === 0) return notChecked('no file of the build was read with its digest', SETTLED_BY);
  return failOrPass(findings, 'told');
}

function draftOf(group: Group, account: Account, context: CheckContext, own: Partial<Pick<Draft, 'because'>> | undefined): Draft {
  const { fingerprint, nature } = account;
  const { origins } = phoneTree(context.facts);
  const seen = group.differences.map(({ path }) => origins.get(path)).find((origin) => origin !== undefined);
  const place = seen?.place ?? fingerprint?.place ?? { artefact: 'properties', at: 0, length: 0 };
  const elsewhere = elsewhereWords(group, context);
  return {
    claimed: `the files of ${fingerprint?.value ?? 'the build'}`,
    observed: groupWords(group),
    because: `${own?.because ?? group.weight.means}${elsewhere}${account.isSignedAsNamed ? SIGNED_AS_NAMED : ''}`,
    standing: seen?.standing ?? 'told',
    evidence: fingerprint === undefined ? [place] : [place, fingerprint.place],
    nature: elsewhere !== '' && account.isAllOfficial && nature === 'modified' ? 'mixed' : nature,
    names: group.name,
    strength: strengthOf(group, account),
  };
}

/** `changed: /system/lib/libc.so (content, 7 → 16 bytes)`. */
function groupWords({ change, kind, name, differences, details }: Group): string {
  const verb = { added: 'added', removed: 'missing', changed: 'changed', moved: 'moved', mixed: 'added, changed and missing' }[change];
  const what = { file: '', folder: `${differences.length} files under `, app: 'app ', apex: 'module ', partition: 'partition ' }[kind];
  const shown = details.slice(0, SHOWN).join(', ');
  return `${verb}: ${what}${name}${shown === '' ? '' : ` (${shown})`}`;
}

function elsewhereWords({ differences }: Group, { elsewhere }: CheckContext): string {
  for (const { after } of differences) {
    const found = after?.sha256 ? elsewhere?.get(after.sha256) : undefined;
    if (found !== undefined) return ` The same content is ${found.path} of ${found.build}${found.isOfficial ? ', an official build' : ''}.`;
  }
  return '';
}

/** Code of the system, below its own folder too, and in the partitions that makers add to it; not in those that hold what a region, a carrier or a shop of the maker's gets (`my_region`, `my_carrier`, `mi_ext` …). */
const isCode = (path: string) => isCodePath(path) || OTHER_CODE.test(path);
const OTHER_CODE =
  /^\/(?:system\/(?:system_ext|product|vendor|odm)|my_(?:product|stock|heytap))\/(?:bin|xbin|lib|lib64|framework|app|priv-app)\//;

/**
 * A build that nobody vouches for, or that the phone names only nearly, gives weak findings. So does what is missing (makers of old let a first start delete files, and a list may lack
 * what it was not let see), other rights alone, data that nothing runs, a set of differences that is wholly made of the maker's own files, as a hot update is, and an image that the
 * maker signed: makers publish builds for carriers under the fingerprint of the one without.
 */
function strengthOf(group: Group, { named, isAllOfficial, isSignedAsNamed }: Account): Strength {
  if (named?.reference.vouched === 'nobody' || named?.reasons.includes('said') !== true || isAllOfficial || isSignedAsNamed) return 'weak';
  const convicting = group.differences.some(({ change, aspects, weight, path, before, after }) => {
    // Whatever else it is: a setuid copy of what every app is forked from is a way to become root.
    const isRoots = weight.id === 'root' || (after !== undefined && weigh(after).id === 'root');
    if (change === 'added') return (isCode(path) && after?.type !== 'directory') || isRoots || weight.id === 'boot';
    // What lies where it has more rights than the maker gave it.
    if (change === 'moved') return isRoots || (isCode(path) && before !== undefined && weigh(before).rank < weight.rank);
    return change === 'changed' && (aspects.includes('content') || aspects.includes('type') || (aspects.includes('mode') && isRoots));
  });
  return convicting ? 'conclusive' : 'weak';
}
