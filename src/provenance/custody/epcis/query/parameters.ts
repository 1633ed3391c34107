/**
 * The parameters of SimpleEventQuery (EPCIS 2.0, 8.2.7; GS1's query-schema.json and openapi.json) as tests of an event. This is the one place that says what a
 * parameter means: an index may leave out what cannot match, and never decides. docs/formats/epcis-query.md lists them.
 */
import type { CustodyEvent } from '../../event.ts';
import { namesOf } from '../../event.ts';
import { canonicalUri } from '../../gs1/digital-link.ts';
import { attributeName } from '../../master-data.ts';
import { EVENT_TYPES, isObject, type Json, type JsonObject, listOf, textAt, textsOf } from '../model.ts';
import { bareWord, VOCABULARIES, type Vocabulary, webWord } from '../vocabulary.ts';
import { type Body, fieldName, sensorElements, sensorMetadata, sensorReports, valuesOfField } from './fields.ts';
import { matchOf } from './match.ts';
import { QueryError } from './query-error.ts';
import { inUnit } from './units.ts';
import {
  booleanIn,
  isCompared,
  momentOf,
  type Namespaces,
  numberIn,
  numberOf,
  type Operator,
  scalarsOf,
  timeIn,
  writtenOut,
} from './values.ts';

/** An event as it is asked about. */
export interface Asked extends Body {
  readonly event: CustodyEvent;
  readonly recordedMs: number;
}
export type Test = (asked: Asked) => boolean;

/** What master data say of places and of whatever else has a name. */
export interface MasterData {
  readonly attributesOf: (uri: string) => readonly { readonly id: string; readonly value: string }[];
  /** The places below a place, at any depth. */
  readonly below: (uri: string) => readonly string[];
}

interface Given {
  readonly name: string;
  readonly values: readonly string[];
  readonly namespaces: Namespaces;
  readonly masterData: MasterData;
}
type Parameter = (given: Given) => Test;

/** A word in one form: bare where it is the vocabulary's, else the URI that it stands for. */
const wordOf = (vocabulary: Vocabulary, text: string, namespaces: Namespaces): string =>
  bareWord(vocabulary, text) ?? writtenOut(text, namespaces);

/** One of the words is among those that the event has. */
const words =
  (vocabulary: Vocabulary, read: (body: JsonObject) => Json | undefined): Parameter =>
  ({ name, values, namespaces }) => {
    const odd = values.find((value) => !value.includes(':') && bareWord(vocabulary, value) === undefined);
    if (odd !== undefined) throw new QueryError('parameter', `${name}: "${odd.slice(0, 60)}" is neither a word of the standard nor a URI`);
    const wanted = new Set(values.map((value) => wordOf(vocabulary, value, namespaces)));
    return (asked) => textsOf(read(asked.body)).some((text) => wanted.has(wordOf(vocabulary, text, asked.namespaces)));
  };
const uris =
  (read: (body: JsonObject) => readonly string[]): Parameter =>
  ({ values, namespaces }) => {
    const wanted = new Set(values.map((value) => canonicalUri(writtenOut(value, namespaces))));
    return (asked) => read(asked.body).some((text) => wanted.has(canonicalUri(writtenOut(text, asked.namespaces))));
  };
const texts =
  (read: (body: JsonObject) => readonly string[], same: (text: string) => string = (text) => text): Parameter =>
  ({ values }) => {
    const wanted = new Set(values.map(same));
    return ({ body }) => read(body).some((text) => wanted.has(same(text)));
  };
const matched =
  (read: (event: CustodyEvent) => readonly string[]): Parameter =>
  ({ name, values }) => {
    const { isMatched } = matchOf(name, values);
    return ({ event }) => read(event).some(isMatched);
  };
const classMatched =
  (...lists: readonly string[]): Parameter =>
  ({ name, values }) => {
    const { isMatched } = matchOf(name, values, canonicalUri);
    return ({ body }) => quantities(body, lists).some((element) => isMatched(canonicalUri(textAt(element, 'epcClass') ?? '')));
  };
/** From a moment on, or before it. */
const time =
  (operator: 'GE' | 'LT', read: (asked: Asked) => readonly number[]): Parameter =>
  ({ name, values }) => {
    const wanted = timeIn(name, values);
    return (asked) => read(asked).some((ms) => (operator === 'GE' ? ms >= wanted : ms < wanted));
  };
const moments = (texts_: readonly string[]) => texts_.flatMap((text) => momentOf(text) ?? []);

