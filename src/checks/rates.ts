/** How often each check fired on genuine phones: measured by `npm run measure-rules`, kept in measured-rates.json, quoted in every finding. */
import measured from './measured-rates.json' with { type: 'json' };

/** Of `n` genuine phones on which the check could run, `fails` tripped it. */
export interface Rate {
  readonly fails: number;
  readonly n: number;
  /** Upper end of the 95 % interval (Clopper-Pearson; one-sided where nothing failed), from 0 to 1. 1 where n is 0. */
  readonly upper: number;
}

const rates: Readonly<Record<string, Rate>> = measured.rates;

/** The measured rate of a check's findings; nothing measured is 0 of 0 with an upper bound of 1, never 0. */
export function rateOf(check: string): Rate {
  return rates[check] ?? { fails: 0, n: 0, upper: 1 };
}
