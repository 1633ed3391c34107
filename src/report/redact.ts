/** Replaces personal identifiers by stable pseudonyms, the same in every form of one report. */

import type { Claims } from '../evidence/index.ts';
import { type Facts, factsOf } from '../evidence/index.ts';
import type { Report } from './schema.ts';

/** Shorter values would tear words apart; no identifier of a phone is shorter. */
const SHORTEST = 6;
const KEYS_OF_IDENTIFIERS = /serial|imei|meid|iccid|imsi|android_id|macaddr|\bmac\b|bdaddr|wifimac/i;

/** Collects identifiers from facts and claims. The order decides the numbers, so it is fixed. */
export function identifiersOf(facts: Facts, claims: Claims): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const counts = new Map<string, number>();
  const add = (type: string, value: string | undefined) => {
    const text = value?.trim();
    if (text === undefined || text.length < SHORTEST || found.has(text)) return;
    const number = (counts.get(type) ?? 0) + 1;
    counts.set(type, number);
    found.set(text, `⟨${type} ${number}⟩`);
  };
  add('imei', claims.imei);
  add('imei', claims.imei2);
  add('serial', claims.serial);
  for (const { value } of factsOf(facts, 'identifiers')) for (const identifier of value) add(identifier.type, identifier.value);
  for (const { value } of factsOf(facts, 'usb')) add('serial', value.serial);
  for (const { value } of factsOf(facts, 'cpuinfo')) add('serial', value.serial);
  for (const { value } of factsOf(facts, 'rom')) {
    const { identity } = value;
    if (identity.protocol === 'sahara') add('chip', identity.serial);
    if (identity.protocol === 'mediatek') for (const id of [identity.meId, identity.socId]) add('chip', id);
  }
  for (const { value } of factsOf(facts, 'fastboot'))
    for (const [name, text] of value.variables) if (KEYS_OF_IDENTIFIERS.test(name)) add('serial', text);
  for (const { value } of factsOf(facts, 'properties'))
    for (const { key, value: text } of value.entries) if (KEYS_OF_IDENTIFIERS.test(key)) add('serial', text);
  return found;
}

// What looks like one wherever it stands: 15-digit IMEIs, MAC addresses, e-mail addresses.
const PATTERNS: readonly (readonly [type: string, pattern: RegExp])[] = [
  ['imei', /(?<!\d)\d{15}(?!\d)/g],
  ['mac', /\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b/gi],
  ['address', /[\w.+-]+@[\w-]+\.[\w.-]+\w/g],
];

/** The report with every identifier replaced, in every text of it. Digests and offsets stay: they are what a reader verifies. */
export function redactReport(report: Report, identifiers: ReadonlyMap<string, string>): Report {
  const known = [...identifiers].toSorted(([a], [b]) => b.length - a.length);
  const met = new Map<string, string>();
  const pseudonym = (type: string, value: string) => {
    const name = met.get(value) ?? `⟨${type} ${String.fromCharCode(97 + (met.size % 26))}${Math.floor(met.size / 26) || ''}⟩`;
    met.set(value, name);
    return name;
  };
  const clean = (text: string): string => {
    let out = text;
    for (const [value, name] of known) out = out.replaceAll(value, name);
    for (const [type, pattern] of PATTERNS) out = out.replace(pattern, (value) => pseudonym(type, value));
    return out;
  };
  // The shape is kept: only texts change, and none of a closed set holds an identifier.
  return walk(report, clean) as Report;
}

function walk(value: unknown, clean: (text: string) => string): unknown {
  if (typeof value === 'string') return clean(value);
  if (Array.isArray(value)) return value.map((item) => walk(item, clean));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, key === 'sha256' ? item : walk(item, clean)]));
  return value;
}