const QUANTITIES = ['quantityList', 'childQuantityList', 'inputQuantityList', 'outputQuantityList'];
const quantities = (body: JsonObject, lists = QUANTITIES as readonly string[]) =>
  lists.flatMap((list) => listOf(body[list]).filter(isObject));
const declaration = (body: JsonObject, name: string) => (isObject(body['errorDeclaration']) ? textsOf(body['errorDeclaration'][name]) : []);
const disposed = (name: 'set' | 'unset') => (body: JsonObject) =>
  isObject(body['persistentDisposition']) ? body['persistentDisposition'][name] : undefined;
const inSensors = (name: string, nodes: (body: JsonObject) => readonly JsonObject[]) => (body: JsonObject) =>
  nodes(body).flatMap((node) => textsOf(node[name]));
const both = (body: JsonObject) => [...sensorMetadata(body), ...sensorReports(body)];
const times = (name: string, nodes: (body: JsonObject) => readonly JsonObject[]) => (asked: Asked) =>
  moments(inSensors(name, nodes)(asked.body));
const declarationTimes = ({ body }: Asked) => moments(declaration(body, 'declarationTime'));
/** Void in the standard's words, true or false in GS1's schema; false asks nothing. */
const exists =
  (read: (body: JsonObject) => boolean): Parameter =>
  ({ name, values }) => {
    const isAsked = values.length === 0 || booleanIn(name, values);
    return ({ body }) => !isAsked || read(body);
  };

const place =
  (which: 'readPoint' | 'bizLocation', isWithin: boolean): Parameter =>
  ({ values, namespaces, masterData }) => {
    const asked = values.map((value) => canonicalUri(writtenOut(value, namespaces)));
    const wanted = isWithin ? [...new Set(asked.flatMap((uri) => [uri, ...masterData.below(uri)]))] : asked;
    return ({ event }) => {
      const uri = event[which];
      return uri !== undefined && wanted.some((one) => uri === one || (isWithin && uri.startsWith(`${one}/254/`)));
    };
  };

const hashOf = (id: string) => id.replace(/^(ni:\/\/\/sha-256;[0-9a-f]{64})\?.*$/, '$1');

