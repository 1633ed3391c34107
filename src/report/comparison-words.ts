/** Comparisons in words, for the terminal and the page alike. */
import type { ComparisonReport, GroupReport, YardstickReport } from './comparison-schema.ts';

export const CHANGE_WORDS: Readonly<Record<GroupReport['change'], string>> = {
  added: 'added',
  removed: 'missing',
  changed: 'changed',
  moved: 'moved',
  mixed: 'changed',
};
/** One character for each change; the word says it too. */
export const CHANGE_MARKS: Readonly<Record<GroupReport['change'], string>> = {
  added: '+',
  removed: '−',
  changed: '~',
  moved: '→',
  mixed: '~',
};

const REASONS: Readonly<Record<YardstickReport['reasons'][number], string>> = {
  said: 'the build that it says it is',
  spelling: 'the build that it says it is, its fingerprint spelled otherwise',
  claimed: 'the build that its box or seller call for',
  nearest: 'the likest of those known',
  given: 'given by the operator',
};
export const reasonWords = ({ reasons }: Pick<YardstickReport, 'reasons'>): string => reasons.map((reason) => REASONS[reason]).join('; ');

const VOUCHED: Readonly<Record<YardstickReport['reference']['vouched'], string>> = {
  'maker-signature': 'its maker’s signature vouches for it',
  'official-list': 'it is on an official list of builds',
  nobody: 'nobody vouches for it: differences are listed, and never counted',
};
export const vouchedWords = ({ vouched }: Pick<YardstickReport['reference'], 'vouched'>): string => VOUCHED[vouched];

/** `app com.seller.appcenter` or a path. */
export function groupName({ kind, name, files }: GroupReport): string {
  switch (kind) {
    case 'app':
      return /^\d+ apps/.test(name) ? name : `app ${name}`;
    case 'apex':
      return /^\d+ modules/.test(name) ? name : `module ${name}`;
    case 'partition':
      return /^\d+ partitions/.test(name) ? name : `partition ${name}`;
    case 'folder':
      return `${name} (${files} files)`;
    case 'file':
      return name;
  }
}

/** Groups by what they weigh, in their order; those that are expected apart. */
export function byTitle(
  groups: readonly GroupReport[],
): readonly { readonly title: string; readonly means: string; readonly groups: readonly GroupReport[] }[] {
  const titles = [...new Set(groups.map(({ title }) => title))];
  return titles.map((title) => {
    const own = groups.filter((group) => group.title === title);
    return { title, means: own[0]?.means ?? '', groups: own };
  });
}

export const unexpected = ({ groups }: Pick<YardstickReport, 'groups'>) => groups.filter(({ expected }) => expected === null);
export const expectedOnes = ({ groups }: Pick<YardstickReport, 'groups'>) => groups.filter(({ expected }) => expected !== null);

/** `3 changed, 2 added`. */
export function countWords({ added, removed, changed, moved }: YardstickReport['counts']): string {
  const parts = [
    [changed, 'changed'],
    [added, 'added'],
    [removed, 'missing'],
    [moved, 'moved'],
  ] as const;
  const words = parts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
  return words.length === 0 ? 'no difference' : words.join(', ');
}

/** How much of a build was seen on a phone, as one line. */
export function coverageWords({ coverage }: Pick<YardstickReport, 'coverage'>): string {
  const sum = (key: 'files' | 'withDigest' | 'withoutDigest' | 'notSeen') => coverage.reduce((total, row) => total + row[key], 0);
  return `${sum('withDigest')} of ${sum('files')} files seen with their digest, ${sum('withoutDigest')} without, ${sum('notSeen')} not at all`;
}

/** Partitions that are named with what of them is not known. */
const LIMITS_MAX = 8;

/** What a comparison cannot say of partitions that both sides hold, a line each: only the words behind a semicolon say it. */
export const partitionLimits = ({ partitions }: Pick<ComparisonReport, 'partitions'>): readonly string[] =>
  partitions
    .filter(({ outcome, because }) => (outcome === 'same' || outcome === 'different') && because.includes('; '))
    .slice(0, LIMITS_MAX)
    .map(({ name, because }) => `${name}: ${because}.`);

/** How alike two builds are, as one line. */
export function partitionWords({ partitions }: Pick<ComparisonReport, 'partitions'>): string {
  const of = (outcome: ComparisonReport['partitions'][number]['outcome']) =>
    partitions.filter((row) => row.outcome === outcome).map(({ name }) => name);
  const parts = [
    ['the same', of('same')],
    ['different', of('different')],
    ['only in the first', of('only-before')],
    ['only in the second', of('only-after')],
    ['could not be compared', of('not-comparable')],
  ] as const;
  return parts
    .filter(([, names]) => names.length > 0)
    .map(([word, names]) => `${word}: ${names.slice(0, 12).join(', ')}${names.length > 12 ? ` and ${names.length - 12} more` : ''}`)
    .join('; ');
}
