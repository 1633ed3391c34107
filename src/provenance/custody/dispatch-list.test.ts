import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type DispatchList, type ListedEvent, type ListOptions, readDispatchList } from './dispatch-list.ts';
import { eventProblems } from './epcis/index.ts';

const utf8 = (text: string) => new TextEncoder().encode(text);

function read(
  bytes: Uint8Array | string,
  options: ListOptions = { step: 'shipping' },
): DispatchList & { readonly events: readonly ListedEvent[] } {
  const events: ListedEvent[] = [];
  const rows = readDispatchList(typeof bytes === 'string' ? utf8(bytes) : bytes, options);
  for (;;) {
    const next = rows.next();
    if (next.done === true) return { ...next.value, events };
    events.push(next.value);
  }
}

const HEAD = 'Date;IMEI;Serial number;GTIN;From;To';
const ROW = '2026-03-04 13:30;35000000 123456 2;A1;04000000000013;4000000000006;4000000000013';

test('a list of a distributor becomes events that are valid', () => {
  const { events, bad, rows, mapping } = read(`${HEAD}\n${ROW}\n`, { step: 'shipping', offset: '+08:00' });
  expect([rows, bad]).toEqual([1, []]);
  expect(mapping).toEqual({ date: 'Date', imei: 'IMEI', serial: 'Serial number', gtin: 'GTIN', from: 'From', to: 'To' });
  expect(eventProblems(events[0]?.body ?? {})).toEqual([]);
  expect(events[0]?.body).toMatchObject({
    eventTime: '2026-03-04T05:30:00.000Z',
    eventTimeZoneOffset: '+08:00',
    bizStep: 'shipping',
    epcList: ['https://id.gs1.org/01/04000000000013/21/A1', 'urn:gsma:imei:35000000-123456-0'],
    sourceList: [{ type: 'possessing_party', source: 'https://id.gs1.org/417/4000000000006' }],
    destinationList: [{ type: 'possessing_party', destination: 'https://id.gs1.org/417/4000000000013' }],
  });
});

test('a bad row costs itself, and is named by its line', () => {
  const list = [
    'date,imei,step',
    '2026-03-04,350000001234562,shipped',
    '2026-02-30,350000001234562,shipped',
    '2026-03-04,3.50000001234562E+14,shipped',
    '2026-03-04,350000001234563,shipped',
    '2026-03-04,,shipped',
    '2026-03-04,350000001234562,vanished',
    '"two\nlines",350000001234562,shipped',
    ',,',
    '03/04/2026,350000001234562,sold',
    '2026-03-05,350000001234562,sold',
  ].join('\n');
  const { events, bad, rows } = read(list, {});
  expect(events.map(({ line }) => line)).toEqual([2, 12]);
  expect(rows).toBe(9);
  expect(bad.map(({ line }) => line)).toEqual([3, 4, 5, 6, 7, 8, 11]);
  expect(bad.map(({ because }) => because).join('\n')).toMatch(
    /is no day[\s\S]*rounded number[\s\S]*check digit[\s\S]*neither a phone[\s\S]*no step[\s\S]*no date[\s\S]*two days/,
  );
});

