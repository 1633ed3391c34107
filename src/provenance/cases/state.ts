/** What follows from the entries of a case: the state of every claim, with how it came there, and whether promises were kept. Nothing is stored: it is folded anew. */
import { type Instant, instantMs } from '../../bytes/index.ts';
import { type CaseEntry, momentMs, saidAt } from './entry.ts';

/** asserted → rebutted → evidence-backed → resolved. New doubt after a resolution begins again, and the history keeps all. */
export type ClaimState = 'asserted' | 'rebutted' | 'evidence-backed' | 'resolved';

export interface ClaimHistory {
  readonly claim: number;
  readonly state: ClaimState;
  readonly outcome: 'upheld' | 'refuted' | 'withdrawn' | 'undecided' | null;
  readonly steps: readonly { readonly entry: number; readonly state: ClaimState }[];
  readonly evidenceFor: number;
  readonly evidenceAgainst: number;
}

export interface PromiseHistory {
  readonly promise: number;
  readonly due: Instant;
  readonly answer: number | null;
  readonly state: 'open' | 'kept' | 'late' | 'broken';
  /** Hours that are left, or were left when the answer came; negative: over. */
  readonly hours: number;
}

export interface CaseState {
  readonly claims: readonly ClaimHistory[];
  readonly promises: readonly PromiseHistory[];
  /** Corrections by the entry that they correct. */
  readonly corrections: ReadonlyMap<number, readonly number[]>;
}

const HOUR = 3_600_000;

/** Folds a case as of a time. */
export function caseState(entries: readonly CaseEntry[], asOf: Instant): CaseState {
  const claims = new Map<
    number,
    { state: ClaimState; outcome: ClaimHistory['outcome']; steps: { entry: number; state: ClaimState }[]; for: number; against: number }
  >();
  const promises = new Map<number, PromiseHistory>();
  const corrections = new Map<number, number[]>();
  for (const entry of entries) {
    const { index } = entry;
    if (entry.kind === 'claim')
      claims.set(index, { state: 'asserted', outcome: null, steps: [{ entry: index, state: 'asserted' }], for: 0, against: 0 });
    if (entry.kind === 'rebuttal' || entry.kind === 'evidence' || entry.kind === 'resolution') {
      const claim = claims.get(entry.about);
      if (claim === undefined) continue;
      claim.state = entry.kind === 'rebuttal' ? 'rebutted' : entry.kind === 'evidence' ? 'evidence-backed' : 'resolved';
      claim.outcome = entry.kind === 'resolution' ? entry.outcome : null;
      if (entry.kind === 'evidence') claim[entry.speaks]++;
      claim.steps.push({ entry: index, state: claim.state });
    }
    if (entry.kind === 'promise') {
      const hours = (instantMs(entry.due) - instantMs(asOf)) / HOUR;
      promises.set(index, { promise: index, due: entry.due, answer: null, state: hours >= 0 ? 'open' : 'broken', hours });
    }
    if (entry.kind === 'answer') {
      const promise = promises.get(entry.about);
      // The first answer counts.
      if (promise === undefined || promise.answer !== null) continue;
      const hours = (instantMs(promise.due) - momentMs(saidAt(entry))) / HOUR;
      promises.set(entry.about, { ...promise, answer: index, state: hours >= 0 ? 'kept' : 'late', hours });
    }
    if (entry.kind === 'correction') corrections.set(entry.about, [...(corrections.get(entry.about) ?? []), index]);
  }
  return {
    claims: [...claims].map(([claim, { state, outcome, steps, for: evidenceFor, against }]) => ({
      claim,
      state,
      outcome,
      steps,
      evidenceFor,
      evidenceAgainst: against,
    })),
    promises: [...promises.values()],
    corrections,
  };
}

/** Why an entry cannot follow others; undefined where it can. */
export function caseFault(before: readonly CaseEntry[], entry: CaseEntry): string | undefined {
  const last = before.at(-1);
  if ((entry.kind === 'opening') !== (last === undefined))
    return last === undefined ? 'a case begins with an opening' : 'a case is opened once';
  if (last !== undefined && instantMs(entry.at) < instantMs(last.at)) return `${entry.at} is before the entry before it`;
  if (entry.happened !== undefined && momentMs(entry.happened) > instantMs(entry.at) + 24 * HOUR)
    return `it says it happened on ${entry.happened}, after it was entered`;
  const used = new Set([...entry.text.matchAll(/\{([a-z][a-z0-9-]*)\}/g)].map(([, label]) => label));
  for (const label of used)
    if (!entry.withheld.some((one) => one.label === label)) return `the text withholds {${label}} and commits to no such value`;
  if (!('about' in entry) || entry.about === undefined) return undefined;
  const target = before[entry.about];
  if (target === undefined) return `it is about entry ${entry.about}, which is not before it`;
  const wanted: Partial<Record<CaseEntry['kind'], CaseEntry['kind']>> = {
    rebuttal: 'claim',
    evidence: 'claim',
    resolution: 'claim',
    answer: 'promise',
  };
  const kind = wanted[entry.kind];
  return kind !== undefined && target.kind !== kind
    ? `a ${entry.kind} is about a ${kind}; entry ${entry.about} is a ${target.kind}`
    : undefined;
}