/** By name. */
const FIXED: Readonly<Record<string, Parameter>> = {
  eventType: ({ name, values, namespaces }) => {
    const odd = values.find((value) => !value.includes(':') && !isStandardType(value));
    if (odd !== undefined) throw new QueryError('parameter', `${name}: "${odd.slice(0, 60)}" is neither a type of the standard nor a URI`);
    const wanted = new Set(values.map((value) => writtenOut(value, namespaces)));
    return (asked) => wanted.has(writtenOut(textAt(asked.body, 'type') ?? '', asked.namespaces));
  },
  GE_eventTime: time('GE', ({ event }) => [event.atMs]),
  LT_eventTime: time('LT', ({ event }) => [event.atMs]),
  GE_recordTime: time('GE', ({ recordedMs }) => [recordedMs]),
  LT_recordTime: time('LT', ({ recordedMs }) => [recordedMs]),
  EQ_action: ({ name, values }) => {
    const odd = values.find((value) => !['ADD', 'OBSERVE', 'DELETE'].includes(value));
    if (odd !== undefined) throw new QueryError('parameter', `${name} is ADD, OBSERVE or DELETE; "${odd.slice(0, 60)}" is none`);
    return ({ event }) => event.action !== undefined && values.includes(event.action);
  },
  EQ_bizStep: words(VOCABULARIES.bizStep, (body) => body['bizStep']),
  EQ_disposition: words(VOCABULARIES.disposition, (body) => body['disposition']),
  EQ_persistentDisposition_set: words(VOCABULARIES.disposition, disposed('set')),
  EQ_persistentDisposition_unset: words(VOCABULARIES.disposition, disposed('unset')),
  EQ_readPoint: place('readPoint', false),
  WD_readPoint: place('readPoint', true),
  EQ_bizLocation: place('bizLocation', false),
  WD_bizLocation: place('bizLocation', true),
  EQ_transformationID: uris((body) => textsOf(body['transformationID'])),
  MATCH_epc: matched(({ type, things }) => (type === 'TransformationEvent' ? [] : things)),
  MATCH_parentID: matched(({ parent }) => (parent === undefined ? [] : [parent])),
  MATCH_inputEPC: matched(({ inputs }) => inputs),
  MATCH_outputEPC: matched(({ type, things }) => (type === 'TransformationEvent' ? things : [])),
  MATCH_anyEPC: matched((event) => namesOf(event).map(({ uri }) => uri)),
  MATCH_epcClass: classMatched('quantityList', 'childQuantityList'),
  MATCH_inputEPCClass: classMatched('inputQuantityList'),
  MATCH_outputEPCClass: classMatched('outputQuantityList'),
  MATCH_anyEPCClass: classMatched(...QUANTITIES),
  EQ_eventID: ({ values }) => {
    const wanted = new Set(values.map(hashOf));
    return ({ event }) => wanted.has(hashOf(event.id)) || (event.calledId !== undefined && wanted.has(hashOf(event.calledId)));
  },
  EXISTS_errorDeclaration: exists((body) => isObject(body['errorDeclaration'])),
  GE_errorDeclarationTime: time('GE', declarationTimes),
  LT_errorDeclarationTime: time('LT', declarationTimes),
  // GS1's openapi.json and query-schema.json spell it differently.
  GE_errorDeclaration_Time: time('GE', declarationTimes),
  LT_errorDeclaration_Time: time('LT', declarationTimes),
  EQ_errorReason: words(VOCABULARIES.errorReason, (body) => declaration(body, 'reason')),
  EQ_correctiveEventID: texts((body) => declaration(body, 'correctiveEventIDs')),
  EXISTS_sensorElementList: exists((body) => sensorElements(body).length > 0),
  GE_time: time('GE', times('time', both)),
  LT_time: time('LT', times('time', both)),
  GE_startTime: time('GE', times('startTime', sensorMetadata)),
  LT_startTime: time('LT', times('startTime', sensorMetadata)),
  GE_endTime: time('GE', times('endTime', sensorMetadata)),
  LT_endTime: time('LT', times('endTime', sensorMetadata)),
  EQ_type: words(VOCABULARIES.measurement, (body) => inSensors('type', sensorReports)(body)),
  EQ_deviceID: uris(inSensors('deviceID', both)),
  EQ_dataProcessingMethod: uris(inSensors('dataProcessingMethod', both)),
  EQ_bizRules: uris(inSensors('bizRules', both)),
  EQ_microorganism: uris(inSensors('microorganism', sensorReports)),
  EQ_chemicalSubstance: uris(inSensors('chemicalSubstance', sensorReports)),
  EQ_uriValue: uris(inSensors('uriValue', sensorReports)),
  EQ_stringValue: texts(inSensors('stringValue', sensorReports)),
  EQ_hexBinaryValue: texts(inSensors('hexBinaryValue', sensorReports), (text) => text.toUpperCase()),
  EQ_booleanValue: ({ name, values }) => {
    const wanted = booleanIn(name, values);
    return ({ body }) => sensorReports(body).some((report) => report['booleanValue'] === wanted);
  },
};

/** EQ_bizTransaction_po, EQ_source_owning_party, EQ_destination_urn:…: the type is a word of the standard, or a URI of somebody's own. */
function pairTest({ name, values, namespaces }: Given): Test | undefined {
  const [, one, type = ''] = /^EQ_(bizTransaction|source|destination)_(.+)$/s.exec(name) ?? [];
  if (one === undefined) return undefined;
  const vocabulary = one === 'bizTransaction' ? VOCABULARIES.bizTransactionType : VOCABULARIES.sourceDestType;
  const typeOf = (text: string, names: Namespaces) => webWord(vocabulary, writtenOut(text, names));
  if (!type.includes(':') && bareWord(vocabulary, type) === undefined)
    throw new QueryError('parameter', `${name.slice(0, 80)}: the standard has no such type`);
  const wantedType = typeOf(type, namespaces);
  const wanted = new Set(values.map((value) => canonicalUri(writtenOut(value, namespaces))));
  return (asked) =>
    listOf(asked.body[`${one}List`])
      .filter(isObject)
      .some(
        (pair) =>
          typeOf(textAt(pair, 'type') ?? '', asked.namespaces) === wantedType &&
          wanted.has(canonicalUri(writtenOut(textAt(pair, one) ?? '', asked.namespaces))),
      );
}

