/**
 * MATCH_… of SimpleEventQuery (EPCIS 2.0, 8.2.7.1.1): a name is matched by itself however it is written, or by a pattern `urn:epc:idpat:SCHEME:PREFIX.REFERENCE.*` (EPC Tag
 * Data Standard 2.0, 8), whose wildcards are the last parts. A pattern says how long its company prefix is, so it finds Digital Links as well.
 */
import { digitalLinkToUrn } from '../../gs1/urn.ts';
import { canonicalIdentity } from '../../identity.ts';
import { QueryError } from './query-error.ts';

/** Schemes of which patterns are read, with the Digital Links that are theirs. */
const SCHEMES: Readonly<Record<string, RegExp>> = {
  sgtin: /^01\/\d{14}(?:\/21\/|$)/,
  lgtin: /^01\/\d{14}\/10\//,
  upui: /^01\/\d{14}\/235\//,
  sscc: /^00\//,
  sgln: /^414\//,
  pgln: /^417\//,
  grai: /^8003\//,
  giai: /^8004\//,
  gsrn: /^8018\//,
  gsrnp: /^8017\//,
  gdti: /^253\//,
  ginc: /^401\//,
  gsin: /^402\//,
};
const LINK = 'https://id.gs1.org/';

export interface Match {
  readonly isMatched: (uri: string) => boolean;
  /** The names that are asked for; undefined where a pattern is among them. */
  readonly names: readonly string[] | undefined;
}

/** @throws QueryError for a pattern that is not read */
export function matchOf(name: string, values: readonly string[], canonical: (uri: string) => string = canonicalIdentity): Match {
  const names = new Set(values.filter((value) => !value.includes('*')).map(canonical));
  const patterns = values.filter((value) => value.includes('*')).map((value) => patternOf(name, value, canonical));
  return {
    isMatched: (uri) => names.has(uri) || patterns.some((isMatched) => isMatched(uri)),
    names: patterns.length === 0 ? [...names] : undefined,
  };
}

function patternOf(name: string, value: string, canonical: (uri: string) => string): (uri: string) => boolean {
  const [, scheme = '', rest = ''] = /^urn:epc:(?:idpat|class|classpat):([a-z]+):(.+)$/.exec(value) ?? [];
  const parts = rest.split('.');
  const wild = parts.indexOf('*');
  const links = Object.hasOwn(SCHEMES, scheme) ? SCHEMES[scheme] : undefined;
  if (links === undefined || wild < 0 || parts.slice(wild).some((part) => part !== '*'))
    throw new QueryError(
      'parameter',
      `${name} reads patterns as urn:epc:idpat:SCHEME:PREFIX.REFERENCE.* with wildcards at the end; "${value.slice(0, 80)}" is none`,
    );
  const isOfScheme = (uri: string) => uri.startsWith(LINK) && links.test(uri.slice(LINK.length));
  if (wild === 0) return isOfScheme;
  // The class itself, written as its pattern.
  const itself = canonical(value);
  const start = `${scheme}:${parts.slice(0, wild).join('.')}.`;
  return (uri) => {
    if (uri === itself) return true;
    if (!isOfScheme(uri)) return false;
    const urn = digitalLinkToUrn(uri, [parts[0] ?? '']);
    return urn?.replace(/^urn:epc:(?:id|idpat|class):/, '').startsWith(start) === true;
  };
}
