/**
 * STIX 2.0 and 2.1 bundles: their indicators, and the malware that relationships say they indicate.
 * Spec: OASIS STIX 2.1 sections 4.7 (Indicator), 4.11 (Malware), 5.1 (Relationship). Patterns of pattern_type `stix` are read; YARA, Sigma and others are counted.
 * Limits: 128 MiB of JSON, 1,000,000 objects. What cannot be read of one indicator costs that indicator, with the reason.
 */
import { z } from 'zod/mini';
import { FormatError, type Instant, isInstant } from '../../bytes/index.ts';
import { type ObservationExpression, parsePattern } from './pattern.ts';

const FORMAT = 'stix bundle';
const BUNDLE_MAX = 128 << 20;
const OBJECTS_MAX = 1_000_000;

/** Foreign documents are read loosely: a field more costs nothing. */
const objectSchema = z.looseObject({ type: z.string(), id: z.string() });
const bundleSchema = z.looseObject({ type: z.literal('bundle'), objects: z.array(z.unknown()).check(z.maxLength(OBJECTS_MAX)) });
const indicatorSchema = z.looseObject({
  type: z.literal('indicator'),
  id: z.string(),
  name: z.optional(z.string()),
  description: z.optional(z.string()),
  pattern: z.string(),
  pattern_type: z.optional(z.string()),
  valid_from: z.optional(z.string()),
  valid_until: z.optional(z.string()),
  revoked: z.optional(z.boolean()),
  indicator_types: z.optional(z.array(z.string())),
  labels: z.optional(z.array(z.string())),
});
const malwareSchema = z.looseObject({ id: z.string(), name: z.string() });
const relationshipSchema = z.looseObject({ relationship_type: z.string(), source_ref: z.string(), target_ref: z.string() });

export interface StixIndicator {
  readonly id: string;
  readonly name: string | undefined;
  /** Names of the malware, tools and actors that relationships say it indicates. */
  readonly indicates: readonly string[];
  /** As written. */
  readonly source: string;
  readonly pattern: ObservationExpression;
  readonly labels: readonly string[];
  /** The moment from which its author no longer stands by it. */
  readonly until: Instant | undefined;
}

export interface StixBundle {
  readonly indicators: readonly StixIndicator[];
  /** Indicators that are not used, each with the reason. */
  readonly left: readonly { readonly id: string; readonly because: string }[];
}

/** Reads a bundle. @throws FormatError where it is none */
export function readStixBundle(bytes: Uint8Array): StixBundle {
  const refuse = (field: string, detail: string) => new FormatError({ format: FORMAT, field, at: 0 }, 'bad-value', detail);
  if (bytes.length > BUNDLE_MAX)
    throw new FormatError({ format: FORMAT, field: 'size', at: 0 }, 'too-large', `${bytes.length} bytes, and ${BUNDLE_MAX} is the most`);
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw refuse('json', error instanceof Error ? error.message.slice(0, 200) : 'no JSON');
  }
  const parsed = bundleSchema.safeParse(json);
  if (!parsed.success) throw refuse(parsed.error.issues[0]?.path.join('.') ?? 'bundle', parsed.error.issues[0]?.message ?? 'no bundle');
  const names = new Map<string, string>();
  const indicates = new Map<string, string[]>();
  const found: z.infer<typeof indicatorSchema>[] = [];
  const left: { id: string; because: string }[] = [];
  for (const one of parsed.data.objects) {
    const object = objectSchema.safeParse(one);
    if (!object.success) continue;
    const { type, id } = object.data;
    if (type === 'indicator') {
      const indicator = indicatorSchema.safeParse(one);
      if (indicator.success) found.push(indicator.data);
      else left.push({ id, because: `${indicator.error.issues[0]?.path.join('.')}: ${indicator.error.issues[0]?.message}` });
    } else if (type === 'relationship') {
      const relation = relationshipSchema.safeParse(one);
      if (relation.success && relation.data.relationship_type === 'indicates')
        listOf(indicates, relation.data.source_ref).push(relation.data.target_ref);
    } else {
      const named = malwareSchema.safeParse(one);
      if (named.success) names.set(id, named.data.name);
    }
  }
  const indicators: StixIndicator[] = [];
  for (const indicator of found) {
    const { id, pattern, pattern_type: kind = 'stix' } = indicator;
    if (indicator.revoked === true) left.push({ id, because: 'its author revoked it' });
    else if (kind !== 'stix') left.push({ id, because: `a pattern of the type ${kind.slice(0, 40)}` });
    else
      try {
        indicators.push({
          id,
          name: indicator.name,
          indicates: (indicates.get(id) ?? []).flatMap((target) => names.get(target) ?? []),
          source: pattern,
          pattern: parsePattern(pattern),
          labels: indicator.indicator_types ?? indicator.labels ?? [],
          until: indicator.valid_until !== undefined && isInstant(indicator.valid_until) ? indicator.valid_until : undefined,
        });
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        left.push({ id, because: error.message });
      }
  }
  return { indicators, left };
}

function listOf(map: Map<string, string[]>, key: string): string[] {
  const known = map.get(key) ?? [];
  map.set(key, known);
  return known;
}
