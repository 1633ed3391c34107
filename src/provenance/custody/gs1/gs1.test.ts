import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gs1CheckDigit } from './check-digit.ts';
import { canonicalUri } from './digital-link.ts';
import { digitalLinkToUrn, urnToDigitalLink } from './urn.ts';

const ID = 'https://id.gs1.org';

test('check digits are those of the General Specifications', () => {
  // 7.9 of the General Specifications prints 629104150021 3.
  expect(gs1CheckDigit('629104150021')).toBe('3');
});

describe('EPC URIs become canonical Digital Links', () => {
  // Pairs that GS1's reference generator publishes (RalphTro/epcis-event-hash-generator, tests/examples/epclist_normalisation).
  test.each([
    ['urn:epc:id:sgtin:0614141.812345.6789%2F%26%25%22!%3F()', '/01/80614141123458/21/6789%2F%26%25%22%21%3F%28%29'],
    ['urn:epc:id:sscc:4012345.3111111111', '/00/340123451111111111'],
    ['urn:epc:id:sgln:4012345.00005.0', '/414/4012345000054'],
    ['urn:epc:id:sgln:4012345.00005.122', '/414/4012345000054/254/122'],
    ['urn:epc:id:pgln:999999999999.', '/417/9999999999994'],
    ["urn:epc:id:upui:1234567.098765.51qIgY)%3C%26Jp3*j7'SDB", "/01/01234567987651/235/51qIgY%29%3C%26Jp3%2Aj7'SDB"],
    ['urn:epc:id:cpi:0614141.11111111111111-A%23%2F.1234', '/8010/061414111111111111111-A%23%2F/8011/1234'],
    ['urn:epc:class:lgtin:4012345.012345.Lot987', '/01/04012345123456/10/Lot987'],
    ['urn:epc:idpat:itip:4012345.012345.01.02.*', '/8006/040123451234560102'],
    ['urn:epc:id:sgtin:415056789012.0.987654', '/01/04150567890128/21/987654'],
    ['urn:epc:id:grai:4012345.00022.334455', '/8003/04012345000221334455'],
    ['urn:epc:id:giai:4012345.ABC345', '/8004/4012345ABC345'],
    ['urn:epc:id:gsrn:4012345.0000006765', '/8018/401234500000067657'],
    ['urn:epc:id:gsrnp:4012345.0000000007', '/8017/401234500000000074'],
    ['urn:epc:id:gdti:4012345.00009.PO-4711', '/253/4012345000092PO-4711'],
    ['urn:epc:id:gdti:987659999999..9', '/253/98765999999929'],
    ['urn:epc:id:ginc:0614141.xyz47%2F11', '/401/0614141xyz47%2F11'],
    ['urn:epc:id:gsin:4012345.222333444', '/402/40123452223334442'],
    ['urn:epc:idpat:sgtin:4012345.012345.*', '/01/04012345123456'],
    ['urn:epc:idpat:grai:4012345.99999.*', '/8003/04012345999990'],
    ['urn:epc:idpat:gdti:4012345.11111.*', '/253/4012345111118'],
    ['urn:epc:idpat:sgcn:4012345.22222.*', '/255/4012345222227'],
    ['urn:epc:idpat:cpi:4012345.AB12.*', '/8010/4012345AB12'],
    ['urn:epc:idpat:upui:4012345.012345.*', '/01/04012345123456'],
  ])('%s', (urn, path) => expect(urnToDigitalLink(urn)).toBe(ID + path));

  test.each([
    'urn:epc:id:sgtin:0614141.12345.1', // one digit short
    'urn:epc:id:sgtin:0614141.112345.', // no serial
    'urn:epc:id:sgtin:0614141.112345.a b',
    'urn:epc:id:constructor:1.2',
    'urn:epc:id:sscc:0614141.1234567890.1',
    'urn:gsma:imei:00000000-000000-0',
    'urn:epc:tag:sgtin-96:3.0614141.812345.6789',
    '',
  ])('"%s" has none', (urn) => expect(urnToDigitalLink(urn)).toBeUndefined());

  test('and back, for whoever knows the company prefix', () => {
    const urns = [
      'urn:epc:id:sgtin:0614141.812345.6789!(x)',
      'urn:epc:id:sscc:4012345.3111111111',
      'urn:epc:id:sgln:4012345.00005.0',
      'urn:epc:id:sgln:4012345.00005.122',
      'urn:epc:id:pgln:4000001.00000',
      'urn:epc:class:lgtin:4012345.012345.Lot987',
      'urn:epc:id:giai:4012345.ABC345',
      'urn:epc:id:gdti:4012345.00009.PO-4711',
      'urn:epc:id:grai:4012345.00022.334455',
    ];
    const prefixes = ['0614141', '4012345', '4000001'];
    for (const urn of urns) expect(digitalLinkToUrn(urnToDigitalLink(urn) ?? '', prefixes)).toBe(urn);
    expect(digitalLinkToUrn(`${ID}/00/340123451111111111`, [])).toBeUndefined();
    expect(digitalLinkToUrn(`${ID}/00/340123451111111112`, prefixes)).toBeUndefined();
  });

  test('for any prefix, reference and serial', () => {
    const digit = (length: number) => fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: length, maxLength: length });
    const sgtin = fc
      .integer({ min: 6, max: 12 })
      .chain((length) => fc.tuple(digit(length), digit(13 - length), fc.stringMatching(/^[A-Za-z0-9!()*+,.:'_-]{1,20}$/)));
    fc.assert(
      fc.property(sgtin, ([prefix, item, serial]) => {
        const urn = `urn:epc:id:sgtin:${prefix}.${item}.${serial}`;
        expect(digitalLinkToUrn(urnToDigitalLink(urn) ?? '', [prefix])).toBe(urn);
      }),
    );
  });
});

describe('Digital Links of any form have one canonical form', () => {
  test.each([
    ['https://example.com/gtin/09780345418913/21/765tz?abc=211121', '/01/09780345418913/21/765tz'],
    ['http://brand.example/some/path/01/9780345418913/10/L1/21/S2#x', '/01/09780345418913/21/S2'],
    ['https://example.com/01/12345670', '/01/00000012345670'],
    ['https://example.com/414/4012345000054/254/7', '/414/4012345000054/254/7'],
    ['https://example.com/8004/4000001111/', '/8004/4000001111'],
    ['http://example.de/gtin-8/01/97803111', '/01/00000097803111'],
    ['http://us-company-with-UPC.com/01/001122334455/ser/GHB', '/01/00001122334455/21/GHB'],
    ['https://id.gs1.org/gtin/9780345418913/cpv/344/lot/1223/ser/765tz', '/01/09780345418913/21/765tz'],
    ['https://id.gs1.org/gtin/9780345418913/cpv/344', '/01/09780345418913'],
    ['https://fashion-corp.com/8006/040123451234560102/10/Lot-123/21/ser987', '/8006/040123451234560102/21/ser987'],
    ['http://fashion.com/itip/040123451234560102/ser/ABC145', '/8006/040123451234560102/21/ABC145'],
    ['https://example.co.uk/party/4226350800008', '/417/4226350800008'],
    ['https://example.com/8010/0628165987/8011/9876', '/8010/0628165987/8011/9876'],
    ['https://example.com/255/0811625999996554433', '/255/0811625999996554433'],
  ])('%s', (link, path) => expect(canonicalUri(link)).toBe(ID + path));

  test.each([
    'https://example.com/01/09780345/891/21', // eight digits, and a qualifier that no GTIN has
    'http://transaction.acme.com/po/12345678',
    'https://example.com/01/09780345418913/99/1',
    'geo:50.9,6.9',
    'urn:uuid:00000000-0000-4000-8000-000000000000',
  ])('%s is left as it is', (uri) => expect(canonicalUri(uri)).toBe(uri));

  test('canonical forms stay, and hostile lengths cost nothing', () => {
    const link = `${ID}/01/09780345418913/21/a%2Fb`;
    expect(canonicalUri(link)).toBe(link);
    const long = `https://x.example/${'01/'.repeat(100_000)}`;
    expect(canonicalUri(long)).toBe(long);
  });
});
