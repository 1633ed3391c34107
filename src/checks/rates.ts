/** How often each check fired on genuine phones: measured by `npm run measure-rules`, kept in measured-rates.json, quoted in every finding. */
import measured from './measured-rates.json' with { type: 'json' };

/** Of `n` genuine phones on which the check could run, `fails` tripped it. */
export interface Rate {
  readonly fails: number;
  readonly n: number;
  /** Upper end of the 95 % interval (Clopper-Pearson; one-sided where nothing failed), from 0 to 1. 1 where n is 0. */
  readonly upper: number;
}

const UNMEASURED: Rate = { fails: 0, n: 0, upper: 1 };
const rates: Readonly<Record<string, Rate>> = measured.rates;
const groups: Readonly<Record<string, Rate>> = measured.groups;

/** The measured rate of a check's findings; nothing measured is 0 of 0 with an upper bound of 1, never 0. */
export function rateOf(check: string): Rate {
  return rates[check] ?? UNMEASURED;
}

/**
 * The measured rate of a group: phones on which any check of the group that may be strong ran, and those on which any of them found something strong.
 * The group is what a verdict counts once, so it is the rule whose rate bounds a verdict; its checks are ways to see one edit.
 */
export function groupRateOf(group: string): Rate {
  return groups[group] ?? UNMEASURED;
}
