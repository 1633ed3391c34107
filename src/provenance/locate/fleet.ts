/**
 * What complaints prefer. A phone that came by a complaint was drawn from the altered ones, so its likelihood is divided by the share of the whole fleet that
 * would be altered: else whoever handles most phones looks guilty by size alone. Needs the paths of phones that nobody inspected: volumes.
 */
import type { Problem } from './compile.ts';
import type { Assumptions, Way } from './model.ts';

/** Volumes: the share of the fleet's handlings that each suspect, and each two of them, have. */
export interface Fleet {
  readonly volume: Float64Array;
  /** Rows are made when they are asked for. */
  readonly together: (suspect: number) => Float64Array;
  readonly phones: number;
}

export function fleetOf({ routes, suspects }: Pick<Problem, 'routes' | 'suspects'>): Fleet {
  const grouped = new Map<readonly Way[], number>();
  for (const ways of routes) grouped.set(ways, (grouped.get(ways) ?? 0) + 1);
  const volume = new Float64Array(suspects.length);
  const passing: { readonly way: Way; readonly share: number }[][] = suspects.map(() => []);
  const phones = Math.max(routes.length, 1);
  for (const [ways, count] of grouped) {
    for (const way of ways) {
      const share = (count * way.weight) / phones;
      for (const suspect of new Set(way.suspects)) {
        volume[suspect] = (volume[suspect] ?? 0) + share;
        passing[suspect]?.push({ way, share });
      }
    }
  }
  const rows = new Map<number, Float64Array>();
  return {
    volume,
    phones,
    together(suspect) {
      let row = rows.get(suspect);
      if (row === undefined) {
        row = new Float64Array(suspects.length);
        for (const { way, share } of passing[suspect] ?? [])
          for (const other of new Set(way.suspects)) row[other] = (row[other] ?? 0) + share;
        rows.set(suspect, row);
      }
      return row;
    },
  };
}

/**
 * The rate at which the fleet would make complaints with this outcome: of altered phones, and of few others. `unaltered` is the share without any hand's work.
 * It is taken by outcome, because a search begins with the complaint that was confirmed: such a phone tells where, and not how many there are.
 */
export function complaintRate(unaltered: number, given: Float64Array, { leak, falseComplaint }: Assumptions): number {
  const altered = 1 - (1 - leak) * unaltered;
  return altered * (given[0] ?? 0) + falseComplaint * (1 - altered) * (given[given.length - 1] ?? 0);
}
