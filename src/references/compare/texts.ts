/** What differs in the texts among differing files. */
import { isTextFile } from '../../evidence/texts/index.ts';
import type { ReadFilesPort } from '../provenance.ts';
import type { Difference } from './difference.ts';
import { diffLines, type TextDifference } from './lines.ts';
import { isPolicy, policyDifference } from './policy.ts';

/** Larger texts are not shown line by line. Binary policies have up to 4 MiB. */
const TEXT_MAX = 8 << 20;
/** Texts of one comparison. */
const TEXTS_MAX = 40;

/** Files that changed and are texts by their names, heaviest first. */
function changedTexts(differences: readonly Difference[]): readonly { readonly partition: string; readonly path: string }[] {
  return differences
    .filter(({ change, aspects, path }) => change === 'changed' && aspects.includes('content') && (isTextFile(path) || isPolicy(path)))
    .toSorted((a, b) => b.weight.rank - a.weight.rank)
    .slice(0, TEXTS_MAX)
    .map(({ path, before, after }) => ({ path, partition: before?.partition ?? after?.partition ?? '' }));
}

/** What differs in the texts among differences, where both sides can be read; of those that cannot, one line says why. */
export async function textsOf(
  differences: readonly Difference[],
  before: ReadFilesPort | undefined,
  after: ReadFilesPort | undefined,
): Promise<readonly (readonly [path: string, difference: TextDifference])[]> {
  const wanted = changedTexts(differences);
  if (wanted.length === 0) return [];
  const none: ReadonlyMap<string, Uint8Array> = new Map();
  const [was, is] = [(await before?.(wanted, TEXT_MAX)) ?? none, (await after?.(wanted, TEXT_MAX)) ?? none];
  const shown = wanted.flatMap(({ path }): readonly (readonly [string, TextDifference])[] => {
    const [a, b] = [was.get(path), is.get(path)];
    const difference = a === undefined || b === undefined ? undefined : textDifference(path, a, b);
    return difference === undefined ? [] : [[path, difference]];
  });
  const missing = wanted.filter(({ path }) => !was.has(path) || !is.has(path));
  return [...shown, ...notShown(missing, (path) => was.has(path))];
}

function notShown(
  missing: readonly { readonly path: string }[],
  isOfBuild: (path: string) => boolean,
): readonly (readonly [string, TextDifference])[] {
  const [first] = missing;
  if (first === undefined) return [];
  const whose = isOfBuild(first.path)
    ? 'what was read does not hold its bytes'
    : 'of the build only its digest is here: its firmware (--reference ROM) has the lines';
  const more = missing.length > 1 ? `; so of ${missing.length - 1} other texts` : '';
  return [[first.path, { kind: 'not-shown', because: `${whose}${more}` }]];
}

/** The difference of two contents as texts, or as rules of a policy; undefined where one of them is neither. */
function textDifference(path: string, before: Uint8Array, after: Uint8Array): TextDifference | undefined {
  if (isPolicy(path)) return policyDifference(before, after);
  const texts = [before, after].map((bytes) => (bytes.includes(0) ? undefined : new TextDecoder().decode(bytes)));
  const [a, b] = texts;
  return a === undefined || b === undefined ? undefined : diffLines(a, b);
}
