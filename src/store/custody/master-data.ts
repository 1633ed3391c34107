/**
 * Master data of EPCIS documents in the store (decision 32): kept as it was said, by whom, beside the places that the operator wrote down, and never over them.
 * What the operator himself imported fills what his places leave open. A party's own word names its places and itself, and does nothing else: where a thing stands and whose it is
 * decides whom a path accuses, so nobody decides that of himself.
 */
import type { Transaction } from 'kysely';
import { z } from 'zod/mini';
import { type Instant, instantMs, isInstant } from '../../bytes/index.ts';
import { canonicalUri, type Described, type Place } from '../../provenance/index.ts';
import { indexBlob, type Store } from '../store.ts';
import type { Tables } from '../tables.ts';

const text = z.string().check(z.maxLength(4096));
const describedSchema = z.strictObject({
  uri: text,
  type: text,
  name: z.optional(text),
  address: z.optional(text),
  country: z.optional(text),
  latitude: z.optional(z.number()),
  longitude: z.optional(z.number()),
  party: z.optional(text),
  roles: z.array(text),
  attributes: z.array(z.strictObject({ id: text, value: text })),
  children: z.array(text),
});
/** As it stands in a row, which `keptSchema` let in. */
type Said = z.infer<typeof describedSchema>;
const keptSchema = z.strictObject({
  format: z.literal('assay.master-data/1'),
  recordedAt: z.custom<Instant>((value) => typeof value === 'string' && isInstant(value)),
  /** The party that said it; null for the operator of the store. */
  sender: z.nullable(text),
  described: z.array(describedSchema),
});

/** That somebody said another thing of a place than is known. What was known stays. */
export interface Disagreement {
  readonly uri: string;
  readonly field: 'name' | 'party' | 'country' | 'latitude' | 'longitude';
  readonly known: string;
  readonly said: string;
}

export interface KeptMasterData {
  readonly described: number;
  readonly disagreements: readonly Disagreement[];
}

/** Rows of one statement. */
const ROWS = 1000;
const FIELDS = ['name', 'party', 'country', 'latitude', 'longitude'] as const;

/** Keeps what a document says of places and parties. Answers where that differs from what was known. */
export async function keepMasterData(
  store: Store,
  described: readonly Described[],
  { now, sender }: { readonly now: Instant; readonly sender: string | null },
): Promise<KeptMasterData> {
  if (described.length === 0) return { described: 0, disagreements: [] };
  const { places } = await knowledgeOf(store);
  const disagreements = described.flatMap((one) =>
    FIELDS.flatMap((field): readonly Disagreement[] => {
      const [known, said] = [places.get(one.uri)?.[field], one[field]];
      return known === undefined || said === undefined || known === said
        ? []
        : [{ uri: one.uri, field, known: String(known), said: String(said) }];
    }),
  );
  const from = sender === null ? null : canonicalUri(sender);
  const bytes = new TextEncoder().encode(JSON.stringify({ format: 'assay.master-data/1', recordedAt: now, sender: from, described }));
  const sha256 = await store.blobs.put('master-data', bytes);
  await store.db.transaction().execute((transaction) => indexMasterData(transaction, { sha256, bytes }));
  return { described: described.length, disagreements };
}

export async function indexMasterData(
  db: Transaction<Tables>,
  { sha256, bytes }: { readonly sha256: string; readonly bytes: Uint8Array },
): Promise<void> {
  const { recordedAt, sender, described } = z.parse(keptSchema, JSON.parse(new TextDecoder().decode(bytes)));
  await indexBlob(db, 'master-data', { sha256, bytes: bytes.length });
  const rows = described.map((one) => ({
    uri: one.uri,
    sender: sender ?? '',
    said: JSON.stringify(one),
    blob: sha256,
    recorded_ms: instantMs(recordedAt),
  }));
  for (let i = 0; i < rows.length; i += ROWS)
    await db
      .insertInto('custody_descriptions')
      .values(rows.slice(i, i + ROWS))
      // Of one sender what he said last counts; the blob of what he said before stays.
      .onConflict((conflict) =>
        conflict
          .columns(['uri', 'sender'])
          .doUpdateSet((of) => ({
            said: of.ref('excluded.said'),
            blob: of.ref('excluded.blob'),
            recorded_ms: of.ref('excluded.recorded_ms'),
          }))
          .whereRef('custody_descriptions.recorded_ms', '<', 'excluded.recorded_ms'),
      )
      .execute();
}

