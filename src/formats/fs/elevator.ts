/**
 * The order in which places of an image are visited: upwards from where one is, and when nothing lies ahead, from the lowest again. What is decoded to be read
 * (a payload's operations) is then decoded once in most images, although a tree is only known while it is read.
 */

/** What lies this little behind is still at hand, and is visited before what lies ahead. */
const BEHIND = 8 << 20;

export interface Elevator<T> {
  /** Something to visit at a place. */
  push(at: number, item: T): void;
  /** The next; undefined: nothing is left. */
  pop(): T | undefined;
  /** Where one is. */
  readonly at: number;
}

interface Stop<T> {
  readonly at: number;
  /** Of two at one place the last that came is the first: where no place is known a tree is walked in depth, and what waits are the names of a few directories. */
  readonly order: number;
  readonly item: T;
}

/** One that is at the lowest place. */
export function elevator<T>(): Elevator<T> {
  let ahead: Stop<T>[] = [];
  let behind: Stop<T>[] = [];
  let pushed = 0;
  let here = 0;
  return {
    get at() {
      return here;
    },
    push(at, item) {
      add(at >= here - BEHIND ? ahead : behind, { at, order: pushed++, item });
    },
    pop() {
      if (ahead.length === 0) {
        [ahead, behind] = [behind, ahead];
        here = 0;
      }
      const stop = take(ahead);
      if (stop === undefined) return undefined;
      here = Math.max(here, stop.at);
      return stop.item;
    },
  };
}

const isBefore = <T>(a: Stop<T>, b: Stop<T>) => a.at < b.at || (a.at === b.at && a.order > b.order);

/** Into a binary heap. */
function add<T>(heap: Stop<T>[], stop: Stop<T>): void {
  let child = heap.length;
  while (child > 0) {
    const parent = (child - 1) >> 1;
    const above = heap[parent];
    if (above === undefined || !isBefore(stop, above)) break;
    heap[child] = above;
    child = parent;
  }
  heap[child] = stop;
}

/** The first of a binary heap. */
function take<T>(heap: Stop<T>[]): Stop<T> | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (first === undefined || last === undefined || heap.length === 0) return first;
  let parent = 0;
  for (;;) {
    let child = 2 * parent + 1;
    const [left, right] = [heap[child], heap[child + 1]];
    if (left === undefined) break;
    if (right !== undefined && isBefore(right, left)) child++;
    const below = heap[child];
    if (below === undefined || !isBefore(below, last)) break;
    heap[parent] = below;
    parent = child;
  }
  heap[parent] = last;
  return first;
}
