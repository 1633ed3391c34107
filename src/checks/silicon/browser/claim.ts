import { resolveModel } from '../../../knowledge/index.ts';
import { defineCheck, failOrPass, notChecked } from '../../define.ts';
import { allChipsKnown, chipList, chipsOf } from '../argue.ts';
import { claimedName } from '../claim.ts';
import { gpuSaid, mayHold, noGpu } from './gpu.ts';
import { answeredIn, SETTLED, whose } from './shared.ts';

export const browserClaim = defineCheck({
  id: 'silicon.browser-claim',
  axis: 'hardware',
  title: 'The GPU that the browser names against what box and seller claim',
  what: 'The GPU family of WebGL or WebGPU, against every chip of the claimed model.',
  why: 'The GPU is part of the chip. Few forgers think of what a browser says of it.',
  benign: [
    'Browsers that protect their users from being recognised name another GPU, or none.',
    'The page was opened on another phone than the one that is claimed.',
    'A variant of the model that no source of ours knows; the wrong model was typed.',
  ],
  confirm: 'Open the page in Chrome on the phone in hand; run `--challenge` over ADB; open the phone and read the chip.',
  strength: 'weak',
  standing: 'told',
  needs: ['browser-run'],
  settledBy: SETTLED,
  group: 'browser',
  causes: ['other-silicon', 'sku', 'tool'],
  catches: undefined,
  spec: ['Khronos WEBGL_debug_renderer_info'],
  run(context) {
    const answered = answeredIn(context.facts);
    if (typeof answered === 'string') return notChecked(answered, SETTLED);
    const { webgl, webgpu } = gpuSaid(answered);
    const named = webgl ?? webgpu;
    if (named === undefined) return notChecked(noGpu(answered), 'the same page in Chrome');
    const name = claimedName(context);
    if (name === undefined)
      return notChecked(`nobody said what the phone is sold as (${named.text})`, 'the model on box or offer (--claim model=…)');
    const model = resolveModel(name, context.knowledge);
    if (model === undefined || !allChipsKnown(model, context))
      return notChecked(`we do not know every chip of ${name} (${named.text})`, 'an imported table of models and chips');
    const chips = chipsOf(model, context);
    if (chips.some((soc) => mayHold(soc, named))) return failOrPass([], 'told');
    return failOrPass(
      [
        {
          claimed: `${name}, sold with ${chipList(chips)}`,
          observed: `the browser names ${named.text} (${whose(answered)})`,
          because: `No chip of any variant of ${name} that we know has a GPU of the family ${named.family.name}.`,
          standing: 'told',
          evidence: [answered.place],
        },
      ],
      'told',
    );
  },
});
