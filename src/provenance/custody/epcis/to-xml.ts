/**
 * Events of the JSON binding as an EPCISQueryDocument of EPCIS 2.0's XML binding: the way back of `from-xml.ts`, field for field, so that an event has one hash ID in both.
 * The order of fields is that of the 2.0 schema's types. Words of the CBV are written as web addresses or as CBV 1's URNs; what has no URN keeps its address.
 */
import { writeXml, type XmlElement } from '../../../formats/xml/index.ts';
import { namespacesOfDocument } from './document.ts';
import { isObject, type Json, type JsonObject, listOf } from './model.ts';
import { bareWord, VOCABULARIES, type Vocabulary, webWord } from './vocabulary.ts';

const QUERY = 'urn:epcglobal:epcis-query:xsd:2';

/** How words of the CBV are written. */
export type CbvForm = 'web' | 'urn';

/** Fields by the order of EPCIS 2.0's XML schema: those of every event, then those of their types one after the other. */
const ORDER = [
  'eventTime',
  'recordTime',
  'eventTimeZoneOffset',
  'eventID',
  'errorDeclaration',
  'certificationInfo',
  'inputEPCList',
  'inputQuantityList',
  'outputEPCList',
  'outputQuantityList',
  'transformationID',
];
/** Of a transaction the list of transactions comes first; of all others it follows the place. */
const REST = ['parentID', 'epcList', 'childEPCs', 'action', 'bizStep', 'disposition', 'readPoint', 'bizLocation'];
const LAST = ['quantityList', 'childQuantityList', 'sourceList', 'destinationList', 'sensorElementList', 'persistentDisposition', 'ilmd'];
const orderOf = (type: string) =>
  type === 'TransactionEvent' ? [...ORDER, 'bizTransactionList', ...REST, ...LAST] : [...ORDER, ...REST, 'bizTransactionList', ...LAST];

const PAIRS: Readonly<Record<string, readonly [name: string, vocabulary: Vocabulary]>> = {
  bizTransactionList: ['bizTransaction', VOCABULARIES.bizTransactionType],
  sourceList: ['source', VOCABULARIES.sourceDestType],
  destinationList: ['destination', VOCABULARIES.sourceDestType],
};
const EPC_LISTS = new Set(['epcList', 'childEPCs', 'inputEPCList', 'outputEPCList']);
const QUANTITIES = new Set(['quantityList', 'childQuantityList', 'inputQuantityList', 'outputQuantityList']);
const WORDS: Readonly<Record<string, Vocabulary>> = {
  bizStep: VOCABULARIES.bizStep,
  disposition: VOCABULARIES.disposition,
  reason: VOCABULARIES.errorReason,
};
const SENSOR_WORDS: Readonly<Record<string, Vocabulary>> = {
  type: VOCABULARIES.measurement,
  exception: VOCABULARIES.sensorAlert,
  component: VOCABULARIES.component,
};
/** What stands in JSON for JSON-LD's sake and in no XML. */
const LEFT_OUT = new Set(['@context', 'type', 'rdfs:comment']);

interface Writing {
  readonly namespaces: ReadonlyMap<string, string>;
  readonly form: CbvForm;
}

const element = (local: string, children: readonly (XmlElement | string)[], more: Partial<XmlElement> = {}): XmlElement => ({
  namespace: '',
  local,
  attributes: [],
  children,
  at: 0,
  ...more,
});
const text = (value: Json | undefined): string => (typeof value === 'string' ? value : JSON.stringify(value ?? ''));

/** The document of a page of events, as `queryDocument` has it. */
export function queryDocumentXml(document: JsonObject, form: CbvForm): Uint8Array {
  const namespaces = namespacesOfDocument(document);
  const body = document['epcisBody'];
  const results = isObject(body) && isObject(body['queryResults']) ? body['queryResults'] : {};
  const resultsBody = isObject(results['resultsBody']) ? results['resultsBody'] : {};
  const events = listOf(resultsBody['eventList']).filter(isObject);
  const named = (name: string) => (results[name] === undefined ? [] : [element(name, [text(results[name])])]);
  const attribute = (local: string, value: string) => ({ namespace: '', local, value });
  const root = element(
    'EPCISQueryDocument',
    [
      element('EPCISBody', [
        element(
          'QueryResults',
          [
            ...named('queryName'),
            ...named('subscriptionID'),
            element('resultsBody', [
              element(
                'EventList',
                events.map((event) => eventXml(event, { namespaces, form })),
              ),
            ]),
          ],
          { namespace: QUERY },
        ),
      ]),
    ],
    {
      namespace: QUERY,
      attributes: [attribute('schemaVersion', '2.0'), attribute('creationDate', text(document['creationDate']))],
    },
  );
  return writeXml(root);
}

