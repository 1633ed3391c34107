/**
 * Dispatch lists: the CSV files that distributors have in place of events (RFC 4180, and what spreadsheets make of it). A row is one phone, or one box, leaving or coming.
 * Read: UTF-8 with or without mark, UTF-16, Windows-1252; comma, semicolon, tab or bar; quoted fields with line ends in them. Columns are found by their headings or
 * named by the caller. A bad row costs itself and is reported by its line. Dates that can be read in two ways are read in none, unless the caller says the order.
 */
import { type Instant, isInstant } from '../../bytes/index.ts';
import { csvRows, decodedText, type Encoding, separatorOf } from './csv.ts';
import type { JsonObject } from './epcis/model.ts';
import { canonicalTime } from './epcis/pre-image.ts';
import { withCheckDigit } from './gs1/check-digit.ts';
import { imeiUri, ownUri } from './identity.ts';
import { STEPS, type Step, toldEvent } from './make.ts';

const LIST_MAX = 512 << 20;

/** What a column can be. `epc`: any URI. `gtin` and `serial` together are an SGTIN. */
export const LIST_FIELDS = [
  'date',
  'time',
  'step',
  'from',
  'to',
  'place',
  'imei',
  'imei2',
  'serial',
  'gtin',
  'sscc',
  'epc',
  'attested',
  'disposition',
] as const;
export type ListField = (typeof LIST_FIELDS)[number];

/** Headings that distributors write, in lower case without space and punctuation. */
const HEADINGS: Readonly<Record<ListField, readonly string[]>> = {
  date: [
    'date',
    'datum',
    'fecha',
    'dispatchdate',
    'shipdate',
    'shippingdate',
    'deliverydate',
    'lieferdatum',
    'versanddatum',
    'eventdate',
    'eventtime',
    'timestamp',
    '日期',
    '发货日期',
    '出库日期',
  ],
  time: ['time', 'uhrzeit', 'hora', '时间'],
  step: ['step', 'bizstep', 'event', 'vorgang', 'movement', 'type', '类型'],
  from: ['from', 'sender', 'source', 'shipfrom', 'seller', 'absender', 'lieferant', 'supplier', '发货方'],
  to: [
    'to',
    'recipient',
    'receiver',
    'destination',
    'shipto',
    'customer',
    'consignee',
    'empfaenger',
    'empfänger',
    'kunde',
    '收货方',
    '客户',
  ],
  place: ['place', 'location', 'readpoint', 'warehouse', 'lager', 'ort', 'gln', 'site', '仓库'],
  imei: ['imei', 'imei1', 'imeino', 'imeinumber'],
  imei2: ['imei2', 'secondimei'],
  serial: ['serial', 'serialno', 'serialnumber', 'sn', 'seriennummer', '序列号'],
  gtin: ['gtin', 'ean', 'ean13', 'upc', 'barcode', 'articlenumber', '条码'],
  sscc: ['sscc', 'nve', 'pallet', 'palette', 'carton', 'box', '箱号'],
  epc: ['epc', 'sgtin', 'digitallink', 'uri'],
  attested: ['attested', 'attestedid', 'attestedserial'],
  disposition: ['disposition', 'status', 'zustand', '状态'],
};

export interface ListOptions {
  /** Column of each field by its heading, where the headings are not those of a distributor. */
  readonly columns?: Readonly<Partial<Record<ListField, string>>>;
  /** What every row is that does not say. */
  readonly step?: Step;
  readonly from?: string;
  readonly to?: string;
  readonly place?: string;
  /** The order of day and month in 03/04/2026. */
  readonly dates?: 'day-first' | 'month-first';
  /** Where the clock on the wall stood, as in +08:00. */
  readonly offset?: string;
  /** The maker whose serial numbers these are: a serial alone is no name. */
  readonly brand?: string;
  /** `auto` looks at the bytes. */
  readonly encoding?: Encoding;
}

export interface BadRow {
  /** The line of the file at which the row begins, from 1. */
  readonly line: number;
  readonly because: string;
}

