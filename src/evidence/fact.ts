import type { Oddity } from '../bytes/index.ts';
import type { FactKind, FactValues } from './values/index.ts';

/**
 * What an adversary must do to fake a piece of evidence, weakest first (design: The rule of evidence):
 * `told` edit a string; `shown` hook the framework or kernel everywhere, or bring a bootloader; `measured` have other silicon; `signed` steal a key or borrow an honest phone.
 */
export const STANDINGS = ['told', 'shown', 'measured', 'signed'] as const;
export type Standing = (typeof STANDINGS)[number];

/** Whether `standing` is `wanted` or stronger. */
export function reaches(standing: Standing, wanted: Standing): boolean {
  return STANDINGS.indexOf(standing) >= STANDINGS.indexOf(wanted);
}

/** The weaker of two standings: what a conclusion from both is worth. */
export function weaker(a: Standing, b: Standing): Standing {
  return reaches(a, b) ? b : a;
}

/** Which bytes of which artefact say something. */
export interface Place {
  /** The artefact's name in the capture. */
  readonly artefact: string;
  /** Byte offset in the artefact. */
  readonly at: number;
  /** Length in bytes. */
  readonly length: number;
}

/** Something read from an artefact, with who vouches for it. */
export interface Fact<K extends FactKind = FactKind> {
  readonly kind: K;
  readonly value: FactValues[K];
  readonly standing: Standing;
  /** The whole stretch that was read. Parts inside a value carry their own places. */
  readonly place: Place;
  readonly oddities: readonly Oddity[];
}

/** An artefact, or a part of one, from which no fact could be read. */
export interface Unread {
  readonly artefact: string;
  readonly because: string;
}

/** All facts of one capture, in the order in which they were read. */
export interface Facts {
  readonly list: readonly Fact[];
  readonly unread: readonly Unread[];
}

/** The facts of one kind, strongest standing first, otherwise in order. */
export function factsOf<K extends FactKind>(facts: Facts, kind: K): readonly Fact<K>[] {
  // The filter is what the cast rests on: `kind` decides the type of `value`.
  const found = facts.list.filter((fact) => fact.kind === kind) as unknown as Fact<K>[];
  return found.toSorted((a, b) => STANDINGS.indexOf(b.standing) - STANDINGS.indexOf(a.standing));
}

/** The strongest fact of a kind, or undefined where none was read. */
export function factOf<K extends FactKind>(facts: Facts, kind: K): Fact<K> | undefined {
  return factsOf(facts, kind)[0];
}
