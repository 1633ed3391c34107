import { describe, expect, test } from 'vitest';
import { documentProblems, masterDataOf, readDocument } from './epcis/index.ts';
import { attributeName, describedIn } from './master-data.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const SHOP = 'https://id.gs1.org/414/4000000000020';

const XML = (elements: string, type = 'Location') => `<?xml version="1.0"?><!DOCTYPE project>
<e:EPCISDocument xmlns:e="urn:epcglobal:epcis:xsd:1" xmlns:own="https://own.example/" schemaVersion="1.2" creationDate="2026-03-04T00:00:00Z">
<EPCISHeader><extension><EPCISMasterData><VocabularyList><Vocabulary type="urn:epcglobal:epcis:vtype:${type}"><VocabularyElementList>${elements}</VocabularyElementList></Vocabulary></VocabularyList></EPCISMasterData></extension></EPCISHeader>
<EPCISBody><EventList/></EPCISBody></e:EPCISDocument>`;
const attribute = (name: string, value: string) => `<attribute id="urn:epcglobal:cbv:mda#${name}">${value}</attribute>`;
const described = (text: string) => {
  const document = readDocument(bytes(text));
  expect(documentProblems(document.json)).toEqual([]);
  return describedIn(masterDataOf(document.json));
};

describe('master data', () => {
  const whole = `<VocabularyElement id="urn:epc:id:sgln:400000.000002.0">
    ${attribute('name', ' A Shop ')}${attribute('streetAddressOne', '1 Long Road')}${attribute('city', 'Town')}${attribute('countryCode', 'de')}
    ${attribute('latitude', '52.5')}${attribute('longitude', '13.4')}<attribute id="urn:epcglobal:cbv:owning_party">urn:epc:id:pgln:400000.000000</attribute>
    <attribute id="https://own.example/#role">outlet</attribute><attribute id="https://own.example/#open"><own:from>9</own:from></attribute>
    <children><id>urn:epc:id:sgln:400000.000002.7</id></children></VocabularyElement>`;

  test('of XML: name, address, country, position, owner, role and what is below', () => {
    expect(described(XML(whole))).toMatchObject([
      {
        uri: SHOP,
        type: 'urn:epcglobal:epcis:vtype:Location',
        name: 'A Shop',
        address: '1 Long Road, Town',
        country: 'DE',
        latitude: 52.5,
        longitude: 13.4,
        party: 'https://id.gs1.org/417/4000000000006',
        roles: ['outlet'],
        children: [`${SHOP}/254/7`],
      },
    ]);
  });

  test('of a document that has nothing else', () => {
    const header = XML(whole);
    const list = header.slice(header.indexOf('<VocabularyList>'), header.indexOf('</EPCISMasterData>'));
    const alone = `<m:EPCISMasterDataDocument xmlns:m="urn:epcglobal:epcis-masterdata:xsd:1" xmlns:own="https://own.example/" schemaVersion="1.2" creationDate="2026-03-04T00:00:00Z"><EPCISBody>${list}</EPCISBody></m:EPCISMasterDataDocument>`;
    expect(described(alone)).toEqual(described(header));
  });

  test('of JSON it is the same', () => {
    const one = (id: string, value: unknown) => ({ id, attribute: value });
    const json = {
      '@context': 'https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld',
      type: 'EPCISDocument',
      schemaVersion: '2.0',
      creationDate: '2026-03-04T00:00:00Z',
      epcisHeader: {
        epcisMasterData: {
          vocabularyList: [
            {
              type: 'urn:epcglobal:epcis:vtype:Location',
              vocabularyElementList: [
                {
                  id: SHOP,
                  attributes: [
                    one('cbvmda:name', 'A Shop'),
                    one('cbvmda:streetAddressOne', '1 Long Road'),
                    one('urn:epcglobal:cbv:mda:city', 'Town'),
                    one('cbvmda:countryCode', 'de'),
                    one('cbvmda:latitude', 52.5),
                    one('cbvmda:longitude', '13.4'),
                    one('urn:epcglobal:cbv:owning_party', 'urn:epc:id:pgln:400000.000000'),
                    one('https://own.example/#role', 'outlet'),
                    one('https://own.example/#open', { 'own:from': '9' }),
                  ],
                  children: [`${SHOP}/254/7`],
                },
              ],
            },
          ],
        },
      },
      epcisBody: { eventList: [] },
    };
    expect(described(JSON.stringify(json))).toEqual(described(XML(whole)));
  });

  test.each([
    ['a country that is none', attribute('countryCode', 'Germany')],
    ['half a position', attribute('latitude', '52.5')],
    ['a position off the globe', attribute('latitude', '91') + attribute('longitude', '13.4')],
    ['a position that is no number', attribute('latitude', 'NaN') + attribute('longitude', '1e999')],
    ['an empty name', attribute('name', '  ')],
    ['no attributes', ''],
  ])('%s is left open', (_name, inside) => {
    const [one] = described(XML(`<VocabularyElement id="${SHOP}">${inside}</VocabularyElement>`));
    expect(one).toMatchObject({ name: undefined, country: undefined, latitude: undefined, longitude: undefined });
  });

  test('what is said twice counts once, the first', () => {
    const twice = `<VocabularyElement id="urn:epc:id:sgln:400000.000002.0">${attribute('name', 'First')}</VocabularyElement><VocabularyElement id="${SHOP}">${attribute('name', 'Second')}</VocabularyElement>`;
    expect(described(XML(twice)).map(({ name }) => name)).toEqual(['First']);
  });

  test('attributes of the CBV have one name', () => {
    for (const id of ['urn:epcglobal:cbv:mda#city', 'urn:epcglobal:cbv:mda:city', 'cbvmda:city'])
      expect(attributeName(id)).toBe('cbvmda:city');
    expect(attributeName('https://own.example/#city')).toBe('https://own.example/#city');
  });
});
