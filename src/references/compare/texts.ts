/** Which differing files are texts whose lines are worth showing, and what differs in them. */
import type { ReadFilesPort } from '../provenance.ts';
import type { Difference } from './difference.ts';
import { diffLines, type TextDifference } from './lines.ts';
import { isPolicy, policyDifference } from './policy.ts';

/** Larger texts are not shown line by line. Binary policies have up to 4 MiB. */
const TEXT_MAX = 8 << 20;
/** Texts of one comparison. */
const TEXTS_MAX = 40;
/** Properties have a table of their own. */
const TEXT = /\.(?:xml|rc|conf|cfg|ini|txt|json|cil|sh|kl|kcm|idc|pem|0)$|\/(?:hosts|fstab\.[^/]+|[a-z]+_contexts)$/;

/** Files that changed and are texts by their names, heaviest first. */
function changedTexts(differences: readonly Difference[]): readonly { readonly partition: string; readonly path: string }[] {
  return differences
    .filter(({ change, aspects, path }) => change === 'changed' && aspects.includes('content') && (TEXT.test(path) || isPolicy(path)))
    .toSorted((a, b) => b.weight.rank - a.weight.rank)
    .slice(0, TEXTS_MAX)
    .map(({ path, before, after }) => ({ path, partition: before?.partition ?? after?.partition ?? '' }));
}

/** What differs in the texts among differences, where both sides can be read. */
export async function textsOf(
  differences: readonly Difference[],
  before: ReadFilesPort | undefined,
  after: ReadFilesPort | undefined,
): Promise<readonly (readonly [path: string, difference: TextDifference])[]> {
  const wanted = changedTexts(differences);
  if (wanted.length === 0 || before === undefined || after === undefined) return [];
  const [was, is] = [await before(wanted, TEXT_MAX), await after(wanted, TEXT_MAX)];
  return wanted.flatMap(({ path }): readonly (readonly [string, TextDifference])[] => {
    const [a, b] = [was.get(path), is.get(path)];
    const difference = a === undefined || b === undefined ? undefined : textDifference(path, a, b);
    return difference === undefined ? [] : [[path, difference]];
  });
}

/** The difference of two contents as texts, or as rules of a policy; undefined where one of them is neither. */
function textDifference(path: string, before: Uint8Array, after: Uint8Array): TextDifference | undefined {
  if (isPolicy(path)) return policyDifference(before, after);
  const texts = [before, after].map((bytes) => (bytes.includes(0) ? undefined : new TextDecoder().decode(bytes)));
  const [a, b] = texts;
  return a === undefined || b === undefined ? undefined : diffLines(a, b);
}
