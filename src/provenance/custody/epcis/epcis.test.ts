import { sha256 } from '@noble/hashes/sha2.js';
import { describe, expect, test } from 'vitest';
import { FormatError, type HashPort } from '../../../bytes/index.ts';
import { eventHashId, eventOf, eventProblems, eventsOf, type JsonObject, preImage, queryDocumentXml, readDocument } from './index.ts';
import { byCodePoint, canonicalTime, instantOf } from './pre-image.ts';
import { documentProblems, EPCS_MAX } from './validate.ts';

const hash: HashPort = () => {
  const hasher = sha256.create();
  return { update: (bytes) => void hasher.update(bytes), digest: () => hasher.digest() };
};
const bytes = (value: unknown) => new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));

const event = (more: JsonObject = {}): JsonObject => ({
  type: 'ObjectEvent',
  eventTime: '2026-03-04T11:00:30.000+01:00',
  eventTimeZoneOffset: '+01:00',
  epcList: ['urn:epc:id:sgtin:4012345.011111.2', 'urn:epc:id:sgtin:4012345.011111.10'],
  action: 'OBSERVE',
  bizStep: 'shipping',
  ...more,
});

describe('hash IDs', () => {
  test('the reference case of GS1’s generator', () => {
    // RalphTro/epcis-event-hash-generator, tests/examples/ReferenceEventHashAlgorithm: the fields and their values, in another order.
    const context = { example: 'https://ns.example.com/epcis/' };
    const reference = {
      '@context': [context],
      'example:myField3': { 'example:mySubField3': ['3', '1'] },
      'example:myField2': '0',
      'example:myField1': { 'example:mySubField2': '5', 'example:mySubField1': '2' },
      readPoint: { id: 'urn:epc:id:sgln:4012345.00011.987' },
      bizStep: 'urn:epcglobal:cbv:bizstep:departing',
      action: 'OBSERVE',
      epcList: ['urn:epc:id:sscc:4012345.0000000333', 'https://example.com/00/040123450000001112', 'urn:epc:id:sscc:4012345.0000000222'],
      recordTime: '2020-03-04T11:00:30.999+01:00',
      eventTimeZoneOffset: '+01:00',
      eventTime: '2020-03-04T10:00:30Z',
      type: 'ObjectEvent',
    };
    expect(eventHashId(hash, eventOf(reference))).toBe(
      'ni:///sha-256;6ae96341e0acc6d7a261364751f60e68278a81cdf51da0abb6b4e617014e39d7?ver=CBV2.0',
    );
  });

  test('an ID of its own, a record time and a declared error change nothing; anything said does', () => {
    const id = eventHashId(hash, eventOf(event()));
    const declared = { declarationTime: '2026-04-01T00:00:00Z', reason: 'did_not_occur' };
    expect(eventHashId(hash, eventOf(event({ eventID: 'urn:x:y', recordTime: '2026-04-01T00:00:00Z', errorDeclaration: declared })))).toBe(
      id,
    );
    for (const more of [{ disposition: 'in_transit' }, { 'x:y': 1 }, { action: 'ADD' }, { epcList: [] }, { certificationInfo: 'urn:x:y' }])
      expect(eventHashId(hash, eventOf(event(more)))).not.toBe(id);
  });

  test('numbers, words and lists are the same however they are written', () => {
    const one = event({ 'x:n': 26.1, destinationList: [{ type: 'location', destination: 'urn:epc:id:sgln:4012345.00005.0' }] });
    const other = event({
      'x:n': '+26.100',
      bizStep: 'https://ref.gs1.org/cbv/BizStep-shipping',
      epcList: ['https://example.com/01/04012345111118/21/10', 'urn:epc:id:sgtin:4012345.011111.2'],
      destinationList: [{ destination: 'https://id.gs1.org/414/4012345000054', type: 'urn:epcglobal:cbv:sdt:location' }],
    });
    expect(preImage(eventOf(other))).toBe(preImage(eventOf(one)));
  });

  test('times are in UTC to the millisecond, rounded at the fourth decimal', () => {
    expect(canonicalTime('2023-02-02T11:04:03.1415Z')).toBe('2023-02-02T11:04:03.142Z');
    expect(canonicalTime('2023-12-31T23:59:59.9996-00:30')).toBe('2024-01-01T00:30:00.000Z');
    expect(canonicalTime('yesterday')).toBe('yesterday');
    for (const ms of [0, -1, 951_782_400_000, 1_709_164_799_999, 4_102_444_800_000, -62_135_596_800_000])
      expect(instantOf(ms)).toBe(new Date(ms).toISOString());
  });

  test('order is by code point, where JavaScript’s is not', () => {
    expect(['\u{1f600}', '\uff21', 'a'].toSorted(byCodePoint)).toEqual(['a', '\uff21', '\u{1f600}']);
  });
});

