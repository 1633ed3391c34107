import { FormatError, readAll } from '../bytes/index.ts';
import type { Artefact, ArtefactKind, Capture } from './capture.ts';
import { type Fact, type Facts, type Unread, weaker } from './fact.ts';
import { ownReaders } from './own/index.ts';
import type { ArtefactReader } from './reader.ts';
import { artefactReaders } from './readers/index.ts';

/** How an unread entry begins where nothing here reads artefacts of a kind. */
export const NO_READER = 'no reader for artefacts of the kind';
/** Bytes of one artefact that are read into memory. */
const ARTEFACT_MAX = 64 << 20;
/** Dumps and lists of a whole phone, and results of a whole suite, are longer than anything else. */
const LONG_ARTEFACT_MAX = 512 << 20;
const LONG: ReadonlySet<ArtefactKind> = new Set(['bugreport', 'dumpsys', 'files.json', 'file-list', 'file-hashes', 'logcat', 'cts']);
/** Lists of which an empty one is an answer: nothing is disabled, nothing was added. */
const EMPTY_LISTS: ReadonlySet<ArtefactKind> = new Set(['pm/packages', 'ca-certificates', 'root-binaries', 'hosts']);
/** Kinds that other parts of assay read where they lie. */
const READ_ELSEWHERE: ReadonlySet<ArtefactKind> = new Set(['apk', 'library', 'texts']);

/**
 * Every artefact of a capture, parsed into facts. One artefact that cannot be read costs that artefact: it becomes an unread entry with the reason.
 * Of a bearer's recording every fact is at most `told` (rule 7 of the design).
 */
export async function readFacts(
  capture: Capture,
  readers: readonly ArtefactReader[] = [...artefactReaders, ...ownReaders],
): Promise<Facts> {
  const list: Fact[] = [];
  const unread: Unread[] = [];
  for (const artefact of capture.artefacts) {
    if (READ_ELSEWHERE.has(artefact.kind)) continue;
    const fitting = readers.filter(({ kinds }) => kinds.includes(artefact.kind));
    if (fitting.length === 0) {
      unread.push({ artefact: artefact.name, because: `${NO_READER} ${artefact.kind}` });
      continue;
    }
    for (const reader of fitting) {
      const reading = await readOne(artefact, reader);
      for (const read of reading.facts) {
        const fact = reading.unread.length === 0 ? withEnd(read, capture) : read;
        list.push(capture.trust === 'bearer' ? { ...fact, standing: weaker(fact.standing, 'told') } : fact);
      }
      for (const because of reading.unread) unread.push({ artefact: artefact.name, because });
    }
  }
  return { list, unread };
}

/** A list of files is whole where the capture says that its command came to its end. */
function withEnd(fact: Fact, { items }: Capture): Fact {
  if (fact.kind !== 'files' || !items.some(({ artefact, outcome }) => artefact === fact.place.artefact && outcome === 'done')) return fact;
  // `kind` decides the type of `value`.
  const { value } = fact as Fact<'files'>;
  return { ...fact, value: { ...value, isWhole: value.roots.length > 0 } };
}

async function readOne(
  artefact: Artefact,
  reader: ArtefactReader,
): Promise<{ readonly facts: readonly Fact[]; readonly unread: readonly string[] }> {
  try {
    const bytes = await readAll(artefact.source, LONG.has(artefact.kind) ? LONG_ARTEFACT_MAX : ARTEFACT_MAX, artefact.kind);
    if (bytes.length === 0) return { facts: [], unread: EMPTY_LISTS.has(artefact.kind) ? [] : ['it is empty'] };
    return reader.read({ name: artefact.name, kind: artefact.kind, origin: artefact.origin, bytes });
  } catch (error) {
    // Whatever stopped the reader, the other artefacts are read: a FormatError says where, anything else is a fault of ours and says so.
    const because =
      error instanceof FormatError
        ? error.message
        : `reading stopped with an error: ${error instanceof Error ? error.message : String(error)}`;
    return { facts: [], unread: [because] };
  }
}
