import { describe, expect, test } from 'vitest';
import { elevator } from './elevator.ts';

const MIB = 1 << 20;
/** Everything, in the order in which it is visited. */
function visited(places: readonly number[], more: (item: number) => readonly number[] = () => []): number[] {
  const queue = elevator<number>();
  for (const place of places) queue.push(place, place);
  const order: number[] = [];
  for (let item = queue.pop(); item !== undefined; item = queue.pop()) {
    order.push(item);
    for (const place of more(item)) queue.push(place, place);
  }
  return order;
}

describe('the order of visits', () => {
  test('upwards, whatever the order in which places became known', () => {
    const places = Array.from({ length: 500 }, (_, i) => ((i * 7919) % 500) * MIB);
    expect(visited(places)).toEqual(places.toSorted((a, b) => a - b));
  });

  test('what becomes known behind waits for the next round; a little behind is still at hand', () => {
    const found = new Map([
      [50 * MIB, [10 * MIB, 45 * MIB, 60 * MIB]],
      [10 * MIB, [5 * MIB]],
    ]);
    expect(visited([50 * MIB, 70 * MIB], (item) => found.get(item) ?? [])).toEqual([50, 45, 60, 70, 10, 5].map((mib) => mib * MIB));
  });

  test('of two at one place the last is first; nothing is left at the end', () => {
    const queue = elevator<string>();
    for (const name of ['a', 'b', 'c']) queue.push(4096, name);
    expect([queue.pop(), queue.pop(), queue.pop(), queue.pop()]).toEqual(['c', 'b', 'a', undefined]);
    expect(queue.at).toBe(0);
  });
});