describe('validation', () => {
  test('an event that is right has no problem', () => expect(eventProblems(event())).toEqual([]));

  test.each([
    ['no time', { eventTime: undefined }, 'eventTime'],
    ['a time that is no day', { eventTime: '2026-02-30T00:00:00Z' }, '/eventTime'],
    ['a step that pretends to be of the standard', { bizStep: 'urn:epcglobal:cbv:bizstep:shiping' }, '/bizStep'],
    ['a misspelt step', { bizStep: 'shiping' }, '/bizStep'],
    ['an EPC that is no URI', { epcList: ['4012345'] }, '/epcList/0'],
    ['an EPC twice', { epcList: ['urn:x:y', 'urn:x:y'] }, '/epcList'],
    ['a quantity as text', { quantityList: [{ epcClass: 'urn:x:y', quantity: '1' }] }, '/quantityList/0/quantity'],
    ['a field without a namespace', { colour: 'red' }, '/colour'],
    ['what was made, on an event that observes', { ilmd: {} }, ''],
    ['no thing at all', { epcList: undefined }, ''],
    ['an event of no type', { type: 'SaleEvent' }, '/type'],
    ['a prototype as a type', { type: 'constructor' }, '/type'],
    ['a source without a type', { sourceList: [{ source: 'urn:x:y' }] }, '/sourceList/0'],
    ['a disposition neither set nor unset', { persistentDisposition: {} }, '/persistentDisposition'],
  ])('%s', (_name, more, at) => {
    const made = JSON.parse(JSON.stringify({ ...event(), ...more })) as JsonObject; // Undefined fields go.
    expect(
      eventProblems(made)
        .map((problem) => `${problem.at} ${problem.problem}`)
        .join('\n'),
    ).toContain(at);
    expect(eventProblems(made)).not.toEqual([]);
  });

  test('a billion EPCs are one problem, named, and not a billion', () => {
    const problems = eventProblems(event({ epcList: Array.from({ length: EPCS_MAX + 1 }, () => 'x') }));
    expect(problems).toEqual([{ at: '/epcList', problem: expect.stringContaining(`${EPCS_MAX} is the most`) }]);
    expect(eventProblems(event({ epcList: Array.from({ length: EPCS_MAX }, () => 'x') }))).toHaveLength(100);
  });

  test('a document is judged around its events', () => {
    expect(documentProblems({ type: 'EPCISDocument', epcisBody: { eventList: {} } }).map(({ problem }) => problem)).toEqual([
      'has no @context',
      'has no schemaVersion',
      'has no creationDate',
      'is no list',
    ]);
    expect(documentProblems({ type: 'toString' })).toHaveLength(1);
  });
});

const XML = (body: string, version = 2) =>
  `<?xml version="1.0"?><epcis:EPCISDocument xmlns:epcis="urn:epcglobal:epcis:xsd:${version}" xmlns:x="urn:own:" schemaVersion="${version === 1 ? '1.2' : '2.0'}" creationDate="2026-03-04T00:00:00Z"><EPCISBody><EventList>${body}</EventList></EPCISBody></epcis:EPCISDocument>`;

describe('XML', () => {
  const inside = `<eventTime>2026-03-04T11:00:30+01:00</eventTime><eventTimeZoneOffset>+01:00</eventTimeZoneOffset>
    <epcList><epc>urn:epc:id:sgtin:4012345.011111.10</epc><epc>urn:epc:id:sgtin:4012345.011111.2</epc></epcList>
    <action>OBSERVE</action><bizStep>urn:epcglobal:cbv:bizstep:shipping</bizStep>`;
  const lists = `<sourceList><source type="urn:epcglobal:cbv:sdt:owning_party">urn:epc:id:pgln:4012345.00000</source></sourceList>`;
  const own = `<x:note>7</x:note>`;
  const read = (text: string) => eventsOf(readDocument(bytes(text))).events;

  test('1.2 with its wrappers, 2.0 without, and JSON are one event with one ID', () => {
    const json = event({
      '@context': [{ mine: 'urn:own:' }],
      sourceList: [{ type: 'owning_party', source: 'urn:epc:id:pgln:4012345.00000' }],
      'mine:note': '7',
    });
    const id = eventHashId(hash, eventOf(json));
    const found = [
      ...read(XML(`<ObjectEvent>${inside}<extension>${lists}</extension>${own}</ObjectEvent>`, 1)),
      ...read(XML(`<ObjectEvent>${inside}${lists}${own}</ObjectEvent>`)),
      ...read(XML(`<extension><ObjectEvent>${inside}${lists}${own}</ObjectEvent></extension>`, 1)),
    ];
    expect(found.map((one) => eventHashId(hash, one))).toEqual([id, id, id]);
    for (const { body } of found) expect(eventProblems(body)).toEqual([]);
  });

  test.each([
    ['another document', '<a/>'],
    ['a document without events', '<e:EPCISDocument xmlns:e="urn:epcglobal:epcis:xsd:2"><EPCISBody/></e:EPCISDocument>'],
    ['no XML', '<a'],
    ['neither', 'hello'],
    ['a list', '[]'],
  ])('%s is refused', (_name, text) => expect(() => readDocument(bytes(text))).toThrow(FormatError));
});

