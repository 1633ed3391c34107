/**
 * The pre-image of an event's hash ID (CBV 2.0, 8.9.2; GS1's reference generator RalphTro/epcis-event-hash-generator, whose `.hashes` are the oracle).
 * Fields of the standard come in a fixed order as key=value without separators; lists are sorted by code point; a key without a value is left out. Then everything else,
 * sorted by code point: the lists of transactions, destinations and sources, ilmd, and the sender's own fields as {namespace}name. A field of the sender's inside
 * a node of the standard follows that node's own fields. Left out: recordTime, eventID, errorDeclaration, so that a declaration of an error has the ID of the event it declares
 * wrong, and comments.
 */
import { canonicalUri } from '../gs1/digital-link.ts';
import { type EpcisEvent, isObject, type Json, type JsonObject, listOf } from './model.ts';
import { expandedValue, modernUrns, VOCABULARIES, type Vocabulary, webWord } from './vocabulary.ts';

/** A field in its place: how its value is written, or which fields it has. */
type Field = readonly [name: string, as: 'value' | 'time' | 'epcs' | 'quantities' | Vocabulary | readonly Field[]];

const QUANTITY: readonly Field[] = [
  ['epcClass', 'value'],
  ['quantity', 'value'],
  ['uom', 'value'],
];

const SENSOR_METADATA: readonly Field[] = [
  ['time', 'time'],
  ['startTime', 'time'],
  ['endTime', 'time'],
  ['deviceID', 'value'],
  ['deviceMetadata', 'value'],
  ['rawData', 'value'],
  ['dataProcessingMethod', 'value'],
  ['bizRules', 'value'],
];

const SENSOR_REPORT: readonly Field[] = [
  ['type', VOCABULARIES.measurement],
  ['exception', VOCABULARIES.sensorAlert],
  ['deviceID', 'value'],
  ['deviceMetadata', 'value'],
  ['rawData', 'value'],
  ['dataProcessingMethod', 'value'],
  ['time', 'time'],
  ['microorganism', 'value'],
  ['chemicalSubstance', 'value'],
  ['value', 'value'],
  ['component', VOCABULARIES.component],
  ['stringValue', 'value'],
  ['booleanValue', 'value'],
  ['hexBinaryValue', 'value'],
  ['uriValue', 'value'],
  ['minValue', 'value'],
  ['maxValue', 'value'],
  ['meanValue', 'value'],
  ['sDev', 'value'],
  ['percRank', 'value'],
  ['percValue', 'value'],
  ['uom', 'value'],
  ['coordinateReferenceSystem', 'value'],
];

const ID: readonly Field[] = [['id', 'value']];

const EVENT: readonly Field[] = [
  ['eventTime', 'time'],
  ['eventTimeZoneOffset', 'value'],
  // The newest upstream code leaves it out; the hashes that GS1 published have it.
  ['certificationInfo', 'value'],
  ['epcList', 'epcs'],
  ['parentID', 'value'],
  ['inputEPCList', 'epcs'],
  ['childEPCs', 'epcs'],
  ['quantityList', 'quantities'],
  ['childQuantityList', 'quantities'],
  ['inputQuantityList', 'quantities'],
  ['outputEPCList', 'epcs'],
  ['outputQuantityList', 'quantities'],
  ['action', 'value'],
  ['transformationID', 'value'],
  ['bizStep', VOCABULARIES.bizStep],
  ['disposition', VOCABULARIES.disposition],
  [
    'persistentDisposition',
    [
      ['set', VOCABULARIES.disposition],
      ['unset', VOCABULARIES.disposition],
    ],
  ],
  ['readPoint', ID],
  ['bizLocation', ID],
];

/** Lists of pairs: the list's name, what one is called, and the vocabulary of its type. */
const PAIRS = [
  ['bizTransactionList', 'bizTransaction', VOCABULARIES.bizTransactionType],
  ['destinationList', 'destination', VOCABULARIES.sourceDestType],
  ['sourceList', 'source', VOCABULARIES.sourceDestType],
] as const;

const LEFT_OUT = new Set(['type', '@context', 'recordTime', 'eventID', 'errorDeclaration', 'rdfs:comment', 'comment']);
/** Below the top only these are: what a sender calls a type in a field of his own is a part of it. */
const LEFT_OUT_BELOW = new Set(['@context', 'rdfs:comment', 'comment']);
/** In order elsewhere, so that they are not among the rest. */
const KNOWN = new Set([...EVENT.map(([name]) => name), 'sensorElementList', ...PAIRS.map(([list]) => list)]);

const DEPTH_MAX = 32;

