/**
 * GS1 Digital Link URIs (1.1.3) in their canonical, constrained form: id.gs1.org, the key, and its finest qualifier; no lot where there is a serial, no variant,
 * no query. That form is what CBV 2.0 hashes, and what makes two names of one thing equal. Compressed links (Digital Link Compression) are not read.
 */
import { CANONICAL_DOMAIN, urnToDigitalLink } from './urn.ts';

interface Key {
  readonly value: RegExp;
  /** Qualifiers that may follow, the finest first. */
  readonly qualifiers: readonly string[];
  /** Qualifiers that are read past. */
  readonly dropped?: readonly string[];
}

const TEXT = `(?:%[0-9A-Fa-f]{2}|[!"'()*+,.0-9:;<=>?A-Za-z_&-])`;
const text = (digits: string, most: number) => new RegExp(`^${digits}${TEXT}{0,${most}}$`);

const KEYS: Readonly<Record<string, Key>> = {
  '00': { value: /^\d{18}$/, qualifiers: [] },
  '01': { value: /^(?:\d{8}|\d{12,14})$/, qualifiers: ['21', '235', '10'], dropped: ['22'] },
  '253': { value: text(String.raw`\d{13}`, 17), qualifiers: [] },
  '255': { value: /^\d{13,25}$/, qualifiers: [] },
  '401': { value: text(String.raw`\d{4}`, 26), qualifiers: [] },
  '402': { value: /^\d{17}$/, qualifiers: [] },
  '414': { value: /^\d{13}$/, qualifiers: ['254'] },
  '417': { value: /^\d{13}$/, qualifiers: [] },
  '8003': { value: text(String.raw`\d{14}`, 16), qualifiers: [] },
  '8004': { value: text(String.raw`\d{4}`, 26), qualifiers: [] },
  '8006': { value: /^\d{18}$/, qualifiers: ['21', '10'], dropped: ['22'] },
  '8010': { value: /^\d{4}(?:%[0-9A-Fa-f]{2}|[0-9A-Z-]){0,26}$/, qualifiers: ['8011'] },
  '8017': { value: /^\d{18}$/, qualifiers: [] },
  '8018': { value: /^\d{18}$/, qualifiers: [] },
};

/** The short names of Digital Link 1.1, which links may hold in place of the number. */
const NAMES: Readonly<Record<string, string>> = {
  sscc: '00',
  gtin: '01',
  gdti: '253',
  gcn: '255',
  ginc: '401',
  gsin: '402',
  gln: '414',
  party: '417',
  grai: '8003',
  giai: '8004',
  itip: '8006',
  cpid: '8010',
  gsrnp: '8017',
  gsrn: '8018',
  cpv: '22',
  lot: '10',
  ser: '21',
  cpsn: '8011',
  glnx: '254',
};

const QUALIFIER = new RegExp(`^${TEXT}{1,60}$`);
const URI_MAX = 2048;

const aiOf = (segment: string | undefined) => (segment !== undefined && Object.hasOwn(NAMES, segment) ? NAMES[segment] : segment);

/** Where the characters of a link stand escaped does not change what it names; the canonical form has table 7-1's characters escaped, in upper case. */
const escaped = (value: string) =>
  value
    .replaceAll(/[!()*+,:]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll(/%[0-9a-f]{2}/gi, (code) => code.toUpperCase());

/** The canonical form of a Digital Link on any domain; undefined for other URIs. */
function canonicalDigitalLink(uri: string): string | undefined {
  if (uri.length > URI_MAX) return undefined;
  const [, where] = /^https?:\/\/[^/?#]+((?:\/[^/?#]*)+)/.exec(uri) ?? [];
  if (where === undefined) return undefined;
  const segments = where.replace(/\/$/, '').split('/').slice(1);
  for (let at = 0; at + 1 < segments.length; at++) {
    const ai = aiOf(segments[at]);
    const key = ai !== undefined && Object.hasOwn(KEYS, ai) ? KEYS[ai] : undefined;
    const value = segments[at + 1];
    if (ai === undefined || key === undefined || value === undefined || !key.value.test(value)) continue;
    const finest = qualifierOf(key, segments.slice(at + 2));
    if (finest === undefined) continue;
    return `${CANONICAL_DOMAIN}/${ai}/${escaped(ai === '01' ? value.padStart(14, '0') : value)}${finest}`;
  }
  return undefined;
}

/** The finest qualifier as a path, empty where there is none; undefined where what follows are no qualifiers of this key. */
function qualifierOf(key: Key, segments: readonly string[]): string | undefined {
  if (segments.length % 2 !== 0 || segments.length > 8) return undefined;
  const found = new Map<string, string>();
  for (let at = 0; at < segments.length; at += 2) {
    const ai = aiOf(segments[at]) ?? '';
    const value = segments[at + 1] ?? '';
    if (!QUALIFIER.test(value) || !(key.qualifiers.includes(ai) || key.dropped?.includes(ai) === true)) return undefined;
    found.set(ai, value);
  }
  const finest = key.qualifiers.find((ai) => found.has(ai));
  return finest === undefined ? '' : `/${finest}/${escaped(found.get(finest) ?? '')}`;
}

/** One text for one thing: the canonical Digital Link of what has one, whatever it is written as; every other URI as it is. */
export function canonicalUri(uri: string): string {
  return urnToDigitalLink(uri) ?? canonicalDigitalLink(uri) ?? uri;
}
