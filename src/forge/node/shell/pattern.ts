/** Fields and patterns of the shell. */

/** One character of a field; what was quoted is no pattern and is not split. */
export interface Mark {
  readonly character: string;
  readonly quoted: boolean;
  /** Whether field splitting looks at it. */
  readonly splits: boolean;
}
/** Cuts at blanks that expansions brought. */
export function split(marks: readonly Mark[]): Mark[][] {
  const fields: Mark[][] = [];
  let field: Mark[] | undefined;
  for (const mark of marks) {
    if (mark.splits && /[ \t\n]/.test(mark.character)) {
      if (field !== undefined) fields.push(field);
      field = undefined;
    } else {
      field ??= [];
      field.push(mark);
    }
  }
  if (field !== undefined) fields.push(field);
  return fields;
}

/** A shell pattern as a regular expression; quoted characters stand for themselves. */
function patternOf(marks: readonly Mark[], greedy = true): string {
  let pattern = '';
  for (let i = 0; i < marks.length; i += 1) {
    const mark = marks[i];
    if (mark === undefined || mark.character === '') continue;
    if (!mark.quoted && mark.character === '*') pattern += greedy ? '[\\s\\S]*' : '[\\s\\S]*?';
    else if (!mark.quoted && mark.character === '?') pattern += '[\\s\\S]';
    else if (!mark.quoted && mark.character === '[') {
      const end = marks.findIndex((other, at) => at > i + 1 && other.character === ']');
      if (end < 0) pattern += '\\[';
      else {
        const inside = marks
          .slice(i + 1, end)
          .map((other) => other.character)
          .join('');
        pattern += `[${inside.replace(/^!/, '^').replaceAll('\\', '\\\\')}]`;
        i = end;
      }
    } else pattern += mark.character.replace(/[\\^$.*+?()[\]{}|/]/, String.raw`\$&`);
  }
  return pattern;
}

/** Whether a value matches a pattern as a whole. */
export const matches = (marks: readonly Mark[], value: string): boolean => new RegExp(`^${patternOf(marks)}$`).test(value);

/** `${name#pattern}` and its kin. */
export function trim(value: string, marks: readonly Mark[], operator: '#' | '##' | '%' | '%%'): string {
  const candidates = [...Array(value.length + 1).keys()];
  const fromStart = operator.startsWith('#');
  const pattern = new RegExp(`^${patternOf(marks)}$`);
  const longest = operator.length === 2;
  const cuts = fromStart === longest ? candidates.toReversed() : candidates;
  for (const cut of cuts) {
    const part = fromStart ? value.slice(0, cut) : value.slice(cut);
    if (pattern.test(part)) return fromStart ? value.slice(cut) : value.slice(0, cut);
  }
  return value;
}
