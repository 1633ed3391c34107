/**
 * Channels: whom a brand allowed to hold its phones, where, in which role, from when to when. Each authorisation is an in-toto statement that the brand signed
 * (DSSE) and logged, so that "was this shop authorised on the day of sale" has an answer that others can check. A withdrawal is a statement too; nothing is rewritten.
 * Format: `assay.authorisation/1`, docs/formats/custody.md.
 */
import { z } from 'zod/mini';
import { type HashPort, hashOf, type Instant, instantMs, isInstant, toHex, type VerifyPort } from '../../bytes/index.ts';
import { logEntry } from '../log/entry.ts';
import { type Envelope, envelopePayload, preAuthEncoding, type TrustedSigner, verifyEnvelope } from '../statement/dsse.ts';
import { PAYLOAD_TYPE, parseDocument, STATEMENT_TYPE } from '../statement/statement.ts';
import { canonicalUri } from './gs1/digital-link.ts';

export const AUTHORISATION_TYPE = 'urn:uuid:f0bc6990-9adb-4e81-9e86-40a8312bd2c3#authorisation/v1';

export const CHANNEL_ROLES = ['maker', 'distributor', 'logistics', 'operator', 'retailer', 'repairer', 'inspector'] as const;
export type ChannelRole = (typeof CHANNEL_ROLES)[number];

const instant = z.custom<Instant>((value) => typeof value === 'string' && isInstant(value));
const uri = z.string().check(z.maxLength(2048), z.regex(/^[A-Za-z][A-Za-z0-9+.-]*:/));

const authorisationSchema = z.strictObject({
  format: z.literal('assay.authorisation/1'),
  /** Who allows: the brand, as a PGLN or another URI. */
  brand: uri,
  /** Who is allowed. */
  party: uri,
  role: z.enum(CHANNEL_ROLES),
  /** The places where; empty: wherever the party is. */
  places: z.array(uri),
  /** ISO 3166-1 alpha-2 codes; empty: everywhere. */
  territories: z.array(z.string().check(z.regex(/^[A-Z]{2}$/))),
  /** GTINs of the products; empty: all of the brand's. */
  products: z.array(z.string().check(z.regex(/^\d{14}$/))),
  validFrom: instant,
  /** The first moment at which it does not hold any more; null: until withdrawn. */
  validTo: z.nullable(instant),
  /** SHA-256 of the envelope of an authorisation that this one ends at `validFrom`; null for one that allows. */
  withdraws: z.nullable(z.string().check(z.regex(/^[0-9a-f]{64}$/))),
});
export type Authorisation = z.infer<typeof authorisationSchema>;

const statementSchema = z.strictObject({
  _type: z.literal(STATEMENT_TYPE),
  subject: z.array(z.strictObject({ name: z.string(), digest: z.record(z.string(), z.string()) })),
  predicateType: z.literal(AUTHORISATION_TYPE),
  predicate: authorisationSchema,
});

/** The bytes that a brand signs. The subject is the party, by the digest of its URI. @throws FormatError where it is none */
export function authorisationBytes(hash: HashPort, authorisation: Authorisation): Uint8Array {
  const predicate = parseAuthorisation(new TextEncoder().encode(JSON.stringify(authorisation)));
  const digest = { sha256: toHex(hashOf(hash, 'sha256', new TextEncoder().encode(canonicalUri(predicate.party)))) };
  return new TextEncoder().encode(
    JSON.stringify({ _type: STATEMENT_TYPE, subject: [{ name: predicate.party, digest }], predicateType: AUTHORISATION_TYPE, predicate }),
  );
}

/** @throws FormatError */
export const parseAuthorisation = (bytes: Uint8Array): Authorisation => parseDocument('authorisation', authorisationSchema, bytes);

/** The entry of an authorisation in a transparency log: the digest of what was signed. */
export const authorisationEntry = (hash: HashPort, envelope: Envelope): Uint8Array =>
  logEntry('authorisation', hashOf(hash, 'sha256', preAuthEncoding(envelope.payloadType, envelopePayload(envelope))));

/** What names an authorisation: SHA-256 of what was signed. More signatures do not make it another. */
export const authorisationId = (hash: HashPort, envelope: Envelope): string =>
  toHex(hashOf(hash, 'sha256', preAuthEncoding(envelope.payloadType, envelopePayload(envelope))));

/** An authorisation that a key of its brand signed. */
export interface VerifiedAuthorisation extends Authorisation {
  readonly id: string;
  /** Where a log that is trusted has it; undefined where nothing proves that. */
  readonly logged: Logged | undefined;
}

/** That an authorisation stands in a log. */
export interface Logged {
  readonly origin: string;
  readonly index: number;
  /** A witness that is trusted saw it there by then; undefined where none cosigned the checkpoint. */
  readonly by: Instant | undefined;
}

/** The keys of a brand. Whoever reads decides which they are. */
export interface BrandKeys {
  readonly brand: string;
  readonly signers: readonly [TrustedSigner, ...TrustedSigner[]];
}

