/**
 * What the JSON schema of EPCIS 2.0 asks of documents and events (GS1 EPCIS-JSON-Schema.json, draft-07, 2023-05), as tables, with a JSON Pointer for each
 * problem. It asks no more: whether what is said is true, or new, is not a question of form. At most PROBLEMS_MAX are named.
 */
import { type EpcisProblem, EVENT_TYPES, isObject, type Json, type JsonObject } from './model.ts';
import {
  BIZ_STEPS,
  BIZ_TRANSACTION_TYPES,
  COMPONENTS,
  DISPOSITIONS,
  ERROR_REASONS,
  MEASUREMENTS,
  SENSOR_ALERTS,
  SOURCE_DEST_TYPES,
} from './vocabulary.ts';

const PROBLEMS_MAX = 100;
/** Identifiers that one event may name: a ship's load of phones, not a billion. */
export const EPCS_MAX = 100_000;

type Report = (at: string, problem: string) => void;
type Rule = (value: Json, at: string, report: Report) => void;

/** RFC 3986, section 3, without relative references, and not a scheme alone. */
const URI =
  /^[A-Za-z][A-Za-z0-9+.-]*:(?=.)(?:[A-Za-z0-9._~:/?[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*(?:#(?:[A-Za-z0-9._~:/?@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)?$/;
const TIME =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):?[0-5]\d)$/i;
const MONTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

const isUri = (value: Json): value is string => typeof value === 'string' && value.length <= 4096 && URI.test(value);

function isTime(text: string): boolean {
  if (!TIME.test(text)) return false;
  const [year, month, day] = [Number(text.slice(0, 4)), Number(text.slice(5, 7)), Number(text.slice(8, 10))];
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return day <= (month === 2 && isLeap ? 29 : (MONTHS[month - 1] ?? 0));
}

const rule =
  (isRight: (value: Json) => boolean, wanted: string): Rule =>
  (value, at, report) => {
    if (!isRight(value)) report(at, `is no ${wanted}`);
  };
const uri = rule(isUri, 'URI');
const time = rule((value) => typeof value === 'string' && isTime(value), 'time with its offset from UTC');
const number = rule((value) => typeof value === 'number', 'number');
const text = rule((value) => typeof value === 'string', 'text');
const matching = (pattern: RegExp, wanted: string) => rule((value) => typeof value === 'string' && pattern.test(value), wanted);
/** A bare word of the vocabulary, or a URI of the user's own that does not pretend to be the standard's. */
const word = (words: ReadonlySet<string>, reserved: RegExp, wanted: string) =>
  rule(
    (value) => typeof value === 'string' && (words.has(value) || (isUri(value) && !reserved.test(value))),
    `${wanted} of the standard, nor a URI of one’s own`,
  );
const CBV = /^(?:urn:epcglobal:cbv|https?:\/\/ns\.gs1\.org\/cbv\/)/;
const VOC = /^https?:\/\/(?:www\.)?gs1\.org\/voc\//;

const list =
  (item: Rule, least = 0, isSet = false): Rule =>
  (value, at, report) => {
    if (!Array.isArray(value)) return report(at, 'is no list');
    if (value.length < least) report(at, `has fewer than ${least} entries`);
    if (value.length > EPCS_MAX) return report(at, `has ${value.length} entries, and ${EPCS_MAX} is the most that one event may name`);
    if (isSet && new Set(value.map((one: Json) => JSON.stringify(one))).size < value.length) report(at, 'names something twice');
    for (const [i, one] of value.entries()) item(one, `${at}/${i}`, report);
  };

interface Shape {
  readonly fields: Readonly<Record<string, Rule>>;
  readonly required?: readonly string[];
  /** Whether fields of the sender's own may stand here: names with a namespace (`named`), any (`any`), or none. */
  readonly others: 'named' | 'any' | 'none';
}

const shaped =
  ({ fields, required = [], others }: Shape): Rule =>
  (value, at, report) => {
    if (!isObject(value)) return report(at, 'is no object');
    for (const name of required) if (value[name] === undefined) report(at, `has no ${name}`);
    for (const [name, field] of Object.entries(value)) {
      const known = Object.hasOwn(fields, name) ? fields[name] : undefined;
      if (known !== undefined) known(field, `${at}/${pointer(name)}`, report);
      else if (others === 'none' || (others === 'named' && !isUri(name)))
        report(`${at}/${pointer(name)}`, 'is no field of the standard, and has no namespace');
    }
  };

const pointer = (name: string) => name.slice(0, 200).replaceAll('~', '~0').replaceAll('/', '~1');

const bizStep = word(BIZ_STEPS, CBV, 'business step');
const disposition = word(DISPOSITIONS, CBV, 'disposition');
const quantity = shaped({
  fields: { epcClass: uri, quantity: number, uom: matching(/^[A-Z0-9]{2,3}$/, 'unit of measure') },
  required: ['epcClass'],
  others: 'none',
});
const place = shaped({ fields: { id: uri }, required: ['id'], others: 'any' });
const pair = (name: string, types: ReadonlySet<string>, isTypeNeeded: boolean) =>
  shaped({ fields: { type: word(types, CBV, 'type'), [name]: uri }, required: isTypeNeeded ? ['type', name] : [name], others: 'none' });
const persistentDisposition: Rule = (value, at, report) => {
  shaped({ fields: { set: list(disposition, 1, true), unset: list(disposition, 1, true) }, others: 'none' })(value, at, report);
  if (isObject(value) && value['set'] === undefined && value['unset'] === undefined) report(at, 'neither sets nor unsets anything');
};
const sensorMetadata = shaped({
  fields: {
    time,
    deviceID: uri,
    deviceMetadata: uri,
    rawData: uri,
    startTime: time,
    endTime: time,
    dataProcessingMethod: uri,
    bizRules: uri,
  },
  others: 'named',
});
const sensorReport = shaped({
  fields: {
    type: word(MEASUREMENTS, VOC, 'measurement'),
    exception: word(SENSOR_ALERTS, VOC, 'alert'),
    deviceID: uri,
    deviceMetadata: uri,
    rawData: uri,
    dataProcessingMethod: uri,
    bizRules: uri,
    time,
    microorganism: uri,
    chemicalSubstance: uri,
    coordinateReferenceSystem: uri,
    value: number,
    component: word(COMPONENTS, CBV, 'component'),
    stringValue: text,
    booleanValue: rule((value) => typeof value === 'boolean', 'true or false'),
    hexBinaryValue: matching(/^[A-Fa-f0-9]+$/, 'hexadecimal text'),
    uriValue: uri,
    minValue: number,
    maxValue: number,
    meanValue: number,
    sDev: number,
    percRank: number,
    percValue: number,
    uom: text,
  },
  required: ['type'],
  others: 'named',
});
const sensorElement = shaped({
  fields: { sensorMetadata, sensorReport: list(sensorReport, 1) },
  required: ['sensorReport'],
  others: 'named',
});
const errorDeclaration = shaped({
  fields: { declarationTime: time, reason: word(ERROR_REASONS, CBV, 'reason'), correctiveEventIDs: list(uri) },
  required: ['declarationTime'],
  others: 'named',
});
const context: Rule = (value, at, report) => {
  const one = (item: Json) => isUri(item) || isObject(item);
  const isSet = (items: readonly Json[]) => new Set(items.map((item) => JSON.stringify(item))).size === items.length;
  if (!one(value) && !(Array.isArray(value) && value.every(one) && isSet(value))) report(at, 'is no JSON-LD context');
};

const COMMON = {
  '@context': context,
  eventTime: time,
  recordTime: time,
  eventTimeZoneOffset: matching(/^[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00)$/, 'offset from UTC'),
  eventID: uri,
  certificationInfo: (value, at, report) => (Array.isArray(value) ? list(uri) : uri)(value, at, report),
  errorDeclaration,
} as const satisfies Record<string, Rule>;
const WHERE_AND_WHY = {
  bizStep,
  disposition,
  readPoint: place,
  bizLocation: place,
  bizTransactionList: list(pair('bizTransaction', BIZ_TRANSACTION_TYPES, false)),
  sourceList: list(pair('source', SOURCE_DEST_TYPES, true)),
  destinationList: list(pair('destination', SOURCE_DEST_TYPES, true)),
  sensorElementList: list(sensorElement),
} as const satisfies Record<string, Rule>;

const action = matching(/^(?:OBSERVE|ADD|DELETE)$/, 'action');
const ilmd = shaped({ fields: {}, others: 'named' });
const epcs = list(uri, 0, true);
const type = text;
const containment = { type, parentID: uri, childEPCs: list(uri), childQuantityList: list(quantity), action };

const SHAPES: Readonly<Record<(typeof EVENT_TYPES)[number], Shape>> = {
  ObjectEvent: {
    fields: { ...COMMON, ...WHERE_AND_WHY, type, epcList: epcs, quantityList: list(quantity), action, persistentDisposition, ilmd },
    required: ['action'],
    others: 'named',
  },
  AggregationEvent: { fields: { ...COMMON, ...WHERE_AND_WHY, ...containment }, required: ['action'], others: 'named' },
  AssociationEvent: { fields: { ...COMMON, ...WHERE_AND_WHY, ...containment }, required: ['action', 'parentID'], others: 'named' },
  TransactionEvent: {
    fields: {
      ...COMMON,
      ...WHERE_AND_WHY,
      type,
      bizTransactionList: list(pair('bizTransaction', BIZ_TRANSACTION_TYPES, false), 1),
      parentID: uri,
      epcList: list(uri),
      quantityList: list(quantity),
      action,
    },
    required: ['bizTransactionList', 'action'],
    others: 'named',
  },
  TransformationEvent: {
    fields: {
      ...COMMON,
      ...WHERE_AND_WHY,
      type,
      inputEPCList: epcs,
      inputQuantityList: list(quantity),
      outputEPCList: epcs,
      outputQuantityList: list(quantity),
      transformationID: uri,
      persistentDisposition,
      ilmd,
    },
    others: 'named',
  },
};

const isFilled = (value: Json | undefined) => Array.isArray(value) && value.length > 0;

/** What a type wants beside its fields: that it names things at all. */
const WANTS: Readonly<Record<(typeof EVENT_TYPES)[number], (event: JsonObject) => string | undefined>> = {
  ObjectEvent: (event) => {
    if (event['ilmd'] !== undefined && event['action'] !== 'ADD') return 'has ilmd, which only an event that adds may have';
    const senses = isFilled(event['sensorElementList']) && event['readPoint'] !== undefined;
    return Array.isArray(event['epcList']) || isFilled(event['quantityList']) || senses
      ? undefined
      : 'names neither things (epcList, quantityList) nor what a sensor read at a read point';
  },
  AggregationEvent: children,
  AssociationEvent: children,
  TransactionEvent: (event) =>
    Array.isArray(event['epcList']) || isFilled(event['quantityList']) || event['action'] === 'DELETE'
      ? undefined
      : 'names no things (epcList, quantityList)',
  TransformationEvent: (event) => {
    const [isInput, isOutput] = [
      isFilled(event['inputEPCList']) || isFilled(event['inputQuantityList']),
      isFilled(event['outputEPCList']) || isFilled(event['outputQuantityList']),
    ];
    if (event['transformationID'] !== undefined) return isInput || isOutput ? undefined : 'has neither inputs nor outputs';
    return isInput && isOutput ? undefined : 'has not both inputs and outputs, nor a transformationID';
  },
};

function children(event: JsonObject): string | undefined {
  return isFilled(event['childEPCs']) || isFilled(event['childQuantityList']) || event['action'] === 'DELETE'
    ? undefined
    : 'names no children (childEPCs, childQuantityList)';
}

function collecting(): { readonly problems: EpcisProblem[]; readonly report: Report } {
  const problems: EpcisProblem[] = [];
  return {
    problems,
    report: (at, problem) => {
      if (problems.length < PROBLEMS_MAX) problems.push({ at, problem });
    },
  };
}

/** What is wrong with one event; nothing where it may be hashed and kept. `at` is where it stands in its document. */
export function eventProblems(event: Json, at = ''): readonly EpcisProblem[] {
  const { problems, report } = collecting();
  judgeEvent(event, at, report);
  return problems;
}

function judgeEvent(event: Json, at: string, report: Report): void {
  if (!isObject(event)) {
    report(at, 'is no object');
    return;
  }
  for (const name of ['eventTime', 'eventTimeZoneOffset']) if (event[name] === undefined) report(at, `has no ${name}`);
  const name = event['type'];
  const known = EVENT_TYPES.find((one) => one === name);
  if (known !== undefined) {
    shaped(SHAPES[known])(event, at, report);
    const missing = WANTS[known](event);
    if (missing !== undefined) report(at, missing);
    return;
  }
  if (name === undefined || !isUri(name)) report(`${at}/type`, 'is neither an event type of the standard nor a URI of one’s own');
  // A type of the sender's own: the fields that all events have are the standard's, everything else is the sender's.
  shaped({ fields: COMMON, others: 'any' })(event, at, report);
}

const vocabulary = shaped({
  fields: {
    type: uri,
    vocabularyElementList: list(
      shaped({
        fields: {
          id: uri,
          attributes: list(
            shaped({
              fields: { id: uri, attribute: rule((value) => ['number', 'string'].includes(typeof value) || isObject(value), 'attribute') },
              required: ['id'],
              others: 'any',
            }),
          ),
          children: list(uri),
        },
        required: ['id'],
        others: 'any',
      }),
    ),
  },
  required: ['type'],
  others: 'any',
});
const header = shaped({
  fields: { epcisMasterData: shaped({ fields: { vocabularyList: list(vocabulary) }, others: 'any' }) },
  others: 'named',
});
/** Events are judged one by one, so that a bad one costs itself where the sender wants that. */
const events = rule((value) => Array.isArray(value), 'list');

const DOCUMENTS: Readonly<Record<string, Rule>> = {
  EPCISDocument: shaped({
    fields: {
      '@context': context,
      id: uri,
      type,
      schemaVersion: matching(/^\d+(?:\.\d+)*$/, 'version'),
      creationDate: time,
      instanceIdentifier: text,
      sender: text,
      receiver: text,
      epcisHeader: header,
      epcisBody: shaped({ fields: { eventList: events }, required: ['eventList'], others: 'any' }),
    },
    required: ['@context', 'type', 'schemaVersion', 'creationDate', 'epcisBody'],
    others: 'named',
  }),
  EPCISQueryDocument: shaped({
    fields: {
      '@context': context,
      id: uri,
      type,
      schemaVersion: matching(/^\d+(?:\.\d+)*$/, 'version'),
      creationDate: time,
      epcisBody: shaped({
        fields: {
          queryResults: shaped({
            fields: {
              queryName: text,
              subscriptionID: text,
              resultsBody: shaped({
                fields: { eventList: events, vocabularyList: list(vocabulary) },
                required: ['eventList'],
                others: 'named',
              }),
            },
            required: ['queryName', 'resultsBody'],
            others: 'named',
          }),
        },
        required: ['queryResults'],
        others: 'named',
      }),
    },
    required: ['@context', 'type', 'epcisBody'],
    others: 'named',
  }),
};

/** What is wrong with a document around its events. */
export function documentProblems(json: JsonObject): readonly EpcisProblem[] {
  const { problems, report } = collecting();
  const kind = typeof json['type'] === 'string' && Object.hasOwn(DOCUMENTS, json['type']) ? DOCUMENTS[json['type']] : undefined;
  if (kind === undefined) return [{ at: '/type', problem: 'is neither EPCISDocument nor EPCISQueryDocument' }];
  kind(json, '', report);
  return problems;
}

/** Where the events of a document stand. */
export const eventListPointer = (json: JsonObject): string =>
  json['type'] === 'EPCISQueryDocument' ? '/epcisBody/queryResults/resultsBody/eventList' : '/epcisBody/eventList';
