/** Boxes in themselves: an aggregation is refused where what goes in already holds, through however many boxes, what it goes into. */
import { type Admitted, byTime, type CustodyEvent, type Refusal } from '../../provenance/index.ts';
import type { Store } from '../store.ts';
import { lookupIn } from './find.ts';

/** As deep as a path is followed: deeper nesting is refused like a circle. */
const DEPTH_MAX = 8;

const isPacking = ({ type, action, parent }: CustodyEvent) => type === 'AggregationEvent' && action === 'ADD' && parent !== undefined;
/** Only logistic units and the like hold anything: a phone is never above another. */
const mayHold = (uri: string) => uri.startsWith('https://id.gs1.org/00/') || !uri.startsWith('https://id.gs1.org/01/');

/** Refusals of those aggregations that would close a circle, with each other or with what was captured before. */
export async function cyclesIn(store: Pick<Store, 'db' | 'key' | 'blobs'>, admitted: readonly Admitted[]): Promise<readonly Refusal[]> {
  const packing = admitted.filter(({ event }) => isPacking(event) && event.things.some(mayHold));
  if (packing.length === 0) return [];
  const own = admitted.map(({ event }) => event).filter(({ type }) => type === 'AggregationEvent');
  const lookup = lookupIn(store);
  const refused: Refusal[] = [];
  const known = new Map<string, readonly CustodyEvent[]>();
  const about = async (uri: string): Promise<readonly CustodyEvent[]> => {
    const found =
      known.get(uri) ??
      (await lookup([uri])).filter(({ type, declaredWrong }) => type === 'AggregationEvent' && declaredWrong === undefined);
    known.set(uri, found);
    return [...found, ...own.filter(({ parent, things }) => parent === uri || things.includes(uri))].toSorted(byTime);
  };
  for (const { at, event } of packing) {
    const parent = event.parent ?? '';
    let above: ReadonlySet<string> = new Set([parent]);
    for (let depth = 0; above.size > 0; depth++) {
      if (event.things.some((thing) => above.has(thing)) || depth > DEPTH_MAX) {
        refused.push({ name: 'cyclic-aggregation', at, because: `${parent} would be in itself, or in more than ${DEPTH_MAX} boxes` });
        break;
      }
      const next = new Set<string>();
      // Unpacking all of a box names the box alone.
      for (const uri of above)
        for (const outer of holdersOf(await about(uri), uri, event.atMs))
          if (!isEmptied(await about(outer), { uri, outer, atMs: event.atMs })) next.add(outer);
      above = next;
    }
  }
  return refused;
}

/** Whether a box was emptied as a whole between the last packing of a thing into it and a moment. */
function isEmptied(
  events: readonly CustodyEvent[],
  { uri, outer, atMs }: { readonly uri: string; readonly outer: string; readonly atMs: number },
): boolean {
  const about = events.filter((event) => event.parent === outer && event.atMs <= atMs && event.type === 'AggregationEvent');
  const packed = about.findLastIndex(({ action, things }) => action === 'ADD' && things.includes(uri));
  return about.findLastIndex(({ action, things }) => action === 'DELETE' && things.length === 0) > packed;
}

/** What a thing was in at a moment. */
function holdersOf(events: readonly CustodyEvent[], uri: string, atMs: number): readonly string[] {
  const inside = new Set<string>();
  for (const { parent, things, action, atMs: then } of events) {
    if (then > atMs || parent === undefined || parent === uri) continue;
    if (action === 'ADD' && things.includes(uri)) inside.add(parent);
    if (action === 'DELETE' && (things.length === 0 || things.includes(uri))) inside.delete(parent);
  }
  return [...inside];
}
