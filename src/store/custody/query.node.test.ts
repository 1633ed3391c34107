/** Every parameter of SimpleEventQuery on both databases, in both directions: with one value it finds its events and no other, with another it finds none of them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { storeEngines } from '../../../test/support/store-engines.ts';
import type { Instant } from '../../bytes/index.ts';
import { type EventQuery, type JsonObject, QueryError } from '../../provenance/index.ts';
import {
  addSubscription,
  holdSubscription,
  importDocument,
  isNamed,
  letGoSubscription,
  openStore,
  ownTypes,
  queryEvents,
  type Store,
  thingsIn,
  valuesOf,
} from '../index.ts';

const { describeOn, urlOf } = storeEngines();

const NS = 'https://ns.example.com/epcis/';
const namespaces = new Map([
  ['q', NS],
  ['gln', 'https://id.gs1.org/414/'],
]);
const context = ['https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld', { my: NS, mda: 'urn:epcglobal:cbv:mda' }];
const phone = (n: number) => `urn:epc:id:sgtin:4012345.011111.${n}`;
const common = (day: string) => ({ eventTime: `2026-${day}T12:00:00Z`, eventTimeZoneOffset: '+00:00' });

/** Called A to E. E is the declaration that D is wrong. */
const D: JsonObject = {
  eventID: 'urn:uuid:00000000-0000-4000-8000-00000000000d',
  type: 'AggregationEvent',
  ...common('02-03'),
  parentID: 'urn:epc:id:sscc:4012345.0000000333',
  childEPCs: [phone(4)],
  childQuantityList: [{ epcClass: 'urn:epc:class:lgtin:4012345.022222.L1', quantity: 5 }],
  action: 'OBSERVE',
  bizStep: 'packing',
  'my:number': 3,
};
const EVENTS: Readonly<Record<string, JsonObject>> = {
  A: {
    type: 'ObjectEvent',
    ...common('02-01'),
    eventID: 'urn:uuid:00000000-0000-4000-8000-00000000000a',
    epcList: [phone(1), phone(2)],
    quantityList: [
      { epcClass: 'urn:epc:idpat:sgtin:4012345.033333.*', quantity: 10 },
      { epcClass: 'urn:epc:class:lgtin:4012345.044444.L7', quantity: 2.5, uom: 'KGM' },
    ],
    action: 'ADD',
    bizStep: 'commissioning',
    disposition: 'active',
    persistentDisposition: { set: ['completeness_verified'], unset: ['completeness_inferred'] },
    readPoint: { id: 'urn:epc:id:sgln:4012345.00001.7', 'my:dock': '4', 'my:hall': { 'my:row': 'R' } },
    bizLocation: { id: 'https://id.gs1.org/414/4012345000023', 'my:shelf': 'top', 'my:floor': { 'my:room': '12' } },
    bizTransactionList: [{ type: 'po', bizTransaction: 'urn:x:po:1' }],
    sourceList: [{ type: 'owning_party', source: 'urn:epc:id:pgln:4012345.00225' }],
    destinationList: [{ type: 'https://own.example/type', destination: 'urn:x:place:1' }],
    ilmd: {
      'https://full.example/#kind': 'k',
      'mda:lotNumber': 'L7',
      'my:lot': { 'my:best': '2027-01-01T00:00:00Z', 'my:grade': '2' },
      'my:weight': '12.50',
    },
    sensorElementList: [
      {
        'my:rack': 'left',
        'my:box': { 'my:slot': '9' },
        sensorMetadata: {
          time: '2026-01-31T10:00:00Z',
          startTime: '2026-01-31T09:00:00Z',
          endTime: '2026-01-31T11:00:00Z',
          deviceID: 'urn:epc:id:giai:4012345.111',
          dataProcessingMethod: 'https://own.example/method',
          bizRules: 'https://own.example/rules',
          'my:firmware': '1.4',
          'my:vendor': { 'my:line': 'L' },
        },
        sensorReport: [
          {
            type: 'Temperature',
            value: 77,
            minValue: 20,
            maxValue: 80,
            meanValue: 50,
            sDev: 9,
            percRank: 95,
            percValue: 79,
            uom: 'FAH',
            'my:probe': 7,
            'my:raw': { 'my:bits': '12' },
          },
          {
            type: 'MolarMass',
            microorganism: 'https://own.example/germ',
            chemicalSubstance: 'https://own.example/stuff',
            stringValue: 'a, b',
            booleanValue: true,
            hexBinaryValue: 'f0F0',
            uriValue: 'https://own.example/value',
          },
        ],
      },
    ],
    'my:number': '7.0',
    'my:when': '2026-02-01T13:00:00+01:00',
    'my:deep': { 'my:deeper': [{ 'my:deepest': 'down' }, { 'my:level': 4 }] },
  },
  B: {
    type: 'TransformationEvent',
    ...common('02-02'),
    inputEPCList: [phone(2)],
    inputQuantityList: [{ epcClass: 'urn:epc:class:lgtin:4012345.055555.L2', quantity: 40 }],
    outputEPCList: [phone(3)],
    outputQuantityList: [{ epcClass: 'urn:epc:class:lgtin:4012345.066666.L3', quantity: 60, uom: 'GRM' }],
    transformationID: 'urn:x:transformation:1',
    bizStep: 'my:melting',
    disposition: 'in_progress',
    'my:number': 12,
  },
  C: {
    type: 'my:OwnEvent',
    ...common('02-02'),
    'my:word': 'text',
  },
  D,
  E: {
    ...D,
    errorDeclaration: {
      declarationTime: '2026-03-01T00:00:00Z',
      reason: 'incorrect_data',
      correctiveEventIDs: ['urn:uuid:00000000-0000-4000-8000-00000000000a'],
      'my:why': 'typo',
      'my:who': { 'my:level': '2' },
    },
  },
};

