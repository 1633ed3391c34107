/** For tests: what the readers make of an artefact that the test wrote. */
import type { ArtefactKind } from '../capture.ts';
import type { Fact, Place } from '../fact.ts';
import type { FactKind, FactValues } from '../values/index.ts';
import { artefactReaders } from './index.ts';

/** A sample's bytes and the facts that came of it. */
export interface Sample {
  readonly facts: readonly Fact[];
  readonly unread: readonly string[];
  /** The values of one kind. */
  values<K extends FactKind>(kind: K): readonly FactValues[K][];
  /** The text that a place names. */
  at(place: Place): string;
}

const utf8 = new TextDecoder();
const encoder = new TextEncoder();

/** Reads a sample by every reader of its kind. @throws what the readers throw */
export function readSample(kind: ArtefactKind, content: string | Uint8Array, origin?: string): Sample {
  const bytes = typeof content === 'string' ? encoder.encode(content) : content;
  const readings = artefactReaders
    .filter(({ kinds }) => kinds.includes(kind))
    .map((reader) => reader.read({ name: 'sample', kind, origin, bytes }));
  const facts = readings.flatMap((reading) => reading.facts);
  return {
    facts,
    unread: readings.flatMap((reading) => reading.unread),
    // `kind` decides the type of `value`, which is what the cast rests on.
    values: <K extends FactKind>(wanted: K) => facts.filter((fact) => fact.kind === wanted).map(({ value }) => value as FactValues[K]),
    at: ({ at, length }) => utf8.decode(bytes.subarray(at, at + length)),
  };
}

/** Every place that occurs in a value. */
export function placesIn(value: unknown): readonly Place[] {
  if (Array.isArray(value)) return value.flatMap(placesIn);
  if (typeof value !== 'object' || value === null) return [];
  if ('artefact' in value && 'at' in value && 'length' in value) return [value as Place]; // its three fields are what a place is
  return Object.values(value).flatMap(placesIn);
}

/** Text that a terminal, a shell, a page or a spreadsheet would act on: to every reader it is data. */
export const HOSTILE = '\u001b[2J$(reboot);`id`&&<script>alert(1)</script>"\'=cmd|\u202E';
