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

/** Rules of the algorithm (CBV 2.0, 8.9.2; by their numbers in the generator's own text) that GS1's published examples do not touch. */
describe('hash IDs, rule by rule', () => {
  const context = { my: 'https://my.example/' };
  const image = (more: JsonObject) => preImage(eventOf({ '@context': [context], ...event(more) }));
  const same = (one: JsonObject, other: JsonObject) => expect(image(one)).toBe(image(other));
  const differ = (one: JsonObject, other: JsonObject) => expect(image(one)).not.toBe(image(other));

  test('4: what is empty is as good as left out', () => {
    same({ quantityList: [], childEPCs: [], disposition: '' }, {});
    same({ epcList: [] }, { epcList: [''] });
  });
  test('5: whitespace around a value means nothing, and within it does', () => {
    same({ 'my:note': ' a  b\n' }, { 'my:note': 'a  b' });
    differ({ 'my:note': 'a  b' }, { 'my:note': 'a b' });
  });
  test.each([
    ['1.0', 1],
    ['+007', 7],
    ['-0.50', -0.5],
    ['.5', '0.5'],
    ['1e3', 1000],
    ['0.00005', 5e-5],
    ['-0.00000012', -1.2e-7],
    ['12345678901234567890', 12345678901234567000],
  ])('6: %s is %s', (text, number) => same({ 'my:n': text }, { 'my:n': number }));
  test('6: a small number is written in digits, without an exponent', () => {
    expect(image({ 'my:n': 1.25e-9 })).toContain('{https://my.example/}n=0.00000000125');
    expect(image({ 'my:n': 5e-5 })).toContain('n=0.00005');
  });
  test('6: what only looks like a number stays as it is', () => {
    for (const text of ['1.2.3', '0x10', '1e', '--1', 'NaN', 'Infinity', '1_000']) expect(image({ 'my:n': text })).toContain(`n=${text}`);
  });
  test.each([
    ['2026-03-04T23:30:00-05:30', '2026-03-05T05:00:00.000Z'],
    ['2026-03-04T11:00:30.1+01:00', '2026-03-04T10:00:30.100Z'],
    ['2026-03-04t10:00:30z', '2026-03-04T10:00:30.000Z'],
    ['2026-02-28T23:59:59.9995Z', '2026-03-01T00:00:00.000Z'],
    ['2026-02-28T23:59:59.99949Z', '2026-02-28T23:59:59.999Z'],
  ])('8 and 9: %s is %s', (time, canonical) => expect(image({ eventTime: time })).toContain(`eventTime=${canonical}`));
  test('8: the offset itself is hashed', () => differ({ eventTimeZoneOffset: '+01:00' }, { eventTimeZoneOffset: '+02:00' }));
  test('8: only times of the standard are times', () => {
    expect(image({ 'my:time': '2026-03-04T11:00:30+01:00' })).toContain('time=2026-03-04T11:00:30+01:00');
  });
  test('10 and 11: lists are sorted by code point, and what is there twice counts twice', () => {
    same(
      { epcList: ['urn:x:b', 'urn:x:B', 'urn:x:\u{1f600}', 'urn:x:\uff21'] },
      { epcList: ['urn:x:\u{1f600}', 'urn:x:\uff21', 'urn:x:B', 'urn:x:b'] },
    );
    expect(image({ epcList: ['urn:x:b', 'urn:x:B'] })).toContain('epcListepc=urn:x:Bepc=urn:x:b');
    differ({ 'my:n': [1, 1] }, { 'my:n': 1 });
  });
  test('12: what a list has are wholes, which keep their own fields together', () => {
    const [kilos, pieces] = [
      { epcClass: 'urn:x:1', quantity: 2, uom: 'KGM' },
      { epcClass: 'urn:x:2', quantity: 1 },
    ];
    same({ quantityList: [kilos, pieces] }, { quantityList: [pieces, kilos] });
    differ(
      { quantityList: [kilos, pieces] },
      {
        quantityList: [
          { ...kilos, quantity: 1 },
          { ...pieces, quantity: 2 },
        ],
      },
    );
  });
  test('13: a type belongs to its value, and one may be without', () => {
    const pair = (type: string | undefined, bizTransaction: string) => ({ ...(type === undefined ? {} : { type }), bizTransaction });
    differ(
      { bizTransactionList: [pair('po', 'urn:x:1'), pair('inv', 'urn:x:2')] },
      { bizTransactionList: [pair('inv', 'urn:x:1'), pair('po', 'urn:x:2')] },
    );
    same(
      { bizTransactionList: [pair(undefined, 'urn:x:1'), pair('inv', 'urn:x:2')] },
      { bizTransactionList: [pair('inv', 'urn:x:2'), pair(undefined, 'urn:x:1')] },
    );
  });
  test('14 to 16: a word of the standard is one, however it is written', () => {
    for (const bizStep of ['urn:epcglobal:cbv:bizstep:shipping', 'cbv:BizStep-shipping', 'https://ref.gs1.org/cbv/BizStep-shipping'])
      same({ bizStep }, { bizStep: 'shipping' });
    const set = (words: readonly string[]) => ({ persistentDisposition: { unset: ['stolen'], set: words } });
    same(set(['recalled', 'urn:epcglobal:cbv:disp:damaged']), set(['damaged', 'cbv:Disp-recalled']));
    expect(image(set(['damaged']))).toContain(
      'persistentDispositionset=https://ref.gs1.org/cbv/Disp-damagedunset=https://ref.gs1.org/cbv/Disp-stolen',
    );
    expect(image({ 'my:means': 'epcis:ObjectEvent' })).toContain('means=https://ref.gs1.org/epcis/ObjectEvent');
  });
  test.each([
    ['https://shop.example/x/01/4012345111118/22/V1/10/L/21/7?17=270101#a', 'urn:epc:id:sgtin:4012345.011111.7'],
    ['https://shop.example/414/4012345000016/254/7', 'urn:epc:id:sgln:4012345.00001.7'],
    ['https://id.gs1.org/01/04012345111118/10/L(1)', 'urn:epc:class:lgtin:4012345.011111.L(1)'],
    ['https://id.gs1.org/01/04012345111118/10/L%281%29', 'urn:epc:class:lgtin:4012345.011111.L%281%29'],
    ['https://id.gs1.org/01/04012345111118', 'urn:epc:idpat:sgtin:4012345.011111.*'],
  ])('17 and 18: %s is %s, also in fields of the sender’s own', (link, urn) => {
    same({ epcList: [link] }, { epcList: [urn] });
    same({ 'my:ref': link }, { 'my:ref': urn });
  });
  test('19 and 20: fields go by their namespaces, sorted at every depth, whatever the prefixes and their order', () => {
    const one = { 'my:b': { 'my:z': '1', 'my:a': ['3', '2'] }, 'my:a': '4', ilmd: { 'my:lot': 'L', 'my:best': 'B' } };
    const other = { ilmd: { 'x:best': 'B', 'x:lot': 'L' }, 'x:a': '4', 'x:b': { 'x:a': ['2', '3'], 'x:z': '1' } };
    expect(preImage(eventOf({ '@context': [{ x: 'https://my.example/' }], ...event(other) }))).toBe(image(one));
    expect(image(one)).toMatch(/ilmd\{https:\/\/my\.example\/\}best=B\{https:\/\/my\.example\/\}lot=L\{https:\/\/my\.example\/\}a=4/);
  });
  test('20: a term may be defined by an object, as JSON-LD has it', () => {
    const body = { ...event({ 'x:a': '4' }), '@context': [{ x: { '@id': 'https://my.example/', '@prefix': true } }] };
    expect(preImage(eventOf(body))).toBe(image({ 'my:a': '4' }));
  });
  test('20: nothing that is said in a field is left out of the hash, whatever it is called', () => {
    for (const name of ['type', 'eventID', 'recordTime', 'errorDeclaration', 'id']) {
      differ({ 'my:f': { [name]: 'a' } }, { 'my:f': { [name]: 'b' } });
      differ({ 'my:f': { [name]: 'a' } }, { 'my:f': {} });
    }
    differ({ readPoint: { id: 'urn:x:1', dock: '4' } }, { readPoint: { id: 'urn:x:1', dock: '5' } });
    // Comments say nothing of the event.
    same({ 'my:f': { 'rdfs:comment': 'a', 'my:g': '1' } }, { 'my:f': { 'my:g': '1' } });
  });
  test('21: the sender’s own fields of a node of the standard follow that node’s own', () => {
    const sensor = (own: JsonObject) => ({
      sensorElementList: [
        {
          'my:e': '1',
          sensorReport: [{ ...own, type: 'Temperature', value: 1 }],
          sensorMetadata: { 'my:m': '2', time: '2026-03-04T10:00:00Z' },
        },
      ],
    });
    expect(image(sensor({ 'my:r': '3' }))).toContain(
      'sensorMetadatatime=2026-03-04T10:00:00.000Z{https://my.example/}m=2sensorReporttype=https://gs1.org/voc/Temperaturevalue=1{https://my.example/}r=3{https://my.example/}e=1',
    );
    expect(image({ readPoint: { 'my:dock': '4', id: 'urn:x:1' } })).toContain('readPointid=urn:x:1{https://my.example/}dock=4');
  });
  test('22 to 24: the ID is an ni URI of the CBV’s version', () => {
    expect(eventHashId(hash, eventOf(event()))).toMatch(/^ni:\/\/\/sha-256;[0-9a-f]{64}\?ver=CBV2\.0$/);
  });
  test('a type of the sender’s own goes by its namespace, and is one in JSON and XML', () => {
    const json = eventOf({
      '@context': [context],
      type: 'my:Sale',
      eventTime: '2026-03-04T10:00:30Z',
      eventTimeZoneOffset: '+00:00',
      'my:till': '7',
    });
    const xml = `<e:EPCISDocument xmlns:e="urn:epcglobal:epcis:xsd:2" xmlns:z="https://my.example/" schemaVersion="2.0" creationDate="2026-03-04T00:00:00Z"><EPCISBody><EventList><z:Sale><eventTime>2026-03-04T10:00:30Z</eventTime><eventTimeZoneOffset>+00:00</eventTimeZoneOffset><z:till>7</z:till></z:Sale></EventList></EPCISBody></e:EPCISDocument>`;
    const [read] = eventsOf(readDocument(bytes(xml))).events;
    expect(preImage(json)).toContain('eventType={https://my.example/}Sale');
    expect(read === undefined ? undefined : preImage(read)).toBe(preImage(json));
  });
  test('an attribute of a field in XML is a part of what it says', () => {
    const read = (type: string) => {
      const text = `<e:EPCISDocument xmlns:e="urn:epcglobal:epcis:xsd:2" xmlns:z="https://my.example/" schemaVersion="2.0" creationDate="2026-03-04T00:00:00Z"><EPCISBody><EventList><ObjectEvent><eventTime>2026-03-04T10:00:30Z</eventTime><eventTimeZoneOffset>+00:00</eventTimeZoneOffset><epcList><epc>urn:x:y</epc></epcList><action>OBSERVE</action><z:sold type="${type}">7</z:sold></ObjectEvent></EventList></EPCISBody></e:EPCISDocument>`;
      return eventsOf(readDocument(bytes(text))).events.map((one) => preImage(one))[0];
    };
    expect(read('a')).toContain('{https://my.example/}sold=7type=a');
    expect(read('a')).not.toBe(read('b'));
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
    const about = { '@context': 'urn:x:y', type: 'EPCISDocument', schemaVersion: '2.0', creationDate: '2026-03-04t00:00:00z' };
    expect(documentProblems({ ...about, epcisBody: { eventList: [] } })).toEqual([]);
    // Nothing is no list of nothing, and a scheme alone names nothing.
    expect(documentProblems({ ...about, epcisBody: { eventList: null } })).toEqual([{ at: '/epcisBody/eventList', problem: 'is no list' }]);
    expect(documentProblems({ ...about, '@context': 'urn:', epcisBody: { eventList: [] } })).not.toEqual([]);
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
    ['epcList', '<epcList><epc>urn:x:y</epc></epcList>'],
    ['action', '<action>ADD</action>'],
    ['readPoint', '<readPoint><id>urn:x:1</id></readPoint><readPoint><id>urn:x:2</id></readPoint>'],
    ['sourceList', lists + lists],
    ['quantityList', '<quantityList/><quantityList/>'],
  ])('%s twice is refused, where the second would have hidden the first', (name, more) => {
    const [one] = read(XML(`<ObjectEvent>${inside}${more}</ObjectEvent>`));
    expect(eventProblems(one?.body ?? null).map(({ at }) => at)).toContain(`/${name}`);
  });

  test('an attribute of an event in another namespace is a field of the sender’s own', () => {
    const [one] = read(
      XML(`<ObjectEvent x:till="7" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="y">${inside}</ObjectEvent>`),
    );
    expect(one === undefined ? '' : preImage(one)).toMatch(/\{urn:own:\}till=7$/);
  });

  test('words of CBV 1 that 2.0 dropped are read; a word that never was is refused', () => {
    const problems = (disposition: string, bizStep: string) => {
      const body = `<ObjectEvent>${inside.replace(/<bizStep>.*<\/bizStep>/, `<bizStep>urn:epcglobal:cbv:bizstep:${bizStep}</bizStep>`)}<disposition>urn:epcglobal:cbv:disp:${disposition}</disposition></ObjectEvent>`;
      return read(XML(body, 1)).flatMap((one) => eventProblems(one.body));
    };
    expect(problems('non_sellable_expired', 'transforming')).toEqual([]);
    expect(problems('non_sellable_expired', 'shiping')).toHaveLength(1);
    expect(problems('transforming', 'shipping')).toHaveLength(1);
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