/** What the store knows of places and parties. */
export interface Knowledge {
  readonly places: ReadonlyMap<string, Place>;
  /** What places and parties are called, by their URIs. */
  readonly names: ReadonlyMap<string, string>;
  readonly attributesOf: (uri: string) => Described['attributes'];
  /** The places below a place, at any depth. */
  readonly below: (uri: string) => readonly string[];
}

const isPlaceType = (type: string) => /(?:^|[:/#])(?:BusinessLocation|ReadPoint|Location)$/i.test(type);
/** The party of a GLN, as its places are numbered. */
const partyOf = (uri: string) => uri.replace(/\/254\/.*$/, '').replace('/414/', '/417/');

export async function knowledgeOf(store: Pick<Store, 'db'>): Promise<Knowledge> {
  const [rows, written] = await Promise.all([
    store.db.selectFrom('custody_descriptions').selectAll().orderBy('uri').orderBy('sender').execute(),
    store.db.selectFrom('custody_places').selectAll().orderBy('uri').execute(),
  ]);
  // The operator's, whose sender is empty, come first; of others only what speaks for its own.
  const heard = rows.flatMap(({ uri, sender, said }) =>
    sender === '' || partyOf(uri) === sender ? [{ one: JSON.parse(said) as Said, isOperator: sender === '' }] : [],
  );
  const places = new Map<string, Place>();
  for (const row of written)
    places.set(row.uri, {
      uri: row.uri,
      name: row.name ?? undefined,
      party: row.party ?? undefined,
      country: row.country ?? undefined,
      latitude: row.latitude ?? undefined,
      longitude: row.longitude ?? undefined,
    });
  const names = new Map<string, string>();
  const attributes = new Map<string, Described['attributes']>();
  const children = new Map<string, readonly string[]>();
  for (const { one, isOperator } of heard) {
    const { uri } = one;
    if (!attributes.has(uri)) attributes.set(uri, one.attributes);
    if (!children.has(uri)) children.set(uri, one.children);
    if (isPlaceType(one.type)) places.set(uri, filled(places.get(uri), one, isOperator));
    else if (one.name !== undefined && !names.has(uri)) names.set(uri, one.name);
  }
  for (const { uri, name, party } of places.values())
    if (name !== undefined) {
      names.set(uri, name);
      // Who is called nothing is called as his place is: whoever is said to have it, else whose number it has.
      const owner = party ?? partyOf(uri);
      if (!names.has(owner)) names.set(owner, name);
    }
  return { places, names, attributesOf: (uri) => attributes.get(uri) ?? [], below: (uri) => belowIn(children, uri) };
}

/** A place with what was left open. A position is one thing: half of it is never filled. */
function filled(place: Place | undefined, one: Said, isOperator: boolean): Place {
  const known = place ?? { uri: one.uri, name: undefined, party: undefined, country: undefined, latitude: undefined, longitude: undefined };
  const name = known.name ?? one.name;
  if (!isOperator) return { ...known, name };
  const isPlaced = known.latitude !== undefined || known.longitude !== undefined;
  return {
    uri: known.uri,
    name,
    party: known.party ?? one.party,
    country: known.country ?? one.country,
    latitude: isPlaced ? known.latitude : one.latitude,
    longitude: isPlaced ? known.longitude : one.longitude,
  };
}

/** Everything below, once, whatever circles somebody drew. */
function belowIn(children: ReadonlyMap<string, readonly string[]>, uri: string): readonly string[] {
  const found = new Set<string>();
  for (let level: readonly string[] = [uri]; level.length > 0; ) {
    const next = level.flatMap((one) => children.get(one) ?? []).filter((one) => one !== uri && !found.has(one));
    for (const one of next) found.add(one);
    level = [...new Set(next)];
  }
  return [...found];
}

/** Every place that is known. */
export const placesOf = async (store: Pick<Store, 'db'>): Promise<ReadonlyMap<string, Place>> => (await knowledgeOf(store)).places;