/** A parameter, values with which it finds, the events that it finds, and values with which it finds none of these. Absent: EXISTS, whose other direction is the other events. */
const PARAMETERS: readonly (readonly [
  name: string,
  finds: string | readonly string[],
  what: string,
  misses?: string | readonly string[],
])[] = [
  ['eventType', ['ObjectEvent', 'q:OwnEvent'], 'AC', ['TransactionEvent', 'q:Other']],
  ['GE_eventTime', '2026-02-02T12:00:00Z', 'BCDE', '2026-02-04T00:00:00Z'],
  ['LT_eventTime', '2026-02-02T12:00:00Z', 'A', '2026-02-01T13:00:00+01:00'],
  ['GE_recordTime', '2026-06-01T00:00:00Z', 'ABCDE', '2026-06-01T00:00:01Z'],
  ['LT_recordTime', '2026-06-01T00:00:01Z', 'ABCDE', '2026-06-01T00:00:00Z'],
  ['EQ_action', ['ADD', 'DELETE'], 'A', 'DELETE'],
  ['EQ_bizStep', ['https://ref.gs1.org/cbv/BizStep-packing', 'commissioning'], 'ADE', 'shipping'],
  ['EQ_bizStep', 'q:melting', 'B', 'q:freezing'],
  ['EQ_bizStep', `${NS}melting`, 'B', 'https://other.example/melting'],
  ['EQ_disposition', 'urn:epcglobal:cbv:disp:active', 'A', 'stolen'],
  ['EQ_persistentDisposition_set', 'completeness_verified', 'A', 'completeness_inferred'],
  ['EQ_persistentDisposition_unset', 'completeness_inferred', 'A', 'completeness_verified'],
  ['EQ_readPoint', 'https://id.gs1.org/414/4012345000016/254/7', 'A', 'https://id.gs1.org/414/4012345000016'],
  ['EQ_readPoint', ['gln:4012345000016/254/7', 'urn:x:none'], 'A', 'gln:4012345000023'],
  ['WD_readPoint', 'urn:epc:id:sgln:4012345.00001.0', 'A', 'urn:epc:id:sgln:4012345.00001.8'],
  ['EQ_bizLocation', 'urn:epc:id:sgln:4012345.00002.0', 'A', 'urn:epc:id:sgln:4012345.00002.1'],
  ['WD_bizLocation', 'urn:epc:id:sgln:4012345.00002.0', 'A', 'urn:epc:id:sgln:4012345.00001.0'],
  ['EQ_transformationID', 'urn:x:transformation:1', 'B', 'urn:x:transformation:2'],
  ['MATCH_epc', ['https://example.com/01/04012345111118/21/1', phone(3)], 'A', phone(3)],
  ['MATCH_epc', 'urn:epc:idpat:sgtin:4012345.011111.*', 'ADE', 'urn:epc:idpat:sgtin:4012345.011112.*'],
  ['MATCH_epc', 'urn:epc:idpat:sgtin:4012345.*.*', 'ADE', 'urn:epc:idpat:sgtin:401299.*.*'],
  ['MATCH_epc', 'urn:epc:idpat:sgtin:*.*.*', 'ADE', 'urn:epc:idpat:sscc:*.*'],
  ['MATCH_parentID', 'https://id.gs1.org/00/040123450000003338', 'DE', phone(4)],
  ['MATCH_parentID', 'urn:epc:idpat:sscc:4012345.*', 'DE', 'urn:epc:idpat:sscc:4012346.*'],
  ['MATCH_inputEPC', phone(2), 'B', phone(3)],
  ['MATCH_outputEPC', phone(3), 'B', phone(2)],
  ['MATCH_anyEPC', [phone(2), 'urn:epc:id:sscc:4012345.0000000333'], 'ABDE', phone(9)],
  ['MATCH_epcClass', 'https://id.gs1.org/01/04012345333336', 'A', 'https://id.gs1.org/01/04012345444445'],
  ['MATCH_epcClass', 'urn:epc:idpat:sgtin:4012345.033333.*', 'A', 'urn:epc:idpat:sgtin:4012345.055555.*'],
  ['MATCH_epcClass', 'urn:epc:classpat:lgtin:4012345.022222.*', 'DE', 'urn:epc:classpat:lgtin:4012345.055555.*'],
  ['MATCH_inputEPCClass', 'urn:epc:class:lgtin:4012345.055555.L2', 'B', 'urn:epc:class:lgtin:4012345.066666.L3'],
  ['MATCH_outputEPCClass', 'urn:epc:class:lgtin:4012345.066666.L3', 'B', 'urn:epc:class:lgtin:4012345.055555.L2'],
  ['MATCH_anyEPCClass', 'urn:epc:classpat:lgtin:4012345.*.*', 'ABDE', 'urn:epc:classpat:lgtin:4012346.*.*'],
  ['EQ_quantity', '10.0', 'A', '11'],
  ['GT_quantity', '10', 'B', '60'],
  ['GE_quantity', '10', 'AB', '61'],
  ['LT_quantity', '5', 'A', '2.5'],
  ['LE_quantity', '5', 'ADE', '2'],
  ['EQ_quantity_KGM', '0.06', 'B', '60'],
  ['GT_quantity_KGM', '0.05', 'AB', '2.5'],
  ['GE_quantity_GRM', '2500', 'A', '2501'],
  ['LT_quantity_KGM', '2.5', 'B', '0.06'],
  ['LE_quantity_MGM', '60000', 'B', '59999'],
  ['EQ_bizTransaction_po', 'urn:x:po:1', 'A', 'urn:x:po:2'],
  ['EQ_bizTransaction_urn:epcglobal:cbv:btt:po', 'urn:x:po:1', 'A', 'urn:x:po:2'],
  ['EQ_source_owning_party', 'https://id.gs1.org/417/4012345002256', 'A', 'urn:epc:id:pgln:4012345.00226'],
  ['EQ_destination_https://own.example/type', 'urn:x:place:1', 'A', 'urn:x:place:2'],
  ['EQ_eventID', ['urn:uuid:00000000-0000-4000-8000-00000000000a', 'urn:x:none'], 'A', 'urn:x:none'],
  ['EXISTS_errorDeclaration', 'true', 'E'],
  ['EXISTS_errorDeclaration', 'false', 'ABCDE'],
  ['GE_errorDeclarationTime', '2026-03-01T00:00:00Z', 'E', '2026-03-01T00:00:01Z'],
  ['LT_errorDeclarationTime', '2026-03-01T00:00:01Z', 'E', '2026-03-01T00:00:00Z'],
  ['GE_errorDeclaration_Time', '2026-03-01T00:00:00Z', 'E', '2026-03-01T00:00:01Z'],
  ['LT_errorDeclaration_Time', '2026-03-01T00:00:01Z', 'E', '2026-03-01T00:00:00Z'],
  ['EQ_errorReason', 'incorrect_data', 'E', 'did_not_occur'],
  ['EQ_correctiveEventID', 'urn:uuid:00000000-0000-4000-8000-00000000000a', 'E', 'urn:uuid:00000000-0000-4000-8000-00000000000d'],
  ['EXISTS_sensorElementList', 'true', 'A'],
  ['GE_time', '2026-01-31T10:00:00Z', 'A', '2026-01-31T10:00:01Z'],
  ['LT_time', '2026-01-31T10:00:01Z', 'A', '2026-01-31T10:00:00Z'],
  ['GE_startTime', '2026-01-31T09:00:00Z', 'A', '2026-01-31T09:00:01Z'],
  ['LT_startTime', '2026-01-31T09:00:01Z', 'A', '2026-01-31T09:00:00Z'],
  ['GE_endTime', '2026-01-31T11:00:00Z', 'A', '2026-01-31T11:00:01Z'],
  ['LT_endTime', '2026-01-31T11:00:01Z', 'A', '2026-01-31T11:00:00Z'],
  ['EQ_type', ['gs1:Temperature', 'Speed'], 'A', 'Speed'],
  ['EQ_deviceID', 'https://id.gs1.org/8004/4012345111', 'A', 'urn:epc:id:giai:4012345.112'],
  ['EQ_dataProcessingMethod', 'https://own.example/method', 'A', 'https://own.example/rules'],
  ['EQ_bizRules', 'https://own.example/rules', 'A', 'https://own.example/method'],
  ['EQ_microorganism', 'https://own.example/germ', 'A', 'https://own.example/stuff'],
  ['EQ_chemicalSubstance', 'https://own.example/stuff', 'A', 'https://own.example/germ'],
  ['EQ_uriValue', 'https://own.example/value', 'A', 'https://own.example/other'],
  ['EQ_stringValue', 'a, b', 'A', 'a'],
  ['EQ_hexBinaryValue', 'F0f0', 'A', 'f0f1'],
  ['EQ_booleanValue', 'true', 'A', 'false'],
  ['EQ_percRank', '95', 'A', '94'],
  ['GT_percRank', '94', 'A', '95'],
  ['GE_percRank', '95', 'A', '96'],
  ['LT_percRank', '96', 'A', '95'],
  ['LE_percRank', '95', 'A', '94'],
  ['EQ_value_CEL', '25', 'A', '77'],
  ['GT_value_CEL', '24.9', 'A', '25'],
  ['GE_value_CEL', '25', 'A', '25.1'],
  ['LT_value_KEL', '298.16', 'A', '298.15'],
  ['LE_value_FAH', '77', 'A', '76'],
  ['GE_value_MTR', '-1000', '', '0'],
  ['GE_minValue_FAH', '20', 'A', '21'],
  ['GT_minValue_FAH', '19', 'A', '20'],
  ['LT_minValue_FAH', '21', 'A', '20'],
  ['LE_minValue_FAH', '20', 'A', '19'],
  ['EQ_maxValue_FAH', '80', 'A', '81'],
  ['GE_maxValue_FAH', '80', 'A', '81'],
  ['EQ_meanValue_CEL', '10', 'A', '50'],
  ['LE_meanValue_FAH', '50', 'A', '49'],
  // A deviation has no zero: nine degrees Fahrenheit are five degrees Celsius.
  ['EQ_sDev_CEL', '5', 'A', '9'],
  ['GT_percValue_FAH', '78', 'A', '79'],
  ['EQ_q:number', '7', 'A', '8'],
  [`EQ_${NS}#number`, '7', 'A', '8'],
  ['EQ_q:number', ['3', '12'], 'BDE', '4'],
  ['GT_q:number', '7', 'B', '12'],
  ['GE_q:number', '7', 'AB', '13'],
  ['LT_q:number', '7', 'DE', '3'],
  ['LE_q:number', '7', 'ADE', '2'],
  ['EQ_q:when', '2026-02-01T12:00:00.000Z', 'A', '2026-02-01T13:00:00Z'],
  ['GE_q:when', '2026-02-01T12:00:00Z', 'A', '2026-02-01T12:00:01Z'],
  ['EXISTS_q:word', [], 'C'],
  ['EQ_INNER_q:deepest', 'down', 'A', 'up'],
  ['GE_INNER_q:level', '4', 'A', '5'],
  ['EXISTS_INNER_q:deeper', [], 'A'],
  ['EXISTS_INNER_q:deep', [], ''],
  ['EQ_ILMD_q:weight', '12.5', 'A', '12.6'],
  ['LT_ILMD_q:weight', '13', 'A', '12'],
  ['EXISTS_ILMD_q:lot', [], 'A'],
  // The namespace of the CBV's master data ends with a colon in JSON-LD, and with none in XML.
  ['EQ_ILMD_cbvmda:lotNumber', 'L7', 'A', 'L8'],
  ['EQ_ILMD_urn:epcglobal:cbv:mda#lotNumber', 'L7', 'A', 'L8'],
  ['EQ_ILMD_https://full.example/#kind', 'k', 'A', 'l'],
  ['EXISTS_ILMD_q:best', [], ''],
  ['EQ_INNER_ILMD_q:grade', '2', 'A', '3'],
  ['GE_INNER_ILMD_q:best', '2027-01-01T00:00:00Z', 'A', '2027-01-02T00:00:00Z'],
  ['EXISTS_INNER_ILMD_q:best', [], 'A'],
  ['EQ_ERROR_DECLARATION_q:why', 'typo', 'E', 'lie'],
  ['EXISTS_ERROR_DECLARATION_q:why', [], 'E'],
  ['LE_INNER_ERROR_DECLARATION_q:level', '2', 'E', '1'],
  ['EXISTS_INNER_ERROR_DECLARATION_q:level', [], 'E'],
  ['EQ_SENSORELEMENT_q:rack', 'left', 'A', 'right'],
  ['EQ_INNER_SENSORELEMENT_q:slot', '9', 'A', '8'],
  ['EXISTS_SENSORELEMENT_q:rack', [], 'A'],
  ['GT_SENSORMETADATA_q:firmware', '1.3', 'A', '1.4'],
  ['EQ_INNER_SENSORMETADATA_q:line', 'L', 'A', 'M'],
  ['EXISTS_SENSORMETADATA_q:firmware', [], 'A'],
  ['LE_SENSORREPORT_q:probe', '7', 'A', '6'],
  ['EQ_INNER_SENSORREPORT_q:bits', '12', 'A', '13'],
  ['EXISTS_SENSORREPORT_q:raw', [], 'A'],
  ['EQ_readPoint_q:dock', '4', 'A', '5'],
  ['EQ_INNER_readPoint_q:row', 'R', 'A', 'S'],
  ['EQ_bizLocation_q:shelf', 'top', 'A', 'floor'],
  ['EQ_INNER_bizLocation_q:room', '12', 'A', '13'],
];

