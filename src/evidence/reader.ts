import type { Oddity } from '../bytes/index.ts';
import type { ArtefactKind } from './capture.ts';
import type { Fact, Place, Standing } from './fact.ts';
import { eachLine, type Line, linesOf } from './lines.ts';
import type { FactKind, FactValues } from './values/index.ts';

/** An artefact in memory, ready to be parsed. */
export interface LoadedArtefact {
  readonly name: string;
  readonly kind: ArtefactKind;
  readonly origin: string | undefined;
  readonly bytes: Uint8Array;
  /** Where `bytes` begin in the artefact, where they are a section of it; default 0. */
  readonly base?: number;
}

/** What a reader gives back: facts, and parts that it could not read, with the reason. */
export interface ArtefactReading {
  readonly facts: readonly Fact[];
  readonly unread: readonly string[];
}

/**
 * Parses artefacts of some kinds into facts. Synchronous and pure; hostile bytes cost at most this artefact.
 * @throws FormatError, which becomes an unread entry
 */
export interface ArtefactReader {
  readonly kinds: readonly ArtefactKind[];
  read(artefact: LoadedArtefact): ArtefactReading;
}

/** Makes one fact. `standing` is that of a live phone: `told` for properties and services' answers, `shown` for bytes and behaviour; a recording's are lowered when facts are gathered. */
export function makeFact<K extends FactKind>(
  kind: K,
  value: FactValues[K],
  from: { readonly standing: Standing; readonly place: Place; readonly oddities?: readonly Oddity[] },
): Fact {
  return { kind, value, standing: from.standing, place: from.place, oddities: from.oddities ?? [] };
}

/** The place of a whole artefact. */
export const wholeOf = (artefact: LoadedArtefact): Place => ({
  artefact: artefact.name,
  at: artefact.base ?? 0,
  length: artefact.bytes.length,
});

/** The lines of an artefact or section, with their offsets in the artefact. @throws FormatError above the ceiling of linesOf */
export const linesIn = (artefact: LoadedArtefact): readonly Line[] => linesOf(artefact.bytes, artefact.base);

/** The same one by one, for artefacts of which little is kept. */
export const eachLineIn = (artefact: LoadedArtefact): Generator<Line, void, undefined> => eachLine(artefact.bytes, artefact.base);

/** The place of a line. */
export const placeOfLine = (artefact: LoadedArtefact, line: Line): Place => ({ artefact: artefact.name, at: line.at, length: line.length });

/** A reading without facts, which says why. */
export const unreadable = (because: string): ArtefactReading => ({ facts: [], unread: [because] });