/** GE_quantity, GE_quantity_KGM, LT_value_CEL, GT_sDev_CEL, LE_percRank. A unit finds whatever can be told in it. */
function amountTest({ name, values }: Given): Test | undefined {
  const [, operator, field = '', unit] =
    /^(EQ|GT|GE|LT|LE)_(quantity|percRank|value|minValue|maxValue|meanValue|sDev|percValue)(?:_([A-Z0-9]{2,4}))?$/.exec(name) ?? [];
  // A rank has no unit, and what a sensor read says nothing without one.
  if (operator === undefined || (field === 'percRank' ? unit !== undefined : field !== 'quantity' && unit === undefined)) return undefined;
  const wanted = numberIn(name, values);
  const nodes = field === 'quantity' ? (body: JsonObject) => quantities(body) : sensorReports;
  return ({ body }) =>
    nodes(body).some((node) => {
      const found = node[field];
      const number = typeof found === 'number' || typeof found === 'string' ? numberOf(found) : undefined;
      if (number === undefined) return false;
      if (unit === undefined) return isCompared(operator as Operator, number, wanted); // The pattern lets in no other.
      const converted = inUnit(number, textAt(node, 'uom') ?? '', unit, field === 'sDev');
      return converted !== undefined && isCompared(operator as Operator, converted, wanted); // As above.
    });
}

/** Fields of the standard whose values have master data. */
const NAMED: Readonly<Record<string, (body: JsonObject) => readonly string[]>> = {
  readPoint: (body) => (isObject(body['readPoint']) ? textsOf(body['readPoint']['id']) : []),
  bizLocation: (body) => (isObject(body['bizLocation']) ? textsOf(body['bizLocation']['id']) : []),
  epcClass: (body) => quantities(body).flatMap((element) => textsOf(element['epcClass'])),
  source: (body) =>
    listOf(body['sourceList'])
      .filter(isObject)
      .flatMap((pair) => textsOf(pair['source'])),
  destination: (body) =>
    listOf(body['destinationList'])
      .filter(isObject)
      .flatMap((pair) => textsOf(pair['destination'])),
  bizTransaction: (body) =>
    listOf(body['bizTransactionList'])
      .filter(isObject)
      .flatMap((pair) => textsOf(pair['bizTransaction'])),
};

/** HASATTR_bizLocation, EQ_ATTR_bizLocation_cbvmda:city (EQATTR_ in EPCIS 1): the field names something of which master data have the attribute. */
function attributeTest({ name, values, namespaces, masterData }: Given): Test | undefined {
  const [, has, rest = ''] = /^(HASATTR|EQ_?ATTR)_(.+)$/s.exec(name) ?? [];
  if (has === undefined) return undefined;
  const fixed = Object.keys(NAMED).find((field) => rest === field || rest.startsWith(`${field}_`));
  const field = fixed ?? /^[A-Za-z_][\w.-]*:[A-Za-z][A-Za-z0-9.-]*/.exec(rest)?.[0];
  if (field === undefined) return undefined;
  const attribute = rest.slice(field.length + 1);
  if ((has === 'HASATTR') !== (attribute === '')) return undefined;
  const full = fixed === undefined ? fieldName(name, field, namespaces) : undefined;
  const read = fixed === undefined ? undefined : NAMED[fixed];
  const wanted = has === 'HASATTR' ? values : [attribute];
  const isNamed = (id: string) => wanted.some((one) => isAttribute(id, writtenOut(one, namespaces)));
  return (asked) => {
    const found = read === undefined ? scalarsOf(valuesOfField(full ?? '', asked)).map(String) : read(asked.body);
    return found.some((uri) =>
      masterData
        .attributesOf(canonicalUri(writtenOut(uri, asked.namespaces)))
        .some(({ id, value }) => isNamed(id) && (has === 'HASATTR' || values.includes(value))),
    );
  };
}

/** An attribute by its name, or by what follows its namespace. */
const isAttribute = (id: string, wanted: string) =>
  attributeName(wanted) === id ||
  (!wanted.includes(':') && id.slice(Math.max(id.lastIndexOf('#'), id.lastIndexOf('/'), id.lastIndexOf(':')) + 1) === wanted);

/** The test of a parameter of the standard; undefined where the standard has none of that name. @throws QueryError for a value that it does not take */
export function standardTest(given: Given): Test | undefined {
  const fixed = Object.hasOwn(FIXED, given.name) ? FIXED[given.name] : undefined;
  return fixed === undefined ? (amountTest(given) ?? pairTest(given) ?? attributeTest(given)) : fixed(given);
}

/** Whether a type of events is one of the standard's. */
export const isStandardType = (text: string): boolean => EVENT_TYPES.some((type) => type === text);
