/**
 * The difference of two texts by lines, after E. Myers, "An O(ND) Difference Algorithm and Its Variations" (1986), bounded: texts of many changes are called rewritten.
 * Memory is the square of the changes, so both they and the lines have ceilings.
 */

/** Lines of either text; what is longer is not compared by lines. */
const LINES_MAX = 20_000;
/** Changed lines that are looked for; beyond it a text counts as rewritten. */
const CHANGES_MAX = 400;
/** Characters of a line that are shown. */
const WIDTH_MAX = 240;

export interface LineChange {
  readonly sign: '-' | '+';
  /** Of the old text for `-`, of the new one for `+`, from 1. */
  readonly line: number;
  readonly text: string;
}

/** `same`, the changed lines, `rewritten` where there are too many of them, or `not-shown` where the bytes of one side are not at hand. */
export type TextDifference =
  | { readonly kind: 'same' }
  | { readonly kind: 'changed'; readonly changes: readonly LineChange[] }
  | { readonly kind: 'rewritten' | 'not-shown'; readonly because: string };

/** Compares two texts line by line. The ends of lines (CR LF or LF) are no difference. */
export function diffLines(before: string, after: string): TextDifference {
  if (before === after) return { kind: 'same' };
  const a = before.split(/\r?\n/);
  const b = after.split(/\r?\n/);
  if (a.length > LINES_MAX || b.length > LINES_MAX) return { kind: 'rewritten', because: `more than ${LINES_MAX} lines` };
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const path = shortestEdit(a.slice(start, a.length - end), b.slice(start, b.length - end));
  if (path === undefined) return { kind: 'rewritten', because: `more than ${CHANGES_MAX} lines differ` };
  const changes = path.map(({ sign, index }) => ({
    sign,
    line: start + index + 1,
    text: ((sign === '-' ? a : b)[start + index] ?? '').slice(0, WIDTH_MAX),
  }));
  return changes.length === 0 ? { kind: 'same' } : { kind: 'changed', changes };
}

interface Edit {
  readonly sign: '-' | '+';
  /** Line of its own text, from 0. */
  readonly index: number;
}

/** The greedy algorithm: how far along each diagonal one gets with d edits. Undefined beyond the ceiling. */
function shortestEdit(a: readonly string[], b: readonly string[]): readonly Edit[] | undefined {
  const most = Math.min(a.length + b.length, CHANGES_MAX);
  const middle = most + 1;
  const reached = new Int32Array(2 * most + 3);
  const rounds: Int32Array[] = [];
  for (let edits = 0; edits <= most; edits++) {
    rounds.push(reached.slice(middle - edits - 1, middle + edits + 2));
    for (let k = -edits; k <= edits; k += 2) {
      const left = reached[middle + k - 1] ?? 0;
      const above = reached[middle + k + 1] ?? 0;
      let x = k === -edits || (k !== edits && left < above) ? above : left + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      reached[middle + k] = x;
      if (x >= a.length && x - k >= b.length) return walkBack(rounds, a.length, b.length);
    }
  }
  return undefined;
}

/** The edits from the end to the beginning, turned round. Round d holds diagonals -d-1 to d+1. */
function walkBack(rounds: readonly Int32Array[], width: number, height: number): readonly Edit[] {
  const edits: Edit[] = [];
  let x = width;
  let y = height;
  for (let d = rounds.length - 1; d > 0; d--) {
    const round = rounds[d] ?? new Int32Array(0);
    const k = x - y;
    const left = round[d + 1 + k - 1] ?? 0;
    const above = round[d + 1 + k + 1] ?? 0;
    const down = k === -d || (k !== d && left < above);
    const beforeX = down ? above : left;
    const beforeY = beforeX - (down ? k + 1 : k - 1);
    edits.push(down ? { sign: '+', index: beforeY } : { sign: '-', index: beforeX });
    x = beforeX;
    y = beforeY;
  }
  return edits.toReversed();
}
