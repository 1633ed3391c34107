import { factsOf } from '../../evidence/index.ts';
import { type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';
import { claimedModel } from './claimed-model.ts';

/** The part of charge from which the gauge says enough: its level is in whole hundredths. */
const CHARGED = 0.3;
/** Batteries of phones, in mAh: gauges that count in another unit lie beyond. */
const [LEAST, MOST] = [500, 20_000];
/** A worn battery keeps more than this of what was sold; no battery holds more than this. */
const [WORN, OVER] = [0.45, 1.3];

const SETTLED = 'dumpsys battery with a charge counter, and the capacity on box or offer (--claim battery=… mAh) or in a table of models';

export const batteryCapacity = defineCheck({
  id: 'silicon.battery',
  axis: 'hardware',
  title: 'What the battery holds',
  what: 'The charge that the fuel gauge counted over the part that is charged, against the capacity that was claimed by hand or that a table of models states.',
  why: 'Cheap copies print the original’s capacity and hold a third of it. The gauge is programmed by whoever built the battery in, and is seldom taught the lie.',
  benign: [
    'A worn or replaced battery.',
    'Gauges that count in another unit or not at all: what makes no sense is not examined.',
    'A gauge that was reset counts wrongly until it was full once.',
  ],
  confirm: 'Charge it through a meter, and read the label on the battery.',
  // No population measures it yet.
  strength: 'weak',
  standing: 'told',
  needs: ['battery'],
  settledBy: SETTLED,
  group: 'battery',
  causes: ['other-silicon', 'repair', 'sku'],
  catches: undefined,
  spec: ['AOSP services/core/java/com/android/server/BatteryService.java'],
  run(context) {
    const model = claimedModel(context);
    const byHand = context.claims.batteryMilliampHours;
    const sold = byHand === undefined ? (model?.skus.flatMap(({ batteryMilliampHours }) => batteryMilliampHours ?? []) ?? []) : [byHand];
    if (sold.length === 0) return notChecked('neither a claim nor a table of models says what the battery holds', SETTLED);
    const findings: Draft[] = [];
    let compared = false;
    for (const fact of factsOf(context.facts, 'battery')) {
      const { charged, chargeMicroampHours } = fact.value;
      if (chargeMicroampHours === undefined || charged < CHARGED) continue;
      const holds = chargeMicroampHours / 1000 / charged;
      if (holds < LEAST || holds > MOST) continue;
      compared = true;
      if (sold.some((size) => holds >= WORN * size && holds <= OVER * size)) continue;
      findings.push({
        claimed: `${[...new Set(sold)].join(' or ')} mAh${byHand === undefined ? ` (${model?.name ?? ''})` : ''}`,
        observed: `${Math.round(chargeMicroampHours / 1000)} mAh at ${Math.round(charged * 100)} % of charge: it holds some ${Math.round(holds)} mAh`,
        because:
          holds < WORN * Math.min(...sold)
            ? 'Wear alone does not take so much while a phone still runs.'
            : 'It holds more than any battery that the model was sold with.',
        standing: fact.standing,
        evidence: [fact.place],
      });
    }
    return compared
      ? failOrPass(findings, 'told')
      : notChecked('the gauge counts no charge, too little is charged, or its unit is another', SETTLED);
  },
});
