/**
 * What only hardware can show, of one phone, without anything that tells whose it is: the population that envelopes are made of.
 * No serial number, IMEI, address or account is in it; a build's fingerprint is the same on every phone of the model.
 */
import * as z from 'zod/mini';
import type { NativeProgram } from '../native/program.ts';
import type { RunReading } from '../native/read-run.ts';
import { readTiming, type Timing } from './read-timing.ts';

const text = z.string().check(z.maxLength(300));
const amount = z.number().check(z.gte(0), z.lte(1e15));
const range = z.nullable(z.strictObject({ low: amount, high: amount }));

export const RecordSchema = z.strictObject({
  format: z.literal('assay.record/1'),
  model: text,
  brand: text,
  platform: text,
  fingerprint: text,
  kernel: text,
  programs: z
    .array(
      z.strictObject({
        target: z.enum(['aarch64', 'arm']),
        kind: z.enum(['dynamic', 'fixed']),
        outcome: text,
        pageSize: z.nullable(amount),
        hwcap: z.nullable(amount),
        hwcap2: z.nullable(amount),
        /** Numbers of the cores that took a pin. */
        pinned: z.array(amount).check(z.maxLength(64)),
        /** Names of what was executed, on every core that was asked. */
        executed: z.array(text).check(z.maxLength(64)),
        counterHertz: range,
        latticeHertz: z.nullable(amount),
      }),
    )
    .check(z.maxLength(8)),
  /** What may have made it slow, as the phone says. */
  circumstances: z.strictObject({
    governors: z.array(text).check(z.maxLength(16)),
    batteryCelsius: z.nullable(z.number().check(z.gte(-100), z.lte(200))),
    load: z.nullable(amount),
  }),
  /** Figures by name, in the unit that the name ends with. Only what was measured. */
  figures: z.record(z.string().check(z.regex(/^[a-z][a-zA-Z0-9.]{0,60}$/)), amount),
});
export type PhoneRecord = z.infer<typeof RecordSchema>;

export interface RecordedRun {
  readonly kind: 'dynamic' | 'fixed';
  readonly outcome: string;
  readonly nonce: Uint8Array;
  readonly reading: RunReading;
  readonly program: NativeProgram;
}

type Named = Pick<PhoneRecord, 'model' | 'brand' | 'platform' | 'fingerprint' | 'kernel' | 'circumstances'>;

/** Figures of one run by name. `relative` has no unit: of a ring against the smallest, which is in the first cache, and of workers against one alone; heat and governors change both alike. */
export function figuresOf(timing: Timing, { counter, latticeHertz }: Pick<RunReading, 'counter' | 'latticeHertz'>): Record<string, number> {
  const figures: Record<string, number> = {};
  const hertz = typeof counter === 'object' ? (counter.low + counter.high) / 2 : latticeHertz;
  if (hertz !== undefined) figures['counterHertz'] = hertz;
  if (timing.clockHertz !== undefined) figures['clockHertz'] = timing.clockHertz.value;
  if ('floorNs' in timing.relay) figures['roundTripFloorNs'] = timing.relay.floorNs;
  const [first] = timing.rings;
  for (const { bytes, stepNs } of timing.rings) {
    figures[`ring${bytes / 1024}KiB.stepNs`] = stepNs;
    if (first !== undefined) figures[`ring${bytes / 1024}KiB.relative`] = stepNs / first.stepNs;
  }
  const one = timing.scaling.find(({ workers }) => workers === 1);
  for (const { workers, ns } of timing.scaling) {
    figures[`scale${workers}.ns`] = ns;
    if (one !== undefined) figures[`scale${workers}.relative`] = ns / one.ns;
  }
  return figures;
}

/** Makes the record of a phone from what its programs said. */
export function recordOf(named: Named, runs: readonly RecordedRun[]): PhoneRecord {
  const figures: Record<string, number> = {};
  for (const { reading, program, nonce } of runs) {
    const timing = readTiming(reading, program, nonce);
    // Wrong answers time nothing.
    if (timing === undefined || timing.wrong > 0) continue;
    Object.assign(figures, figuresOf(timing, reading));
  }
  return {
    format: 'assay.record/1',
    ...named,
    programs: runs.map(({ kind, outcome, reading }) => ({
      target: reading.target,
      kind,
      outcome,
      pageSize: reading.pageSize ?? null,
      hwcap: reading.hwcap ?? null,
      hwcap2: reading.hwcap2 ?? null,
      pinned: reading.cores.map(({ core }) => core).filter((core) => core !== undefined),
      executed: [...(reading.cores[0]?.outcomes ?? [])]
        .map(([name]) => name)
        .filter((name) => reading.cores.every(({ outcomes }) => outcomes.get(name) === 'present'))
        .toSorted(),
      counterHertz: typeof reading.counter === 'object' ? { low: reading.counter.low, high: reading.counter.high } : null,
      latticeHertz: reading.latticeHertz ?? null,
    })),
    figures,
  };
}
