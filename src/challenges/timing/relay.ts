/**
 * Whether the answers come from this phone or from a faster machine behind it. A relay answers small questions itself and sends large ones away, so its times are a line that does not begin
 * at the floor of its pings: each pair of sizes n and 2n gives that beginning as 2 t(n) - t(2n). Long rounds favour a relay, so the sizes reach down to a tenth of a millisecond.
 * A relay that delays its pings alike is not seen without a ceiling for this link: the answer is then "not excluded", never a pass (hardware-challenges, section 6).
 */
import { least, type SizeSamples } from './estimate.ts';

export type RelayAnswer =
  | { readonly outcome: 'relay'; readonly atNs: number; readonly floorNs: number; readonly excessNs: number }
  | { readonly outcome: 'not excluded'; readonly floorNs: number }
  | { readonly outcome: 'too noisy' | 'too few' };

/** What processes and their scheduling add to a round trip at most, where it is not a relay: measured on genuine runs over pipes (bench/challenges.ts). */
const MARGIN_NS = 130_000;
/** The part of a time that clocks and neighbours may vary by between minima. */
const MARGIN_PART = 0.035;
const SAMPLES_MIN = 10;

/** `pings`: times of questions without work; `work`: times by size, of which each but the first is twice the one before. */
export function judgeRelay(pings: readonly number[], work: readonly SizeSamples[]): RelayAnswer {
  if (pings.length < SAMPLES_MIN || work.length < 2 || work.some(({ timesNs }) => timesNs.length < SAMPLES_MIN))
    return { outcome: 'too few' };
  const floorNs = least(pings);
  // The third smallest ping near the smallest shows that the floor is one, and not luck.
  const spread = (pings.toSorted((a, b) => a - b)[2] ?? floorNs) - floorNs;
  if (spread > Math.max(2 * MARGIN_NS, floorNs)) return { outcome: 'too noisy' };
  for (const [index, { timesNs }] of work.entries()) {
    const twice = work[index + 1];
    if (twice === undefined) break;
    const beginning = 2 * least(timesNs) - least(twice.timesNs);
    const excessNs = beginning - floorNs;
    if (excessNs > MARGIN_NS + spread + MARGIN_PART * least(twice.timesNs))
      return { outcome: 'relay', atNs: least(timesNs), floorNs, excessNs };
  }
  return { outcome: 'not excluded', floorNs };
}