describe('XML answers', () => {
  const rich: JsonObject = {
    '@context': [{ shop: 'https://shop.example/' }],
    ...event({
      eventID: 'urn:uuid:00000000-0000-4000-8000-000000000001',
      recordTime: '2026-03-05T00:00:00Z',
      disposition: 'https://other.example/disp',
      readPoint: { id: 'urn:epc:id:sgln:4012345.00011.987', 'shop:dock': '4' },
      bizTransactionList: [{ type: 'po', bizTransaction: 'urn:x:po:1' }, { bizTransaction: 'urn:x:po:2' }],
      quantityList: [{ epcClass: 'urn:epc:class:lgtin:4012345.012345.998877', quantity: 2.5, uom: 'KGM' }],
      sourceList: [{ type: 'owning_party', source: 'urn:epc:id:pgln:4012345.00225' }],
      persistentDisposition: { set: ['completeness_verified'], unset: ['completeness_inferred', 'stolen'] },
      certificationInfo: ['https://lab.example/1', 'https://lab.example/2'],
      ilmd: { 'shop:lot': { 'shop:best': ['a <b>', 'c & "d"'] } },
      sensorElementList: [
        {
          sensorMetadata: { time: '2026-03-04T10:00:00Z', deviceID: 'urn:x:dev' },
          sensorReport: [
            { type: 'Temperature', value: 26.5, uom: 'CEL', 'shop:probe': 'x' },
            { exception: 'ALARM_CONDITION', booleanValue: true, hexBinaryValue: 'f0f0' },
          ],
        },
      ],
      errorDeclaration: { declarationTime: '2026-04-01T00:00:00Z', reason: 'incorrect_data', correctiveEventIDs: ['urn:x:1', 'urn:x:2'] },
      'shop:till': ['7', { 'shop:clerk': '8' }],
    }),
  };
  const document = (eventList: readonly JsonObject[], context: JsonObject): JsonObject => ({
    '@context': [context],
    creationDate: '2026-03-05T00:00:00Z',
    epcisBody: { queryResults: { queryName: 'q', subscriptionID: 's', resultsBody: { eventList } } },
  });
  test.each(['web', 'urn'] as const)('say the same event, words of the CBV as %s, whatever fields it has', (form) => {
    const transaction = event({ type: 'TransactionEvent', bizTransactionList: [{ bizTransaction: 'urn:x:po:1' }] });
    const xml = queryDocumentXml(document([rich, transaction], {}), form);
    const back = eventsOf(readDocument(xml)).events;
    expect(back.map((one) => eventHashId(hash, one))).toEqual([rich, transaction].map((body) => eventHashId(hash, eventOf(body))));
    expect(back[0]?.body).toMatchObject({
      recordTime: rich['recordTime'],
      errorDeclaration: { reason: 'incorrect_data', correctiveEventIDs: ['urn:x:1', 'urn:x:2'] },
    });
    expect(documentProblems(readDocument(xml).json)).toEqual([]);
    const text = new TextDecoder().decode(xml);
    // In a transaction its list comes first, in all others after the place: an XML schema asks for order.
    expect(text.lastIndexOf('<bizTransactionList>')).toBeLessThan(text.lastIndexOf('<epcList>'));
    expect(text.indexOf('<bizTransactionList>')).toBeGreaterThan(text.indexOf('<readPoint>'));
  });
  test('a prefix that one event declares otherwise keeps its own namespace', () => {
    const other = { ...event({ 'shop:till': '7' }), '@context': [{ shop: 'https://other.example/' }] };
    const [one] = eventsOf(readDocument(queryDocumentXml(document([other], { shop: 'https://shop.example/' }), 'web'))).events;
    expect(one === undefined ? undefined : eventHashId(hash, one)).toBe(eventHashId(hash, eventOf(other)));
  });
});