/** Orders by code point, where JavaScript orders by UTF-16 units. */
export function byCodePoint(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [one, other] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (one === other) continue;
    // Surrogates stand for code points above all of the basic plane.
    const isSurrogate = (unit: number) => unit >= 0xd800 && unit < 0xe000;
    if (isSurrogate(one) !== isSurrogate(other)) return isSurrogate(one) ? 1 : -1;
    return one - other;
  }
  return a.length - b.length;
}

const sorted = (texts: readonly string[]): string => texts.toSorted(byCodePoint).join('');

/**
 * The pre-image as text. `ignored` are names of fields at the top that are not hashed: for the comparison with GS1's examples only, because a sender who may
 * name them chooses what his ID covers.
 */
export function preImage({ body, namespaces }: EpcisEvent, ignored: ReadonlySet<string> = new Set()): string {
  const named = (name: string) => qualified(name, namespaces);
  const rest: string[] = [];
  for (const [list, one, vocabulary] of PAIRS) {
    const pairs = listOf(body[list]).filter(isObject);
    if (pairs.length > 0)
      rest.push(list + sorted(pairs.map((pair) => field('type', vocabulary, pair, namespaces) + field(one, 'value', pair, namespaces))));
  }
  const sensors = sensorElements(body, namespaces);
  if (sensors.left !== '') rest.push(sensors.left);
  for (const [name, value] of Object.entries(body))
    if (!KNOWN.has(name) && !LEFT_OUT.has(name) && !ignored.has(name)) rest.push(...generic(named(name), value, namespaces, 0));
  return `eventType=${named(textOf(body['type']))}${ordered(EVENT, body, namespaces)}${sensors.ordered}${sorted(rest)}`;
}

function ordered(fields: readonly Field[], node: JsonObject, namespaces: EpcisEvent['namespaces']): string {
  return fields.map(([name, as]) => field(name, as, node, namespaces)).join('');
}

function field(name: string, as: Field[1], node: JsonObject, namespaces: EpcisEvent['namespaces']): string {
  const values = listOf(node[name]);
  if (values.length === 0) return '';
  if (as === 'epcs') {
    const epcs = sorted(values.map((value) => keyed('epc', canonical(value))));
    return epcs === '' ? '' : name + epcs;
  }
  if (as === 'quantities') {
    const elements = sorted(values.filter(isObject).map((value) => `quantityElement${ordered(QUANTITY, value, namespaces)}`));
    return elements === '' ? '' : name + elements;
  }
  if (as === 'value') return sorted(values.map((value) => keyed(name, canonical(value))));
  if (as === 'time') return sorted(values.map((value) => keyed(name, canonicalTime(textOf(value)))));
  if ('web' in as) return sorted(values.map((value) => keyed(name, canonical(webWord(as, textOf(value))))));
  const nodes = sorted(values.filter(isObject).map((value) => ordered(as, value, namespaces) + extensions(as, value, namespaces)));
  return nodes === '' ? '' : name + nodes;
}

/** The sender's own fields of a node of the standard. In a place they may be without a namespace. */
function extensions(fields: readonly Field[], node: JsonObject, namespaces: EpcisEvent['namespaces']): string {
  const own = Object.entries(node).filter(
    ([name]) => (name.includes(':') || fields === ID) && !LEFT_OUT_BELOW.has(name) && !fields.some(([known]) => known === name),
  );
  return sorted(own.flatMap(([name, value]) => generic(qualified(name, namespaces), value, namespaces, 0)));
}

function sensorElements(body: JsonObject, namespaces: EpcisEvent['namespaces']) {
  const inOrder: string[] = [];
  const left: string[] = [];
  for (const element of listOf(body['sensorElementList']).filter(isObject)) {
    const reports = listOf(element['sensorReport']).filter(isObject);
    const metadata = element['sensorMetadata'];
    const about = isObject(metadata)
      ? ordered(SENSOR_METADATA, metadata, namespaces) + extensions(SENSOR_METADATA, metadata, namespaces)
      : '';
    inOrder.push(
      `sensorElement${about === '' ? '' : `sensorMetadata${about}`}${sorted(
        reports.map(
          (report) => `sensorReport${ordered(SENSOR_REPORT, report, namespaces)}${extensions(SENSOR_REPORT, report, namespaces)}`,
        ),
      )}${extensions([], element, namespaces)}`,
    );
    // The one field of the schema that the reference generator has no place for: it comes with the rest, below its path.
    const rules = sorted(
      reports
        .filter((report) => report['bizRules'] !== undefined)
        .map((report) => `sensorReport${field('bizRules', 'value', report, namespaces)}`),
    );
    if (rules !== '') left.push(`sensorElement${rules}`);
  }
  return {
    ordered: inOrder.length === 0 ? '' : `sensorElementList${sorted(inOrder)}`,
    left: left.length === 0 ? '' : `sensorElementList${sorted(left)}`,
  };
}

