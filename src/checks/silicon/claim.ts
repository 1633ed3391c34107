import { factsOf } from '../../evidence/index.ts';
import { clonesClaiming, resolveModel, type Soc, tacsOf } from '../../knowledge/index.ts';
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
  speaking,
  standingOf,
  tallied,
} from './argue.ts';
import { canHaveParts, partsOf } from './cpu-surfaces.ts';
import { inferSoc } from './infer.ts';

/** What box and seller call the phone: its model, else what the type allocation of the box's IMEI was given to. */
export function claimedName({ claims, knowledge }: CheckContext): string | undefined {
  if (claims.model !== undefined) return claims.model;
  const rows = claims.imei === undefined ? [] : tacsOf(claims.imei.replace(/\D/g, '').slice(0, 8), knowledge.tacs);
  return rows[0]?.model;
}

export const claimedSilicon = defineCheck({
  id: 'silicon.claim',
  axis: 'hardware',
  title: 'The chip against what box and seller claim',
  what: 'The chip that all surfaces together show, against every variant of the model that was claimed by hand (model, or the IMEI on the box).',
  why: 'A counterfeit can copy labels, names and strings; it cannot have the chip that it was not built with.',
  benign: ['A variant of the model that no source of ours knows.', 'The wrong model was typed, or the box is another phone’s.'],
  confirm:
    'Run the timed challenges, or read the chip’s identity from its mask ROM (BROM or Sahara mode); open the phone and read the chip.',
  strength: 'conclusive',
  impossible:
    'One chip is soldered to a board, and a model’s boards are built for the chips of its variants. Two groups of surfaces, at least one of them printed by kernel or driver, show what no chip of those makers would, or cores of an earlier architecture; nothing on a genuine unit of the model can make its own kernel show that, and no software altered the claim, which people made.',
  standing: 'told',
  needs: [],
  settledBy: 'the claimed model (--claim model=…) and /proc/cpuinfo, the GPU string and driver names',
  group: 'silicon-claim',
  causes: ['other-silicon', 'sku'],
  // An altered kernel can show any strings; only the timed challenges see through it.
  catches: 'framework',
  spec: [],
  run(context) {
    const name = claimedName(context);
    if (name === undefined) return notChecked('nobody said what the phone is sold as', 'the model on box or offer (--claim model=…)');
    const model = resolveModel(name, context.knowledge);
    if (model === undefined)
      return notChecked(`no source of ours knows a model called ${name}`, 'an imported table of models with this one');
    if (!allChipsKnown(model, context)) return notChecked(`we do not know every chip of ${name}`, 'an imported table of models and chips');
    const inference = inferSoc(context.facts, context.knowledge);
    if (inference === undefined) return notChecked('no surface shows the chip', '/proc/cpuinfo, getprop, the GPU string');
    const chips = chipsOf(model, context);
    const findings: Draft[] = [];
    const claimed = `${name}, sold with ${chipList(chips)}`;
    const refuted = refutation(inference, chips);
    const found = refuted === undefined ? inference : (inferSoc(context.facts, context.knowledge, refuted.all) ?? inference);
    const [first, ...rest] = refuted === undefined ? [] : speaking(inference, refuted.all, found.vendor);
    if (refuted !== undefined && refuted.byVendor.length > 0 && first !== undefined) {
      findings.push({
        claimed,
        observed: `${tallied(inference, found)}: ${sayings([first, ...rest])}`,
        because: `${refuted.all.length === 1 ? 'A group of surfaces shows' : `${refuted.all.length} independent groups of surfaces show`} what no variant of ${name} has.${seenBefore(context, name)}`,
        standing: standingOf([first, ...rest]),
        evidence: placesOfSurfaces(first, rest),
        names: chipName(found),
        ...(refuted.certain ? {} : { strength: 'weak' as const }),
      });
    } else findings.push(...wrongCores(context, { name, chips, claimed, chip: chipName(inference), family: inference.family }));
    return failOrPass(findings, 'told');
  },
});

/** Copies of this model that others met: they make a reader's question shorter, and weigh nothing. */
function seenBefore({ knowledge }: CheckContext, name: string): string {
  const [first] = clonesClaiming(name, knowledge);
  return first === undefined ? '' : ` Copies of it were seen (${first.seen}): ${first.is} [${first.sources.join('; ')}].`;
}

/** Cores that no variant has: decisive only where they are of an earlier architecture and the chip's name says so too; tables err about less. */
function wrongCores({ facts }: CheckContext, { name, chips, claimed, chip, family }: Claimed): readonly Draft[] {
  for (const fact of factsOf(facts, 'cpuinfo')) {
    const parts = partsOf(fact);
    if (parts.length === 0 || chips.some((soc) => canHaveParts(parts, soc) !== false)) continue;
    const certain = !chips.some((soc) => soc.platforms.includes(family)) && isOlderGeneration(parts, chips);
    return [
      {
        claimed,
        observed: `${chip}; cores ${parts.map(([i, p]) => `0x${i.toString(16)}/0x${p.toString(16)}`).join(', ')}`,
        because: certain
          ? `Its best core is of an earlier architecture than that of any variant of ${name}.`
          : `No chip of any variant of ${name} that we know has such cores.`,
        standing: fact.standing,
        evidence: [fact.place],
        names: chip,
        ...(certain ? {} : { strength: 'weak' as const }),
      },
    ];
  }
  return [];
}

interface Claimed {
  readonly name: string;
  readonly chips: readonly Soc[];
  readonly claimed: string;
  readonly chip: string;
  readonly family: string;
}
