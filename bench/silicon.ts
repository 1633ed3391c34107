/**
 * Which chip is it: accuracy, calibration and confusion on recorded phones, without their properties. `ASSAY_DATA` names the folder of recordings (default ../shared/data); without one nothing is printed.
 * Leave-one-out: how sure to be is one number, the temperature that the probability is raised by. For each phone it is fitted on all the others, and judged on that phone alone.
 */
import { join } from 'node:path';
import { inferSoc } from '../src/checks/index.ts';
import { builtinKnowledge } from '../src/knowledge/index.ts';
import { truthOf } from '../tools/conformance/silicon.ts';
import { genuineDevices } from '../tools/genuine-devices.ts';

const GROUPS = [
  'cpuinfo',
  'cpu-sysfs',
  'soc-sysfs',
  'boot-log',
  'kernel-text',
  'gpu',
  'kernel-names',
  'partition-names',
  'driver-names',
] as const;
const TEMPERATURES = [0.5, 0.7, 1, 1.4, 2, 3, 4, 6];
/** No finite set of phones shows more than this. */
const SURE = 0.999;

interface Judged {
  readonly truth: string;
  readonly vendor: string;
  readonly probability: number;
}

const tempered = (probability: number, temperature: number): number => {
  const p = Math.min(SURE, probability) ** (1 / temperature);
  const q = (1 - Math.min(SURE, probability)) ** (1 / temperature);
  return p / (p + q);
};
const lossOf = ({ truth, vendor, probability }: Judged, temperature: number): number =>
  -Math.log(truth === vendor ? tempered(probability, temperature) : 1 - tempered(probability, temperature));
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const fitted = (others: readonly Judged[]): number =>
  TEMPERATURES.toSorted((a, b) => mean(others.map((one) => lossOf(one, a))) - mean(others.map((one) => lossOf(one, b))))[0] ?? 1;

export async function run(): Promise<void> {
  const devices = await genuineDevices(process.env['ASSAY_DATA'] ?? join(import.meta.dirname, '..', '..', 'shared', 'data'));
  const judged = devices.flatMap((device): readonly Judged[] => {
    const truth = truthOf(device);
    const found = inferSoc(device.facts, builtinKnowledge, GROUPS);
    return truth === undefined || found === undefined
      ? []
      : [{ truth: truth.vendor, vendor: found.vendor, probability: found.vendorProbability }];
  });
  if (judged.length === 0) return;
  const right = (some: readonly Judged[]) => some.filter(({ truth, vendor }) => truth === vendor).length;
  console.log(`vendor, without properties: right on ${right(judged)} of ${judged.length} phones that say anything`);
  const left = judged.map((one, at) => ({ one, temperature: fitted(judged.toSpliced(at, 1)) }));
  console.log(
    `leave-one-out: temperatures ${[...new Set(left.map(({ temperature }) => temperature))].join(', ')}; mean log loss ${mean(left.map(({ one, temperature }) => lossOf(one, temperature))).toFixed(3)}, as it is ${mean(judged.map((one) => lossOf(one, 1))).toFixed(3)}`,
  );
  for (const [low, high] of [
    [0, 0.5],
    [0.5, 0.9],
    [0.9, 0.99],
    [0.99, 1.01],
  ] as const) {
    const some = judged.filter(({ probability }) => probability >= low && probability < high);
    if (some.length > 0)
      console.log(
        `  said ${low} to ${Math.min(1, high)}: mean ${mean(some.map(({ probability }) => probability)).toFixed(3)}, right ${right(some)} of ${some.length}`,
      );
  }
  const confused = Map.groupBy(
    judged.filter(({ truth, vendor }) => truth !== vendor),
    ({ truth, vendor }) => `${truth} taken for ${vendor}`,
  );
  for (const [what, some] of confused) console.log(`  ${what}: ${some.length}`);
}
