/**
 * Challenges: how large programs are and how long they take to write; how fast the host recomputes; how long a whole run takes; relays as real processes.
 * Recomputation: mixed tables in one and in eight lanes, chained memory queries without a table. Programs are timed on the x86-64 twin, through pipes; nothing is timed under an emulator.
 * Relays: a process that answers pings itself and sends work to another process after a delay; one that delays its pings alike. `ASSAY_RELAYS=N` sets how many runs of each (default 5; the figures want 30, and 100 genuine).
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import {
  askerOf,
  askIdentity,
  askRelay,
  askStorage,
  askTimes,
  calibrate,
  planProgram,
  type RelayAnswer,
  recomputeFetches,
  recomputeMix,
  recomputeQueries,
  writeProgram,
} from '../src/challenges/index.ts';
import { spawnProgram } from '../test/support/spawn-program.ts';

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
const RELAY = join(import.meta.dirname, '..', 'test', 'support', 'relay.ts');

const best = (times: number, work: () => void): number => {
  let least = Number.POSITIVE_INFINITY;
  for (let at = 0; at < times; at++) {
    const start = performance.now();
    work();
    least = Math.min(least, performance.now() - start);
  }
  return least;
};

/** Everything that is asked of one program, on the twin: what a phone of the host's speed would take. */
async function wholeRun(): Promise<void> {
  const spawned = spawnProgram('x86-64', random(32));
  const asker = askerOf(spawned.ask, spawned.program, random);
  const monotonicMs = () => performance.now();
  const ports = { random, monotonicMs, wait: (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms)) };
  const seconds = async (work: () => Promise<unknown>) => {
    const start = performance.now();
    await work();
    return ((performance.now() - start) / 1000).toFixed(1);
  };
  const budgetBytes = 256 << 20;
  console.log(
    `a whole run on the twin: instructions and counter ${await seconds(() => askIdentity(asker, ports))} s, times ${await seconds(() => askTimes(asker, ports))} s; ` +
      `storage, 1 GiB reserved and 256 MiB filled and read back, ${await seconds(() => askStorage(asker, { budgetBytes, claimedBytes: 2 ** 30 }, ports))} s`,
  );
  await spawned.close();
}

export async function run(): Promise<void> {
  for (const target of ['aarch64', 'arm', 'x86-64'] as const) {
    const start = performance.now();
    const bytes = writeProgram(planProgram(target, random(32)), 'dynamic');
    const first = performance.now() - start;
    console.log(
      `program for ${target}: ${bytes.length} bytes, written in ${first.toFixed(1)} ms, again in ${best(5, () => void writeProgram(planProgram(target, random(32)), 'dynamic')).toFixed(1)} ms`,
    );
  }
  const { mix } = planProgram('x86-64', random(32));
  for (const kib of [64, 256, 1024, 4096, 16_384, 65_536]) {
    const rate = (lanes: number) => {
      // As many steps in all, or a large table's filling would drown those of one lane.
      const steps = 3_200_000 / lanes;
      const runs = Array.from({ length: lanes }, (_, lane) => ({ words: kib * 256, steps, seed: lane }));
      // What filling takes is taken off by a run of one step.
      const filling = best(
        3,
        () =>
          void recomputeMix(
            mix,
            runs.map((one) => ({ ...one, steps: 1 })),
          ),
      );
      return (steps * lanes) / (best(3, () => void recomputeMix(mix, runs)) - filling) / 1000;
    };
    console.log(`mixed table of ${kib} KiB: ${rate(1).toFixed(0)} M steps/s in one lane, ${rate(8).toFixed(0)} in eight`);
  }
  console.log(
    `20,000 chained queries over 2 GiB, without a table: ${best(3, () => void recomputeQueries({ count: 20_000, steps: 32, fillSeed: 1, seed: 2 })).toFixed(0)} ms`,
  );
  console.log(
    `a round of 256 pages of storage, recomputed without a table: ${best(5, () => void recomputeFetches({ count: 256, steps: 64, fillSeed: 1, seed: 2 })).toFixed(2)} ms`,
  );
  if (process.arch !== 'x64') return;
  await wholeRun();
  const runs = Number(process.env['ASSAY_RELAYS'] ?? 5);
  const ways: readonly (readonly [string, number, readonly string[] | undefined])[] = [
    ['genuine', runs === 30 ? 100 : runs, undefined],
    ['relay of 0.3 ms', runs, ['0.3']],
    ['relay of 1 ms', runs, ['1']],
    ['relay of 5 ms', runs, ['5']],
    ['relay of 1 ms that delays everything', runs, ['1', 'all']],
  ];
  for (const [name, count, relay] of ways) {
    const outcomes: RelayAnswer['outcome'][] = [];
    const start = performance.now();
    for (let at = 0; at < count; at++) {
      const spawned = spawnProgram('x86-64', random(32), relay === undefined ? {} : { through: [process.execPath, RELAY, ...relay, '--'] });
      const asker = askerOf(spawned.ask, spawned.program, random);
      const unit = await calibrate(asker, { monotonicMs: () => performance.now() });
      outcomes.push((await askRelay(asker, unit)).outcome);
      await spawned.close();
    }
    const counts = [...Map.groupBy(outcomes, (outcome) => outcome)].map(([outcome, all]) => `${outcome} ${all.length}`).join(', ');
    console.log(`${name}: ${counts} of ${count}, ${((performance.now() - start) / count / 1000).toFixed(1)} s each`);
  }
}