/** One event. Its own context counts over its document's. */
function eventXml(event: JsonObject, outer: Writing): XmlElement {
  const writing =
    event['@context'] === undefined ? outer : { ...outer, namespaces: new Map([...outer.namespaces, ...namespacesOfDocument(event)]) };
  const type = text(event['type']);
  const order = orderOf(type);
  const own = Object.keys(event).filter((name) => !order.includes(name) && !LEFT_OUT.has(name));
  const children = [...order, ...own].flatMap((name) => (event[name] === undefined ? [] : field(name, event[name], writing)));
  return element(type, children, nameOf(type, writing));
}

/** A name with a prefix that is declared, in its namespace. */
function nameOf(name: string, { namespaces }: Writing): { readonly namespace: string; readonly local: string } {
  const [, prefix, local] = /^([^:/]+):([^:/]+)$/.exec(name) ?? [];
  const namespace = prefix === undefined ? undefined : namespaces.get(prefix);
  return namespace === undefined || local === undefined ? { namespace: '', local: name } : { namespace, local };
}

function field(name: string, value: Json, writing: Writing): readonly XmlElement[] {
  const list = listOf(value);
  if (EPC_LISTS.has(name))
    return [
      element(
        name,
        list.map((epc) => element('epc', [text(epc)])),
      ),
    ];
  if (QUANTITIES.has(name))
    return [
      element(
        name,
        list.filter(isObject).map((one) => element('quantityElement', inner(one, writing))),
      ),
    ];
  const pair = Object.hasOwn(PAIRS, name) ? PAIRS[name] : undefined;
  if (pair !== undefined)
    return [
      element(
        name,
        list.filter(isObject).map((one) => pairXml(one, pair, writing)),
      ),
    ];
  if (name === 'sensorElementList')
    return [
      element(
        name,
        list.filter(isObject).map((one) => sensorXml(one, writing)),
      ),
    ];
  if (name === 'persistentDisposition' && isObject(value))
    return [
      element(
        name,
        ['set', 'unset'].flatMap((part) =>
          listOf(value[part]).map((one) => element(part, [word(VOCABULARIES.disposition, text(one), writing)])),
        ),
      ),
    ];
  if (name === 'errorDeclaration' && isObject(value)) {
    const { correctiveEventIDs, ...rest } = value;
    const ids =
      correctiveEventIDs === undefined
        ? []
        : [
            element(
              'correctiveEventIDs',
              listOf(correctiveEventIDs).map((id) => element('correctiveEventID', [text(id)])),
            ),
          ];
    const { declarationTime, reason, ...own } = rest;
    const first = Object.fromEntries(Object.entries({ declarationTime, reason }).filter(([, one]) => one !== undefined)) as JsonObject; // What was there.
    return [element(name, [...inner(first, writing), ...ids, ...inner(own, writing)])];
  }
  if ((name === 'readPoint' || name === 'bizLocation' || name === 'ilmd') && isObject(value)) return [element(name, inner(value, writing))];
  return inner({ [name]: value }, writing);
}

/** The fields of an object as elements; a list is the element again and again. */
const inner = (object: JsonObject, writing: Writing): readonly XmlElement[] =>
  Object.entries(object).flatMap(([name, value]) => (LEFT_OUT.has(name) ? [] : listOf(value).map((one) => generic(name, one, writing))));

function generic(name: string, value: Json, writing: Writing): XmlElement {
  const vocabulary = Object.hasOwn(WORDS, name) ? WORDS[name] : undefined;
  if (isObject(value)) {
    const { '#text': said, ...fields } = value;
    return element(name, [...(said === undefined ? [] : [text(said)]), ...inner(fields, writing)], nameOf(name, writing));
  }
  const said = vocabulary === undefined ? text(value) : word(vocabulary, text(value), writing);
  return element(name, [said], nameOf(name, writing));
}

function word(vocabulary: Vocabulary, said: string, { form }: Writing): string {
  const bare = bareWord(vocabulary, said);
  return form === 'urn' && bare !== undefined && vocabulary.urn !== undefined ? vocabulary.urn + bare : webWord(vocabulary, said);
}

function pairXml(one: JsonObject, [name, vocabulary]: readonly [string, Vocabulary], writing: Writing): XmlElement {
  const type = one['type'];
  const attributes = type === undefined ? [] : [{ namespace: '', local: 'type', value: word(vocabulary, text(type), writing) }];
  return element(name, [text(one[name])], { attributes });
}

/** Sensor data stands in attributes. */
function sensorXml(sensor: JsonObject, writing: Writing): XmlElement {
  const { sensorMetadata, sensorReport, ...own } = sensor;
  const attributesOf = (of: JsonObject) =>
    Object.entries(of).map(([name, value]) => {
      const vocabulary = Object.hasOwn(SENSOR_WORDS, name) ? SENSOR_WORDS[name] : undefined;
      return { ...nameOf(name, writing), value: vocabulary === undefined ? text(value) : word(vocabulary, text(value), writing) };
    });
  return element('sensorElement', [
    ...(isObject(sensorMetadata) ? [element('sensorMetadata', [], { attributes: attributesOf(sensorMetadata) })] : []),
    ...listOf(sensorReport)
      .filter(isObject)
      .map((report) => element('sensorReport', [], { attributes: attributesOf(report) })),
    ...inner(own, writing),
  ]);
}
