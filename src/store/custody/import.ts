/**
 * Import of what distributors have: EPCIS documents and dispatch lists. A document is one capture, kept whole or not at all; a list is many, of CHUNK rows each,
 * and each is said once it is durable. Read again after a crash, what was kept is a duplicate and counts as such: nothing is kept twice.
 */
import type { Instant } from '../../bytes/index.ts';
import { nodeHash } from '../../platform/node/index.ts';
import {
  type Admitted,
  type DispatchList,
  describedIn,
  documentProblems,
  judgeDocument,
  judgeEvent,
  type ListOptions,
  masterDataOf,
  type Refusal,
  type Rules,
  readDispatchList,
  readDocument,
} from '../../provenance/index.ts';
import type { Store } from '../store.ts';
import { type Behaviour, keepEvents } from './events.ts';
import { type KeptMasterData, keepMasterData, placesOf } from './master-data.ts';

/** Rows of one commit. */
const CHUNK = 10_000;
/** Refusals that are listed; the others are counted. */
const LISTED = 1000;

export interface ImportOptions {
  readonly now: Instant;
  /** Whose events they are; null for the operator's own word. */
  readonly sender: string | null;
  readonly behaviour: Behaviour;
  readonly hashIds: Rules['hashIds'];
  /** Told of each commit: how many events are durable so far. */
  readonly onKept?: (kept: number) => void;
}

export interface Imported {
  readonly kept: number;
  readonly refusedCount: number;
  readonly refused: readonly Refusal[];
  /** What the document says of places and parties; absent where nothing, or where it was refused. */
  readonly masterData?: KeptMasterData;
}

const rulesOf = async (store: Store, { now, sender, hashIds }: ImportOptions): Promise<Rules> => ({
  hash: nodeHash,
  now,
  hashIds,
  sender: sender === null ? { kind: 'operator' } : { kind: 'party', uri: sender },
  places: await placesOf(store),
});

/** Imports an EPCIS document, JSON or XML. @throws FormatError where it is none */
export async function importDocument(store: Store, bytes: Uint8Array, options: ImportOptions): Promise<Imported> {
  const document = readDocument(bytes);
  const problems = documentProblems(document.json);
  if (problems.length > 0)
    return result(
      0,
      problems.map(({ at, problem }): Refusal => ({ name: 'invalid', at, because: problem })),
    );
  const { admitted, refused } = judgeDocument(document, await rulesOf(store, options));
  if (options.behaviour === 'rollback' && refused.length > 0) return result(0, refused);
  const { kept, refused: more } = await keepEvents(store, admitted, {
    capturedAt: options.now,
    sender: options.sender,
    behaviour: options.behaviour,
  });
  if (kept > 0) options.onKept?.(kept);
  const done = result(kept, [...refused, ...more]);
  // Refused as a whole: then nothing of it is kept.
  if (options.behaviour === 'rollback' && more.length > 0) return done;
  const described = describedIn(masterDataOf(document.json));
  return described.length === 0 ? done : { ...done, masterData: await keepMasterData(store, described, options) };
}

/** Imports a dispatch list, row by row. @throws RangeError where it has no columns that say who and when */
export async function importList(
  store: Store,
  bytes: Uint8Array,
  list: ListOptions,
  options: ImportOptions,
): Promise<Imported & { readonly list: DispatchList }> {
  const rules = await rulesOf(store, options);
  const rows = readDispatchList(bytes, list);
  const refused: Refusal[] = [];
  let refusedCount = 0;
  const refuse = (more: readonly Refusal[]) => {
    refusedCount += more.length;
    refused.push(...more.slice(0, LISTED - refused.length));
  };
  let kept = 0;
  let waiting: Admitted[] = [];
  // Of the rows that wait; earlier ones are in the store.
  const seen = new Set<string>();
  const flush = async () => {
    const once = waiting;
    waiting = [];
    seen.clear();
    if (once.length === 0) return;
    const done = await keepEvents(store, once, { capturedAt: options.now, sender: options.sender, behaviour: 'proceed' });
    kept += done.kept;
    refuse(done.refused);
    options.onKept?.(kept);
  };
  for (;;) {
    const next = rows.next();
    if (next.done === true) {
      await flush();
      return { kept, refusedCount, refused, list: next.value };
    }
    const judged = judgeEvent(next.value.body, `line ${next.value.line}`, rules);
    if ('name' in judged) refuse([judged]);
    else if (seen.has(judged.event.id)) refuse([{ name: 'duplicate', at: judged.at, because: 'the list says it twice' }]);
    else {
      seen.add(judged.event.id);
      waiting.push(judged);
    }
    if (waiting.length >= CHUNK) await flush();
  }
}

const result = (kept: number, refused: readonly Refusal[]): Imported => ({
  kept,
  refusedCount: refused.length,
  refused: refused.slice(0, LISTED),
});