/** Verifies an authorisation under the keys of the brand that it names. `refused` says why in a sentence. Never throws for a hostile one. */
export async function verifyAuthorisation(
  envelope: Envelope,
  brands: readonly [BrandKeys, ...BrandKeys[]],
  ports: { readonly hash: HashPort; readonly verify: VerifyPort },
): Promise<VerifiedAuthorisation | { readonly refused: string }> {
  try {
    if (envelope.payloadType !== PAYLOAD_TYPE) return { refused: `is of the type ${envelope.payloadType.slice(0, 80)}, and no statement` };
    const { predicate } = parseDocument('authorisation statement', statementSchema, envelopePayload(envelope));
    const keys = brands.find(({ brand }) => canonicalUri(brand) === canonicalUri(predicate.brand));
    if (keys === undefined) return { refused: `speaks for ${predicate.brand}, whose keys nobody trusts here` };
    const { signedBy, invalid } = await verifyEnvelope(envelope, keys.signers, ports);
    if (invalid.length > 0) return { refused: 'has a signature by the brand’s key that is not good' };
    if (signedBy.length === 0) return { refused: `is not signed by a key of ${predicate.brand}` };
    return {
      ...predicate,
      brand: canonicalUri(predicate.brand),
      party: canonicalUri(predicate.party),
      places: predicate.places.map(canonicalUri),
      id: authorisationId(ports.hash, envelope),
      logged: undefined,
    };
  } catch (error) {
    return { refused: error instanceof Error ? error.message : String(error) };
  }
}

/** What is known of a place: whose it is, and where. */
export interface Place {
  readonly uri: string;
  readonly name: string | undefined;
  readonly party: string | undefined;
  /** ISO 3166-1 alpha-2. */
  readonly country: string | undefined;
  /** Degrees. */
  readonly latitude: number | undefined;
  readonly longitude: number | undefined;
}

/** Who may, and where things are. An empty channel says nothing: then every stay is `unknown`, never `authorised`. */
export interface Channel {
  /** Whether an authorisation counts only where it is proven to stand in a log. A withdrawal counts as it is signed: it speaks against its signer's own word. */
  readonly log: 'asked' | 'not-asked';
  readonly authorisations: readonly VerifiedAuthorisation[];
  readonly places: ReadonlyMap<string, Place>;
}

export interface ChannelQuestion {
  readonly party: string;
  readonly place: string | undefined;
  readonly at: Instant;
  /** GTIN of the product; undefined where it is not known. */
  readonly product: string | undefined;
}

export interface ChannelAnswer {
  readonly standing: 'authorised' | 'unauthorised' | 'unknown';
  /** Whether the party itself was authorised then, and only the place or territory was not. */
  readonly isOutside: boolean;
  readonly by: VerifiedAuthorisation | undefined;
  readonly because: string;
}

/** Whether a party was allowed to hold a phone at a place and moment. */
export function authorisedAt({ authorisations, places, log }: Channel, question: ChannelQuestion): ChannelAnswer {
  const { party, place, at, product } = question;
  const day = at.slice(0, 10);
  if (authorisations.length === 0)
    return { standing: 'unknown', isOutside: false, by: undefined, because: 'no brand said here who may hold its phones' };
  const granted = authorisations.filter((one) => one.withdraws === null && one.party === party);
  // As numbers: one writes milliseconds and another does not.
  const then = instantMs(at);
  const holds = (one: VerifiedAuthorisation) => {
    const end = endOf(one, authorisations);
    return instantMs(one.validFrom) <= then && (end === undefined || instantMs(end) > then);
  };
  const current = granted.filter(holds);
  const fitting = current.filter((one) => one.products.length === 0 || product === undefined || one.products.includes(product));
  const country = place === undefined ? undefined : places.get(place)?.country;
  const covering = fitting.filter(
    (one) =>
      (one.places.length === 0 || (place !== undefined && one.places.includes(place))) &&
      (one.territories.length === 0 || (country !== undefined && one.territories.includes(country))),
  );
  const by = covering.find(({ logged }) => logged !== undefined) ?? covering[0];
  if (by !== undefined && log === 'asked' && by.logged === undefined)
    return {
      standing: 'unknown',
      isOutside: false,
      by,
      because: `${party} shows an authorisation as ${by.role} by ${by.brand} for ${day} (${by.id.slice(0, 12)}), and nothing proves that it stands in a log`,
    };
  if (by !== undefined)
    return {
      standing: 'authorised',
      isOutside: false,
      by,
      because: `${party} was authorised as ${by.role} by ${by.brand} on ${day} (${by.id.slice(0, 12)})`,
    };
  const [near] = fitting;
  if (near !== undefined) {
    const where = place ?? 'a place that is not named';
    return {
      standing: 'unauthorised',
      isOutside: true,
      by: near,
      because: `${party} was authorised on ${day}, but not at ${where}${country === undefined ? '' : ` (${country})`}`,
    };
  }
  if (current.length > 0) return refused(`${party} was authorised on ${day}, but not for the product ${product}`);
  const [other] = granted;
  if (other !== undefined) {
    const end = endOf(other, authorisations);
    return refused(
      `${party} was authorised from ${other.validFrom.slice(0, 10)}${end === undefined ? '' : ` to ${end.slice(0, 10)}`}, and not on ${day}`,
    );
  }
  return refused(`no brand authorised ${party}`);
}

const refused = (because: string): ChannelAnswer => ({ standing: 'unauthorised', isOutside: false, by: undefined, because });

/** When an authorisation ends: by itself, or by the withdrawal of the same brand, whichever is first. */
function endOf(one: VerifiedAuthorisation, all: readonly VerifiedAuthorisation[]): Instant | undefined {
  const ends = all.filter(({ withdraws, brand }) => withdraws === one.id && brand === one.brand).map(({ validFrom }) => validFrom);
  if (one.validTo !== null) ends.push(one.validTo);
  return ends.toSorted((a, b) => instantMs(a) - instantMs(b))[0];
}
