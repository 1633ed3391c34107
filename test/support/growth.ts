/** How work grows with what it is given, told from times: what a test asks that guards against a square. */

/** Below this, growth is no square: what is linear measures 0.9 to 1.3, a square 1.8 to 2. */
export const SQUARE_FROM = 1.6;

/** Rounds after which a growth that still looks like a square is believed. */
const ROUNDS_MAX = 25;

/** Milliseconds under which a clock tells nothing, and those under which a processor's time, which some systems count in steps of ten, tells nothing. */
const CLOCK_MS = 1;
const PROCESSOR_MS = 50;

export interface Work<T> {
  /** Makes what is worked on; its time does not count. */
  readonly make: (size: number) => T;
  readonly run: (input: T) => unknown;
  /** The smaller size; the larger one is `factor` times it. */
  readonly size: number;
  readonly factor?: number;
}

interface Times {
  readonly clock: number;
  /** This thread's own, which other programs do not lengthen; undefined where the platform does not tell it. */
  readonly processor: number | undefined;
}

/** Starts both clocks; answers what they tell then. */
function startClocks(): () => Times {
  const before = processorMs();
  const started = performance.now();
  return () => {
    const clock = performance.now() - started;
    const after = processorMs();
    return { clock, processor: before === undefined || after === undefined ? undefined : after - before };
  };
}

function processorMs(): number | undefined {
  if (typeof process !== 'object' || typeof process.threadCpuUsage !== 'function') return undefined;
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/**
 * The exponent with which the time of `run` grows: 1 is linear, 2 a square.
 * The small input is run `factor` times against the large one once, in turns, so that both sides take equally long where growth is linear, and a busy machine lengthens both.
 * It is told twice: from each side's least time by the clock, and from each side's whole time of the processor. Load disturbs the two in different ways and a real square is
 * one in both, so the smaller counts; and rounds go on until it is seen to be no square.
 * @throws Error where the work is too little to time: take a larger size
 */
export function growthOf<T>({ make, run, size, factor = 16 }: Work<T>): number {
  const [small, large] = [make(size), make(size * factor)];
  const rounds = roundsOf(factor);
  while (!rounds.areEnough()) {
    const stopSmall = startClocks();
    for (let times = 0; times < factor; times++) run(small);
    const smallTimes = stopSmall();
    const stopLarge = startClocks();
    run(large);
    rounds.add(smallTimes, stopLarge());
  }
  return rounds.exponent();
}

/** The same of what is waited for: nothing else may run meanwhile in this thread. @throws Error where the work is too little to time */
export async function growthOfAwaited<T>({ make, run, size, factor = 16 }: Work<T>): Promise<number> {
  const [small, large] = [make(size), make(size * factor)];
  const rounds = roundsOf(factor);
  while (!rounds.areEnough()) {
    const stopSmall = startClocks();
    for (let times = 0; times < factor; times++) await run(small);
    const smallTimes = stopSmall();
    const stopLarge = startClocks();
    await run(large);
    rounds.add(smallTimes, stopLarge());
  }
  return rounds.exponent();
}

function roundsOf(factor: number) {
  const smalls: Times[] = [];
  const larges: Times[] = [];
  const exponent = () => 1 + Math.log(Math.min(byClock(smalls, larges), byProcessor(smalls, larges))) / Math.log(factor);
  return {
    add(small: Times, large: Times): void {
      smalls.push(small);
      larges.push(large);
    },
    // The first rounds run code that is not compiled yet.
    areEnough: () => smalls.length >= 3 && (smalls.length >= ROUNDS_MAX || exponent() < SQUARE_FROM),
    exponent(): number {
      if (leastOf(larges) < CLOCK_MS) throw new Error(`${leastOf(larges)} ms for the larger input: too little to tell how it grows`);
      return exponent();
    },
  };
}

const leastOf = (times: readonly Times[]) => Math.min(...times.map(({ clock }) => clock));
const byClock = (smalls: readonly Times[], larges: readonly Times[]) => leastOf(larges) / leastOf(smalls);

function byProcessor(smalls: readonly Times[], larges: readonly Times[]): number {
  const whole = (times: readonly Times[]) => times.reduce((sum, { processor }) => sum + (processor ?? 0), 0);
  return whole(smalls) < PROCESSOR_MS ? Number.POSITIVE_INFINITY : whole(larges) / whole(smalls);
}
