import { factsOf } from '../../evidence/index.ts';
import { type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';
import { CLAIM_PLACE } from '../identity/imei.ts';
import { claimedModel } from './claimed-model.ts';

/** How far a ruler on glass with round corners may be off, in parts: of the diagonal, and of the ratio of the sides. */
const [DIAGONAL, RATIO] = [0.05, 0.06];
const INCH = 25.4;

const SETTLED =
  'the lit part of the screen, measured with a ruler (--claim ruler=64.5x143 in mm), and its diagonal on box or offer (--claim screen=6.2 in inches)';

export const screenSize = defineCheck({
  id: 'silicon.screen-size',
  axis: 'hardware',
  title: 'The screen under a ruler',
  what: 'The sides of the lit screen as the operator measured them, against the diagonal claimed by hand or stated by a table of models, and against the ratio of the pixels that the phone says its panel has.',
  why: 'Pixels, density and size are strings to software; millimetres are not. Another panel under the same words has another diagonal, or another shape.',
  benign: [
    'Measured with the frame, without the strip at the camera, or on the glass over rounded edges: half a centimetre.',
    'A folding phone that was measured folded.',
  ],
  confirm: 'Measure again, corner to corner, with the screen lit white.',
  // What people measure has no measured rate.
  strength: 'weak',
  standing: 'told',
  needs: [],
  settledBy: SETTLED,
  // A panel of other pixels is seen by `silicon.display`: one event.
  group: 'display',
  causes: ['other-silicon', 'repair', 'sku'],
  catches: undefined,
  spec: [],
  run(context) {
    const sides = /^(\d{2,3}(?:\.\d)?)x(\d{2,3}(?:\.\d)?)$/
      .exec(context.claims.ruler ?? '')
      ?.slice(1)
      .map(Number);
    const [a, b] = sides ?? [];
    if (a === undefined || b === undefined) return notChecked('nobody measured the screen', SETTLED);
    const [short, long] = [Math.min(a, b), Math.max(a, b)];
    const inches = Math.hypot(short, long) / INCH;
    const findings: Draft[] = [];
    const model = claimedModel(context);
    const byHand = context.claims.screenInches;
    const sold = byHand === undefined ? (model?.skus.flatMap(({ screenInches }) => screenInches ?? []) ?? []) : [byHand];
    if (sold.length > 0 && sold.every((size) => Math.abs(inches / size - 1) > DIAGONAL))
      findings.push({
        claimed: `${[...new Set(sold)].join(' or ')} inches${byHand === undefined ? ` (${model?.name ?? ''})` : ''}`,
        observed: `${short} by ${long} mm: ${inches.toFixed(2)} inches`,
        because: 'A ruler is not wrong by a twentieth: the screen is another than the one claimed.',
        standing: 'told',
        evidence: [CLAIM_PLACE],
      });
    let shapes = 0;
    for (const fact of factsOf(context.facts, 'display')) {
      const { physicalWidth: width, physicalHeight: height } = fact.value;
      if (width === undefined || height === undefined || width === 0 || height === 0) continue;
      shapes++;
      const pixels = Math.min(width, height) / Math.max(width, height);
      if (Math.abs(short / long / pixels - 1) <= RATIO) continue;
      findings.push({
        claimed: `a panel of ${width}x${height} pixels, as the phone says`,
        observed: `${short} by ${long} mm, which are sides of ${(long / short).toFixed(2)} to 1 and not of ${(1 / pixels).toFixed(2)} to 1`,
        because: 'Pixels of phones are square: a panel of this shape has not those pixels.',
        standing: fact.standing,
        evidence: [fact.place],
      });
    }
    if (findings.length === 0 && sold.length === 0 && shapes === 0)
      return notChecked('there is nothing to hold the ruler against', SETTLED);
    return failOrPass(findings, 'told');
  },
});
