/**
 * What of a location may be shown to whom. The public form names nobody below the threshold: such custodians are called by their role and a number, in words,
 * pictures and JSON alike. The working paper names all, for whoever must fetch the next phones, and says on every page what it is.
 * Format: `assay.location/1`, docs/formats/location.schema.json.
 */
import { z } from 'zod/mini';
import type { Custodian, Flow } from './input.ts';
import { RELATIONS } from './ledger.ts';
import type { LocatedSuspect, Location } from './locate.ts';
import { MEASURED, type MeasuredError } from './measured.ts';

const lineSchema = z.strictObject({ relation: z.enum(RELATIONS), phones: z.int(), decibans: z.number() });
const suspectSchema = z.strictObject({
  /** A custodian's name where it is named, else its role and a number; of a link, both ends. */
  name: z.string(),
  named: z.boolean(),
  kind: z.enum(['custodian', 'link']),
  posterior: z.number(),
  share: z.strictObject({ low: z.number(), middle: z.number(), high: z.number() }),
  phones: z.number(),
  inspected: z.number(),
  altered: z.number(),
  ledger: z.nullable(
    z.strictObject({
      prior: z.number(),
      lines: z.array(lineSchema),
      posterior: z.number(),
      rest: z.number(),
      strongest: z.array(z.strictObject({ phone: z.string(), altered: z.boolean(), decibans: z.number() })),
    }),
  ),
});
const proposedSchema = z.strictObject({ phone: z.string(), bits: z.number(), altered: z.nullable(z.number()), alike: z.int() });
/** The stream of phones between two custodians, as pictures draw it. */
const streamSchema = z.strictObject({
  from: z.string(),
  to: z.string(),
  phones: z.int(),
  inspected: z.int(),
  altered: z.int(),
  posterior: z.number(),
});

export const locationSchema = z.strictObject({
  format: z.literal('assay.location/1'),
  form: z.enum(['public', 'working-paper']),
  finding: z.string(),
  stop: z.strictObject({ reason: z.string(), stop: z.boolean(), because: z.string() }),
  method: z.enum(['exact', 'sampled']),
  disagreement: z.nullable(z.number()),
  threshold: z.number(),
  outside: z.number(),
  uncertain: z.number(),
  several: z.number(),
  counts: z.strictObject({ custodians: z.int(), phones: z.int(), inspected: z.int(), altered: z.int() }),
  suspects: z.array(suspectSchema),
  alike: z.array(z.strictObject({ suspects: z.array(z.string()), posterior: z.number(), separable: z.boolean() })),
  next: z.array(proposedSchema),
  batch: z.array(proposedSchema),
  /** What several phones were found to have alike: evidence of one hand, or of two that share a tool. */
  shared: z.array(z.strictObject({ signature: z.string(), phones: z.int() })),
  /** Places in the order of the way: column, and what is drawn there. */
  places: z.array(z.strictObject({ id: z.string(), column: z.int(), name: z.string(), posterior: z.number(), custodians: z.int() })),
  streams: z.array(streamSchema),
  notUsed: z.array(z.strictObject({ phone: z.string(), because: z.string() })),
  replies: z.array(z.strictObject({ name: z.string(), at: z.string(), text: z.string() })),
  assumptions: z.record(z.string(), z.union([z.number(), z.array(z.number())])),
  calibration: z.record(z.string(), z.strictObject({ sensitivity: z.number(), falsePositive: z.number() })),
  /** How often an innocent was at the threshold in simulated worlds. */
  wrong: z.strictObject({
    threshold: z.number(),
    worlds: z.array(z.strictObject({ world: z.string(), what: z.string(), runs: z.int(), accused: z.int() })),
  }),
});
export type LocationReport = z.infer<typeof locationSchema>;

export interface PublishOptions {
  readonly form: LocationReport['form'];
  readonly measured?: MeasuredError;
}

