import { factsOf } from '../../evidence/index.ts';
import { COUNTER_HERTZ, vendorCountsAt } from '../../knowledge/index.ts';
import { type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';
import { vendorName } from './argue.ts';
import { counterOf } from './cpu-surfaces.ts';
import { inferSoc } from './infer.ts';

export const timerAgainstVendor = defineCheck({
  id: 'silicon.timer',
  axis: 'software',
  title: 'The system counter against the chip’s maker',
  what: 'BogoMIPS of a 64-bit kernel (twice the counter) and the timer line of the kernel log, against the counters of the maker that properties and names of the chip claim.',
  why: 'The counter runs from the board’s crystal. “Says Snapdragon; its counter runs at 13 MHz, as MediaTek’s do.”',
  benign: ['A chip of the same maker with another crystal, which we have not seen.', 'Kernels round: 19.0 for 19.2 MHz is known.'],
  confirm: 'Measure the counter by challenge against the host’s clock: two seconds suffice.',
  // Few recorded phones state it; and 26 MHz is Exynos and Unisoc alike. The measured challenge is the one that convicts.
  strength: 'weak',
  standing: 'told',
  needs: [],
  settledBy: '/proc/cpuinfo of a 64-bit kernel, or a kernel log',
  group: 'timer',
  causes: ['property-edit', 'other-silicon'],
  catches: 'framework',
  spec: ['Linux arch/arm64/kernel/setup.c (BogoMIPS)'],
  run({ facts, knowledge }) {
    const inference = inferSoc(facts, knowledge, [
      'properties',
      'property-keys',
      'soc-sysfs',
      'gpu',
      'kernel-names',
      'partition-names',
      'driver-names',
    ]);
    const vendor = inference === undefined || inference.vendorProbability < 0.9 ? undefined : inference.vendor;
    if (vendor === undefined) return notChecked('nothing names the chip’s maker', 'getprop');
    const timers = [
      ...factsOf(facts, 'cpuinfo').flatMap((fact) => {
        const hertz = counterOf(fact);
        return hertz === undefined
          ? []
          : [{ hertz, place: fact.place, standing: fact.standing, says: `BogoMIPS ${(hertz / 500_000).toFixed(2)}` }];
      }),
      ...factsOf(facts, 'boot-log').flatMap((fact) =>
        fact.value.timerHertz
          .slice(0, 1)
          .map(({ value, place }) => ({ hertz: value, place, standing: fact.standing, says: 'the kernel log' })),
      ),
    ];
    const judged = timers
      .map((timer) => ({ ...timer, fits: vendorCountsAt(vendor, timer.hertz) }))
      .filter(({ fits }) => fits !== undefined);
    if (judged.length === 0)
      return notChecked('no surface states the counter, or we know none of this maker', '/proc/cpuinfo of a 64-bit kernel');
    return failOrPass(
      judged
        .filter(({ fits }) => fits === false)
        .map(({ hertz, place, standing, says }): Draft => {
          const owners = [...COUNTER_HERTZ.keys()].filter((other) => vendorCountsAt(other, hertz) === true).map(vendorName);
          return {
            claimed: `a chip of ${vendorName(vendor)}`,
            observed: `a counter of ${(hertz / 1e6).toFixed(3)} MHz (${says})`,
            because: `Counters of ${vendorName(vendor)} run at ${(COUNTER_HERTZ.get(vendor) ?? []).map((known) => known / 1e6).join(' or ')} MHz${owners.length > 0 ? `; this one is as in chips of ${owners.join(', ')}` : ''}.`,
            standing,
            evidence: [place],
            nature: 'modified',
          };
        }),
      'shown',
    );
  },
});
