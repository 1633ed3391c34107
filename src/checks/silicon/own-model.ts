import { factsOf } from '../../evidence/index.ts';
import { coreTypeOf, resolveModel, resolvePhone, type Soc } from '../../knowledge/index.ts';
import { type SaidProperty, said } from '../boot/index.ts';
import { type CheckContext, type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';
import {
  allChipsKnown,
  chipList,
  chipName,
  chipsOf,
  isOlderGeneration,
  placesOfSurfaces,
  refutation,
  sayings,
  standingOf,
  tallied,
} from './argue.ts';
import { partsOf } from './cpu-surfaces.ts';
import { inferSoc, type SocInference } from './infer.ts';

export const siliconModel = defineCheck({
  id: 'silicon.own-model',
  axis: 'software',
  title: 'The chip against the model that the phone says it is',
  what: 'ro.product.model, device and brand, resolved to every variant that any source knows, against the chip that the surfaces show.',
  why: 'Fakes name themselves after phones whose chip they do not have, and often forget the platform’s own properties.',
  benign: [
    'A variant of the model that no source of ours knows.',
    'An owner’s ROM that names another phone to get its apps or cameras: the software is still not what it says.',
  ],
  confirm: 'Compare the model with box and label; run the timed challenges.',
  strength: 'conclusive',
  impossible:
    'A model’s software is built for the chips of its variants. All that are known have another maker’s chip than two groups of surfaces show, one of them beyond the properties, or cores of a later architecture than any here, so this build’s name is not its own.',
  standing: 'told',
  needs: ['properties'],
  settledBy: 'getprop together with /proc/cpuinfo, driver names and the GLES line',
  group: 'silicon-model',
  causes: ['property-edit', 'rom-flash', 'sku'],
  catches: 'framework',
  spec: [],
  run(context) {
    const { facts, knowledge } = context;
    const model = said(context, 'ro.product.model') ?? said(context, 'ro.product.vendor.model') ?? said(context, 'ro.product.system.model');
    const device = said(context, 'ro.product.device') ?? said(context, 'ro.product.vendor.device');
    const brand = said(context, 'ro.product.brand') ?? said(context, 'ro.product.vendor.brand');
    if (model === undefined) return notChecked('the phone does not say its model', 'getprop');
    const resolved = resolvePhone({ model: model.value, device: device?.value, brand: brand?.value }, knowledge);
    if (resolved === undefined || !allChipsKnown(resolved, context))
      return notChecked(`no source of ours knows the chips of ${model.value}`, 'an imported table of models with this one');
    const inference = inferSoc(facts, knowledge);
    if (inference === undefined) return notChecked('no surface shows the chip', '/proc/cpuinfo, driver names, the GLES line');
    const chips = chipsOf(resolved, context);
    const refuted = refutation(inference, chips);
    const [first, ...rest] = refuted === undefined ? [] : inference.surfaces.filter(({ group }) => refuted.all.includes(group));
    if (refuted === undefined || refuted.byVendor.length === 0 || first === undefined)
      return failOrPass(olderCores(context, model, chips), 'told');
    const surfaces = [first, ...rest];
    const found = inferSoc(facts, knowledge, refuted.all) ?? inference;
    return failOrPass(
      [
        {
          claimed: `${model.value}, sold with ${chipList(chips)}`,
          observed: `${tallied(inference, found)}: ${sayings(surfaces)}`,
          because: `The phone calls itself ${model.value}; no variant of that has a chip of this maker.`,
          standing: standingOf(surfaces),
          evidence: [model.place, ...placesOfSurfaces(first, rest)],
          ...natureOf(context, inference, chipName(found)),
          ...(refuted.certain ? {} : { strength: 'weak' as const }),
        },
      ],
      'told',
    );
  },
});

/**
 * Where the silicon is not that of the model claimed by hand either, no build of the maker's runs on it: the system is another's that borrows the name.
 * Otherwise the phone is what it was sold as, and its software was renamed.
 */
function natureOf({ claims, knowledge, ...rest }: CheckContext, inference: SocInference, chip: string): Pick<Draft, 'nature' | 'names'> {
  const claimed = claims.model === undefined ? undefined : resolveModel(claims.model, knowledge);
  const context = { claims, knowledge, ...rest };
  const isOther =
    claimed !== undefined && allChipsKnown(claimed, context) && refutation(inference, chipsOf(claimed, context)) !== undefined;
  return isOther ? { nature: 'foreign' } : { nature: 'modified', names: chip };
}

/** The same maker's chip, but of an earlier architecture: a cheap phone under a flagship's name. */
function olderCores({ facts }: CheckContext, model: SaidProperty, chips: readonly Soc[]): readonly Draft[] {
  const fact = factsOf(facts, 'cpuinfo').find((cpuinfo) => isOlderGeneration(partsOf(cpuinfo), chips));
  if (fact === undefined) return [];
  const cores = partsOf(fact).map(([implementer, part]) => coreTypeOf(implementer, part)?.name ?? '');
  return [
    {
      claimed: `${model.value}, sold with ${chipList(chips)}`,
      observed: `cores of ${cores.join(', ')}`,
      because: `The phone calls itself ${model.value}; its best core is of an earlier architecture than that of any variant.`,
      standing: fact.standing,
      evidence: [model.place, fact.place],
      nature: 'modified',
      names: `a chip with ${cores.join(', ')}`,
    },
  ];
}
