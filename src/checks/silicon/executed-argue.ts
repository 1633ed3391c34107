/**
 * What programs of ours that ran on the phone say of a chip: by nature of evidence, since a table's error, a kernel's lie and an odd crystal are different things.
 * Words that refute only. Instructions and counter need no reference phone; anything that is timed does, and is not judged here.
 */
import {
  type Bounds,
  hardOf,
  type IsaLevel,
  isOnly64Bit,
  judgeCounter,
  judgeIsa,
  levelsOf,
  type NativeProgram,
  type RunReading,
  readRun,
  saidByKernel,
} from '../../challenges/index.ts';
import { type ChallengeRun, type Facts, factsOf, type Place, type Standing } from '../../evidence/index.ts';
import { COUNTER_HERTZ, type Soc } from '../../knowledge/index.ts';
import type { CheckContext } from '../define.ts';

/** `execution`: what ran or did not; `kernel`: what the kernel says of its cores to every program; `counter`: the crystal. */
export type Nature = 'execution' | 'kernel' | 'counter';

export interface Refuting {
  readonly nature: Nature;
  /** What was seen, for a report. */
  readonly observed: string;
  /** What the chip would have shown. */
  readonly expected: string;
}

/** Transcripts that were read, and why others were not. */
export interface Conversations {
  readonly readings: readonly RunReading[];
  /** The same with their programs, for whoever recomputes more. */
  readonly runs: readonly { readonly run: ChallengeRun; readonly reading: RunReading; readonly program: NativeProgram }[];
  readonly problems: readonly string[];
  readonly standing: Standing;
  readonly places: readonly Place[];
}

/** What was read of a transcript is kept while its facts are: six checks ask, and each answer is recomputed. */
const known = new WeakMap<Facts, Conversations>();

/** Everything that programs said; undefined where none was run. */
export function conversationsOf({ facts }: Pick<CheckContext, 'facts'>): Conversations | undefined {
  const before = known.get(facts);
  if (before !== undefined) return before;
  const conversations = readConversations(facts);
  if (conversations !== undefined) known.set(facts, conversations);
  return conversations;
}

function readConversations(facts: Facts): Conversations | undefined {
  const fromFacts = factsOf(facts, 'challenges');
  const [first] = fromFacts;
  if (first === undefined) return undefined;
  const runs: { run: ChallengeRun; reading: RunReading; program: NativeProgram }[] = [];
  const problems: string[] = [];
  for (const run of fromFacts.flatMap(({ value }) => value)) {
    const read = readable(run);
    if (typeof read === 'string') problems.push(read);
    else runs.push({ run, ...read });
  }
  return {
    readings: runs.map(({ reading }) => reading),
    runs,
    problems,
    standing: first.standing,
    places: fromFacts.map(({ place }) => place),
  };
}

function readable(run: ChallengeRun): { readonly reading: RunReading; readonly program: NativeProgram } | string {
  const name = `the ${run.target === 'arm' ? '32-bit' : '64-bit'} program`;
  if (run.exchanges.length === 0) return `${name} did not run (${run.outcome})`;
  const read = readRun(run);
  if ('problem' in read) return `${name}: ${read.problem}`;
  return read.reading.cores.length === 0 ? `${name} executed no probe (${run.outcome})` : read;
}

/** Everything that speaks against this chip, one of each nature. */
function refutingOf(soc: Soc, { readings }: Conversations): readonly Refuting[] {
  const found = [executionAgainst(soc, readings), kernelAgainst(soc, readings), counterAgainst(soc, readings)];
  return found.filter((refuting) => refuting !== undefined);
}

function executionAgainst(soc: Soc, readings: readonly RunReading[]): Refuting | undefined {
  const levels = levelsOf(soc);
  for (const reading of readings) {
    // A control that was answered, or a wrong value, is nobody's core: nothing is concluded from this run.
    const cores = reading.cores.filter(({ outcomes }) => judgeIsa('armv8.0', outcomes, reading.target).outcome !== 'not examined');
    if (cores.length === 0) continue;
    if (reading.target === 'aarch64' && soc.bits === 32 && soc.cores.length > 0)
      return { nature: 'execution', observed: 'it runs 64-bit programs', expected: `${soc.id} has 32-bit cores` };
    if (reading.target === 'arm' && isOnly64Bit(soc))
      return { nature: 'execution', observed: 'it runs 32-bit programs', expected: `no core of ${soc.id} does` };
    if (levels === undefined) continue;
    for (const { core, outcomes } of cores) {
      const judged = levels.map((level) => judgeIsa(level, outcomes, reading.target));
      const [first] = judged;
      if (first === undefined || judged.some(({ outcome }) => outcome !== 'refuted')) continue;
      // The nearest of the chip's cores says it best.
      const nearest = judged.toSorted((a, b) => a.lacks.length + a.excess.length - b.lacks.length - b.excess.length)[0] ?? first;
      return {
        nature: 'execution',
        observed: `${core === undefined ? 'a core' : `core ${core}`} ${told(nearest.lacks, nearest.excess, ['does not execute', 'executes'])}`,
        expected: `cores of ${soc.id} are ${levels.join(' and ')}`,
      };
    }
  }
  return undefined;
}

function told(lacks: readonly string[], excess: readonly string[], words: readonly [lacks: string, has: string]): string {
  return [
    ...(lacks.length > 0 ? [`${words[0]} ${lacks.join(', ')}`] : []),
    ...(excess.length > 0 ? [`${words[1]} ${excess.join(', ')}`] : []),
  ].join(' and ');
}

/** Fewer contradictions than this may be an error of a table. */
const REFUTES = 2;

