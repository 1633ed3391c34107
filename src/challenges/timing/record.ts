/**
 * What only hardware can show, of one phone, without anything that tells whose it is: the population that envelopes are made of.
 * No serial number, IMEI, address or account is in it; a build's fingerprint is the same on every phone of the model.
 */
import * as z from 'zod/mini';
import type { NativeProgram } from '../native/program.ts';
import type { RunReading } from '../native/read-run.ts';
import { readTiming } from './read-timing.ts';

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

type Named = Pick<PhoneRecord, 'model' | 'brand' | 'platform' | 'fingerprint' | 'kernel'>;

/** Makes the record of a phone from what its programs said. */
export function recordOf(named: Named, runs: readonly RecordedRun[]): PhoneRecord {
  const figures: Record<string, number> = {};
  for (const { reading, program, nonce } of runs) {
    const timing = readTiming(reading, program, nonce);
    // Wrong answers time nothing.
    if (timing === undefined || timing.wrong > 0) continue;
    if (timing.clockHertz !== undefined) figures['clockHertz'] = timing.clockHertz.value;
    if ('floorNs' in timing.relay) figures['roundTripFloorNs'] = timing.relay.floorNs;
    for (const { bytes, stepNs } of timing.rings) figures[`ring${bytes / 1024}KiB.stepNs`] = stepNs;
    for (const { workers, ns } of timing.scaling) figures[`scale${workers}.ns`] = ns;
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

/** Units that an envelope wants before anything timed may refute. */
const ENVELOPE_UNITS = 5;

interface Envelope {
  readonly format: 'assay.envelope/1';
  readonly model: string;
  readonly brand: string;
  readonly units: number;
  /** Builds that the units ran. */
  readonly fingerprints: readonly string[];
  readonly figures: Readonly<Record<string, { readonly n: number; readonly min: number; readonly median: number; readonly max: number }>>;
}

/** Envelopes of the models of which there are enough records; with them the models of which there are not. */
export function envelopesOf(records: readonly PhoneRecord[]): {
  readonly envelopes: readonly Envelope[];
  readonly tooFew: readonly { readonly model: string; readonly units: number }[];
} {
  const envelopes: Envelope[] = [];
  const tooFew: { model: string; units: number }[] = [];
  // One record given twice is one unit. That one phone was recorded twice nobody can see: nothing in a record tells whose it is.
  const distinct = [...new Map(records.map((record) => [JSON.stringify(record), record])).values()];
  for (const some of Map.groupBy(distinct, ({ brand, model }) => `${brand}\n${model}`).values()) {
    const [first] = some;
    if (first === undefined) continue;
    if (some.length < ENVELOPE_UNITS) {
      tooFew.push({ model: first.model, units: some.length });
      continue;
    }
    const figures: Record<string, Envelope['figures'][string]> = {};
    for (const name of new Set(some.flatMap((record) => Object.keys(record.figures)))) {
      const values = some.flatMap((record) => record.figures[name] ?? []).toSorted((a, b) => a - b);
      const [min, median, max] = [values[0], values[values.length >> 1], values.at(-1)];
      // A figure of fewer units than an envelope wants is none.
      if (values.length >= ENVELOPE_UNITS && min !== undefined && median !== undefined && max !== undefined)
        figures[name] = { n: values.length, min, median, max };
    }
    const fingerprints = [...new Set(some.map(({ fingerprint }) => fingerprint))].toSorted();
    envelopes.push({ format: 'assay.envelope/1', model: first.model, brand: first.brand, units: some.length, fingerprints, figures });
  }
  return { envelopes, tooFew };
}