export interface DispatchList {
  readonly rows: number;
  readonly bad: readonly BadRow[];
  /** Which column was read as what. */
  readonly mapping: Readonly<Partial<Record<ListField, string>>>;
}

/** An event of a row. */
export interface ListedEvent {
  readonly line: number;
  readonly body: JsonObject;
}

/** Reads a list row by row: `yield`s events, and returns what was wrong. @throws RangeError where it has no column that names a phone or none that says when */
export function* readDispatchList(bytes: Uint8Array, options: ListOptions): Generator<ListedEvent, DispatchList> {
  if (bytes.length > LIST_MAX) throw new RangeError(`more than ${LIST_MAX} bytes`);
  const text = decodedText(bytes, options.encoding ?? 'auto');
  const rows = csvRows(text, separatorOf(text));
  const first = rows.next();
  if (first.done === true) throw new RangeError('the list is empty');
  const headings = first.value.fields.map((field) => field.trim());
  const columns = columnsOf(headings, options.columns ?? {});
  const bad: BadRow[] = [];
  let count = 0;
  for (const { fields, line, problem } of rows) {
    if (fields.every((field) => field.trim() === '')) continue;
    count++;
    try {
      if (problem !== undefined) throw new RangeError(problem);
      const value = (field: ListField): string | undefined => {
        const at = columns.get(field);
        const found = at === undefined ? undefined : fields[at]?.trim().replace(/^'/, '');
        return found === '' ? undefined : found;
      };
      yield { line, body: eventOfRow(value, options) };
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      bad.push({ line, because: error.message });
    }
  }
  return { rows: count, bad, mapping: Object.fromEntries([...columns].map(([field, at]) => [field, headings[at] ?? ''])) };
}

function eventOfRow(value: (field: ListField) => string | undefined, options: ListOptions): JsonObject {
  const things = thingsOf(value, options.brand);
  if (things.length === 0) throw new RangeError('names neither a phone nor a box');
  const word = value('step')
    ?.toLowerCase()
    .replaceAll(/[\s-]+/g, '_');
  const step = word === undefined ? options.step : WORDS[word];
  if (step === undefined)
    throw new RangeError(
      word === undefined ? 'does not say what happened (--step says it for all rows)' : `"${word.slice(0, 40)}" is no step that is known`,
    );
  const at = momentOf(value('date'), value('time'), options);
  const partyAt = (field: 'from' | 'to' | 'place', ai: '417' | '414') => {
    const text = value(field) ?? options[field];
    return text === undefined ? undefined : partyUri(text, ai);
  };
  const disposition = value('disposition');
  return toldEvent(step, {
    at,
    offset: options.offset ?? '+00:00',
    things,
    place: partyAt('place', '414'),
    from: partyAt('from', '417'),
    to: partyAt('to', '417'),
    ...(disposition === undefined || !/^[a-z_]+$/.test(disposition) ? {} : { disposition }),
  });
}

/** Steps by their names, and by the words of delivery notes. */
const WORDS: Readonly<Record<string, Step>> = {
  ...Object.fromEntries((Object.keys(STEPS) as Step[]).map((step) => [step, step])), // The keys of a literal of ours.
  dispatch: 'shipping',
  dispatched: 'shipping',
  shipped: 'shipping',
  outbound: 'shipping',
  goods_issue: 'shipping',
  delivery: 'receiving',
  received: 'receiving',
  inbound: 'receiving',
  goods_receipt: 'receiving',
  sale: 'retail_selling',
  sold: 'retail_selling',
  return: 'returning',
  returned: 'returning',
  rma: 'returning',
  repair: 'repairing',
  repaired: 'repairing',
  made: 'commissioning',
  produced: 'commissioning',
};

function thingsOf(value: (field: ListField) => string | undefined, brand: string | undefined): readonly string[] {
  const things: string[] = [];
  const [epc, gtin, serial, sscc, attested] = [value('epc'), value('gtin'), value('serial'), value('sscc'), value('attested')];
  if (epc !== undefined) {
    if (!/^[A-Za-z][A-Za-z0-9+.-]*:[^\s]+$/.test(epc)) throw new RangeError(`the EPC "${epc.slice(0, 60)}" is no URI`);
    things.push(epc);
  }
  if (gtin !== undefined && serial !== undefined) things.push(`https://id.gs1.org/01/${gtinOf(gtin)}/21/${encodeURIComponent(serial)}`);
  else if (serial !== undefined && brand !== undefined) things.push(ownUri('serial', brand, serial));
  for (const field of ['imei', 'imei2'] as const) {
    const imei = value(field);
    if (imei === undefined) continue;
    // What a spreadsheet makes of fifteen digits: the last ones are gone, and no one brings them back.
    if (/^\d(?:[.,]\d+)?E\+?\d+$/i.test(imei)) throw new RangeError(`the IMEI "${imei}" was made a rounded number by a spreadsheet`);
    const digits = imei.replaceAll(/[\s./-]/g, '');
    if (digits.length === 15 && /^\d+$/.test(digits) && luhn(digits.slice(0, 14)) !== digits[14] && digits[14] !== '0')
      throw new RangeError(`the IMEI ${imei} has a check digit that is not its own`);
    things.push(imeiUri(digits));
  }
  if (attested !== undefined) things.push(ownUri('attested', 'serial', attested));
  if (things.length === 0 && sscc !== undefined) {
    const digits = sscc.replaceAll(/[\s()]/g, '').replace(/^00(?=\d{18}$)/, '');
    if (!/^\d{18}$/.test(digits) || withCheckDigit(digits.slice(0, 17)) !== digits)
      throw new RangeError(`"${sscc.slice(0, 40)}" is no SSCC with its check digit`);
    things.push(`https://id.gs1.org/00/${digits}`);
  }
  return things;
}

/** TS 23.003, annex B: the check digit of fourteen digits. */
function luhn(digits: string): string {
  let sum = 0;
  for (const [i, digit] of [...digits].entries()) {
    const doubled = i % 2 === 1 ? Number(digit) * 2 : Number(digit);
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return String((10 - (sum % 10)) % 10);
}

function gtinOf(text: string): string {
  const digits = text.replaceAll(/[\s-]/g, '');
  if (!/^(?:\d{8}|\d{12,14})$/.test(digits) || withCheckDigit(digits.slice(0, -1)) !== digits)
    throw new RangeError(`"${text.slice(0, 40)}" is no GTIN with its check digit`);
  return digits.padStart(14, '0');
}

/** A party or place as a URI: one already, or a GLN. A name alone is nobody: two shops have one name. */
function partyUri(text: string, ai: '417' | '414'): string {
  if (/^[A-Za-z][A-Za-z0-9+.-]*:[^\s]+$/.test(text)) return text;
  const digits = text.replaceAll(/[\s-]/g, '');
  if (/^\d{13}$/.test(digits)) {
    if (withCheckDigit(digits.slice(0, 12)) !== digits) throw new RangeError(`the GLN ${text} has a check digit that is not its own`);
    return `https://id.gs1.org/${ai}/${digits}`;
  }
  return `urn:x-assay:party:${encodeURIComponent(text.trim().toLowerCase().replaceAll(/\s+/g, ' '))}`;
}

function momentOf(date: string | undefined, time: string | undefined, { dates, offset = '+00:00' }: ListOptions): Instant {
  if (date === undefined) throw new RangeError('does not say when');
  if (!/^[+-](?:0\d|1[0-4]):[0-5]\d$/.test(offset)) throw new RangeError(`the offset "${offset}" is none, as in +08:00`);
  const [, whole, clock = time] = /^([^T\s]+(?:\s\d{4})?)(?:[T\s]+(\d.*))?$/.exec(date.replace(/年|月/g, '-').replace('日', '')) ?? [];
  const day = dayOf(whole ?? date, dates);
  const [, hour = '00', minute = '00', second = '00', fraction = '', half, zone = offset] =
    /^(\d{1,2}):(\d\d)(?::(\d\d)(\.\d+)?)?\s*([AaPp][Mm])?\s*(Z|[+-]\d\d:?\d\d)?$/.exec(clock?.trim() ?? '00:00') ?? [];
  if (clock !== undefined && !/^\d{1,2}:\d\d/.test(clock.trim())) throw new RangeError(`"${clock.slice(0, 40)}" is no time of day`);
  const isOfDay = Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60;
  const hours = half === undefined ? Number(hour) : (Number(hour) % 12) + (/p/i.test(half) ? 12 : 0);
  const instant = canonicalTime(`${day}T${String(hours).padStart(2, '0')}:${minute}:${second}${fraction}${zone}`);
  if (!isOfDay || !isInstant(instant))
    throw new RangeError(`"${date.slice(0, 40)}${time === undefined ? '' : ` ${time.slice(0, 40)}`}" is no moment`);
  return instant;
}

const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** A day as YYYY-MM-DD. */
function dayOf(text: string, order: ListOptions['dates']): string {
  const [, year, month, day] = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$/.exec(text) ?? /^(\d{4})(\d\d)(\d\d)$/.exec(text) ?? [];
  if (year !== undefined) return checkedDay(text, year, month ?? '', day ?? '');
  const [, one, mark, two, long] = /^(\d{1,2})([-/.])(\d{1,2})[-/.](\d{4})$/.exec(text) ?? [];
  if (one === undefined || two === undefined || long === undefined) {
    if (/^\d{5}(?:\.\d+)?$/.test(text)) throw new RangeError(`"${text}" is a spreadsheet's number of a day: format the column as a date`);
    throw new RangeError(`"${text.slice(0, 40)}" is no date`);
  }
  // With points, the day is first everywhere; with strokes and dashes that depends on who wrote it.
  if (mark === '.' || order === 'day-first' || (order === undefined && Number(one) > 12)) return checkedDay(text, long, two, one);
  if (order === 'month-first' || Number(two) > 12) return checkedDay(text, long, one, two);
  if (one === two) return checkedDay(text, long, one, two);
  throw new RangeError(`"${text}" can be two days: say which is first, day or month`);
}

function checkedDay(text: string, year: string, month: string, day: string): string {
  const [m, d] = [Number(month), Number(day)];
  const isLeap = (Number(year) % 4 === 0 && Number(year) % 100 !== 0) || Number(year) % 400 === 0;
  if (m < 1 || m > 12 || d < 1 || d > (m === 2 && !isLeap ? 28 : (DAYS[m - 1] ?? 0)))
    throw new RangeError(`"${text.slice(0, 40)}" is no day`);
  return `${year}-${String(m).padStart(2, '0')}-${String(d).padStart(2, '0')}`;
}

const plainHeading = (text: string) => text.toLowerCase().replaceAll(/[\s_./#:()-]/g, '');

function columnsOf(headings: readonly string[], named: NonNullable<ListOptions['columns']>): ReadonlyMap<ListField, number> {
  const columns = new Map<ListField, number>();
  for (const field of LIST_FIELDS) {
    const wanted = named[field];
    const at =
      wanted === undefined
        ? headings.findIndex((heading) => HEADINGS[field].includes(plainHeading(heading)))
        : headings.findIndex((heading) => plainHeading(heading) === plainHeading(wanted));
    if (wanted !== undefined && at < 0)
      throw new RangeError(`there is no column "${wanted}"; there are: ${headings.join(', ').slice(0, 400)}`);
    if (at >= 0) columns.set(field, at);
  }
  if (!columns.has('date')) throw new RangeError(`no column says when; there are: ${headings.join(', ').slice(0, 400)}`);
  if (!['imei', 'serial', 'sscc', 'epc', 'attested'].some((field) => columns.has(field as ListField)))
    // Literals of the type.
    throw new RangeError(`no column names a phone; there are: ${headings.join(', ').slice(0, 400)}`);
  return columns;
}