const REFUSED: readonly (readonly [query: EventQuery, says: string])[] = [
  [{ EQ_colour: ['red'] }, 'EQ_colour is not read'],
  [{ constructor: ['1'] }, 'constructor is not read'],
  [{ EQ_action: ['SELL'] }, 'EQ_action'],
  [{ eventType: ['SaleEvent'] }, 'SaleEvent'],
  [{ EQ_bizStep: ['selling,shipping'] }, 'selling,shipping'],
  [{ EQ_bizTransaction_xyz: ['urn:x:1'] }, 'no such type'],
  [{ GE_eventTime: ['yesterday'] }, 'GE_eventTime'],
  [{ GE_eventTime: ['2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'] }, 'one value'],
  [{ GE_quantity: ['many'] }, 'number'],
  [{ GE_value: ['1'] }, 'GE_value is not read'],
  [{ EQ_booleanValue: ['yes'] }, 'true or false'],
  [{ 'EQ_nowhere:field': ['1'] }, 'prefix nowhere'],
  [{ 'GT_q:word': ['text'] }, 'neither'],
  [{ MATCH_epc: ['urn:epc:idpat:sgtin:*.011111.*'] }, 'patterns'],
  [{ MATCH_epc: ['*'] }, 'patterns'],
  [{ EQ_bizStep: [] }, 'no value'],
  [{ orderBy: ['bizStep'] }, 'orderBy'],
  [{ orderBy: ['eventTime'], orderDirection: ['UP'] }, 'orderDirection'],
  [{ eventCountLimit: ['1'] }, 'wants orderBy'],
  [{ orderBy: ['eventTime'], eventCountLimit: ['1'], maxEventCount: ['1'] }, 'exclude'],
  [{ maxEventCount: ['4'] }, 'more than 4'],
  [{ EQ_stringValue: Array.from({ length: 1001 }, String) }, 'more than 1000 values'],
  [{ WD_readPoint: [`urn:x:${'y'.repeat(60_000)}`] }, 'longer than 4096'],
  [Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`EQ_q:f${i}`, ['1']])), 'more than 100 parameters'],
];

