/** Exit statuses (design, Contracts): of inspect 0 accept, 10 hold, 20 reject; of verify 0 verified, 20 not; everywhere 1 could not be done, 2 wrong usage. */
export const EXIT = { done: 0, couldNot: 1, usage: 2, hold: 10, reject: 20 } as const;

/** A command line that makes no sense: exit 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
