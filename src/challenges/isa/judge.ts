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

/** Architecture levels as `knowledge/silicon` names them; `armv7` is split by whether its cores divide. */
export type IsaLevel = 'armv7' | 'armv7ve' | 'armv8.0' | 'armv8.2' | 'armv9.0';

/**
 * Hard instructions of each core family, by the architecture version it implements (Arm's technical reference manuals).
 * Armv8.2 cores of phones have them all of 8.1 and 8.2, and LRCPC and DotProd besides: none of 44 measured phones lacks one.
 */
const HARD_A64: Readonly<Record<IsaLevel, readonly string[]>> = {
  armv7: [],
  armv7ve: [],
  'armv8.0': [],
  'armv8.2': ['LSE', 'RDM', 'FP16', 'DotProd', 'LRCPC'],
  'armv9.0': ['LSE', 'RDM', 'FP16', 'DotProd', 'LRCPC', 'JSCVT', 'FCMA', 'FHM', 'FlagM', 'FRINTTS', 'SB', 'I8MM'],
};

/** The same for 32-bit programs. Krait, Cortex-A7, A12, A15 and A17 divide; A5, A8, A9 and Scorpion do not. */
const HARD_A32: Readonly<Record<IsaLevel, readonly string[]>> = {
  armv7: ['MLS'],
  armv7ve: ['MLS', 'SDIV', 'UDIV'],
  'armv8.0': ['MLS', 'SDIV', 'UDIV', 'LDA', 'VMAXNM', 'VRINTA'],
  'armv8.2': ['MLS', 'SDIV', 'UDIV', 'LDA', 'VMAXNM', 'VRINTA', 'FP16', 'DotProd'],
  'armv9.0': ['MLS', 'SDIV', 'UDIV', 'LDA', 'VMAXNM', 'VRINTA', 'FP16', 'DotProd', 'JSCVT', 'I8MM'],
};

/** Hard instructions that a core of the level has, and those that only later ones have. */
export function hardOf(
  target: 'aarch64' | 'arm',
  level: IsaLevel,
): { readonly has: readonly string[]; readonly hasNot: readonly string[] } {
  const table = target === 'aarch64' ? HARD_A64 : HARD_A32;
  const has = table[level];
  return { has, hasNot: table['armv9.0'].filter((name) => !has.includes(name)) };
}

export interface IsaJudgement {
  readonly outcome: 'refuted' | 'consistent' | 'not examined';
  /** Hard instructions that the claimed core has and this one does not execute. */
  readonly lacks: readonly string[];
  /** Hard instructions that the claimed core has not and this one executes. */
  readonly excess: readonly string[];
  readonly because: string;
}

/** One instruction alone may be an error of a table. */
const REFUTES = 2;

/** Holds outcomes against a claim. A control that was "executed", or a wrong answer, means that the answers are not a core's: nothing is concluded from them but that. */
export function judgeIsa(
  claimed: IsaLevel,
  outcomes: ReadonlyMap<string, ProbeOutcome>,
  target: 'aarch64' | 'arm' = 'aarch64',
): IsaJudgement {
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
  const { has, hasNot } = hardOf(target, claimed);
  const lacks = has.filter((name) => outcomes.get(name) === 'absent');
  const excess = hasNot.filter((name) => outcomes.get(name) === 'present');
  if (lacks.length + excess.length < REFUTES)
    return { outcome: 'consistent', lacks, excess, because: `it executes what an ${claimed} core executes` };
  const parts = [
    ...(lacks.length > 0 ? [`does not execute ${lacks.join(', ')}`] : []),
    ...(excess.length > 0 ? [`executes ${excess.join(', ')}`] : []),
  ];
  return { outcome: 'refuted', lacks, excess, because: `it ${parts.join(' and ')}, which no ${claimed} core does` };
}
