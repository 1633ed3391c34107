import { factsOf } from '../../../evidence/index.ts';
import { resolveModel, resolvePhone } from '../../../knowledge/index.ts';
import { said as property } from '../../boot/index.ts';
import { type CheckContext, type Draft, defineCheck, failOrPass, notChecked } from '../../define.ts';
import { claimedName } from '../claim.ts';
import { answeredIn, refusalOf, SETTLED, whose } from './shared.ts';

/** Part by which two shapes may differ: browsers round, and some leave out the bar of buttons. 16:9 and 18:9 are 11 % apart. */
const TOLERANCE = 0.09;

interface Size {
  readonly width: number;
  readonly height: number;
}

const shapeOf = ({ width, height }: Size): number => Math.min(width, height) / Math.max(width, height);
const isShapeOf = (one: Size, other: Size): boolean => Math.abs(shapeOf(one) / shapeOf(other) - 1) <= TOLERANCE;
const text = ({ width, height }: Size) => `${Math.min(width, height)}x${Math.max(width, height)}`;

export const browserScreen = defineCheck({
  id: 'silicon.browser-screen',
  axis: 'hardware',
  title: 'The screen as the browser measures it',
  what: 'Its size in device pixels, by shape alone, against the size that Android states (wm size) and the panels of the model that is claimed, or else named.',
  why: 'What draws a page must know the panel’s shape, whatever the settings show.',
  benign: [
    'Foldable phones, second screens, desktop modes.',
    'Browsers that protect their users from being recognised say another size.',
    'A chosen resolution or zoom changes the number of pixels, not the shape: it is no finding.',
    'Our tables of screens lack variants.',
  ],
  confirm: 'Measure the screen with a ruler; photograph a pattern of single pixels.',
  strength: 'weak',
  standing: 'told',
  needs: ['browser-run'],
  settledBy: SETTLED,
  group: 'browser',
  causes: ['other-silicon', 'repair', 'sku', 'tool'],
  catches: undefined,
  spec: ['W3C CSSOM View, Screen and devicePixelRatio'],
  run(context) {
    const answered = answeredIn(context.facts);
    if (typeof answered === 'string') return notChecked(answered, SETTLED);
    const { width, height, ratio } = answered.said.screen ?? {};
    if (!isPositive(width) || !isPositive(height) || !isPositive(ratio))
      return notChecked(`the browser states no size of the screen: ${refusalOf(answered, 'screen')}`, 'the same page in Chrome');
    const seen: Size = { width: Math.round(width * ratio), height: Math.round(height * ratio) };
    const groups = [androidSizes(context), panelsOf(context)].filter((group) => group !== undefined);
    if (groups.length === 0)
      return notChecked(
        `the browser measures ${text(seen)}, and we know no panel of this model`,
        'the claimed model (--claim model=…), wm size',
      );
    return failOrPass(
      groups.flatMap(({ who, sizes }): Draft[] =>
        sizes.some((size) => isShapeOf(seen, size))
          ? []
          : [
              {
                claimed: `${who}: ${[...new Set(sizes.map(text))].join(' or ')}`,
                observed: `the browser measures ${text(seen)} (${whose(answered)})`,
                because: 'The shapes differ by more than rounding and bars explain.',
                standing: 'told',
                evidence: [answered.place],
              },
            ],
      ),
      'told',
    );
  },
});

const isPositive = (value: number | null | undefined): value is number => typeof value === 'number' && value > 0;

interface Sizes {
  readonly who: string;
  readonly sizes: readonly Size[];
}

/** What Android states, overrides too: a browser draws with those. */
function androidSizes({ facts }: CheckContext): Sizes | undefined {
  const sizes = factsOf(facts, 'display').flatMap(({ value }) => [
    ...sizeOf(value.physicalWidth, value.physicalHeight),
    ...sizeOf(value.overrideWidth, value.overrideHeight),
  ]);
  return sizes.length === 0 ? undefined : { who: 'Android', sizes };
}

const sizeOf = (width: number | undefined, height: number | undefined): readonly Size[] =>
  isPositive(width) && isPositive(height) ? [{ width, height }] : [];

/** The panels of the model, where every variant's is known. */
function panelsOf(context: CheckContext): Sizes | undefined {
  const name = claimedName(context);
  const own = {
    model: property(context, 'ro.product.model')?.value,
    device: property(context, 'ro.product.device')?.value,
    brand: property(context, 'ro.product.brand')?.value,
  };
  const model = name === undefined ? resolvePhone(own, context.knowledge) : resolveModel(name, context.knowledge);
  const panels = model?.skus.map(({ display }) => display) ?? [];
  if (model === undefined || panels.length === 0 || panels.includes(undefined)) return undefined;
  return { who: model.name, sizes: panels.filter((panel) => panel !== undefined) };
}
