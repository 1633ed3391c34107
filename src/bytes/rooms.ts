/**
 * Memory that is used again. Large pieces that are dropped wait for the garbage collector, which counts them late: a pass over gigabytes then holds hundreds of
 * megabytes that nobody needs. What is given back here is handed out before new memory is asked for.
 */

const LEAST = 1 << 18;
const STEP = 1 << 20;
/** Larger by so much than what is asked for, a room is left for another. */
const SPARE = 2;

export interface Rooms {
  /** At least `length` bytes, with whatever was written to them before. */
  take(length: number): Uint8Array;
  /** Gives a room back: whoever took it must not look at it any more. What is not kept is the collector's, since somebody's thread may still be reading it. */
  give(room: Uint8Array): void;
}

/** Starts without any; of what is given back it keeps `most` bytes. */
export function openRooms(most: number): Rooms {
  const idle: Uint8Array[] = [];
  let idleBytes = 0;
  const without = (index: number): Uint8Array | undefined => {
    const [room] = idle.splice(index, 1);
    idleBytes -= room?.length ?? 0;
    return room;
  };
  return {
    take(length) {
      const size = roomSize(length);
      let best = -1;
      for (const [index, room] of idle.entries())
        if (room.length >= size && room.length <= SPARE * size && room.length < (idle[best]?.length ?? Number.POSITIVE_INFINITY))
          best = index;
      return (best < 0 ? undefined : without(best)) ?? new Uint8Array(size);
    },
    give(room) {
      idle.push(room);
      idleBytes += room.length;
      // The oldest is of a size that is asked for no more.
      while (idleBytes > most && idle.length > 0) without(0);
    },
  };
}

/** Few sizes, so that rooms fit again: powers of two up to a MiB, and whole MiB above. */
export function roomSize(length: number): number {
  return length > STEP ? Math.ceil(length / STEP) * STEP : Math.max(LEAST, 2 ** Math.ceil(Math.log2(Math.max(1, length))));
}
