import { setTimeout as sleep } from 'node:timers/promises';

/** What a cable carries. Several phones that share one hub share one Link. */
export interface Link {
  /** Waits until so many bytes have passed. */
  carry(bytes: number): Promise<void> | undefined;
}

/** Shorter waits are saved up: timers are coarse. */
const LEAST_WAIT_MS = 4;

/** A link of so many bytes a second, both directions together; 0 for no limit. */
export function openLink(bytesPerSecond: number): Link {
  let free = 0;
  return {
    carry(bytes) {
      if (bytesPerSecond <= 0) return undefined;
      const now = performance.now();
      free = Math.max(free, now) + (bytes / bytesPerSecond) * 1000;
      return free - now > LEAST_WAIT_MS ? sleep(free - now) : undefined;
    },
  };
}
