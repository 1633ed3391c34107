/** Case zero: the phone of 2015 three times, each judged live. What `npm start` shows where no phone is plugged in. */
import { inspectVirtual, makeWorld } from '../forge/node/index.ts';
import { mi4Counterfeit, mi4Genuine, mi4Retailer } from '../forge/profiles/index.ts';
import type { Inspected, InspectOptions } from './inspect.ts';
import { packageVersion } from './paths.ts';

/** What is known before the cable is plugged in: what a buyer, a lab and a maker have in hand. */
export const CASE_ZERO_STORY = `No phone is plugged in, so here is case zero.

In March 2015 a lab bought a Mi 4 over a counter in China. The maker's own app on the phone said "genuine"; the lab found it rooted and full of
malware and published that about the maker; four days later both agreed that it was a counterfeit. Everybody had claims. Below are three phones
that could have lain on that counter, each sold as a Mi 4, each read over ADB just now as any phone would be (they are virtual phones, made from
the facts of the case and from how phones of that year answer).
`;

export interface CaseZeroPhone {
  readonly title: string;
  /** What each of the three would have needed, and finds in the report. */
  readonly lesson: string;
  readonly outcome: Inspected;
}

const PHONES = [
  {
    title: '1. The genuine phone',
    make: mi4Genuine,
    lesson:
      'The maker and the buyer: nothing speaks against it, and yet nothing of its own word clears it. A phone of 2014 has no secure world that could vouch for it; the report says what would.',
  },
  {
    title: '2. The genuine phone, re-flashed by a retailer',
    make: mi4Retailer,
    lesson:
      'The maker: the hardware is not in question, the software is not yours. This is what the lab could have known before it published.',
  },
  {
    title: '3. The counterfeit',
    make: mi4Counterfeit,
    lesson:
      'The lab: the silicon is another, whatever the checker app on the phone said. The installer swapped that app; a canary sent under its name came back as another.',
  },
] as const;

/** Judges the three phones. Canaries are sent: these phones are ours, so the yes is given. */
export async function caseZero(options: InspectOptions, onPhone: (phone: CaseZeroPhone) => void): Promise<readonly CaseZeroPhone[]> {
  const world = makeWorld();
  const judged: CaseZeroPhone[] = [];
  for (const { title, make, lesson } of PHONES) {
    const phone = make();
    const report = await inspectVirtual(phone, {
      policy: options.policy,
      claims: { model: 'MI 4', ...options.claims },
      depth: 'full',
      version: packageVersion(),
      source: phone.name,
      latencyMs: 0,
      canaries: true,
      world,
    });
    const one: CaseZeroPhone = { title, lesson, outcome: { source: phone.name, report } };
    judged.push(one);
    onPhone(one);
  }
  return judged;
}
