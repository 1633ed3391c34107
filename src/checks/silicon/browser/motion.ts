import { type MotionReading, readMotion } from '../../../challenges/index.ts';
import { type CheckContext, type Draft, defineCheck, failOrPass, notChecked, type Outcome } from '../../define.ts';
import { declaredPart } from '../parts.ts';
import { type Answered, again, answeredIn, refusalOf, SETTLED, whose } from './shared.ts';

/** m/s² of gravity with the offsets of cheap sensors. */
const [GRAVITY_LOW, GRAVITY_HIGH] = [8.8, 10.8];
/** Samples of one sensor before another's silence is a sign: a second; and changes of position that are all contradicted before it is one. */
const [SAMPLES_MIN, COMPARED_MIN] = [20, 2];

export const browserMotion = defineCheck({
  id: 'silicon.browser-motion',
  axis: 'hardware',
  title: 'Motion on command',
  what: 'Positions in an order that the nonce chose, each in its window of time, as the accelerometer shows them; the rotation that the gyroscope states against the change of gravity; sensors that the ROM declares and that stay silent.',
  why: 'A list can name any sensor. One that is not there gives no events, and one that is made up does not know how the phone will be turned.',
  benign: [
    'The browser gives a page some sensors and not others: a site permission, a hardened browser, power saving.',
    'A gyroscope that broke, or that software computes from other sensors.',
    'The page was opened on another phone than the one at the cable.',
  ],
  confirm:
    'Do it again in Chrome, with motion sensors allowed in the site’s settings; look at `dumpsys sensorservice` while an app that shows sensors is open.',
  // Never seen on a real phone, and browsers withhold what they like.
  strength: 'weak',
  standing: 'told',
  needs: ['browser-run'],
  settledBy: SETTLED,
  group: 'browser',
  causes: ['repair', 'sku', 'other-silicon', 'tool', 'owner-settings'],
  catches: undefined,
  spec: ['W3C Device Orientation and Motion', 'Android CDD 7.3.1, 7.3.4'],
  run(context): Outcome {
    const answered = answeredIn(context.facts);
    if (typeof answered === 'string') return notChecked(answered, SETTLED);
    const read = readMotion(answered.run.exchanges);
    if (read === undefined) return notChecked(refusalOf(answered, 'motion'), SETTLED);
    if ('refused' in read) return notChecked(read.refused, again(answered));
    if (!read.hasAcceleration && !read.hasRotation)
      return notChecked('no motion event came: a permission of the browser, power saving, or no sensor', again(answered));
    const findings = against(context, answered, read);
    if (findings.length > 0) return failOrPass(findings, 'shown');
    if (!isWhole(read, declaredPart(context.facts, 'gyroscope') !== undefined)) return notChecked(textOf(read), again(answered));
    return {
      outcome: 'pass',
      standing: 'shown',
      beyond: [
        {
          what: 'Whose sensors they are, and of which kind',
          because: `${textOf(read)}; it says only that ${whose(answered)} has such sensors, or computes them`,
          settledBy: 'nothing that a page can ask',
        },
      ],
    };
  },
});

function against({ facts }: CheckContext, answered: Answered, read: MotionReading): readonly Draft[] {
  const [accelerometer, gyroscope] = [declaredPart(facts, 'accelerometer'), declaredPart(facts, 'gyroscope')];
  const isSilent = (has: boolean) => !has && read.samples >= SAMPLES_MIN;
  const silent = [
    ...(accelerometer !== undefined && isSilent(read.hasAcceleration)
      ? [{ name: 'accelerometer', said: accelerometer, came: 'rotation' }]
      : []),
    ...(gyroscope !== undefined && isSilent(read.hasRotation) ? [{ name: 'gyroscope', said: gyroscope, came: 'acceleration' }] : []),
  ];
  return [
    ...silent.map(
      ({ name, said, came }): Draft => ({
        claimed: said.text,
        observed: `${read.samples} samples of ${came} came, and none of the ${name} (${whose(answered)})`,
        because: `A browser that is given motion gives all of it: the ${name} that is declared said nothing.`,
        standing: 'told',
        evidence: [answered.place, said.place],
      }),
    ),
    ...(read.compared >= COMPARED_MIN && read.agreeing === 0
      ? [
          {
            claimed: 'the gyroscope’s rotation',
            observed: `it carries gravity to another place than the accelerometer shows, in ${read.compared} of ${read.compared} changes of position (${whose(answered)})`,
            because: 'Both are fixed to one board: how it was turned must agree with where down is afterwards.',
            standing: 'shown' as const,
            evidence: [answered.place] as const,
          },
        ]
      : []),
  ];
}

const isGravity = ({ gravity }: MotionReading): boolean => gravity !== undefined && gravity >= GRAVITY_LOW && gravity <= GRAVITY_HIGH;

/** Everything that was asked was seen. A gyroscope that speaks must have agreed at least once, and one that is declared must have spoken. */
const isWhole = (read: MotionReading, isGyroscopeDeclared: boolean): boolean =>
  read.isLive &&
  isGravity(read) &&
  read.steps.every(({ isReached }) => isReached) &&
  (read.hasRotation ? read.compared > 0 && read.agreeing === read.compared : !isGyroscopeDeclared);

function textOf(read: MotionReading): string {
  const missed = read.steps.filter(({ isReached }) => !isReached).map(({ step }) => step);
  return [
    `${read.steps.length - missed.length} of ${read.steps.length} steps were reached in their windows${missed.length === 0 ? '' : ` (not ${missed.join(', ')})`}`,
    read.gravity === undefined ? 'no accelerometer' : `gravity ${read.gravity.toFixed(1)} m/s²${isGravity(read) ? '' : ', which is none'}`,
    read.isLive ? undefined : 'its samples never change',
    read.hasRotation ? `the gyroscope agrees in ${read.agreeing} of ${read.compared} changes of position` : 'no gyroscope',
  ]
    .filter((part) => part !== undefined)
    .join('; ');
}