/** Makes the form that leaves the house. */
export function publishLocation(location: Location, flow: Flow, { form, measured = MEASURED }: PublishOptions): LocationReport {
  const isSettled = !['not-settled', 'nothing-inspected', 'records-incomplete'].includes(location.stop.reason);
  const named = new Set(
    location.suspects
      .filter(({ kind, posterior }) => kind === 'custodian' && posterior >= location.threshold && isSettled)
      .map(({ name }) => name),
  );
  const nameOf = naming(flow.custodians, (id) => form === 'working-paper' || named.has(id));
  const callSuspect = ({ kind, name, from, to }: Pick<LocatedSuspect, 'kind' | 'name' | 'from' | 'to'>): string =>
    kind === 'link' ? `${nameOf(from ?? '')} → ${nameOf(to ?? '')}` : nameOf(name);
  const byName = new Map(location.suspects.map((suspect) => [suspect.name, suspect]));
  const call = (name: string): string => {
    const suspect = byName.get(name);
    if (suspect !== undefined) return callSuspect(suspect);
    const [from, to] = name.split(' → ');
    return to === undefined ? nameOf(name) : `${nameOf(from ?? '')} → ${nameOf(to)}`;
  };
  // A phone's id tells nothing of a shop by itself, and whoever fetches it needs it.
  const phones = flow.phones.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const { places, streams } = drawable(location, flow, nameOf);
  return {
    format: 'assay.location/1',
    form,
    finding: findingOf(location, callSuspect),
    stop: location.stop,
    method: location.method,
    disagreement: location.disagreement,
    threshold: location.threshold,
    outside: location.outside,
    uncertain: location.uncertain,
    several: location.several,
    counts: location.counts,
    suspects: location.suspects.map((suspect) => ({
      name: callSuspect(suspect),
      named: named.has(suspect.name),
      kind: suspect.kind,
      posterior: suspect.posterior,
      share: suspect.share,
      phones: suspect.phones,
      inspected: suspect.inspected,
      altered: suspect.altered,
      ledger:
        suspect.ledger === null
          ? null
          : {
              prior: suspect.ledger.prior,
              lines: suspect.ledger.lines.map((line) => ({ ...line })),
              posterior: suspect.ledger.posterior,
              rest: suspect.ledger.rest,
              strongest: suspect.ledger.strongest.map(({ phone, isAltered, decibans }) => ({
                phone: phones[phone]?.id ?? '',
                altered: isAltered,
                decibans,
              })),
            },
    })),
    alike: location.alike.map(({ suspects, posterior, separable }) => ({ suspects: suspects.map(call), posterior, separable })),
    next: location.next.map((proposed) => ({ ...proposed })),
    batch: location.batch.map((proposed) => ({ ...proposed })),
    shared: location.shared.map((one) => ({ ...one })),
    places,
    streams,
    notUsed: location.unused.map((one) => ({ ...one })),
    replies: (flow.replies ?? [])
      .filter(({ custodian }) => form === 'working-paper' || named.has(custodian))
      .map(({ custodian, at, text }) => ({ name: nameOf(custodian), at, text })),
    assumptions: Object.fromEntries(
      Object.entries(location.assumptions).map(([key, value]) => [key, Array.isArray(value) ? [...value] : value]),
    ),
    calibration: Object.fromEntries(Object.entries(location.calibration).map(([check, value]) => [check, { ...value }])),
    wrong: { threshold: measured.threshold, worlds: measured.worlds.map((world) => ({ ...world })) },
  };
}

/** Names of custodians: the real one where `may` says so, else the role with a number in the order of ids. */
function naming(custodians: readonly Custodian[], may: (id: string) => boolean): (id: string) => string {
  const counts = new Map<string, number>();
  const names = new Map<string, string>();
  for (const { id, name, role = 'other' } of custodians.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
    const number = (counts.get(role) ?? 0) + 1;
    counts.set(role, number);
    names.set(id, may(id) ? (name ?? id) : `${role === 'other' ? 'custodian' : role} ${number}`);
  }
  return (id) => names.get(id) ?? 'custodian not listed';
}

const percent = (p: number): string => (p >= 0.995 ? '> 99 %' : p < 0.01 ? '< 1 %' : `${Math.round(100 * p)} %`);

/** The finding, in the conditional. */
function findingOf(location: Location, call: (suspect: LocatedSuspect) => string): string {
  const { suspects, stop, outside, threshold, counts, alike } = location;
  const [first] = suspects;
  if (stop.reason === 'nothing-inspected') return 'No phone was inspected yet: nothing can be said about anybody.';
  if (stop.reason === 'not-settled') return 'The computation did not settle: nothing may be read off it yet.';
  if (stop.reason === 'records-incomplete') return 'Nobody is named: too many events of custody are missing for that.';
  if (outside >= threshold) return `The phones would have been altered by nobody in the known chain (${percent(outside)}).`;
  if (first !== undefined && first.posterior >= threshold) {
    const where = first.kind === 'link' ? `on the way ${call(first)}` : `at ${call(first)}`;
    return `If the records of custody are true, phones would have been altered ${where}: probability ${percent(first.posterior)}, from ${counts.inspected} inspected phones. It would be the alteration of ${percent(first.share.low)} to ${percent(first.share.high)} of what it handles.`;
  }
  const set = alike.find(({ posterior }) => posterior >= threshold);
  if (set !== undefined)
    return `One of ${set.suspects.length} that the data cannot tell apart would have altered the phones (${percent(set.posterior)} together); which one is open, so none is named.`;
  return `It is open who altered the phones: the likeliest is at ${percent(first?.posterior ?? 0)}, and nobody is named below ${percent(threshold)}.`;
}