/** A kernel says of a feature only what every core has: the chip's weakest core decides what it must say, its strongest what it may. */
function kernelAgainst(soc: Soc, readings: readonly RunReading[]): Refuting | undefined {
  const levels = levelsOf(soc);
  if (levels === undefined) return undefined;
  for (const { target, hwcap, hwcap2 } of readings) {
    if (hwcap === undefined || hwcap2 === undefined) continue;
    const said = saidByKernel(target, hwcap, hwcap2);
    const must = everywhere(levels.map((level) => hardOf(target, level).has)).filter((name) => said.get(name) === false);
    const mayNot = everywhere(levels.map((level) => hardOf(target, level).hasNot)).filter((name) => said.get(name) === true);
    if (must.length + mayNot.length < REFUTES) continue;
    return {
      nature: 'kernel',
      observed: `its kernel ${told(must, mayNot, ['does not name', 'names'])}`,
      expected: `a kernel on ${soc.id} names what ${levels.join(' and ')} cores have`,
    };
  }
  return undefined;
}

const everywhere = (lists: readonly (readonly string[])[]): readonly string[] =>
  (lists[0] ?? []).filter((name) => lists.every((list) => list.includes(name)));

/** Frequencies in Hz that a chip's counter may have; empty where we know none. */
const countersOf = (soc: Soc): readonly number[] =>
  soc.counterHertz === undefined ? (COUNTER_HERTZ.get(soc.vendor) ?? []) : [soc.counterHertz];

function counterAgainst(soc: Soc, readings: readonly RunReading[]): Refuting | undefined {
  const known = countersOf(soc);
  if (known.length === 0) return undefined;
  const expected = `the counter of ${soc.id} runs at ${known.map((hertz) => hertz / 1e6).join(' or ')} MHz`;
  for (const { counter, latticeHertz } of readings) {
    if (isBounds(counter) && known.every((hertz) => judgeCounter(hertz, counter) === 'refuted'))
      return { nature: 'counter', observed: `its counter runs at ${boundsText(counter)}`, expected };
    if (latticeHertz !== undefined && !known.some((hertz) => Math.abs(hertz - latticeHertz) < 0.002 * hertz))
      return { nature: 'counter', observed: `its clock ticks at ${latticeHertz / 1e6} MHz`, expected };
  }
  return undefined;
}

const isBounds = (counter: RunReading['counter']): counter is Bounds => typeof counter === 'object';

/** As in `19.199 to 19.202 MHz`. */
const boundsText = ({ low, high }: Bounds): string => `${(low / 1e6).toFixed(3)} to ${(high / 1e6).toFixed(3)} MHz`;

/** The nearest architecture of what was executed, as a name for the silicon found. */
export function foundText({ readings }: Conversations): string {
  const [reading] = readings;
  const level = reading === undefined ? undefined : levelOfReading(reading);
  const names: Readonly<Record<IsaLevel, string>> = {
    armv7: 'Armv7 cores without division',
    armv7ve: 'Armv7 cores',
    'armv8.0': 'Armv8.0 cores',
    'armv8.2': 'Armv8.2 cores',
    'armv9.0': 'Armv9 cores',
  };
  return `a chip with ${level === undefined ? 'other cores' : names[level]}`;
}

const LEVELS = ['armv9.0', 'armv8.2', 'armv8.0', 'armv7ve', 'armv7'] as const;
const levelOfReading = ({ cores, target }: RunReading): IsaLevel | undefined =>
  LEVELS.find((one) => cores.every(({ outcomes }) => fits(one, outcomes, target)));

/** What was measured, in one line, for whoever reads a report. */
export function measuredText({ readings }: Conversations): string {
  return readings
    .map((reading) => {
      const { target, cores, counter, latticeHertz } = reading;
      const level = levelOfReading(reading);
      const crystal = isBounds(counter)
        ? `counter ${boundsText(counter)}`
        : latticeHertz === undefined
          ? 'counter not readable'
          : `clock on a lattice of ${latticeHertz / 1e6} MHz`;
      return `${target === 'arm' ? '32-bit' : '64-bit'} program: ${level ?? 'mixed'} instructions on ${cores.length} core${cores.length === 1 ? '' : 's'}, ${crystal}`;
    })
    .join('; ');
}

const fits = (level: IsaLevel, outcomes: RunReading['cores'][number]['outcomes'], target: 'aarch64' | 'arm'): boolean =>
  judgeIsa(level, outcomes, target).outcome === 'consistent';

/** The chip of those allowed that least speaks against: what is left to say of a claim. Empty where one of them is not spoken against at all. */
export function leastRefuted(chips: readonly Soc[], conversations: Conversations): readonly Refuting[] {
  return chips.map((soc) => refutingOf(soc, conversations)).toSorted((a, b) => a.length - b.length)[0] ?? [];
}

/**
 * What a transcript gives when every answer in it is recomputed. `wrong`: programs that spoke, of which the record is not what it says it is; `silent`: those that the phone did not run.
 * Undefined where there is no transcript.
 */
export function readTranscript(
  facts: Facts,
): { readonly measured: string; readonly wrong: readonly string[]; readonly silent: readonly string[] } | undefined {
  const conversations = conversationsOf({ facts });
  if (conversations === undefined) return undefined;
  const told = factsOf(facts, 'challenges')
    .flatMap(({ value }) => value)
    .map((run) => ({ spoke: run.exchanges.length > 0, read: readable(run) }));
  const problems = (spoke: boolean) => told.flatMap((one) => (one.spoke === spoke && typeof one.read === 'string' ? [one.read] : []));
  return { measured: measuredText(conversations), wrong: problems(true), silent: problems(false) };
}
