/**
 * EPCIS in XML (1.2: urn:epcglobal:epcis:xsd:1; 2.0: urn:epcglobal:epcis:xsd:2, and their query documents) into the form of the JSON binding.
 * What the two bindings name or nest differently is turned here; `extension` and `baseExtension`, which 1.2 wraps newer fields in, are unwrapped. Fields of other
 * namespaces keep theirs under a prefix that is declared in @context. Not read: SBDH headers.
 */

import { FormatError } from '../../../bytes/index.ts';
import { elementsOf, readXml, textOf, type XmlElement } from '../../../formats/xml/index.ts';
import type { Json, JsonObject } from './model.ts';
import { VOCABULARIES, type Vocabulary } from './vocabulary.ts';

type Building = Record<string, Json>;

const EPC_LISTS = new Set(['epcList', 'childEPCs', 'inputEPCList', 'outputEPCList']);
const QUANTITY_LISTS = new Set(['quantityList', 'childQuantityList', 'inputQuantityList', 'outputQuantityList']);
const PAIRS: ReadonlyMap<string, string> = new Map([
  ['bizTransactionList', 'bizTransaction'],
  ['sourceList', 'source'],
  ['destinationList', 'destination'],
]);
const NUMBERS = new Set(['value', 'minValue', 'maxValue', 'meanValue', 'sDev', 'percRank', 'percValue', 'quantity']);
const WRAPPERS = new Set(['extension', 'baseExtension']);
const WORDS: Readonly<Record<string, Vocabulary>> = {
  bizStep: VOCABULARIES.bizStep,
  disposition: VOCABULARIES.disposition,
  reason: VOCABULARIES.errorReason,
};
/** EPCIS 1.2 and 2.0, 9.7: urn:epcglobal:epcis-masterdata:xsd:1 and 2. */
const MASTER_DATA = 'EPCISMasterDataDocument';
const XSI = 'http://www.w3.org/2001/XMLSchema-instance';

/** @throws FormatError where it is no well-formed XML, or no EPCIS document */
export function xmlDocument(bytes: Uint8Array): JsonObject {
  const { value: root } = readXml(bytes);
  const kind = root.local;
  if (
    (kind !== 'EPCISDocument' && kind !== 'EPCISQueryDocument' && kind !== MASTER_DATA) ||
    !root.namespace.startsWith('urn:epcglobal:epcis')
  )
    throw new FormatError(
      { format: 'epcis', field: 'root', at: root.at },
      'bad-magic',
      `the root element is ${kind.slice(0, 80)} and no EPCIS document`,
    );
  const prefixes = new Prefixes();
  const list = find(root, 'EventList', 6);
  if (list === undefined && kind !== MASTER_DATA)
    throw new FormatError({ format: 'epcis', field: 'EventList', at: root.at }, 'short-read', 'there is no EventList');
  const attribute = (name: string) => root.attributes.find(({ local, namespace }) => local === name && namespace === '')?.value;
  // A document of master data alone is one without events.
  const eventList = (list === undefined ? [] : elementsOf(list))
    .flatMap((element) => (WRAPPERS.has(element.local) ? elementsOf(element) : [element]))
    .map((element) => event(element, prefixes));
  const vocabularies = find(root, 'VocabularyList', 6);
  const header =
    vocabularies === undefined
      ? undefined
      : { epcisMasterData: { vocabularyList: elementsOf(vocabularies).map((one) => vocabulary(one, prefixes)) } };
  const about: Building = {
    type: kind === MASTER_DATA ? 'EPCISDocument' : kind,
    '@context': ['https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld', prefixes.context()],
  };
  for (const name of ['schemaVersion', 'creationDate']) {
    const value = attribute(name);
    if (value !== undefined) about[name] = value;
  }
  if (header !== undefined) about['epcisHeader'] = header;
  about['epcisBody'] =
    kind !== 'EPCISQueryDocument'
      ? { eventList }
      : { queryResults: { queryName: textBelow(root, 'queryName') ?? 'SimpleEventQuery', resultsBody: { eventList } } };
  return about;
}

/** Prefixes for the namespaces of a document: made up, because one prefix may stand for two of them in two places. */
class Prefixes {
  readonly #byNamespace = new Map<string, string>();

  of(namespace: string): string {
    const found = this.#byNamespace.get(namespace);
    if (found !== undefined) return found;
    const made = `ext${this.#byNamespace.size}`;
    this.#byNamespace.set(namespace, made);
    return made;
  }

