/** When to stop inspecting, and why: a search that cannot end accuses sooner or later. */
import type { Alike, LocatedSuspect, ProposedPhone } from './locate.ts';

export type StopReason =
  | 'nothing-inspected'
  | 'not-settled' // two chains disagree: the numbers are not to be used
  | 'records-incomplete' // somebody reached the threshold, on ways that are mostly guessed
  | 'located' // one custodian or link reached the threshold
  | 'located-set' // suspects that cannot be told apart reached it together
  | 'outside' // nobody in the chain, to the threshold
  | 'nothing-to-learn' // no phone that is left is expected to tell anything
  | 'go-on';

export interface Stop {
  readonly reason: StopReason;
  /** Whether more inspections are of use. */
  readonly stop: boolean;
  /** One sentence. */
  readonly because: string;
}

/** Below these many bits an inspection is not worth its trouble: a hundred of them would tell one yes or no. */
const WORTH = 0.01;
/** Chains that differ by more have not settled. */
export const SETTLED = 0.05;

/**
 * Phones whose way is not certain: above this share nobody is named. Where four events in ten were missing (and five ways in six uncertain), an innocent
 * reached 0.95 in 10 of 60 simulated searches; where one in ten was (one way in three), in 2 of 60.
 */
export const UNCERTAIN_MAX = 0.6;

export interface StopQuestion {
  readonly suspects: readonly LocatedSuspect[];
  readonly alike: readonly Alike[];
  readonly outside: number;
  readonly disagreement: number | null;
  readonly next: readonly ProposedPhone[];
  readonly threshold: number;
  readonly inspected: number;
  /** Share of phones whose way is not certain. */
  readonly uncertain: number;
}

const percent = (p: number) => (p > 0.99 ? 'more than 99 %' : p < 0.01 ? 'less than 1 %' : `${(100 * p).toFixed(0)} %`);

/** Decides. */
export function decideStop({ suspects, alike, outside, disagreement, next, threshold, inspected, uncertain }: StopQuestion): Stop {
  const most = next[0]?.bits ?? 0;
  if (inspected === 0)
    return { reason: 'nothing-inspected', stop: false, because: 'No inspection that counts was given: all of this is prior assumption.' };
  if (disagreement !== null && disagreement > SETTLED)
    return {
      reason: 'not-settled',
      stop: false,
      because: `Two samplers differ by up to ${percent(disagreement)}: sample longer before reading anything off this.`,
    };
  const [first] = suspects;
  if (first !== undefined && first.posterior >= threshold && uncertain > UNCERTAIN_MAX)
    return {
      reason: 'records-incomplete',
      stop: false,
      because: `The way of ${percent(uncertain)} of the phones is a guess, because events are missing: on such records innocents are named too often. Complete them first.`,
    };
  if (first !== undefined && first.posterior >= threshold)
    return {
      reason: 'located',
      stop: true,
      because: `One ${first.kind} is at ${percent(first.posterior)}, above the ${percent(threshold)} that were asked for. Hear it before anything is published.`,
    };
  const set = alike.find(({ posterior }) => posterior >= threshold);
  if (set !== undefined && (!set.separable || most < WORTH))
    return {
      reason: 'located-set',
      stop: true,
      because: `${set.suspects.length} together are at ${percent(set.posterior)}, and no phone that is left tells them apart: events that were not recorded, or people, must.`,
    };
  if (outside >= threshold) return { reason: 'outside', stop: true, because: `It was nobody in the chain, to ${percent(outside)}.` };
  if (most < WORTH)
    return {
      reason: 'nothing-to-learn',
      stop: true,
      because: `The best phone that is left would tell ${most.toFixed(3)} bits: the question stays open.`,
    };
  return { reason: 'go-on', stop: false, because: `The best next phone is expected to tell ${most.toFixed(2)} bits.` };
}
