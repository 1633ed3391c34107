/**
 * The toolmark that phones share, as a signature for locating. A report says which digests its findings leave for other phones to be compared with; whether one of them is
 * rare is judged here over all phones, by what a mark of one hand cannot do:
 *
 *   1. be on a phone that was not found altered: then it is the maker's, or comes with something that many have;
 *   2. be on phones that no custodian besides the makers had in common: then it is a tool that several have, or the maker's own.
 *
 * One mark is used, the one that most phones share, and only as a likeness: that two phones have different marks says nothing, because a hand needs another build for
 * another model and may change its tools. So a mark can bring phones together, and never sets them apart.
 */
import { type Toolmark, toolmarkName } from '../../evidence/index.ts';
import type { Inspection } from './input.ts';

/** A phone as far as marks are concerned. */
export interface MarkedPhone {
  /** Custodians on its way that are no makers; undefined where its way is not known whole, so that any may have had it. */
  readonly custodians: readonly string[] | undefined;
  readonly inspections: readonly { readonly outcome: Inspection['outcome']; readonly toolmarks: readonly Toolmark[] }[];
}

export interface SharedMark {
  readonly mark: Toolmark;
  /** Phones that carry it, as indexes. */
  readonly phones: readonly number[];
}

export interface SharedMarks {
  /** What counts; undefined where no two phones share a mark that can be one hand's. */
  readonly used: SharedMark | undefined;
  /** Marks that two or more phones carry and that do not count, with the reason. */
  readonly leftOut: readonly (SharedMark & { readonly because: string })[];
}

/** The mark that counts, of all that phones carry. Pure: it depends on no order. */
export function sharedMarkOf(phones: readonly MarkedPhone[]): SharedMarks {
  const carried = new Map<string, { readonly mark: Toolmark; readonly phones: Set<number>; isInnocent: boolean }>();
  for (const [index, { inspections }] of phones.entries())
    for (const { outcome, toolmarks } of inspections)
      for (const mark of toolmarks) {
        const known = carried.get(toolmarkName(mark)) ?? { mark, phones: new Set<number>(), isInnocent: false };
        known.phones.add(index);
        known.isInnocent ||= outcome !== 'altered';
        carried.set(toolmarkName(mark), known);
      }
  const shared = [...carried.values()]
    .filter((one) => one.phones.size > 1)
    .map(({ mark, phones: carriers, isInnocent }) => ({ mark, phones: [...carriers].toSorted((a, b) => a - b), isInnocent }))
    .toSorted((a, b) => b.phones.length - a.phones.length || (toolmarkName(a.mark) < toolmarkName(b.mark) ? -1 : 1));
  const leftOut: (SharedMark & { readonly because: string })[] = [];
  let used: SharedMark | undefined;
  for (const { isInnocent, ...one } of shared) {
    const because = isInnocent
      ? 'a phone that was not found altered carries it too'
      : !haveOneHand(one.phones.map((index) => phones[index]?.custodians))
        ? 'no custodian besides makers had all phones that carry it'
        : used === undefined
          ? undefined
          : 'another mark is on more phones, or on as many, and one counts';
    if (because !== undefined) leftOut.push({ ...one, because });
    else used = one;
  }
  return { used, leftOut };
}

/** Whether one custodian is on every way; ways that are not known whole pass whom they must. */
function haveOneHand(ways: readonly (readonly string[] | undefined)[]): boolean {
  const known = ways.filter((way) => way !== undefined);
  const [first = [], ...others] = known;
  return known.length === 0 || first.some((custodian) => others.every((way) => way.includes(custodian)));
}
