/** Events as answers: an EPCISQueryDocument, its EPCs in the form that was asked for. */
import type { Instant } from '../../bytes/index.ts';
import {
  canonicalUri,
  digitalLinkToUrn,
  instantOf,
  isObject,
  type Json,
  type JsonObject,
  listOf,
  urnToDigitalLink,
} from '../../provenance/index.ts';
import type { Found } from '../../store/index.ts';
import { Problem } from './problem.ts';

export const EPC_FORMATS = ['No_Preference', 'Always_GS1_Digital_Link', 'Always_EPC_URN', 'Never_Translates'] as const;
export type EpcFormat = (typeof EPC_FORMATS)[number];

/** The header's value; the standard's default where there is none. @throws Problem 406 for another */
export function epcFormatOf(header: string | undefined): EpcFormat {
  const found = EPC_FORMATS.find((name) => name === (header ?? 'Always_GS1_Digital_Link'));
  if (found === undefined) throw new Problem('NotAcceptableException', `GS1-EPC-Format is one of ${EPC_FORMATS.join(', ')}`);
  return found;
}

/** Fields that hold keys of GS1. Values of the sender's own fields stay as they are. */
const KEYED = new Set([
  'epcList',
  'childEPCs',
  'inputEPCList',
  'outputEPCList',
  'parentID',
  'transformationID',
  'epcClass',
  'source',
  'destination',
  'bizTransaction',
]);

/** A key of GS1 in the form that is asked for; every other URI as it is. @throws Problem 406 where it has no such form here */
export function epcIn(uri: string, format: EpcFormat, prefixes: readonly string[]): string {
  if (format === 'No_Preference' || format === 'Never_Translates') return uri;
  if (format === 'Always_GS1_Digital_Link') return urnToDigitalLink(uri) ?? uri;
  const link = canonicalUri(uri);
  if (!link.startsWith('https://id.gs1.org/')) return uri;
  const urn = uri.startsWith('urn:') ? uri : digitalLinkToUrn(link, prefixes);
  if (urn === undefined)
    throw new Problem('NotAcceptableException', `the length of the company prefix of ${uri} is not known here, so it has no URN`);
  return urn;
}

function translated(value: Json, format: EpcFormat, prefixes: readonly string[]): Json {
  if (format === 'No_Preference' || format === 'Never_Translates') return value;
  const one = (uri: string) => epcIn(uri, format, prefixes);
  const walk = (inner: Json, isKeyed: boolean): Json => {
    if (typeof inner === 'string') return isKeyed ? one(inner) : inner;
    if (Array.isArray(inner)) return inner.map((item: Json) => walk(item, isKeyed));
    if (!isObject(inner)) return inner;
    return Object.fromEntries(
      Object.entries(inner).map(([name, below]) => [
        name,
        name === 'readPoint' || name === 'bizLocation'
          ? placed(below)
          : name.endsWith('List') || KEYED.has(name)
            ? walk(below, KEYED.has(name))
            : below,
      ]),
    );
  };
  const placed = (place: Json): Json => (isObject(place) && typeof place['id'] === 'string' ? { ...place, id: one(place['id']) } : place);
  return walk(value, false);
}

/** An event as it is given out: called as its sender called it, else by its hash, with the time at which it was recorded. */
function givenEvent({ body, event, recordedMs }: Found, format: EpcFormat, prefixes: readonly string[]): JsonObject {
  const { '@context': _context, ...fields } = body;
  const given = translated(fields, format, prefixes);
  if (!isObject(given)) throw new RangeError('an event that is no object');
  return { ...given, eventID: body['eventID'] ?? event.id, recordTime: instantOf(recordedMs) };
}

/** A query document with the prefixes of all its events. */
export function queryDocument(
  found: readonly Found[],
  about: {
    readonly now: Instant;
    readonly queryName: string;
    readonly format: EpcFormat;
    readonly prefixes: readonly string[];
    readonly subscriptionId?: string;
  },
): JsonObject {
  const own = new Map<string, Json>();
  for (const { body } of found)
    for (const terms of listOf(body['@context']).filter(isObject))
      for (const [prefix, namespace] of Object.entries(terms)) own.set(prefix, namespace);
  const eventList = found.map((one) => {
    const event = givenEvent(one, about.format, about.prefixes);
    // Two senders may call two namespaces alike: then each event says its own.
    const terms = listOf(one.body['@context']).filter(isObject);
    const differs = terms.some((each) => Object.entries(each).some(([prefix, namespace]) => own.get(prefix) !== namespace));
    return differs ? { '@context': terms, ...event } : event;
  });
  return {
    '@context': ['https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld', ...(own.size === 0 ? [] : [Object.fromEntries(own)])],
    type: 'EPCISQueryDocument',
    schemaVersion: '2.0',
    creationDate: about.now,
    epcisBody: {
      queryResults: {
        queryName: about.queryName,
        ...(about.subscriptionId === undefined ? {} : { subscriptionID: about.subscriptionId }),
        resultsBody: { eventList },
      },
    },
  };
}

/** The document of a subscriber. One event that has no URN here does not keep back all that come after it. */
export function toldDocument(found: readonly Found[], about: Parameters<typeof queryDocument>[1]): JsonObject {
  try {
    return queryDocument(found, about);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return queryDocument(found, { ...about, format: 'Never_Translates' });
  }
}
