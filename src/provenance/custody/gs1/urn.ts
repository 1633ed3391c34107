/**
 * EPC URIs (GS1 EPC Tag Data Standard 2.0, 6 and 8) to canonical GS1 Digital Links (GS1 Digital Link 1.1.3, 5.1), and back.
 * Read: urn:epc:id (sgtin, sscc, sgln, grai, giai, gsrn, gsrnp, gdti, cpi, sgcn, ginc, gsin, itip, upui, pgln), urn:epc:class:lgtin, and urn:epc:idpat with a
 * wildcard in place of the serial. Not read: urn:epc:tag and urn:epc:raw (bits of a tag), BIC, IMOVN, ADI, USDoD, GID: they have no Digital Link.
 */
import { gs1CheckDigit, withCheckDigit } from './check-digit.ts';

export const CANONICAL_DOMAIN = 'https://id.gs1.org';

/** What an EPC URI may hold in a serial: the characters of GS1's set 82, some of them escaped. */
const SERIAL = /^(?:%[0-9A-Fa-f]{2}|[!'()*+,.0-9:;=A-Za-z_-]){1,30}$/;

/** A Digital Link escapes these as well (Digital Link, table 7-1); an EPC URI does not. */
const escaped = (text: string) =>
  text
    .replaceAll(/[!()*+,:]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll(/%[0-9a-f]{2}/gi, (code) => code.toUpperCase());

const unescaped = (text: string) =>
  text.replaceAll(/%(?:21|28|29|2A|2B|2C|3A)/gi, (code) => String.fromCharCode(Number.parseInt(code.slice(1), 16)));

const isPrefix = (text: string | undefined): text is string => text !== undefined && /^\d{6,12}$/.test(text);

/** A company prefix and a reference that fill `size` digits together. */
function digits(prefix: string | undefined, reference: string | undefined, size: number): readonly [string, string] | undefined {
  if (!isPrefix(prefix) || reference === undefined || !/^\d*$/.test(reference) || prefix.length + reference.length !== size)
    return undefined;
  return [prefix, reference];
}

/** The item reference begins with the indicator, which stands before the company prefix in a GTIN. */
function gtin(prefix: string | undefined, reference: string | undefined): string | undefined {
  const found = digits(prefix, reference, 13);
  return found === undefined ? undefined : withCheckDigit(`${found[1].slice(0, 1)}${found[0]}${found[1].slice(1)}`);
}

const sscc = gtin17('sscc');
/** SSCCs carry their extension digit in front as GTINs do their indicator; the others keep the order. */
function gtin17(kind: 'sscc' | 'plain') {
  return (prefix: string | undefined, reference: string | undefined, size = 17): string | undefined => {
    const found = digits(prefix, reference, size);
    if (found === undefined) return undefined;
    return withCheckDigit(kind === 'sscc' ? `${found[1].slice(0, 1)}${found[0]}${found[1].slice(1)}` : found.join(''));
  };
}
const plain = gtin17('plain');

const path = (...parts: readonly (string | undefined)[]): string | undefined =>
  parts.includes(undefined) ? undefined : `/${parts.join('/')}`;

/** A serial behind a key that may be empty in front of it; undefined for what is no serial. */
const serial = (text: string | undefined): string | undefined => (text !== undefined && SERIAL.test(text) ? escaped(text) : undefined);
const joined = (key: string | undefined, text: string | undefined): string | undefined =>
  key === undefined || text === undefined ? undefined : key + text;

/** By scheme: the parts behind it to a path. A serial itself may hold dots, so it is all that is left. */
const SCHEMES: Readonly<Record<string, (parts: readonly string[]) => string | undefined>> = {
  'id:sgtin': ([prefix, item, ...rest]) => path('01', gtin(prefix, item), '21', serial(rest.join('.'))),
  'id:sscc': ([prefix, reference, ...rest]) => (rest.length > 0 ? undefined : path('00', sscc(prefix, reference))),
  'id:sgln': ([prefix, location, ...rest]) => {
    const gln = plain(prefix, location, 12);
    const extension = rest.join('.');
    // TDS 6.3.3: an extension of 0 means that there is none.
    return extension === '0' ? path('414', gln) : path('414', gln, '254', serial(extension));
  },
  'id:grai': ([prefix, type, ...rest]) => path('8003', joined(zero(plain(prefix, type, 12)), serial(rest.join('.')))),
  'id:giai': ([prefix, ...rest]) => (isPrefix(prefix) ? path('8004', joined(prefix, serial(rest.join('.')))) : undefined),
  'id:gsrn': ([prefix, reference, ...rest]) => (rest.length > 0 ? undefined : path('8018', plain(prefix, reference))),
  'id:gsrnp': ([prefix, reference, ...rest]) => (rest.length > 0 ? undefined : path('8017', plain(prefix, reference))),
  'id:gdti': ([prefix, type, ...rest]) => path('253', joined(plain(prefix, type, 12), serial(rest.join('.')))),
  'id:cpi': (parts) => {
    const [prefix, ...rest] = parts;
    const number = rest.at(-1);
    const reference = rest.slice(0, -1).join('.');
    if (!isPrefix(prefix) || number === undefined || !/^\d{1,12}$/.test(number)) return undefined;
    return path('8010', joined(prefix, serial(reference)), '8011', number);
  },
  'id:sgcn': ([prefix, reference, number, ...rest]) =>
    rest.length > 0 || number === undefined || !/^\d{1,12}$/.test(number)
      ? undefined
      : path('255', joined(plain(prefix, reference, 12), number)),
  'id:ginc': ([prefix, ...rest]) => (isPrefix(prefix) ? path('401', joined(prefix, serial(rest.join('.')))) : undefined),
  'id:gsin': ([prefix, reference, ...rest]) => (rest.length > 0 ? undefined : path('402', plain(prefix, reference, 16))),
  'id:itip': ([prefix, item, piece, total, ...rest]) => path('8006', itip(prefix, item, piece, total), '21', serial(rest.join('.'))),
  'id:upui': ([prefix, item, ...rest]) => path('01', gtin(prefix, item), '235', serial(rest.join('.'))),
  'id:pgln': ([prefix, reference, ...rest]) => (rest.length > 0 ? undefined : path('417', plain(prefix, reference, 12))),
  'class:lgtin': ([prefix, item, ...rest]) => path('01', gtin(prefix, item), '10', serial(rest.join('.'))),
  // A pattern stands for the class: the bare key.
  'idpat:sgtin': ([prefix, item, ...rest]) => (isAny(rest) ? path('01', gtin(prefix, item)) : undefined),
  'idpat:grai': ([prefix, type, ...rest]) => (isAny(rest) ? path('8003', zero(plain(prefix, type, 12))) : undefined),
  'idpat:gdti': ([prefix, type, ...rest]) => (isAny(rest) ? path('253', plain(prefix, type, 12)) : undefined),
  'idpat:sgcn': ([prefix, reference, ...rest]) => (isAny(rest) ? path('255', plain(prefix, reference, 12)) : undefined),
  'idpat:cpi': (parts) => {
    const [prefix, ...rest] = parts;
    return isPrefix(prefix) && rest.at(-1) === '*' ? path('8010', joined(prefix, serial(rest.slice(0, -1).join('.')))) : undefined;
  },
  'idpat:itip': ([prefix, item, piece, total, ...rest]) => (isAny(rest) ? path('8006', itip(prefix, item, piece, total)) : undefined),
  'idpat:upui': ([prefix, item, ...rest]) => (isAny(rest) ? path('01', gtin(prefix, item)) : undefined),
};

const zero = (key: string | undefined) => (key === undefined ? undefined : `0${key}`);
const isAny = (rest: readonly string[]) => rest.length === 1 && rest[0] === '*';
function itip(prefix: string | undefined, item: string | undefined, piece: string | undefined, total: string | undefined) {
  const key = gtin(prefix, item);
  return key !== undefined && /^\d\d$/.test(piece ?? '') && /^\d\d$/.test(total ?? '') ? `${key}${piece}${total}` : undefined;
}

/** The canonical Digital Link of an EPC URI; undefined where it is none, or none that has a Digital Link. */
export function urnToDigitalLink(uri: string): string | undefined {
  const [, kind, rest] = /^urn:epc:((?:id|class|idpat):[a-z]+):(.+)$/.exec(uri) ?? [];
  const read = kind === undefined || !Object.hasOwn(SCHEMES, kind) ? undefined : SCHEMES[kind];
  const found = rest === undefined ? undefined : read?.(rest.split('.'));
  return found === undefined ? undefined : CANONICAL_DOMAIN + found;
}

/**
 * The EPC URI of a canonical Digital Link. A Digital Link does not say how long its company prefix is: `prefixes` are those that the caller knows, and a link
 * under none of them has no URN here. Undefined also where a check digit is wrong: the URN would lose it and come back as another number.
 */
export function digitalLinkToUrn(link: string, prefixes: readonly string[]): string | undefined {
  const [, ai, key = '', qualifier, value = ''] = /^https:\/\/id\.gs1\.org\/(\d{2,4})\/([^/]+)(?:\/(\d{2,4})\/([^/]+))?$/.exec(link) ?? [];
  const at = (number: string) =>
    prefixes.filter((prefix) => isPrefix(prefix) && number.startsWith(prefix)).toSorted((a, b) => b.length - a.length)[0];
  const checked = (number: string) => (gs1CheckDigit(number.slice(0, -1)) === number.at(-1) ? number.slice(0, -1) : '');
  const split = (number: string) => {
    const prefix = at(number);
    return prefix === undefined ? undefined : `${prefix}.${number.slice(prefix.length)}`;
  };
  /** An indicator or extension digit stands in front of the prefix, and behind it in the URN. */
  const turned = (number: string) => {
    const prefix = number === '' ? undefined : at(number.slice(1));
    return prefix === undefined ? undefined : `${prefix}.${number[0]}${number.slice(1 + prefix.length)}`;
  };
  const urn = (scheme: string, ...parts: readonly (string | undefined)[]) =>
    parts.includes(undefined) ? undefined : `urn:epc:${scheme}:${parts.map((part) => unescaped(part ?? '')).join('.')}`;
  switch (`${ai}${qualifier === undefined ? '' : `/${qualifier}`}`) {
    case '00':
      return urn('id:sscc', turned(checked(key)));
    case '01':
      return urn('idpat:sgtin', turned(checked(key)), '*');
    case '01/21':
      return urn('id:sgtin', turned(checked(key)), value);
    case '01/10':
      return urn('class:lgtin', turned(checked(key)), value);
    case '01/235':
      return urn('id:upui', turned(checked(key)), value);
    case '414':
      return urn('id:sgln', split(checked(key)), '0');
    case '414/254':
      return urn('id:sgln', split(checked(key)), value);
    case '417':
      return urn('id:pgln', split(checked(key)));
    case '8004':
      return urn('id:giai', split(key));
    case '253':
      return key.length > 13
        ? urn('id:gdti', split(checked(key.slice(0, 13))), key.slice(13))
        : urn('idpat:gdti', split(checked(key)), '*');
    case '8003':
      return key.length > 14
        ? urn('id:grai', split(checked(key.slice(1, 14))), key.slice(14))
        : urn('idpat:grai', split(checked(key.slice(1))), '*');
    case '8018':
      return urn('id:gsrn', split(checked(key)));
    case '8017':
      return urn('id:gsrnp', split(checked(key)));
    case '402':
      return urn('id:gsin', split(checked(key)));
    case '401':
      return urn('id:ginc', split(key));
    default:
      return undefined;
  }
}
