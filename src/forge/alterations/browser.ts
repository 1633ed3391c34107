/** What a phone's browser may say besides the truth. Nothing of a browser counts: these rows show what is noticed, and what is not. */
import type { PhoneBrowser, VirtualPhone } from '../phone.ts';
import type { SignEntry } from './catalogue.ts';

const says =
  (browser: PhoneBrowser) =>
  (phone: VirtualPhone): VirtualPhone => ({ ...phone, browser });
/** One phone stands for all: a browser knows nothing of the phone that it runs on. */
const fits = ({ name }: VirtualPhone): boolean => name === 'pixel-14';

export const browserSigns: readonly SignEntry[] = [
  {
    id: 'browser-other-gpu',
    title: 'A phone whose browser names another GPU than its driver',
    fits,
    apply: says({ renderer: 'PowerVR Rogue GE8320' }),
    shows: 'silicon.browser-gpu',
  },
  {
    id: 'browser-other-screen',
    title: 'A phone whose browser measures a screen of another shape',
    fits,
    apply: says({ screen: [720, 1280] }),
    shows: 'silicon.browser-screen',
  },
  {
    id: 'browser-less-memory',
    title: 'A phone whose kernel prints more memory than its browser is given',
    fits,
    apply: says({ memoryGib: 2 }),
    shows: 'silicon.browser-memory',
  },
  {
    id: 'browser-silent-gyroscope',
    title: 'A phone that lists a gyroscope, which gives no events',
    fits,
    apply: says({ hasGyroscope: false }),
    shows: 'silicon.browser-motion',
  },
  {
    id: 'browser-answers-of-before',
    title: 'Answers that were right of an earlier question: replayed, or computed before it was asked',
    fits,
    apply: says({ computes: 'before' }),
    shows: 'silicon.browser-executed',
  },
  {
    id: 'browser-other-machine',
    title: 'Right answers by a faster machine that the page was passed on to',
    fits,
    apply: says({ computes: 'now' }),
    shows: undefined,
  },
];
