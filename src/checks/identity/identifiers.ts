/** IMEIs and serials of the phone, from every surface that states one. Values are a person's: they stand in findings, never in names or logs. */
import { type Facts, factsOf, luhnDigit, type Place, type Standing } from '../../evidence/index.ts';

export interface StatedId {
  readonly value: string;
  readonly surface: string;
  readonly place: Place;
  readonly standing: Standing;
}

/** Properties in which makers keep the IMEI. */
const IMEI_KEYS =
  /^(?:persist\.radio\.(?:device\.)?imei[12]?|ro\.ril\.(?:miui|oem)\.imei[012]?|ril\.gsm\.imei|telephony\.imei_[01]|oem\.device\.imeicache[01]?|gsm\.imei[12]?|persist\.sys\.imei[12]?)$/;

/** Every IMEI that the phone states, 14 to 16 digits; what has no digits of an IMEI is left out. A recording's masked ones end in seven zeros. */
export function imeisOf(facts: Facts): readonly StatedId[] {
  const found: StatedId[] = [];
  for (const fact of factsOf(facts, 'identifiers'))
    for (const { type, value, surface, place } of fact.value)
      if (type === 'imei') found.push({ value: digitsOf(value), surface, place, standing: fact.standing });
  for (const fact of factsOf(facts, 'properties'))
    for (const { key, value, place } of fact.value.entries)
      if (IMEI_KEYS.test(key))
        for (const part of value.split(',').filter((text) => /\d{14}/.test(text)))
          found.push({ value: digitsOf(part), surface: key, place, standing: fact.standing });
  return found;
}

/** Written forms have blanks, hyphens and strokes. */
export const digitsOf = (text: string): string => text.slice(0, 60).replace(/[\s\-/.]/g, '');

/** Serial number of zeros: a test unit's, or one that a recording's keeper masked. */
export const isMasked = (imei: string): boolean => /^\d{8}0{6}\d?0?$/.test(imei);

/** Serials of surfaces that are the same one on a genuine phone. */
export function serialsOf(facts: Facts): readonly StatedId[] {
  const found: StatedId[] = [];
  for (const fact of factsOf(facts, 'identifiers'))
    for (const { type, value, surface, place } of fact.value)
      if (type === 'serial') found.push({ value, surface, place, standing: fact.standing });
  for (const fact of factsOf(facts, 'properties'))
    for (const { key, value, place } of fact.value.entries)
      if (key === 'ro.serialno' || key === 'ro.boot.serialno') found.push({ value, surface: key, place, standing: fact.standing });
  for (const fact of factsOf(facts, 'usb'))
    if (fact.value.serial !== undefined)
      found.push({ value: fact.value.serial, surface: 'USB descriptor', place: fact.place, standing: fact.standing });
  return found.filter(({ value }) => value.trim() !== '');
}

/** What keeps a text from being an IMEI; undefined where nothing does. */
export function imeiFault(
  imei: string,
): 'not digits' | 'length' | 'check digit' | 'spare digit' | 'reporting body' | 'test allocation' | undefined {
  if (!/^\d+$/.test(imei)) return 'not digits';
  // 16 digits are an IMEISV: two of the software version, no check digit.
  if (imei.length !== 15 && imei.length !== 16) return 'length';
  // TS.06 keeps 00 for test equipment: what laboratories, makers' own units and test networks carry.
  if (imei.startsWith('00') && (imei.length === 16 || luhnDigit(imei) === Number(imei[14]))) return 'test allocation';
  if (!REPORTING_BODIES.has(imei.slice(0, 2))) return 'reporting body';
  if (imei.length === 16 || luhnDigit(imei) === Number(imei[14])) return undefined;
  // On the air the digit is sent as 0, and some radios state it so.
  return imei[14] === '0' ? 'spare digit' : 'check digit';
}

/** Reporting body identifiers that have allocated TACs. Source: GSMA TS.06, list of reporting bodies, past ones included. */
const REPORTING_BODIES: ReadonlySet<string> = new Set([
  '01',
  '10',
  '30',
  '33',
  '35',
  '44',
  '45',
  '49',
  '50',
  '51',
  '52',
  '53',
  '54',
  '86',
  '91',
  '98',
  '99',
]);

/** IMEIs of chip makers' default files and of documentation: stated by phones whose own was lost or never written. */
export const PLACEHOLDERS: ReadonlySet<string> = new Set([
  '000000000000000',
  '111111111111111',
  '111111111111119',
  '123456789012345',
  '012345678901234',
  '012345678912345',
  '490154203237518',
  '004999010640000',
  '135790246811220',
]);

/** Serials of chip makers' default files. */
export const PLACEHOLDER_SERIALS =
  /^(?:0{4,}|0123456789abcdef|0123456789|1234567890(?:abcdef)?|123456789abcdef|f{8,}|unknown|default|serial ?number|n\/?a|1{6,})$/i;
