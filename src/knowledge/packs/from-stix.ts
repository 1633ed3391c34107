/** STIX bundles as packs: what one comparison says becomes a row that every check knows; what says more stays a pattern. */
import type { ComparisonExpression, ObservationExpression, StixBundle, StixIndicator } from '../stix/index.ts';
import type { Pack } from './pack.ts';

type Row = Pack['indicators'][number];
type Class = Row['class'];

/** Which property of which object is which kind of row. `file:name` with a whole path is a path, as mvt reads it. */
const TYPES: Readonly<Record<string, Row['type']>> = {
  'app:id': 'package',
  'app:cert.sha256': 'signer-sha256',
  'app:cert.sha1': 'signer-sha1',
  'file:hashes.sha256': 'sha256',
  'file:hashes.sha1': 'sha1',
  'file:hashes.md5': 'md5',
  'file:path': 'path',
  'android-property:name': 'property',
  'process:name': 'process',
  'domain-name:value': 'domain',
};

const DIGESTS: Readonly<Partial<Record<Row['type'], number>>> = { 'signer-sha256': 64, 'signer-sha1': 40, sha256: 64, sha1: 40, md5: 32 };

export interface StixPackOptions {
  /** What its things are, where the operator says; otherwise each indicator's own labels decide, and what says nothing is riskware. */
  readonly class?: Class;
  /** Names the bundle in every row. */
  readonly source: string;
  /** The family of an indicator that names none. */
  readonly title: string;
}

/** The rows and patterns of a bundle. */
export function rowsOfStix(bundle: StixBundle, options: StixPackOptions): Pick<Pack, 'indicators' | 'patterns'> {
  const indicators = new Map<string, Row>();
  const patterns: Pack['patterns'] = [];
  for (const indicator of bundle.indicators) {
    const family = (indicator.indicates.join(', ') || indicator.name || options.title).slice(0, 400);
    const common = {
      family,
      class: options.class ?? classOf(indicator),
      ...(indicator.until === undefined ? {} : { until: indicator.until }),
      sources: [options.source],
    };
    const simple = simpleRows(indicator.pattern);
    if (simple === undefined) patterns.push({ pattern: indicator.source, ...common });
    else for (const { type, value } of simple) indicators.set(`${type}\0${value}\0${family}`, { type, value, ...common });
  }
  return { indicators: [...indicators.values()], patterns };
}

const classOf = ({ labels }: StixIndicator): Class => {
  const said = labels.map((label) => label.toLowerCase());
  if (said.some((label) => label.includes('stalkerware'))) return 'stalkerware';
  if (said.some((label) => label === 'malicious-activity' || label === 'compromised' || label.includes('malware'))) return 'malware';
  return said.some((label) => label.includes('adware')) ? 'adware' : 'riskware';
};

/** The rows that a pattern of equalities joined by OR alone says; undefined where it says more, or of things that no row has. */
function simpleRows(pattern: ObservationExpression): readonly Pick<Row, 'type' | 'value'>[] | undefined {
  if (pattern.kind === 'observation') return rowsOfTest(pattern.test);
  return pattern.kind === 'any' ? all(pattern.of.map(simpleRows)) : undefined;
}

function rowsOfTest(test: ComparisonExpression): readonly Pick<Row, 'type' | 'value'>[] | undefined {
  if (test.kind !== 'comparison') return test.kind === 'or' ? all(test.of.map(rowsOfTest)) : undefined;
  if (test.negated || (test.operator !== '=' && test.operator !== 'in')) return undefined;
  const key = `${test.object}:${test.path}`;
  return all(
    test.values.map((value) => {
      const type = TYPES[key] ?? (key === 'file:name' && value.startsWith('/') ? 'path' : undefined);
      if (type === undefined || value === '') return undefined;
      const digits = DIGESTS[type];
      if (digits === undefined) return [{ type, value: type === 'domain' ? value.toLowerCase() : value }];
      return new RegExp(`^[0-9a-f]{${digits}}$`, 'i').test(value) ? [{ type, value: value.toLowerCase() }] : undefined;
    }),
  );
}

function all<T>(parts: readonly (readonly T[] | undefined)[]): readonly T[] | undefined {
  const found = parts.flatMap((part) => part ?? []);
  return parts.includes(undefined) || found.length === 0 ? undefined : found;
}