/** Any value below a key: a list is the key again for each. */
function generic(key: string, value: Json, namespaces: EpcisEvent['namespaces'], depth: number): readonly string[] {
  if (depth > DEPTH_MAX) throw new RangeError(`fields more than ${DEPTH_MAX} deep`);
  if (Array.isArray(value)) return value.flatMap((item: Json) => generic(key, item, namespaces, depth + 1));
  if (!isObject(value)) {
    const text = canonical(value);
    return [text === '' ? key : `${key}=${text}`];
  }
  const text = value['#text'] === undefined ? '' : canonical(value['#text']);
  const below = Object.entries(value)
    .filter(([name]) => name !== '#text' && !LEFT_OUT_BELOW.has(name))
    .flatMap(([name, inner]) => generic(qualified(name, namespaces), inner, namespaces, depth + 1));
  return [`${key}${text === '' ? '' : `=${text}`}${sorted(below)}`];
}

const keyed = (key: string, text: string) => (text === '' ? '' : `${key}=${text}`);

function qualified(name: string, namespaces: EpcisEvent['namespaces']): string {
  const colon = name.indexOf(':');
  const namespace = colon < 0 ? undefined : namespaces.get(name.slice(0, colon));
  return namespace === undefined ? name : `{${namespace}}${name.slice(colon + 1)}`;
}

const textOf = (value: Json | undefined): string =>
  value === undefined || value === null || typeof value === 'object' ? '' : String(value);

/** Numbers without sign, zeros and point that mean nothing; GS1 keys as canonical Digital Links; CBV 1's URNs as web addresses. */
function canonical(value: Json): string {
  const text = canonicalNumber(modernUrns(expandedValue(textOf(value).trim())));
  return canonicalUri(text);
}

function canonicalNumber(text: string): string {
  if (text.length > 400 || !/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text)) return text;
  const number = Number(text);
  if (!Number.isFinite(number)) return text;
  return Number.isInteger(number) ? BigInt(number).toString() : decimal(number);
}

/** A fraction in digits alone: JavaScript writes those below a millionth with an exponent. */
function decimal(number: number): string {
  const [, sign = '', first = '', rest = '', exponent = ''] = /^(-?)(\d)(?:\.(\d+))?e-(\d+)$/.exec(String(number)) ?? [];
  return exponent === '' ? String(number) : `${sign}0.${'0'.repeat(Number(exponent) - 1)}${first}${rest}`;
}

/** A time in UTC to the millisecond, rounded at the fourth decimal; a text that is no time stays as it is. */
export function canonicalTime(text: string): string {
  const [, year, month, day, hour, minute, second, fraction = '', sign, hours = '0', minutes = '0'] =
    /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:Z|([+-])(\d\d):?(\d\d))$/i.exec(text) ?? [];
  if (year === undefined) return text;
  const thousandths = Number(fraction.slice(0, 3).padEnd(3, '0')) + (Number(fraction[3] ?? '0') >= 5 ? 1 : 0);
  const offset = (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1 : 1);
  const days = daysSince1970(Number(year), Number(month), Number(day));
  const ms = ((days * 24 + Number(hour)) * 60 + Number(minute) - offset) * 60_000 + Number(second) * 1000 + thousandths;
  return instantOf(ms);
}

/** Days since 1970-01-01 in the Gregorian calendar, the year counted from March. */
function daysSince1970(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return y * 365 + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400) + dayOfYear - 719_468;
}

const two = (number: number, size = 2) => String(number).padStart(size, '0');

/** The instant of milliseconds since 1970, in UTC: a calculation, not a clock. */
export function instantOf(ms: number): `${number}-${number}-${number}T${string}Z` {
  const days = Math.floor(ms / 86_400_000);
  const rest = ms - days * 86_400_000;
  // The inverse of the above: 400 years have 146,097 days.
  const z = days + 719_468;
  const era = Math.floor(z / 146_097);
  const dayOfEra = z - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1;
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  const time = `${two(Math.floor(rest / 3_600_000))}:${two(Math.floor(rest / 60_000) % 60)}:${two(Math.floor(rest / 1000) % 60)}.${two(rest % 1000, 3)}`;
  return `${two(year, 4)}-${two(month)}-${two(day)}T${time}Z` as `${number}-${number}-${number}T${string}Z`; // Built of digits in that form.
}