describeOn('queries on %s', (engine) => {
  let folder = '';
  let store: Store;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'assay-query-'));
    store = await openStore(folder, urlOf(engine));
    const eventList = Object.values(EVENTS);
    const document = {
      '@context': context,
      type: 'EPCISDocument',
      schemaVersion: '2.0',
      creationDate: '2026-06-01T00:00:00Z',
      epcisBody: { eventList },
    };
    const now = '2026-06-01T00:00:00Z' as Instant; // A literal of the type's form.
    const about = { now, sender: null, behaviour: 'rollback', hashIds: 'verify' } as const;
    const { refused } = await importDocument(store, new TextEncoder().encode(JSON.stringify(document)), about);
    expect(refused).toEqual([]);
  });
  afterAll(async () => {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const names = Object.keys(EVENTS);
  const ask = async (query: EventQuery, page: { readonly perPage?: number; readonly token?: string } = {}) =>
    queryEvents(store, query, { perPage: page.perPage ?? 100, token: page.token, namespaces });
  const found = async (query: EventQuery) => (await ask(query)).found.map(({ n }) => names[n - 1]).join('');
  const list = (values: string | readonly string[]) => (typeof values === 'string' ? [values] : values);

  test('every parameter finds its events, and no others', async () => {
    const wrong: string[] = [];
    for (const [name, finds, what, misses] of PARAMETERS) {
      const got = await found({ [name]: list(finds) });
      if (got !== what) wrong.push(`${name}=${list(finds).join('|')}: ${got} for ${what}`);
      if (misses === undefined) continue;
      const other = await found({ [name]: list(misses) });
      if ([...other].some((one) => what.includes(one)))
        wrong.push(`${name}=${list(misses).join('|')}: ${other}, and none of ${what} was to be found`);
    }
    expect(wrong).toEqual([]);
  });

  test('a thousand values of every parameter are not too many for the database', async () => {
    const many = (value: (i: number) => string) => Array.from({ length: 1000 }, (_, i) => value(i));
    expect(await found({ MATCH_anyEPC: [phone(1), ...many(phone).slice(1)] })).toBe('ABDE');
    for (const name of ['WD_readPoint', 'EQ_bizLocation', 'EQ_eventID', 'EQ_bizStep', 'MATCH_epc', 'EQ_q:number'])
      expect(await found({ [name]: many((i) => `urn:x:${i}`) })).toBe('');
  });

  test('what events name is listed, each once, also where the page ends within an event', async () => {
    const things = [phone(1), phone(2), phone(3), 'urn:epc:id:sscc:4012345.0000000333', phone(4)];
    for (const perPage of [1, 2, 100]) {
      const seen: string[] = [];
      for (let token: string | undefined; seen.length < 10; ) {
        const { uris, next } = await thingsIn(store, { perPage, token });
        seen.push(...uris);
        token = next;
        if (token === undefined) break;
      }
      expect(seen).toEqual(things);
    }
    expect(await ownTypes(store)).toEqual(['my:OwnEvent']);
    expect(await valuesOf(store, 'step')).toEqual(['commissioning', 'my:melting', 'packing']);
    expect([await isNamed(store, phone(4)), await isNamed(store, phone(9))]).toEqual([true, false]);
  });

  test('a subscription is held by one, until it lets go or its time is over', async () => {
    const row = { id: 's', query: 'q', created: '', sender: 'x', dest: '', token: null, schedule: null, report_if_empty: 0, initial: null };
    await addSubscription(store, { ...row, format: '', after_n: 0, next_ms: null, notified: null, holder: null, held_until_ms: null });
    const hold = async (holder: string, nowMs: number) =>
      (await holdSubscription(store, 's', { holder, nowMs, untilMs: nowMs + 10 }))?.holder;
    expect(await hold('a', 100)).toBe('a');
    expect([await hold('b', 109), await hold('a', 105)]).toEqual([undefined, 'a']);
    expect(await hold('b', 115)).toBe('b');
    await letGoSubscription(store, 's', 'a');
    expect(await hold('a', 116)).toBeUndefined();
    await letGoSubscription(store, 's', 'b');
    expect(await hold('a', 116)).toBe('a');
  });

  test('several parameters are all asked for', async () => {
    expect(await found({ EQ_bizStep: ['packing'], EXISTS_errorDeclaration: ['true'], 'LT_q:number': ['7'] })).toBe('E');
    expect(await found({ EQ_bizStep: ['packing'], 'GT_q:number': ['7'] })).toBe('');
  });

  test.each(REFUSED.map(([query, says]) => [says, query] as const))('what is refused says why: %s', async (says, query) => {
    const error: unknown = await ask(query).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(QueryError);
    expect(String(error)).toContain(says);
  });

  test.each([
    ['capture', {}, 'ABCDE'],
    ['time', { orderBy: ['eventTime'] }, 'EDCBA'],
    ['time, the first first', { orderBy: ['eventTime'], orderDirection: ['ASC'] }, 'ABCDE'],
    ['record', { orderBy: ['recordTime'], orderDirection: ['DESC'] }, 'EDCBA'],
    ['a field of numbers', { orderBy: ['q:number'], orderDirection: ['ASC'] }, 'DEABC'],
    ['a field, the last first', { orderBy: ['q:number'], orderDirection: ['DESC'] }, 'BADEC'],
  ])('in the order of %s, page by page', async (_name, query, order) => {
    for (const perPage of [1, 2, 100]) {
      const seen: number[] = [];
      for (let token: string | undefined, pages = 0; pages < 10; pages++) {
        const page = await ask(query, { perPage, ...(token === undefined ? {} : { token }) });
        seen.push(...page.found.map(({ n }) => n));
        token = page.next;
        if (token === undefined) break;
      }
      expect(seen.map((n) => names[n - 1]).join('')).toBe(order);
    }
    const limited = { orderBy: ['eventTime'], ...query, eventCountLimit: ['2'] };
    expect((await ask(limited)).found).toHaveLength(2);
  });
});