describe('encodings and marks', () => {
  const text = 'Lieferdatum\tIMEI\tEmpfänger\n04.03.2026\t350000001234562\tMüller & Söhne\n';
  const latin = Uint8Array.from(text, (character) => character.charCodeAt(0));
  const utf16 = new Uint8Array(2 + 2 * text.length);
  utf16.set([0xff, 0xfe]);
  for (let i = 0; i < text.length; i++) utf16.set([text.charCodeAt(i) & 0xff, text.charCodeAt(i) >> 8], 2 + 2 * i);
  test.each([
    ['UTF-8', utf8(text)],
    ['UTF-8 with its mark', utf8(`\ufeff${text}`)],
    ['Windows-1252', latin],
    ['UTF-16', utf16],
    ['with the separator that Excel says', utf8(`sep=\t\r\n${text.replaceAll('\n', '\r\n')}`)],
  ])('%s', (_name, bytes) => {
    const { events, bad } = read(bytes);
    expect(bad).toEqual([]);
    expect(events[0]?.body).toMatchObject({
      eventTime: '2026-03-04T00:00:00.000Z',
      destinationList: [{ destination: `urn:x-assay:party:${encodeURIComponent('müller & söhne')}` }],
    });
  });

  test('GB18030, where the caller says so', () => {
    // 日期 in GB18030.
    const bytes = Uint8Array.of(0xc8, 0xd5, 0xc6, 0xda, ...utf8(',imei\n2026/3/4,350000001234562\n'));
    expect(read(bytes, { step: 'shipping', encoding: 'gb18030' }).events).toHaveLength(1);
    expect(() => read(bytes)).toThrow('no column says when');
  });
});

describe('dates', () => {
  const day = (text: string, dates?: 'day-first' | 'month-first', time = '') => {
    const { events, bad } = read(
      `date,time,imei\n"${text}",${time},350000001234562\n`,
      dates === undefined ? { step: 'shipping' } : { step: 'shipping', dates },
    );
    return events[0]?.body['eventTime'] ?? bad[0]?.because;
  };
  test.each([
    ['2026-03-04', '2026-03-04T00:00:00.000Z'],
    ['20260304', '2026-03-04T00:00:00.000Z'],
    ['2026年3月4日', '2026-03-04T00:00:00.000Z'],
    ['4.3.2026', '2026-03-04T00:00:00.000Z'],
    ['31/12/2026', '2026-12-31T00:00:00.000Z'],
    ['12/31/2026', '2026-12-31T00:00:00.000Z'],
    ['2026-03-04T23:59:59+02:00', '2026-03-04T21:59:59.000Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z'],
  ])('%s', (text, instant) => expect(day(text)).toBe(instant));
  test('the order is the caller’s, and nobody’s guess', () => {
    expect(day('03/04/2026')).toContain('can be two days');
    expect(day('03/04/2026', 'day-first')).toBe('2026-04-03T00:00:00.000Z');
    expect(day('03/04/2026', 'month-first')).toBe('2026-03-04T00:00:00.000Z');
    expect(day('13/04/2026', 'month-first')).toContain('is no day');
    expect(day('2025-02-29')).toContain('is no day');
    expect(day('46085')).toContain('spreadsheet');
  });
  test('times of day', () => {
    expect(day('2026-03-04', undefined, '1:05 pm')).toBe('2026-03-04T13:05:00.000Z');
    expect(day('2026-03-04', undefined, 'noon')).toContain('is no time of day');
    expect(day('2026-03-04', undefined, '25:00')).toContain('is no moment');
  });
});

describe('hostile lists', () => {
  test.each([
    ['empty', '', 'empty'],
    ['without a date', 'imei\n1', 'no column says when'],
    ['without a phone', 'date,colour\n1,red', 'no column names a phone'],
  ])('%s', (_name, text, because) => expect(() => read(text)).toThrow(because));

  test('a column that the caller names has to be there', () => {
    expect(() => read('a,b\n', { columns: { date: 'c' } })).toThrow('there is no column "c"');
    expect(read('a,b\n2026-03-04,350000001234562\n', { step: 'shipping', columns: { date: 'a', imei: 'b' } }).events).toHaveLength(1);
  });

  test('a quotation mark that is not closed costs its line, not the list', () => {
    const { events, bad } = read('date,imei\n2026-03-04,"350000001234562\n2026-03-05,350000001234562\n');
    expect([events.length, bad.length]).toEqual([1, 1]);
  });

  test('any bytes are read without hanging or throwing what is no refusal', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('"', ',', ';', '\n', '\r', '0', 'a', '日') }), (rest) => {
        read(`date,imei\n${rest}`);
      }),
    );
  });
});
