/** What executed instructions say of a claimed core. Words that refute only: nothing here proves a core genuine. */
import { equalBytes } from '../../bytes/index.ts';
import type { IsaProbe, ProbeInput } from './probes.ts';
import type { ProbeAnswer } from './program.ts';

/** What one probe showed. `wrong`: it was executed and answered what the instruction does not answer. */
export type ProbeOutcome = 'present' | 'absent' | 'wrong';

/** Compares an answer with the model. */
export function outcomeOf(probe: IsaProbe, input: ProbeInput, answer: ProbeAnswer): ProbeOutcome {
  if (!answer.executed) return 'absent';
  if (probe.isPossible !== undefined && !probe.isPossible(answer.x3)) return 'wrong';
  const expected = probe.model?.(input);
  if (expected === undefined) return 'present';
  const same =
    (expected.v3 === undefined || equalBytes(expected.v3, answer.v3)) &&
    (expected.x3 === undefined || expected.x3 === answer.x3) &&
    (expected.memory === undefined || expected.memory === answer.memory);
  return same ? 'present' : 'wrong';
}

/**
 * Hard instructions of each core family, by the architecture version it implements (Arm's technical reference manuals).
 * Armv8.2 cores of phones have them all of 8.1 and 8.2, and LRCPC and DotProd besides: none of 44 measured phones lacks one.
 */
const HARD: Readonly<Record<string, readonly string[]>> = {
  'armv8.0': [],
  'armv8.2': ['LSE', 'RDM', 'FP16', 'DotProd', 'LRCPC'],
  'armv9.0': ['LSE', 'RDM', 'FP16', 'DotProd', 'LRCPC', 'JSCVT', 'FCMA', 'FHM', 'FlagM', 'FRINTTS', 'SB', 'I8MM'],
};

export type IsaLevel = 'armv8.0' | 'armv8.2' | 'armv9.0';

export interface IsaJudgement {
  readonly outcome: 'refuted' | 'consistent' | 'not examined';
  /** Hard instructions that the claimed core has and this one does not execute. */
  readonly lacks: readonly string[];
  /** Hard instructions that the claimed core has not and this one executes. */
  readonly excess: readonly string[];
  readonly because: string;
}

/** Holds outcomes against a claim. A control that was "executed", or a wrong answer, means that the answers are not a core's: nothing is concluded from them but that. */
export function judgeIsa(claimed: IsaLevel, outcomes: ReadonlyMap<string, ProbeOutcome>): IsaJudgement {
  const nothing = { lacks: [], excess: [] } as const;
  if (outcomes.get('undefined') !== 'absent')
    return {
      outcome: 'not examined',
      ...nothing,
      because: 'undefined instructions were answered: a kernel stands between the program and the core',
    };
  const wrong = [...outcomes].filter(([, outcome]) => outcome === 'wrong').map(([name]) => name);
  if (wrong.length > 0)
    return { outcome: 'not examined', ...nothing, because: `wrong answers to ${wrong.join(', ')}: what executed them is no such core` };
  const has = HARD[claimed] ?? [];
  const lacks = has.filter((name) => outcomes.get(name) === 'absent');
  const excess = (HARD['armv9.0'] ?? []).filter((name) => !has.includes(name) && outcomes.get(name) === 'present');
  if (lacks.length === 0 && excess.length === 0)
    return { outcome: 'consistent', lacks, excess, because: `it executes what an ${claimed} core executes` };
  const parts = [
    ...(lacks.length > 0 ? [`does not execute ${lacks.join(', ')}`] : []),
    ...(excess.length > 0 ? [`executes ${excess.join(', ')}`] : []),
  ];
  return { outcome: 'refuted', lacks, excess, because: `it ${parts.join(' and ')}, which no ${claimed} core does` };
}
