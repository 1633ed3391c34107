import { factsOf } from '../../evidence/index.ts';
import { resolveModel, resolvePhone, type Sku } from '../../knowledge/index.ts';
import { said } from '../boot/index.ts';
import { type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';

export const displayPanel = defineCheck({
  id: 'silicon.display',
  axis: 'hardware',
  title: 'The panel against model and override',
  what: 'The physical size of the panel and its override (wm size), against the panels of every variant of the model.',
  why: 'Cheap panels are made to look like the claimed model’s by an override of the size.',
  benign: [
    'Owners and makers choose a lower resolution than the panel’s: an override downwards is no finding.',
    'A replacement panel with fewer pixels.',
    'Our tables of screens hold what apps see, and lack variants.',
  ],
  confirm: 'Photograph a pattern of single pixels on the screen.',
  strength: 'conclusive',
  impossible:
    'WindowManager keeps an override only where it differs from the panel’s own size. One that has more pixels than the panel, and just those of the claimed model’s, makes a smaller panel pass for the model’s: on a unit of that model the panel has that size and no override is kept.',
  standing: 'told',
  needs: ['display'],
  settledBy: 'wm size, dumpsys display',
  group: 'display',
  causes: ['other-silicon', 'repair', 'sku'],
  catches: 'framework',
  spec: ['AOSP services/core/java/com/android/server/wm/DisplayContent.java, setForcedSize'],
  run(context) {
    const names = {
      model: said(context, 'ro.product.model')?.value,
      device: said(context, 'ro.product.device')?.value,
      brand: said(context, 'ro.product.brand')?.value,
    };
    const model =
      context.claims.model === undefined ? resolvePhone(names, context.knowledge) : resolveModel(context.claims.model, context.knowledge);
    const panels = model?.skus.map(({ display }) => display).filter((display) => display !== undefined) ?? [];
    if (model === undefined || panels.length === 0)
      return notChecked('we know no panel of this model', 'an imported table of models with this one');
    const findings: Draft[] = [];
    for (const fact of factsOf(context.facts, 'display')) {
      const { physicalWidth, physicalHeight, overrideWidth, overrideHeight } = fact.value;
      if (physicalWidth === undefined || physicalHeight === undefined) continue;
      const size: Size = [physicalWidth, physicalHeight];
      if (panels.some((panel) => isPanel(size, panel))) continue;
      const override: Size | undefined =
        overrideWidth === undefined || overrideHeight === undefined ? undefined : [overrideWidth, overrideHeight];
      const forged =
        override !== undefined && override[0] * override[1] > size[0] * size[1] && panels.some((panel) => isPanel(override, panel));
      // A table that knows some variants' screens only says little about the rest.
      if (!forged && model.skus.some(({ display }) => display === undefined)) continue;
      findings.push({
        claimed: `${model.name}: ${[...new Set(panels.map(({ width, height }) => `${width}x${height}`))].join(' or ')}${forged ? `, and an override that says so` : ''}`,
        observed: `a panel of ${size.join('x')}`,
        because: forged
          ? 'An override makes a smaller panel pass for the one of the model.'
          : 'No variant of the model that we know has this panel.',
        standing: fact.standing,
        evidence: [fact.place],
        ...(forged ? {} : { strength: 'weak' as const }),
      });
    }
    return failOrPass(findings, 'shown');
  },
});

type Size = readonly [width: number, height: number];

function isPanel([a, b]: Size, panel: NonNullable<Sku['display']>): boolean {
  const [short, long] = [Math.min(a, b), Math.max(a, b)];
  if (short === panel.width && long === panel.height) return true;
  // The catalogue has what apps see: the panel at another resolution, or less its bars.
  return Math.abs(short / long - panel.width / panel.height) < 0.02 && short >= panel.width;
}