  context(): Json {
    return Object.fromEntries([...this.#byNamespace].map(([namespace, prefix]) => [prefix, namespace]));
  }
}

function find(element: XmlElement, local: string, depth: number): XmlElement | undefined {
  const below = elementsOf(element);
  return below.find((child) => child.local === local) ?? (depth === 0 ? undefined : first(below, (child) => find(child, local, depth - 1)));
}

function first<T, R>(items: readonly T[], look: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const found = look(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

const textBelow = (element: XmlElement, local: string): string | undefined => {
  const found = find(element, local, 3);
  return found === undefined ? undefined : textOf(found);
};

/** Sets a field, or makes a list of it where it comes again. */
function put(into: Building, name: string, value: Json): void {
  const before = into[name];
  if (before === undefined) into[name] = value;
  else into[name] = Array.isArray(before) ? [...(before as Json[]), value] : [before, value];
}

/** Sets a field that may be there once. What is there twice becomes what no rule lets in: neither of the two is dropped in silence. */
function putOnce(into: Building, name: string, value: Json): void {
  into[name] = into[name] === undefined ? value : null;
}

/** The fields of the standard, out of the wrappers that 1.2 puts newer ones in. */
function unwrapped(element: XmlElement): readonly XmlElement[] {
  return elementsOf(element).flatMap((child) => (child.namespace === '' && WRAPPERS.has(child.local) ? unwrapped(child) : [child]));
}

function event(element: XmlElement, prefixes: Prefixes): JsonObject {
  const body: Building = { type: element.namespace === '' ? element.local : `${prefixes.of(element.namespace)}:${element.local}` };
  for (const { namespace, local, value } of element.attributes)
    if (namespace !== '' && namespace !== XSI) put(body, `${prefixes.of(namespace)}:${local}`, value);
  for (const child of unwrapped(element)) {
    const name = child.local;
    if (child.namespace !== '') put(body, `${prefixes.of(child.namespace)}:${name}`, generic(child, prefixes));
    else if (EPC_LISTS.has(name)) {
      // An empty list is as good as none, except where the schema wants one.
      const epcs = elementsOf(child).map(textOf);
      if (epcs.length > 0 || name === 'epcList') putOnce(body, name, epcs);
    } else if (QUANTITY_LISTS.has(name))
      putOnce(
        body,
        name,
        elementsOf(child).map((quantity) => plain(quantity)),
      );
    else if (PAIRS.has(name))
      putOnce(
        body,
        name,
        elementsOf(child).map((pair) => typed(pair, PAIRS.get(name) ?? name)),
      );
    else if (name === 'sensorElementList')
      putOnce(
        body,
        name,
        elementsOf(child).map((sensor) => sensorElement(sensor, prefixes)),
      );
    else if (name === 'readPoint' || name === 'bizLocation' || name === 'ilmd' || name === 'errorDeclaration')
      putOnce(body, name, node(child, prefixes));
    else if (name === 'persistentDisposition') putOnce(body, name, dispositions(child));
    else put(body, name, word(name, textOf(child)));
  }
  return body;
}

/** A word of a vocabulary bare, as the JSON binding wants it. */
function word(name: string, text: string): string {
  const vocabulary = WORDS[name];
  return vocabulary === undefined ? text : bare(vocabulary, text);
}

/** Words of CBV 1.0 and 1.1 that 2.0 does not have. They are read as the addresses that they would have, which is how they are hashed. */
const DROPPED = new Set([
  'urn:epcglobal:cbv:disp:non_sellable_damaged',
  'urn:epcglobal:cbv:disp:non_sellable_disposed',
  'urn:epcglobal:cbv:disp:non_sellable_expired',
  'urn:epcglobal:cbv:disp:non_sellable_no_pedigree_match',
  'urn:epcglobal:cbv:disp:non_sellable_recalled',
  'urn:epcglobal:cbv:bizstep:transforming',
]);

function bare({ words, web, urn }: Vocabulary, text: string): string {
  if (urn !== undefined && DROPPED.has(text) && text.startsWith(urn)) return web + text.slice(urn.length);
  for (const start of [web, urn, web.replace('https://ref.gs1.org/cbv/', 'cbv:').replace('https://gs1.org/voc/', 'gs1:')])
    if (start !== undefined && text.startsWith(start) && words.has(text.slice(start.length))) return text.slice(start.length);
  return text;
}

function dispositions(element: XmlElement): JsonObject {
  const result: Building = {};
  for (const child of elementsOf(element)) {
    const before = result[child.local];
    result[child.local] = [...(Array.isArray(before) ? (before as Json[]) : []), word('disposition', textOf(child))];
  }
  return result;
}

function plain(element: XmlElement): JsonObject {
  const result: Building = {};
  for (const child of elementsOf(element)) put(result, child.local, scalar(child.local, textOf(child)));
  return result;
}

function typed(element: XmlElement, name: string): JsonObject {
  const type = element.attributes.find(({ local }) => local === 'type')?.value;
  const vocabulary = name === 'bizTransaction' ? VOCABULARIES.bizTransactionType : VOCABULARIES.sourceDestType;
  return { ...(type === undefined ? {} : { type: bare(vocabulary, type) }), [name]: textOf(element) };
}

function scalar(name: string, text: string): Json {
  if (NUMBERS.has(name) && /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text) && Number.isFinite(Number(text))) return Number(text);
  if (name === 'booleanValue' && /^(?:true|false|1|0)$/.test(text)) return text === 'true' || text === '1';
  return text;
}

/** A node of the standard: its own fields as they are, those of others with their prefix. */
function node(element: XmlElement, prefixes: Prefixes): JsonObject {
  const result: Building = {};
  for (const child of unwrapped(element)) {
    if (child.namespace !== '') put(result, `${prefixes.of(child.namespace)}:${child.local}`, generic(child, prefixes));
    else if (child.local === 'correctiveEventIDs') result[child.local] = elementsOf(child).map(textOf);
    else put(result, child.local, word(child.local, textOf(child)));
  }
  return result;
}

function sensorElement(element: XmlElement, prefixes: Prefixes): JsonObject {
  const result: Building = {};
  const reports: Json[] = [];
  for (const child of unwrapped(element)) {
    if (child.namespace !== '') put(result, `${prefixes.of(child.namespace)}:${child.local}`, generic(child, prefixes));
    else if (child.local === 'sensorMetadata') result['sensorMetadata'] = attributes(child, prefixes);
    else if (child.local === 'sensorReport') reports.push(attributes(child, prefixes));
    else put(result, child.local, textOf(child));
  }
  return { ...result, sensorReport: reports };
}

/** Sensor data stands in attributes in XML, and in fields in JSON. */
function attributes(element: XmlElement, prefixes: Prefixes): JsonObject {
  const result: Building = {};
  for (const { namespace, local, value } of element.attributes) {
    if (namespace !== '') result[`${prefixes.of(namespace)}:${local}`] = value;
    else if (local === 'type') result[local] = bare(VOCABULARIES.measurement, value);
    else if (local === 'exception') result[local] = bare(VOCABULARIES.sensorAlert, value);
    else if (local === 'component') result[local] = bare(VOCABULARIES.component, value);
    else result[local] = scalar(local, value);
  }
  return result;
}

/** Anything of the sender's own: its text, or its attributes and elements by name. */
function generic(element: XmlElement, prefixes: Prefixes): Json {
  const named = ({ namespace, local }: { readonly namespace: string; readonly local: string }) =>
    namespace === '' ? local : `${prefixes.of(namespace)}:${local}`;
  const own = element.attributes.filter(({ namespace }) => namespace !== XSI);
  const below = elementsOf(element);
  const text = textOf(element);
  if (own.length === 0 && below.length === 0) return text;
  const result: Building = {};
  for (const attribute of own) put(result, named(attribute), attribute.value);
  for (const child of below) put(result, named(child), generic(child, prefixes));
  if (text !== '') result['#text'] = text;
  return result;
}

function vocabulary(element: XmlElement, prefixes: Prefixes): JsonObject {
  const attributeOf = (of: XmlElement, name: string) => of.attributes.find(({ local }) => local === name)?.value ?? '';
  return {
    type: attributeOf(element, 'type'),
    vocabularyElementList: elementsOf(element)
      .flatMap((list) => elementsOf(list))
      .map((item) => ({
        id: attributeOf(item, 'id'),
        attributes: elementsOf(item)
          .filter(({ local }) => local === 'attribute')
          .map((one) => ({ id: attributeOf(one, 'id'), attribute: elementsOf(one).length === 0 ? textOf(one) : generic(one, prefixes) })),
        children: elementsOf(item)
          .filter(({ local }) => local === 'children')
          .flatMap((children) => elementsOf(children).map(textOf)),
      })),
  };
}
