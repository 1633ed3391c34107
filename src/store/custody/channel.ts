/** Authorisations and places in the store. An authorisation's blob is the brand's signed envelope: whoever asks verifies it under the keys that he trusts. */

import type { Transaction } from 'kysely';
import { z } from 'zod/mini';
import { type Instant, instantMs, instantOf, isInstant } from '../../bytes/index.ts';
import { nodeHash, nodeVerify } from '../../platform/node/index.ts';
import {
  authorisationEntry,
  authorisationId,
  type BrandKeys,
  type Channel,
  canonicalUri,
  type Envelope,
  envelopeSchema,
  type Logged,
  type LogPolicy,
  type VerifiedAuthorisation,
  verifyAuthorisation,
  verifyLogProof,
} from '../../provenance/index.ts';
import { indexBlob, type Store } from '../store.ts';
import type { Tables } from '../tables.ts';
import { placesOf } from './master-data.ts';
import { channelPolicy } from './trust.ts';

const ports = { hash: nodeHash, verify: nodeVerify };

const text = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

const keptSchema = z.strictObject({
  format: z.literal('assay.kept-authorisation/1'),
  brand: z.string(),
  party: z.string(),
  envelope: envelopeSchema,
  /** That it stands in a log (tlog-proof); absent where nobody gave a proof. */
  proof: z.optional(z.string().check(z.maxLength(1 << 16))),
});

const placeSchema = z.strictObject({
  format: z.literal('assay.place/1'),
  recordedAt: z.custom<Instant>((value) => typeof value === 'string' && isInstant(value)),
  uri: z.string(),
  name: z.nullable(z.string()),
  party: z.nullable(z.string()),
  country: z.nullable(z.string().check(z.regex(/^[A-Z]{2}$/))),
  latitude: z.nullable(z.number().check(z.gte(-90), z.lte(90))),
  longitude: z.nullable(z.number().check(z.gte(-180), z.lte(180))),
});
export type KeptPlace = z.infer<typeof placeSchema>;

/** @throws Error where it is no place */
export const parsePlace = (value: unknown): KeptPlace => z.parse(placeSchema, value);

/** Keeps an authorisation that was verified under a brand's keys, with the proof of a log where there is one. Twice is once; a proof that comes later is kept. */
export async function keepAuthorisation(
  store: Store,
  envelope: Envelope,
  about: Pick<VerifiedAuthorisation, 'brand' | 'party'>,
  proof?: string,
): Promise<string> {
  const { brand, party } = about;
  const bytes = text({ format: 'assay.kept-authorisation/1', brand, party, envelope, ...(proof === undefined ? {} : { proof }) });
  const sha256 = await store.blobs.put('authorisation', bytes);
  await store.db.transaction().execute((transaction) => indexAuthorisation(transaction, { sha256, bytes }));
  return authorisationId(nodeHash, envelope);
}

export async function indexAuthorisation(
  db: Transaction<Tables>,
  { sha256, bytes }: { readonly sha256: string; readonly bytes: Uint8Array },
): Promise<void> {
  const { brand, party, envelope, proof } = z.parse(keptSchema, JSON.parse(new TextDecoder().decode(bytes)));
  await indexBlob(db, 'authorisation', { sha256, bytes: bytes.length });
  await db
    .insertInto('custody_authorisations')
    .values({ id: authorisationId(nodeHash, envelope), blob: sha256, brand: canonicalUri(brand), party: canonicalUri(party) })
    .onConflict((conflict) => (proof === undefined ? conflict.doNothing() : conflict.column('id').doUpdateSet({ blob: sha256 })))
    .execute();
}

/** Keeps what is known of a place; what was recorded last counts. */
export async function keepPlace(store: Store, place: KeptPlace): Promise<void> {
  const bytes = text(parsePlace(place));
  const sha256 = await store.blobs.put('place', bytes);
  await store.db.transaction().execute((transaction) => indexPlace(transaction, { sha256, bytes }));
}

export async function indexPlace(
  db: Transaction<Tables>,
  { sha256, bytes }: { readonly sha256: string; readonly bytes: Uint8Array },
): Promise<void> {
  const { format: _format, recordedAt, ...place } = parsePlace(JSON.parse(new TextDecoder().decode(bytes)));
  await indexBlob(db, 'place', { sha256, bytes: bytes.length });
  const row = {
    ...place,
    uri: canonicalUri(place.uri),
    party: place.party === null ? null : canonicalUri(place.party),
    blob: sha256,
    recorded_ms: instantMs(recordedAt),
  };
  await db
    .insertInto('custody_places')
    .values(row)
    .onConflict((conflict) => conflict.column('uri').doUpdateSet(row).where('custody_places.recorded_ms', '<', row.recorded_ms))
    .execute();
}

/**
 * The authorisations of the store that hold under keys that are trusted. Without keys there are none: nobody's word is taken for the brand's.
 * Where the store has a log policy, those that no trusted log is proven to hold do not count.
 */
export async function channelOf(store: Store, brands: readonly BrandKeys[] = []): Promise<Channel> {
  const authorisations: VerifiedAuthorisation[] = [];
  const policy = await channelPolicy(store.folder);
  const [first, ...others] = brands;
  if (first !== undefined) {
    const rows = await store.db.selectFrom('custody_authorisations').select('blob').orderBy('id').execute();
    for (const { blob } of rows) {
      const { envelope, proof } = await keptAt(store, blob);
      const verified = await verifyAuthorisation(envelope, [first, ...others], ports);
      if ('refused' in verified) continue;
      const answer = policy === undefined || proof === undefined ? undefined : await loggedIn(envelope, proof, policy);
      authorisations.push({ ...verified, logged: answer !== undefined && 'index' in answer ? answer : undefined });
    }
  }
  return { authorisations, places: await placesOf(store), log: policy === undefined ? 'not-asked' : 'asked' };
}

const keptAt = async ({ blobs }: Pick<Store, 'blobs'>, blob: string) =>
  z.parse(keptSchema, JSON.parse(new TextDecoder().decode(await blobs.get('authorisation', blob))));

/** Whether a proof shows an authorisation in a log that the policy trusts. */
export async function loggedIn(envelope: Envelope, proof: string, policy: LogPolicy): Promise<Logged | { readonly refused: string }> {
  const answer = await verifyLogProof(proof, authorisationEntry(nodeHash, envelope), policy, ports);
  if (answer.failure !== undefined) return { refused: `${answer.failure}: ${answer.because}` };
  const { origin, index, loggedBy } = answer;
  return { origin, index, by: loggedBy === undefined ? undefined : instantOf(loggedBy * 1000) };
}

/** The envelopes of a party's authorisations, as they were signed, with their proofs: what proves the answer to somebody else. */
export async function envelopesOf(
  store: Store,
  party: string,
): Promise<readonly { readonly id: string; readonly envelope: Envelope; readonly proof: string | null }[]> {
  const rows = await store.db
    .selectFrom('custody_authorisations')
    .select(['id', 'blob'])
    .where('party', '=', canonicalUri(party))
    .orderBy('id')
    .execute();
  return Promise.all(
    rows.map(async ({ id, blob }) => {
      const { envelope, proof } = await keptAt(store, blob);
      return { id, envelope, proof: proof ?? null };
    }),
  );
}
