import type { BrowserSurfaces } from '../../../evidence/index.ts';
import { defineCheck, type NotExamined, notChecked, type Outcome } from '../../define.ts';
import { type Answered, again, answeredIn, refusalOf, SETTLED } from './shared.ts';

export const browserParts = defineCheck({
  id: 'silicon.browser-parts',
  axis: 'hardware',
  title: 'Camera and film protection in the browser',
  what: 'The size of one camera frame, robustness levels of Widevine.',
  why: 'They show that parts are there and work. What a part should be, no table of ours says yet: everything here is recorded, and nothing judged.',
  benign: ['Everything here is optional, and a part that is broken is no fake.'],
  confirm: 'Do it again, and use the part in an app of your own.',
  strength: 'note',
  standing: 'told',
  needs: ['browser-run'],
  settledBy: SETTLED,
  group: 'browser',
  causes: ['repair', 'sku'],
  catches: undefined,
  spec: ['W3C Media Capture and Streams', 'W3C Encrypted Media Extensions'],
  run({ facts }): Outcome {
    const answered = answeredIn(facts);
    if (typeof answered === 'string') return notChecked(answered, SETTLED);
    const { camera, media } = answered.said;
    const [first, ...rest] = [
      one(answered, 'Camera', 'camera', camera === undefined ? undefined : cameraText(camera)),
      one(answered, 'Film protection', 'media', media === undefined ? undefined : widevineText(media)),
    ];
    return { outcome: 'incomplete', missing: [first, ...rest] };
  },
});

const one = (answered: Answered, title: string, what: string, said: string | undefined): NotExamined => ({
  what: `${title} in the browser`,
  because: said === undefined ? refusalOf(answered, what) : `recorded, and not judged: ${said}`,
  settledBy: said === undefined ? again(answered) : 'recordings of genuine units of the model',
});

const cameraText = ({ width, height, facing, cameras }: NonNullable<BrowserSurfaces['camera']>): string =>
  `a frame of ${width}x${height}${facing === null ? '' : `, facing ${facing}`}; ${cameras.length} camera${cameras.length === 1 ? '' : 's'}`;

const widevineText = ({ widevine }: NonNullable<BrowserSurfaces['media']>): string =>
  widevine.length === 0 ? 'no Widevine' : `Widevine up to ${widevine.at(-1)}`;
