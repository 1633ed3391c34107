/**
 * Guards rules against a fault of YARA-X 1.18 to 1.20: what a condition says of a file's size or first bytes is kept with the rule's strings and used to skip them,
 * and a string that two rules share is skipped for both when the first rule's condition cannot hold. The second rule then misses what it should meet.
 * The engine keeps nothing of a condition that is one of several alternatives, so each condition gets one that is never so.
 * A rule file is walked by its words only: texts, regular expressions, hex strings and comments are stepped over. What cannot be walked stays as it is, for the compiler to refuse.
 */

/** One word or stretch of a rule file, each alternative with its own beginning. In YARA a slash is never a division. */
const WORD =
  /(?<skip>\s+|\/\/[^\n]*|\/\*(?:[^*]|\*(?!\/))*\*\/|"(?:[^"\\\n]|\\.)*"|\/(?:[^/\\\n]|\\.)+\/[a-z]*)|(?<word>[A-Za-z_][A-Za-z0-9_.]*)|(?<sign>[\s\S])/gsuy;

/** The text with every condition guarded. */
export function guarded(text: string): string {
  const out: string[] = [];
  /** `open`: inside a rule, before its condition; `condition`: in it. */
  let where: 'outside' | 'open' | 'condition' = 'outside';
  let previous = '';
  let afterEquals = false;
  let inHex = false;
  for (const { 0: part, groups } of text.matchAll(WORD)) {
    if (groups?.['skip'] !== undefined) {
      out.push(part);
      // A text or an expression is a value; white space and comments are nothing.
      if (/^["/]/.test(part) && !/^\/[/*]/.test(part)) afterEquals = false;
      continue;
    }
    let written = part;
    if (inHex) inHex = part !== '}';
    else if (part === '{' && afterEquals) inHex = true;
    else if (part === '{' && where === 'outside') where = 'open';
    else if (part === ':' && previous === 'condition' && where === 'open') {
      where = 'condition';
      written = ': (';
    } else if (part === '}' && where !== 'outside') {
      // A comment that ends no line would swallow the guard.
      if (where === 'condition') written = '\n) or filesize < 0 }';
      where = 'outside';
    }
    out.push(written);
    afterEquals = part === '=' && where === 'open';
    previous = part;
  }
  return out.join('');
}

/** Real rules nest a handful deep. The engine's parser ends the whole process at some ten thousands, and takes twice as long with each call within a call. */
const NESTED_MAX = 200;
const CALLS_MAX = 8;
const CHAIN_MAX = 200;
const UNARY = new Set(['not', 'defined', '-', '~']);

/** What in a rule file the engine would not survive, or never be done with; undefined where there is nothing of the sort. */
export function ruleFault(text: string): string | undefined {
  /** Of each bracket that is open, whether it is a call's. */
  const open: boolean[] = [];
  let calls = 0;
  let unary = 0;
  let compared = 0;
  let previous = '';
  for (const { 0: part, groups, index } of text.matchAll(WORD)) {
    if (groups?.['skip'] !== undefined) continue;
    if (part === '(' || part === '[' || part === '{') {
      const isCall = part === '(' && /^[a-z_]\w*$/i.test(previous) && !/^(?:and|or|not|of|in|defined|at)$/.test(previous);
      open.push(isCall);
      calls += Number(isCall);
      compared = 0;
    } else if (part === ')' || part === ']' || part === '}') {
      calls -= Number(open.pop() ?? false);
      compared = 0;
    } else if (part === 'and' || part === 'or' || part === ':') compared = 0;
    else if (part === '=' || part === '<' || part === '>' || part === '!') compared++;
    unary = UNARY.has(part) ? unary + 1 : 0;
    if (open.length > NESTED_MAX) return `more than ${NESTED_MAX} brackets within each other at ${index}`;
    if (calls > CALLS_MAX) return `more than ${CALLS_MAX} calls within each other at ${index}`;
    if (unary > CHAIN_MAX || compared > 2 * CHAIN_MAX) return `more than ${CHAIN_MAX} operators in a row at ${index}`;
    previous = part;
  }
  return undefined;
}
