import type { Place } from '../../evidence/index.ts';
import { resolveModel, resolvePhone } from '../../knowledge/index.ts';
import { said } from '../boot/index.ts';
import { type Check, type Draft, defineCheck, failOrPass, notChecked, type Outcome } from '../define.ts';
import { allChipsKnown, chipList, chipsOf } from './argue.ts';
import { claimedName } from './claim.ts';
import { type Conversations, conversationsOf, foundText, leastRefuted, measuredText, type Refuting } from './executed-argue.ts';

const SETTLED = 'a live inspection with `--challenge`';
const IMPOSSIBLE =
  'Which instructions a core executes is cast in silicon: those that are asked for here have no enable bit, their answers are recomputed, and an undefined control is not executed. The kernel names the same features to every program, and the counter runs from the board’s crystal, held against our own clock. Where two of these three cannot be those of any chip of the model, the phone is built with another.';

const shared = {
  benign: [
    'A variant of the model that no source of ours knows.',
    'A kernel that hides a feature, for one of the natures of evidence alone.',
  ],
  confirm: 'Run it again; anybody re-verifies the transcript in the capture without the phone. Open the phone and read the chip.',
  strength: 'conclusive',
  standing: 'told',
  needs: ['challenges'],
  settledBy: SETTLED,
  // A kernel that traps instructions and answers them carefully is seen only by timing.
  catches: 'framework',
  spec: ['Arm ARM (DDI 0487)', 'Linux arch/arm64/include/uapi/asm/hwcap.h'],
} as const satisfies Partial<Check>;

export const executedClaim = defineCheck({
  ...shared,
  id: 'silicon.executed',
  axis: 'hardware',
  title: 'What the silicon executes against what box and seller claim',
  what: 'Instructions executed by a program of ours with recomputed answers, features that the kernel names, and the counter against the host’s clock, against every chip of the claimed model.',
  why: 'Every string on a phone can be taught to lie. A chip cannot be taught instructions that it does not have, nor another crystal.',
  impossible: IMPOSSIBLE,
  group: 'silicon-executed',
  causes: ['other-silicon', 'sku'],
  run(context) {
    const conversations = conversationsOf(context);
    if (conversations === undefined || conversations.readings.length === 0) return notRun(conversations);
    const name = claimedName(context);
    if (name === undefined)
      return notChecked(
        `nobody said what the phone is sold as (${measuredText(conversations)})`,
        'the model on box or offer (--claim model=…)',
      );
    const model = resolveModel(name, context.knowledge);
    if (model === undefined || !allChipsKnown(model, context))
      return notChecked(`we do not know every chip of ${name} (${measuredText(conversations)})`, 'an imported table of models and chips');
    const chips = chipsOf(model, context);
    return outcomeOf(draftsOf(`${name}, sold with ${chipList(chips)}`, leastRefuted(chips, conversations), conversations), conversations);
  },
});

export const executedOwnModel = defineCheck({
  ...shared,
  id: 'silicon.executed-own',
  axis: 'software',
  title: 'What the silicon executes against the model that the phone says it is',
  what: 'The same measurement, against every chip of the model that the properties name.',
  why: 'Software that names itself after a phone whose instructions or crystal this one has not is not that phone’s software.',
  impossible: IMPOSSIBLE,
  group: 'silicon-model',
  causes: ['property-edit', 'rom-flash', 'sku'],
  run(context) {
    const conversations = conversationsOf(context);
    if (conversations === undefined || conversations.readings.length === 0) return notRun(conversations);
    const model = said(context, 'ro.product.model') ?? said(context, 'ro.product.vendor.model');
    if (model === undefined) return notChecked('the phone does not say its model', 'getprop');
    const resolved = resolvePhone(
      { model: model.value, device: said(context, 'ro.product.device')?.value, brand: said(context, 'ro.product.brand')?.value },
      context.knowledge,
    );
    if (resolved === undefined || !allChipsKnown(resolved, context))
      return notChecked(`no source of ours knows the chips of ${model.value}`, 'an imported table of models with this one');
    const chips = chipsOf(resolved, context);
    const drafts = draftsOf(`${model.value}, sold with ${chipList(chips)}`, leastRefuted(chips, conversations), conversations, model.place);
    return outcomeOf(
      drafts.map((draft) => ({ ...draft, nature: 'modified' as const })),
      conversations,
    );
  },
});

/** What speaks against a claim stands whenever the conversation ended; silence after half of the questions passes nothing. */
function outcomeOf(drafts: readonly Draft[], conversations: Conversations): Outcome {
  const ended = conversations.runs.map(({ run }) => run.outcome);
  if (drafts.length === 0 && !ended.includes('done')) return notChecked(`the conversation broke off (${ended.join(', ')})`, SETTLED);
  return failOrPass(drafts, conversations.standing);
}

function notRun(conversations: Conversations | undefined) {
  return notChecked(conversations?.problems.join('; ') || 'no program of ours was run', SETTLED);
}

/** Two natures of evidence convict; one alone is said, and counts for nothing. */
function draftsOf(
  claimed: string,
  refuting: readonly Refuting[],
  conversations: Conversations,
  ...places: readonly Place[]
): readonly Draft[] {
  const [place, ...rest] = [...conversations.places, ...places];
  if (refuting.length === 0 || place === undefined) return [];
  return [
    {
      claimed,
      observed: `${refuting.map(({ observed }) => observed).join('; ')} (${measuredText(conversations)})`,
      because: `${refuting.map(({ expected }) => expected).join('; ')}. ${
        refuting.length > 1
          ? `${refuting.length} measurements of different nature refute the claim.`
          : 'Only one nature of measurement speaks against the claim, and two are wanted before it counts.'
      }`,
      standing: conversations.standing,
      evidence: [place, ...rest],
      names: foundText(conversations),
      ...(refuting.length > 1 ? {} : { strength: 'weak' as const }),
    },
  ];
}
