/** EPCIS documents, in JSON-LD (2.0) or XML (1.2 and 2.0), to events. */
import { FormatError } from '../../../bytes/index.ts';
import { xmlDocument } from './from-xml.ts';
import {
  type EpcisDocument,
  type EpcisEvent,
  isObject,
  type Json,
  type JsonObject,
  listOf,
  type MasterDatum,
  textAt,
  textsOf,
} from './model.ts';

/** More than a day of a large distribution centre. */
const DOCUMENT_MAX = 256 << 20;
/** Events of one document. */
export const EVENTS_MAX = 1_000_000;

const FORMAT = 'epcis';

/** Prefixes that EPCIS's own context declares. */
export const STANDARD_NAMESPACES: ReadonlyMap<string, string> = new Map([
  ['epcis', 'https://ref.gs1.org/epcis/'],
  ['cbv', 'https://ref.gs1.org/cbv/'],
  ['cbvmda', 'urn:epcglobal:cbv:mda:'],
  ['gs1', 'https://gs1.org/voc/'],
  ['rdfs', 'http://www.w3.org/2000/01/rdf-schema#'],
  ['owl', 'http://www.w3.org/2002/07/owl#'],
  ['xsd', 'http://www.w3.org/2001/XMLSchema#'],
  ['dcterms', 'http://purl.org/dc/terms/'],
]);

/** What a document is before anything in it was judged: `documentProblems` is next. */
export interface RawDocument {
  readonly json: JsonObject;
  readonly isXml: boolean;
}

/** The document of a body. @throws FormatError where it is neither JSON nor XML, or not an EPCIS document at all */
export function readDocument(bytes: Uint8Array): RawDocument {
  if (bytes.length > DOCUMENT_MAX)
    throw new FormatError({ format: FORMAT, field: 'document', at: 0 }, 'too-large', `more than ${DOCUMENT_MAX} bytes`);
  const first = bytes.find((byte) => byte > 0x20 && ![0xef, 0xbb, 0xbf, 0xfe, 0xff].includes(byte));
  if (first === 0x3c) return { json: xmlDocument(bytes), isXml: true };
  const json = parseJson(bytes);
  if (!isObject(json)) throw new FormatError({ format: FORMAT, field: 'document', at: 0 }, 'bad-value', 'is no JSON object');
  return { json, isXml: false };
}

function parseJson(bytes: Uint8Array): Json {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as Json; // JSON.parse gives JSON.
  } catch (error) {
    throw new FormatError({ format: FORMAT, field: 'document', at: 0 }, 'bad-value', error instanceof Error ? error.message : 'is no JSON');
  }
}

/** The events of a document that has no problems. */
export function eventsOf({ json }: RawDocument): EpcisDocument {
  const isQuery = json['type'] === 'EPCISQueryDocument';
  const namespaces = namespacesOfDocument(json);
  return {
    kind: isQuery ? 'EPCISQueryDocument' : 'EPCISDocument',
    schemaVersion: textAt(json, 'schemaVersion'),
    creationDate: textAt(json, 'creationDate'),
    events: listOf(eventListOf(json))
      .filter(isObject)
      .map((body) => eventOf(body, namespaces)),
    masterData: masterDataOf(json),
  };
}

/** One event with the prefixes that count for it: its own context over its document's. */
export function eventOf(body: JsonObject, outer: ReadonlyMap<string, string> = STANDARD_NAMESPACES): EpcisEvent {
  return { body, namespaces: body['@context'] === undefined ? outer : namespacesOf(body['@context'], outer) };
}

/** The prefixes that a document declares for its events. */
export const namespacesOfDocument = (json: JsonObject): ReadonlyMap<string, string> => namespacesOf(json['@context'], STANDARD_NAMESPACES);

/** Where a document keeps its events. */
export function eventListOf(json: JsonObject): Json | undefined {
  const body = json['epcisBody'];
  if (!isObject(body)) return undefined;
  const results = body['queryResults'];
  if (!isObject(results)) return body['eventList'] ?? body['event'];
  const resultsBody = results['resultsBody'];
  return isObject(resultsBody) ? resultsBody['eventList'] : undefined;
}

/** The prefixes of a context over those around it. */
export function namespacesOf(context: Json | undefined, outer: ReadonlyMap<string, string> = new Map()): ReadonlyMap<string, string> {
  const own = listOf(context)
    .filter(isObject)
    .flatMap((terms) =>
      Object.entries(terms).flatMap(([term, means]): readonly (readonly [string, string])[] => {
        // A term may be defined by an object whose @id it stands for (JSON-LD 1.1, 9.15.1).
        const namespace = isObject(means) ? means['@id'] : means;
        return typeof namespace === 'string' && !term.startsWith('@') ? [[term, namespace]] : [];
      }),
    );
  return own.length === 0 ? outer : new Map([...outer, ...own]);
}

/** What a document's header says of places, parties and products. */
export function masterDataOf(json: JsonObject): readonly MasterDatum[] {
  const header = json['epcisHeader'];
  const data = isObject(header) ? header['epcisMasterData'] : undefined;
  if (!isObject(data)) return [];
  return listOf(data['vocabularyList'])
    .filter(isObject)
    .flatMap((vocabulary) =>
      listOf(vocabulary['vocabularyElementList'])
        .filter(isObject)
        .map((element) => ({
          type: textAt(vocabulary, 'type') ?? '',
          id: textAt(element, 'id') ?? '',
          attributes: listOf(element['attributes'])
            .filter(isObject)
            .map((attribute) => ({ id: textAt(attribute, 'id') ?? '', value: attribute['attribute'] ?? null })),
          children: textsOf(element['children']),
        })),
    );
}
