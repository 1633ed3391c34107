/**
 * Android system properties, from `getprop` or a `build.prop`.
 * Source: AOSP system/core/toolbox/getprop.cpp (output form), init/property_service.cpp LoadProperties (file form).
 * Keeps what others drop: empty values, values of several lines, the same key twice.
 */
import type { Oddity, Reading } from '../bytes/index.ts';
import type { Place } from './fact.ts';
import { eachLine, type Line } from './lines.ts';

/** One property as one artefact states it. */
export interface Property {
  readonly key: string;
  readonly value: string;
  readonly place: Place;
}

/** Where properties come from: the running system's answer, or the file of a partition. */
export type PropertyLayer =
  | 'runtime'
  | 'system'
  | 'system_ext'
  | 'product'
  | 'vendor'
  | 'odm'
  | 'vendor_dlkm'
  | 'odm_dlkm'
  | 'boot'
  | 'recovery'
  | 'unknown';

export interface Properties {
  readonly layer: PropertyLayer;
  /** In the artefact's order, duplicates kept. */
  readonly entries: readonly Property[];
}

/**
 * The value in force of a key, or undefined where it is not set. Where a file states a key twice: init before Android 10 kept the first of an `ro.` key
 * (property_service.cpp, PropertySet: read-only once set) and the last of the others; later ones collect a file into a map first. We answer as before Android 10;
 * `contradictedKeys` shows every such key, so that nothing rests on the choice.
 */
export function property(properties: Properties, key: string): Property | undefined {
  return inForceOf(properties.entries).get(key);
}

/** Hundreds of checks ask for one key each of a thousand: they are indexed at the first question. */
const inForce = new WeakMap<readonly Property[], ReadonlyMap<string, Property>>();

function inForceOf(entries: readonly Property[]): ReadonlyMap<string, Property> {
  const known = inForce.get(entries);
  if (known !== undefined) return known;
  const byKey = new Map<string, Property>();
  for (const entry of entries) if (!(entry.key.startsWith('ro.') && byKey.has(entry.key))) byKey.set(entry.key, entry);
  inForce.set(entries, byKey);
  return byKey;
}

/** Keys stated more than once with different values, each with all its entries. */
export function contradictedKeys(properties: Properties): ReadonlyMap<string, readonly Property[]> {
  const byKey = new Map<string, Property[]>();
  for (const entry of properties.entries) byKey.set(entry.key, [...(byKey.get(entry.key) ?? []), entry]);
  return new Map([...byKey].filter(([, entries]) => entries.some((entry) => entry.value !== entries[0]?.value)));
}

/** More properties than any phone has; a flood of them is not kept. */
const PROPERTIES_MAX = 200_000;
const ODDITIES_MAX = 1000;

/** Keeps what is added up to a ceiling. */
function addTo<T>(list: T[], item: T, max: number): void {
  if (list.length < max) list.push(item);
}

const placeOf = (artefact: string, line: Line): Place => ({ artefact, at: line.at, length: line.length });

/** Parses `getprop` output: `[key]: [value]`, where a value may be empty or run over several lines. `base` is the offset of `bytes` in the artefact. */
export function parseGetprop(bytes: Uint8Array, artefact: string, base = 0): Reading<Properties> {
  const entries: Property[] = [];
  const oddities: Oddity[] = [];
  let open: { readonly key: string; readonly start: Line; readonly parts: string[] } | undefined;
  for (const line of eachLine(bytes, base)) {
    const begins = /^\[([^\]]*)\]: \[(.*)$/s.exec(line.text);
    if (open !== undefined && begins === null) {
      // A value with line breaks goes on until a line that ends in `]`.
      const closes = line.text.endsWith(']');
      open.parts.push(closes ? line.text.slice(0, -1) : line.text);
      if (closes) {
        entries.push({
          key: open.key,
          value: open.parts.join('\n'),
          place: { artefact, at: open.start.at, length: line.at + line.length - open.start.at },
        });
        open = undefined;
      }
      continue;
    }
    if (open !== undefined) {
      entries.push({
        key: open.key,
        value: open.parts.join('\n'),
        place: { artefact, at: open.start.at, length: line.at - open.start.at },
      });
      oddities.push({
        format: 'getprop',
        field: open.key,
        at: open.start.at,
        code: 'unclosed-value',
        detail: 'the value has no closing bracket',
      });
      open = undefined;
    }
    if (begins === null) {
      if (line.text.trim() !== '')
        addTo(
          oddities,
          { format: 'getprop', field: 'line', at: line.at, code: 'not-a-property', detail: 'a line that is no property' },
          ODDITIES_MAX,
        );
      continue;
    }
    const [, key = '', rest = ''] = begins;
    if (rest.endsWith(']')) addTo(entries, { key, value: rest.slice(0, -1), place: placeOf(artefact, line) }, PROPERTIES_MAX);
    else open = { key, start: line, parts: [rest] };
  }
  if (open !== undefined) {
    entries.push({
      key: open.key,
      value: open.parts.join('\n'),
      place: { artefact, at: open.start.at, length: base + bytes.length - open.start.at },
    });
    oddities.push({
      format: 'getprop',
      field: open.key,
      at: open.start.at,
      code: 'unclosed-value',
      detail: 'the artefact ends inside the value',
    });
  }
  return { value: { layer: 'runtime', entries }, oddities };
}

/** Parses a `build.prop`, `default.prop` or `prop.default`: `key=value`, `#` comments, `import` lines (not followed, recorded). */
export function parseBuildProp(bytes: Uint8Array, artefact: string, layer: PropertyLayer = 'unknown', base = 0): Reading<Properties> {
  const entries: Property[] = [];
  const oddities: Oddity[] = [];
  for (const line of eachLine(bytes, base)) {
    const text = line.text.trim();
    if (text === '' || text.startsWith('#')) continue;
    const odd = (code: string, detail: string) =>
      addTo(oddities, { format: 'build.prop', field: 'line', at: line.at, code, detail }, ODDITIES_MAX);
    if (/^import\s/.test(text)) {
      odd('import', 'another file is imported here; it is read only where it was captured too');
      continue;
    }
    const equals = text.indexOf('=');
    // Makefile residue and stray lines occur in genuine files; init skips them too.
    if (equals <= 0) {
      odd('not-a-property', 'a line that is no property');
      continue;
    }
    addTo(
      entries,
      { key: text.slice(0, equals).trim(), value: text.slice(equals + 1).trim(), place: placeOf(artefact, line) },
      PROPERTIES_MAX,
    );
  }
  return { value: { layer, entries }, oddities };
}
