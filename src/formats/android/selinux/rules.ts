import { RULE, type SelinuxPolicy, type SelinuxRule } from './policy.ts';

const KINDS: ReadonlyMap<number, string> = new Map([
  [RULE.allow, 'allow'],
  [RULE.xpermsAllow, 'allowxperm'],
  [RULE.typeTransition, 'type_transition'],
]);

/** What one rule allows, in names: `allow source target:class permission`, a line for each permission, so that policies whose numbers differ compare. */
export function ruleLines(policy: SelinuxPolicy, rule: SelinuxRule): readonly string[] {
  const kind = KINDS.get(rule.kind);
  // Audit rules and member changes allow nothing.
  if (kind === undefined) return [];
  const nameOf = (type: number) => policy.types[type] ?? `#${type}`;
  const of = policy.classes[rule.class];
  const head = `${kind} ${nameOf(rule.source)} ${nameOf(rule.target)}:${of?.name ?? `#${rule.class}`}`;
  if (rule.kind === RULE.typeTransition) return [`${head} ${nameOf(rule.data)}`];
  if (rule.extended !== undefined) return [`${head} ${rule.extended}`];
  const lines: string[] = [];
  for (let bit = 0; bit < 32; bit++)
    if (((rule.data >>> bit) & 1) === 1) lines.push(`${head} ${of?.permissions[bit + 1] ?? `#${bit + 1}`}`);
  return lines;
}

/** Everything that a policy allows, each line once. */
export const allowedLines = (policy: SelinuxPolicy): ReadonlySet<string> =>
  new Set(policy.rules.flatMap((rule) => ruleLines(policy, rule)));
