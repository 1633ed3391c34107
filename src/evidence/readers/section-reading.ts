import { FormatError } from '../../bytes/index.ts';
import type { Fact } from '../fact.ts';
import type { ArtefactReader, LoadedArtefact } from '../reader.ts';

/** What the parts of one artefact gave so far. */
export interface SectionReading {
  readonly facts: Fact[];
  readonly unread: string[];
}

/** Reads a part by every reader of its kind, and adds to `reading`. A bad part costs that part; a kind that nothing reads costs nothing. */
export function readSection(part: LoadedArtefact, readers: readonly ArtefactReader[], reading: SectionReading): void {
  for (const reader of readers) {
    if (!reader.kinds.includes(part.kind)) continue;
    try {
      const { facts, unread } = reader.read(part);
      for (const fact of facts) reading.facts.push(fact);
      for (const because of unread) reading.unread.push(`${part.kind} at ${part.base ?? 0}: ${because}`);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      reading.unread.push(`${part.kind} at ${part.base ?? 0}: ${error.message}`);
    }
  }
}
