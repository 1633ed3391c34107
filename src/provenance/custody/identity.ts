/**
 * The identities of a phone as URIs, so that they can stand in an event's lists.
 * SGTIN: GS1 Digital Link (01, 21). IMEI: urn:gsma:imei (RFC 7254), whose last digit is a spare and always 0 here; check digit and software version name no other phone.
 * Serials, attested and fused IDs have no registered namespace: `urn:x-assay:serial:BRAND:VALUE`, `urn:x-assay:attested:KIND:VALUE`, `urn:x-assay:fused:KIND:VALUE`.
 * `attested` is for IDs out of a verified key attestation, `fused` for what a boot ROM answered: nobody writes them off a label.
 */

import { canonicalUri } from './gs1/digital-link.ts';
import type { CustodyIdentity, CustodySubject, IdentityKind } from './types.ts';

const IMEI = /^urn:gsma:imei:(\d{8})-(\d{6})(?:-\d)?(?:;.*)?$/i;
const OURS = /^urn:x-assay:(serial|attested|fused):([^:]+):(.+)$/i;
const SGTIN = /^https:\/\/id\.gs1\.org\/01\/\d{14}\/21\//;

/** What cannot be a unit's own: defaults that thousands of phones share. Values in lower case without leading zeros. */
const SHARED =
  /^(?:unknown|none|null|n\/?a|default|serial(?:number)?|0*|(?:0123456789abcdef|123456789abcdef|1234567890)|(.)\1+|to be filled.*|oem.*)$/;

/** One text for one identity, however it was written; every other URI in its canonical form. */
export function canonicalIdentity(uri: string): string {
  const [, tac, number] = IMEI.exec(uri) ?? [];
  if (tac !== undefined) return `urn:gsma:imei:${tac}-${number}-0`;
  const [, kind, scheme, value] = OURS.exec(uri) ?? [];
  // Serial numbers compare without case and leading zeros, as the checks do.
  if (kind !== undefined && scheme !== undefined && value !== undefined)
    return `urn:x-assay:${kind}:${scheme}:${value.replace(/^0+(?=.)/, '')}`.toLowerCase();
  return canonicalUri(uri);
}

/** What kind of identity a canonical URI is. */
export function identityKind(uri: string): IdentityKind {
  if (SGTIN.test(uri)) return 'sgtin';
  if (uri.startsWith('urn:gsma:imei:')) return 'imei';
  const [, kind] = OURS.exec(uri) ?? [];
  return kind === 'serial' || kind === 'attested' || kind === 'fused' ? kind : 'other';
}

export const identityOf = (uri: string): CustodyIdentity => {
  const canonical = canonicalIdentity(uri);
  return { kind: identityKind(canonical), uri: canonical };
};

/** Whether two phones with this identity are one phone: placeholders and defaults name nobody. Test IMEIs (TAC 00…) are nobody's either. */
export function isOwn({ kind, uri }: CustodyIdentity): boolean {
  if (kind === 'imei') return !/^urn:gsma:imei:(?:00|(\d)\1{7}-\1{6})/.test(uri);
  const value = decodeURIComponentOrNot(uri.slice(uri.lastIndexOf(kind === 'sgtin' ? '/' : ':') + 1)).toLowerCase();
  return kind === 'other' ? true : !SHARED.test(value.replace(/^0+(?=.)/, '')) && !SHARED.test(value);
}

function decodeURIComponentOrNot(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The URI of an IMEI of 14 digits or more. @throws RangeError for fewer */
export function imeiUri(imei: string): string {
  const digits = imei.replaceAll(/[\s-]/g, '');
  if (!/^\d{14,16}$/.test(digits)) throw new RangeError(`"${imei.slice(0, 40)}" is no IMEI: 14 to 16 digits`);
  return `urn:gsma:imei:${digits.slice(0, 8)}-${digits.slice(8, 14)}-0`;
}

/** The URI of an identity that has no namespace of its own. `scheme`: for a serial the brand, else what the ID is of, as in `serial`, `imei`, `soc`. */
export function ownUri(kind: 'serial' | 'attested' | 'fused', scheme: string, value: string): string {
  return `urn:x-assay:${kind}:${encodeURIComponent(scheme.trim().toLowerCase())}:${encodeURIComponent(value.trim())}`;
}

/** What an event's `certificationInfo` calls a report: by its digest, since it has no address. */
export const reportUri = (sha256: string): string => `urn:x-assay:report:sha256:${sha256}`;

/** The digest in such a name; undefined for every other. */
export const reportDigest = (uri: string): string | undefined => /^urn:x-assay:report:sha256:([0-9a-f]{64})$/.exec(uri)?.[1];

/** The identity that binds a subject's path to a unit; undefined where it only has names. */
export function boundIdentity(subject: CustodySubject): CustodyIdentity | undefined {
  const own = subject.identities.filter(isOwn);
  return own.find(({ kind }) => kind === 'fused') ?? own.find(({ kind }) => kind === 'attested');
}
