/**
 * Master data that comes with EPCIS documents (EPCIS 2.0, 9.4 and 12.1: `EPCISMasterData`): what somebody says of a place or a party. Attributes are those of CBV 2.0, 9
 * (`urn:epcglobal:cbv:mda#name`, also written `urn:epcglobal:cbv:mda:name` and `cbvmda:name`); whose a place is by `urn:epcglobal:cbv:owning_party`.
 * Whether its word counts is the reader's business: it is nobody's signature.
 */

import { STANDARD_NAMESPACES } from './epcis/document.ts';
import { isObject, type Json, type MasterDatum } from './epcis/model.ts';
import { canonicalUri } from './gs1/digital-link.ts';

/** One place, party or product, as it was described. */
export interface Described {
  /** Canonical. */
  readonly uri: string;
  /** The vocabulary, as in urn:epcglobal:epcis:vtype:Location. */
  readonly type: string;
  readonly name: string | undefined;
  readonly address: string | undefined;
  /** ISO 3166-1 alpha-2. */
  readonly country: string | undefined;
  /** Degrees; both or neither. */
  readonly latitude: number | undefined;
  readonly longitude: number | undefined;
  /** Whose the place is. Canonical. */
  readonly party: string | undefined;
  readonly roles: readonly string[];
  /** All attributes, in one form of their names. */
  readonly attributes: readonly { readonly id: string; readonly value: string }[];
  /** The places below it. Canonical. */
  readonly children: readonly string[];
}

const ELEMENTS_MAX = 100_000;
const TEXT_MAX = 500;
const ADDRESS = ['streetAddressOne', 'streetAddressTwo', 'streetAddressThree', 'postalCode', 'city', 'state'];

/** The name of an attribute in one form: CBV's own behind `cbvmda:`, others written out. */
export function attributeName(id: string): string {
  const full = id.replace(/^cbvmda:/, 'urn:epcglobal:cbv:mda:');
  const [, own] = /^urn:epcglobal:cbv:mda[:#](.+)$/.exec(full) ?? [];
  if (own !== undefined) return `cbvmda:${own}`;
  const [, prefix = '', local = ''] = /^([A-Za-z_][\w.-]*):(?!\/\/)(.+)$/s.exec(full) ?? [];
  const namespace = STANDARD_NAMESPACES.get(prefix);
  return namespace === undefined ? full : namespace + local;
}

/** What was described, one entry for each name. Never throws: what is no text is left out. */
export function describedIn(data: readonly MasterDatum[]): readonly Described[] {
  const found = new Map<string, Described>();
  for (const datum of data.slice(0, ELEMENTS_MAX)) {
    const uri = canonicalUri(datum.id);
    if (uri !== '' && !found.has(uri)) found.set(uri, described(datum, uri));
  }
  return [...found.values()];
}

function described({ type, attributes: given, children }: MasterDatum, uri: string): Described {
  const attributes = given.flatMap(({ id, value }) => {
    const text = textOf(value);
    return id === '' || text === '' ? [] : [{ id: attributeName(id), value: text.slice(0, TEXT_MAX) }];
  });
  const attribute = (...names: readonly string[]) => attributes.find(({ id }) => names.includes(id))?.value;
  const own = (name: string) => attribute(`cbvmda:${name}`);
  const country = own('countryCode')?.toUpperCase();
  const [latitude, longitude] = [degrees(own('latitude'), 90), degrees(own('longitude'), 180)];
  const isPlaced = latitude !== undefined && longitude !== undefined;
  const address = ADDRESS.flatMap((name) => own(name) ?? []).join(', ');
  const party = attribute('urn:epcglobal:cbv:owning_party', 'cbvmda:owning_party');
  return {
    uri,
    type,
    name: own('name'),
    address: address === '' ? undefined : address.slice(0, TEXT_MAX),
    country: country !== undefined && /^[A-Z]{2}$/.test(country) ? country : undefined,
    latitude: isPlaced ? latitude : undefined,
    longitude: isPlaced ? longitude : undefined,
    party: party === undefined ? undefined : canonicalUri(party),
    roles: attributes
      .filter(({ id }) => /(?:^|[#:/])(?:role|partyRole|organizationRole|locationRoleType)$/.test(id))
      .map(({ value }) => value),
    attributes,
    children: children.map(canonicalUri),
  };
}

function textOf(value: Json): string {
  if (isObject(value)) return textOf(value['#text'] ?? value['@value'] ?? null);
  return typeof value === 'string' ? value.trim() : typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

function degrees(text: string | undefined, most: number): number | undefined {
  const number = text === undefined || !/^[+-]?\d{1,3}(?:\.\d{1,15})?$/.test(text) ? Number.NaN : Number(text);
  return Math.abs(number) <= most ? number : undefined;
}
