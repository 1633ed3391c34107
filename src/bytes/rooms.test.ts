import { expect, test } from 'vitest';
import { openRooms, roomSize } from './rooms.ts';

test('a room that was given back is handed out again where it fits, and not for much less', () => {
  const rooms = openRooms(4 << 20);
  const large = rooms.take(2 << 20);
  const small = rooms.take(1000);
  expect([large.length, small.length]).toEqual([2 << 20, roomSize(1)]);
  rooms.give(large);
  rooms.give(small);
  expect(rooms.take(10)).toBe(small);
  expect(rooms.take(10)).not.toBe(large);
  expect(rooms.take((2 << 20) - 5)).toBe(large);
  expect(rooms.take(2 << 20)).not.toBe(large);
});

test('more than is kept is dropped, the oldest first', () => {
  const rooms = openRooms(3 << 20);
  const [first, second, third] = [rooms.take(2 << 20), rooms.take(1 << 20), rooms.take(2 << 20)];
  for (const room of [first, second, third]) rooms.give(room);
  expect(rooms.take(2 << 20)).toBe(third);
  expect(rooms.take(2 << 20)).not.toBe(first);
  expect(rooms.take(1 << 20)).toBe(second);
});

test('sizes are few', () => {
  expect(new Set(Array.from({ length: 2000 }, (_, index) => roomSize(index * 4096))).size).toBeLessThan(12);
  for (const length of [0, 1, (1 << 20) + 1, 12_345_678]) expect(roomSize(length)).toBeGreaterThanOrEqual(length);
});
