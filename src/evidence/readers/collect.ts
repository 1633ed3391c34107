/** Records of one kind that are kept of one artefact: ten times what the fullest phone has. */
const RECORDS_MAX = 500_000;

/** Keeps records up to a ceiling and counts the rest, so that a flood costs its own tail and nothing else. */
export interface Collected<T> {
  readonly list: readonly T[];
  add(record: T): void;
  /** For `unread`: one sentence where records were dropped, else none. */
  dropped(): readonly string[];
}

/** `what` names the records in the sentence about dropped ones. */
export function collect<T>(what: string, max = RECORDS_MAX): Collected<T> {
  const list: T[] = [];
  let dropped = 0;
  return {
    list,
    add(record) {
      if (list.length < max) list.push(record);
      else dropped++;
    },
    dropped: () => (dropped === 0 ? [] : [`${dropped} ${what} above the ceiling of ${max} are not kept`]),
  };
}

/** A whole number of decimal digits that is safe, else undefined. */
export function wholeNumber(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,16}$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}

/** How far a line is indented, tabs counted as one. */
export function indentOf(text: string): number {
  let indent = 0;
  while (text.charCodeAt(indent) === 32 || text.charCodeAt(indent) === 9) indent++;
  return indent;
}
