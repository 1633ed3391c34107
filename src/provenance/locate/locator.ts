/** A search in progress: what is believed now, what each phone would tell, and what an answer changes. Exact; for as many custodians as `exact.ts` takes. */
import type { Problem } from './compile.ts';
import { type Exact, type ExactModel, type HandSet, observeExact, type Posterior, startExact } from './exact.ts';
import { fleetOf } from './fleet.ts';
import { type Assumptions, type Modes, modesOf, type Observation, type Suspect } from './model.ts';
import type { Belief, Candidate } from './next.ts';

export function exactModelOf(problem: Problem, assumptions: Assumptions): ExactModel {
  return {
    problem,
    custodians: problem.custodians.size,
    fleet: fleetOf(problem),
    modes: modesOf(assumptions, problem.signatures.length),
    assumptions,
  };
}

/** The exact posterior of everything that the problem has observed. */
export function exactOf(model: ExactModel, observations: readonly Observation[]): Exact {
  const exact = startExact(model);
  for (const observation of observations) observeExact(exact, observation);
  return exact;
}

/** What proposals are made from: the likely sets with the shares of their hands. */
export function beliefsOf({ sets }: Pick<Posterior, 'sets'>, modes: Modes): readonly Belief[] {
  return sets.map((set) => beliefOf(set, modes));
}

function beliefOf({ hands, probability, modes: joint }: HandSet, { count, share }: Modes): Belief {
  if (hands.length === 0) return { hands, probability, states: [{ probability: 1, shares: [] }] };
  const states = [...joint]
    .map((p, k) => ({
      probability: p,
      shares: hands.length === 1 ? [share[k] ?? 0] : [share[Math.floor(k / count)] ?? 0, share[k % count] ?? 0],
    }))
    .filter(({ probability: p }) => p > 1e-4);
  const all = states.reduce((sum, { probability: p }) => sum + p, 0);
  return { hands, probability, states: states.map(({ probability: p, shares }) => ({ probability: p / all, shares })) };
}

/** Phones that can still be inspected, grouped by the ways they came. */
export function candidatesOf({ phones, routes }: Problem, isInspected: (phone: number) => boolean): readonly Candidate[] {
  const grouped = new Map<Problem['routes'][number], number[]>();
  for (const [index, phone] of phones.entries()) {
    const ways = routes[index];
    if (ways === undefined || phone.available === false || isInspected(index)) continue;
    const group = grouped.get(ways);
    if (group === undefined) grouped.set(ways, [index]);
    else group.push(index);
  }
  return [...grouped].map(([ways, list]) => ({ ways, phones: list }));
}

/** What a suspect is called in data: a custodian's id, or `from → to`. */
export const suspectName = (suspect: Suspect): string => (suspect.kind === 'custodian' ? suspect.id : `${suspect.from} → ${suspect.to}`);
