/**
 * Envelopes out of records of genuine units, and times held against one. It refutes and never proves.
 * Shape before speed: clock alone says nothing, since heat, governors and age change it. A factor stands between every unit seen and an accusation (hardware-challenges, sections 4 and 9).
 */
import { ENVELOPE_UNITS, type Envelope } from '../../knowledge/index.ts';
import type { PhoneRecord } from './record.ts';

/** A record whose signature was verified. */
export interface SignedRecord {
  readonly record: PhoneRecord;
  /** SHA-256 of the owner's key. */
  readonly signer: string;
  /** SHA-256 of the signed record. */
  readonly sha256: string;
}

export interface MadeEnvelopes {
  readonly envelopes: readonly Envelope[];
  readonly tooFew: readonly { readonly model: string; readonly units: number }[];
}

/** Envelopes of the models, and of the builds, of which enough owners gave records; with them the models of which there are not. A record counts once, an owner too. */
export function envelopesOf(records: readonly SignedRecord[]): MadeEnvelopes {
  const envelopes: Envelope[] = [];
  const tooFew: { model: string; units: number }[] = [];
  const once = [...new Map(records.map((one) => [one.sha256, one])).values()];
  for (const some of Map.groupBy(once, ({ record }) => `${record.brand}\n${record.model}`).values()) {
    const all = envelopeOf(some, null);
    const [first] = some;
    if (all === undefined) tooFew.push({ model: first?.record.model ?? '', units: new Set(some.map(({ signer }) => signer)).size });
    else envelopes.push(all);
    for (const [build, ofBuild] of Map.groupBy(some, ({ record }) => record.fingerprint)) {
      const one = build === '' ? undefined : envelopeOf(ofBuild, build);
      if (one !== undefined) envelopes.push(one);
    }
  }
  return { envelopes, tooFew };
}

function envelopeOf(some: readonly SignedRecord[], build: string | null): Envelope | undefined {
  const owners = Map.groupBy(some, ({ signer }) => signer);
  const [first] = some;
  if (first === undefined || owners.size < ENVELOPE_UNITS || first.record.model === '' || first.record.brand === '') return undefined;
  const figures: Envelope['figures'] = {};
  for (const name of new Set(some.flatMap(({ record }) => Object.keys(record.figures)))) {
    // Every record widens; the middle is over owners, so that nobody's many records move it.
    const ofOwner = [...owners.values()].flatMap((own) => {
      const values = own.flatMap(({ record }) => record.figures[name] ?? []);
      return values.length === 0 ? [] : [{ min: Math.min(...values), max: Math.max(...values), middle: median(values) }];
    });
    if (ofOwner.length < ENVELOPE_UNITS) continue;
    figures[name] = {
      n: ofOwner.length,
      min: Math.min(...ofOwner.map(({ min }) => min)),
      median: median(ofOwner.map(({ middle }) => middle)),
      max: Math.max(...ofOwner.map(({ max }) => max)),
    };
  }
  const { model, brand } = first.record;
  return { model, brand, build, signers: [...owners.keys()].toSorted(), records: some.map(({ sha256 }) => sha256).toSorted(), figures };
}

/** The upper middle: always one of the values. */
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/** Different causes in silicon. `clock` is speed; the others are shape. */
export type TimedNature = 'counter' | 'caches' | 'cores' | 'clock';

export interface Outside {
  readonly nature: TimedNature;
  readonly observed: string;
  readonly expected: string;
}

/** Of the crystal: cheap ones are within 0.01 %, and bounds of two seconds within 0.4 %. */
const COUNTER_PART = 0.005;
/** A step of latency that ends a cache, as in read-timing. */
const STEP = 1.45;
/** Rings beyond this are in levels that are shared, which refute nothing: neighbours take them. */
const PRIVATE_KIB = 1024;
/** Workers that wait for each other take twice as long or more. */
const CROWDED = 1.6;
/** How much slower or faster than every genuine unit a clock must be. */
const [SLOW, FAST] = [0.6, 1.35];

/** What lies outside the envelope, at most one of each nature. `figures` are those of `figuresOf`. */
export function judgeEnvelope(figures: Readonly<Record<string, number>>, envelope: Pick<Envelope, 'figures'>): readonly Outside[] {
  const known = envelope.figures;
  const found = [counterOutside, cachesOutside, coresOutside, clockOutside].map((judge) => judge(figures, known));
  return found.filter((outside) => outside !== undefined);
}

/** Two natures, of which one is shape, refute; anything less is only said. */
export const isRefuted = (outside: readonly Outside[]): boolean => outside.length > 1 && outside.some(({ nature }) => nature !== 'clock');

type Figures = Readonly<Record<string, number>>;
type Known = Envelope['figures'];
const mega = (hertz: number) => `${(hertz / 1e6).toFixed(2)} MHz`;
const between = (of: Known[string], say: (value: number) => string) => `${say(of.min)} to ${say(of.max)} in ${of.n} units`;

function counterOutside(figures: Figures, known: Known): Outside | undefined {
  const [ours, theirs] = [figures['counterHertz'], known['counterHertz']];
  if (ours === undefined || theirs === undefined) return undefined;
  const isOutside = ours < theirs.min * (1 - COUNTER_PART) || ours > theirs.max * (1 + COUNTER_PART);
  return isOutside ? { nature: 'counter', observed: `a counter of ${mega(ours)}`, expected: between(theirs, mega) } : undefined;
}

/**
 * A ring that is slower, against the smallest, than one four times its size on the slowest genuine unit: a private cache that is missing two octaves.
 * Knees err to the small side by one octave on a quiet phone and two on a busy one; four times the size is beyond both.
 */
function cachesOutside(figures: Figures, known: Known): Outside | undefined {
  for (let kib = 8; 4 * kib <= PRIVATE_KIB; kib *= 2) {
    const [ours, theirs] = [figures[`ring${kib}KiB.relative`], known[`ring${4 * kib}KiB.relative`]];
    if (ours === undefined || theirs === undefined || !(ours > STEP * theirs.max)) continue;
    const say = (value: number) => `${value.toFixed(1)} times`;
    return {
      nature: 'caches',
      observed: `${kib} KiB take ${say(ours)} what 4 KiB take`,
      expected: `${4 * kib} KiB take ${between(theirs, say)}`,
    };
  }
  return undefined;
}

function coresOutside(figures: Figures, known: Known): Outside | undefined {
  for (const workers of [2, 4, 8]) {
    const name = `scale${workers}.relative`;
    const [ours, theirs] = [figures[name], known[name]];
    if (ours === undefined || theirs === undefined || !(ours > CROWDED * theirs.max)) continue;
    const say = (value: number) => `${value.toFixed(1)} times`;
    return { nature: 'cores', observed: `${workers} workers take ${say(ours)} what one takes`, expected: between(theirs, say) };
  }
  return undefined;
}

function clockOutside(figures: Figures, known: Known): Outside | undefined {
  const [ours, theirs] = [figures['clockHertz'], known['clockHertz']];
  if (ours === undefined || theirs === undefined) return undefined;
  const isOutside = ours < SLOW * theirs.min || ours > FAST * theirs.max;
  return isOutside ? { nature: 'clock', observed: `a clock of ${mega(ours)}`, expected: between(theirs, mega) } : undefined;
}
