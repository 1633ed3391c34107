/** The difference of two SELinux policies as rules: a kernel and a compiler write the same policy in other bytes. */
import { FormatError } from '../../bytes/index.ts';
import { allowedLines, readSelinuxPolicy } from '../../formats/android/selinux/index.ts';
import type { TextDifference } from './lines.ts';

const RULES_MAX = 400;

/** Whether a path is that of a binary policy. */
export const isPolicy = (path: string): boolean => /\/(?:precompiled_sepolicy|sepolicy)$/.test(path);

/** Rules and permissive domains that only one side has, what is added first; undefined where one of them is no policy. */
export function policyDifference(before: Uint8Array, after: Uint8Array): TextDifference | undefined {
  const [a, b] = [rulesOf(before), rulesOf(after)];
  if (a === undefined || b === undefined) return undefined;
  const added = [...b].filter((line) => !a.has(line));
  const removed = [...a].filter((line) => !b.has(line));
  if (added.length + removed.length === 0) return { kind: 'same' };
  if (added.length + removed.length > RULES_MAX)
    return { kind: 'rewritten', because: `${added.length} rules more and ${removed.length} fewer` };
  const rows = (lines: readonly string[], sign: '+' | '-') => lines.map((text, index) => ({ sign, line: index + 1, text }));
  return { kind: 'changed', changes: [...rows(added, '+'), ...rows(removed, '-')] };
}

/** Rules and permissive domains of a binary policy; undefined for what is none. */
export function rulesOf(bytes: Uint8Array): ReadonlySet<string> | undefined {
  try {
    const { value } = readSelinuxPolicy(bytes);
    const permissive = value.permissive.map((type) => `permissive ${value.types[type] ?? type}`);
    return new Set([...allowedLines(value), ...permissive]);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return undefined;
  }
}