/** Custodians of a column that are drawn one by one; the rest is drawn as one. */
const DRAWN = 7;
const STREAMS_MAX = 400;

/** Gathers paths into columns: a custodian's column is where it stands on most phones' ways. The likeliest suspects are drawn by themselves. */
function drawable(
  { posteriors }: Location,
  flow: Flow,
  nameOf: (id: string) => string,
): { readonly places: LocationReport['places']; readonly streams: LocationReport['streams'] } {
  const positions = new Map<string, Map<number, number>>();
  for (const { path } of flow.phones) {
    for (const [column, step] of path.entries()) {
      if ('gap' in step) continue;
      const row = positions.get(step.custodian) ?? new Map<number, number>();
      positions.set(step.custodian, row.set(column, (row.get(column) ?? 0) + 1));
    }
  }
  const drawn = new Set<string>();
  const columns = new Map<number, { readonly id: string; readonly phones: number }[]>();
  for (const [id, row] of positions)
    for (const [column, phones] of row) columns.set(column, [...(columns.get(column) ?? []), { id, phones }]);
  for (const [column, ids] of columns) {
    const rank = ids.toSorted(
      (a, b) => (posteriors.get(b.id) ?? 0) - (posteriors.get(a.id) ?? 0) || b.phones - a.phones || (a.id < b.id ? -1 : 1),
    );
    for (const { id } of ids.length > DRAWN + 1 ? rank.slice(0, DRAWN) : rank) drawn.add(`${column} ${id}`);
  }
  const places = new Map<string, LocationReport['places'][number] & { readonly members: Set<string> }>();
  const placeOf = (custodian: string | undefined, column: number): string => {
    const key =
      custodian === undefined ? `${column} gap` : drawn.has(`${column} ${custodian}`) ? `${column} ${custodian}` : `${column} others`;
    const known = places.get(key);
    const members = known?.members ?? new Set<string>();
    if (custodian !== undefined) members.add(custodian);
    const isOne = custodian !== undefined && key !== `${column} others`;
    const posterior = isOne ? (posteriors.get(custodian) ?? 0) : Math.max(known?.posterior ?? 0, posteriors.get(custodian ?? '') ?? 0);
    const name = custodian === undefined ? 'not recorded' : isOne ? nameOf(custodian) : `${members.size} others`;
    // Ids of what is drawn carry no names.
    places.set(key, { id: known?.id ?? `place ${places.size + 1}`, column, name, posterior, custodians: members.size, members });
    return places.get(key)?.id ?? '';
  };
  const streams = new Map<string, { from: string; to: string; phones: number; inspected: number; altered: number; posterior: number }>();
  for (const { path, inspections = [] } of flow.phones) {
    const verdicts = inspections.filter(({ outcome }) => outcome !== 'inconclusive');
    const isAltered = verdicts.some(({ outcome }) => outcome === 'altered');
    let before: { readonly place: string; readonly custodian: string | undefined } | undefined;
    for (const [column, step] of path.entries()) {
      const custodian = 'gap' in step ? undefined : step.custodian;
      const place = placeOf(custodian, column);
      if (before !== undefined) {
        const key = `${before.place} ${place}`;
        const stream = streams.get(key) ?? { from: before.place, to: place, phones: 0, inspected: 0, altered: 0, posterior: 0 };
        stream.phones++;
        if (verdicts.length > 0) stream.inspected++;
        if (isAltered) stream.altered++;
        stream.posterior = Math.max(stream.posterior, posteriors.get(`${before.custodian} → ${custodian}`) ?? 0);
        streams.set(key, stream);
      }
      before = { place, custodian };
    }
  }
  return {
    places: [...places.values()].map(({ id, column, name, posterior, custodians }) => ({ id, column, name, posterior, custodians })),
    streams: [...streams.values()].toSorted((a, b) => b.altered - a.altered || b.phones - a.phones).slice(0, STREAMS_MAX),
  };
}
