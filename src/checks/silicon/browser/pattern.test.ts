import { describe, expect, test } from 'vitest';
import { browserNonce } from '../../../../test/support/browser-transcript.ts';
import { fact, outcomeOf, runOne } from '../../../../test/support/check-facts.ts';
import { toHex } from '../../../bytes/index.ts';
import type { BrowserRun, BrowserSurfaces, Fact, ScreenPhoto } from '../../../evidence/index.ts';
import { browserPattern } from './pattern.ts';

const nonce = browserNonce(1);
const exchange = { nonce, question: '{"ask":"pattern","side":564}', answer: '{}', sentNs: 0, receivedNs: 1 };
const RUN: BrowserRun = { carrier: 'tunnel', outcome: 'done', note: undefined, opened: 1, turnedAway: 0, exchanges: [exchange] };
const NOTHING: BrowserSurfaces = {
  browser: undefined,
  screen: { width: 480, height: 1067, ratio: 3, depth: 24, touchPoints: 5, orientation: null },
  graphics: undefined,
  media: undefined,
  touch: undefined,
  camera: undefined,
  pattern: { width: 1440, height: 2700, ratio: 3, zoom: 1, shownMs: 42_000 },
  refusals: [],
};
const page = (said: Partial<BrowserSurfaces> = {}): readonly Fact[] => [
  fact('browser-run', RUN),
  fact('browser-surfaces', { ...NOTHING, ...said }, 'told'),
];

type PatchRead = ScreenPhoto['patches'][number];
type Made = Partial<PatchRead>;

/** Eight patches a direction; `single` are the four of single pixels. */
function photo(
  single: Made | readonly Made[],
  made: { readonly rows?: Made; readonly wide?: Made; readonly said?: Partial<ScreenPhoto> } = {},
): Fact {
  const sharp = {
    scale: 3,
    slant: 9,
    sharpness: 0.7,
    contrast: 0.7,
    elsewhere: { period: 4, contrast: 0.02 },
    black: 5,
    white: 210,
    clipped: 0,
  };
  const four: readonly Made[] = Array.isArray(single) ? single : Array.from({ length: 4 }, () => single as Made);
  const patches = (['columns', 'rows'] as const).flatMap((axis): PatchRead[] => [
    ...four.map((one) => ({ axis, stripe: 1, ...sharp, ...one, ...(axis === 'rows' ? made.rows : {}) })),
    ...[2, 3, 4, 8].map((stripe) => ({ axis, stripe, ...sharp, sharpness: 0.9, contrast: 0.9, ...made.wide })),
  ]);
  const whole = { width: 4000, height: 3000, sha256: '0'.repeat(64), nonce: toHex(nonce), problem: undefined, patches };
  return fact('screen-photo', { ...whole, ...made.said }, 'told');
}
const GONE = { contrast: 0.04 };
const COARSE = { contrast: 0.3, elsewhere: { period: 4, contrast: 0.6 } };

describe('silicon.browser-pattern', () => {
  test.each([
    ['single pixels as sharp as edges', [photo({})], 'pass'],
    ['a sharpening camera', [photo({ sharpness: 1.3, contrast: 1.1 })], 'pass'],
    ['a blurred picture in which they are seen all the same', [photo({ sharpness: 0.2, contrast: 0.19 })], 'pass'],
    ['two patches that are lost', [photo([{}, {}, { contrast: 0.35 }, { scale: 1.6, contrast: 0.1 }])], 'pass'],
    ['grey in place of single pixels', [photo(GONE)], 'fail weak'],
    ['a coarser period in place of single pixels', [photo(COARSE)], 'fail weak'],
    ['a coarser period in a picture that is less sharp', [photo({ ...COARSE, contrast: 0.1, sharpness: 0.3 })], 'fail weak'],
    ['a coarser period in a picture that is not sharp', [photo({ ...COARSE, contrast: 0.1, sharpness: 0.2 })], 'not-checked'],
    ['bands of black and white', [photo({ ...GONE, elsewhere: { period: undefined, contrast: 0.9 } })], 'fail weak'],
    ['one of four patches lost in the picture', [photo([GONE, GONE, GONE, { scale: 1.5, contrast: 0.05 }])], 'fail weak'],
    ['grey in one direction alone, as of shared colours', [photo(GONE, { rows: { contrast: 0.7 } })], 'not-checked'],
    ['grey in one direction, and in the other unclear', [photo(GONE, { rows: { contrast: 0.3 } })], 'not-checked'],
    ['half of the contrast that the edges promise', [photo({ contrast: 0.3 })], 'not-checked'],
    ['one patch that shows them, whatever the others do', [photo([GONE, GONE, GONE, {}])], 'not-checked'],
    ['two patches alone', [photo([GONE, GONE])], 'not-checked'],
    ['a picture from afar', [photo({ ...GONE, scale: 1.8 })], 'not-checked'],
    ['a picture that lies straight', [photo({ ...GONE, slant: 2 })], 'not-checked'],
    ['a picture that lies straight and shows them', [photo({ slant: 0 })], 'pass'],
    ['a blurred picture', [photo({ ...GONE, sharpness: 0.3 })], 'not-checked'],
    ['white that swallows', [photo({ ...GONE, white: 254 })], 'not-checked'],
    ['white at the end of its range', [photo({ ...GONE, clipped: 0.8 })], 'not-checked'],
    ['dots of white at the end of their range, and dark between', [photo({ ...GONE, clipped: 0.35 })], 'fail weak'],
    ['a dark picture', [photo({ ...GONE, white: 50 })], 'not-checked'],
    ['a picture that shows no stripes at all', [photo(GONE, { wide: { contrast: 0.1 } })], 'not-checked'],
    ['no patches', [photo([], { said: { patches: [] } })], 'not-checked'],
    ['the pattern of another check', [photo(GONE, { said: { nonce: toHex(browserNonce(2)) } })], 'not-checked'],
    ['a picture without a code', [photo({}, { said: { nonce: undefined, problem: 'no code' } })], 'not-checked'],
    ['a picture with a problem', [photo(GONE, { said: { problem: '2 patterns are in it' } })], 'not-checked'],
    ['no picture', [], 'not-checked'],
    ['a bad picture and a good one', [photo({ ...GONE, scale: 1.8 }), photo({})], 'pass'],
    ['a picture that convicts, and one that shows the pixels', [photo(GONE), photo({})], 'pass'],
    ['a bad picture and one that convicts', [photo({ ...GONE, scale: 1.8 }), photo(GONE)], 'fail weak'],
  ] as const)('%s', (_name, photos, outcome) => expect(outcomeOf(browserPattern, [...page(), ...photos])).toBe(outcome));

  test('an owner who draws more than the panel has, as Android says, is told so', () => {
    const display = (overrideWidth: number, overrideHeight: number) =>
      fact('display', {
        physicalWidth: 720,
        physicalHeight: 1600,
        overrideWidth,
        overrideHeight,
        physicalDensity: undefined,
        overrideDensity: undefined,
        xDpi: undefined,
        yDpi: undefined,
      });
    expect(outcomeOf(browserPattern, [...page(), photo(GONE), display(540, 1200)])).toBe('fail weak');
    const { findings, notExamined } = runOne(browserPattern, [...page(), photo(GONE), display(1440, 3200)]);
    expect(findings).toEqual([]);
    expect(notExamined[0]?.because).toContain('1440x3200 drawn on a panel of 720x1600');
  });

  test('a pattern that was not shown is not judged, with the page’s reason', () => {
    const facts = [...page({ pattern: undefined, refusals: [{ what: 'pattern', because: 'the page is zoomed' }] }), photo(GONE)];
    expect(outcomeOf(browserPattern, facts)).toBe('not-checked');
    expect(runOne(browserPattern, facts).notExamined[0]?.because).toContain('the page is zoomed');
  });

  test('a pass says what it does not say, and clears nothing', () => {
    const { notExamined, passed } = runOne(browserPattern, [...page(), photo({})]);
    expect(passed).toMatchObject([{ check: 'silicon.browser-pattern', standing: 'told' }]);
    expect(notExamined[0]?.because).toContain('does not show whose screen that is');
    expect(browserPattern.catches).toBeUndefined();
  });

  test('a finding names the size that the browser counts, the sharpness that proves it, and what is there instead', () => {
    const [finding] = runOne(browserPattern, [...page(), photo(COARSE)]).findings;
    expect(finding).toMatchObject({ claimed: expect.stringContaining('1440x3201'), axis: 'hardware', strength: 'weak' });
    expect(finding?.observed).toMatch(/contrast 0\.30 where edges keep 0\.70.*a period of 4\.0 pixels \(0\.60\)/);
  });

  test('what to do is said: nearer, sharper, darker', () => {
    const why = (made: Made) => runOne(browserPattern, [...page(), photo({ ...GONE, ...made })]).notExamined[0];
    expect(why({ scale: 1.8 })?.because).toContain('1.8 pixels for one of the screen’s');
    expect(why({ sharpness: 0.3 })?.because).toContain('not sharp enough');
    expect(why({ slant: 1 })?.because).toContain('lies too straight');
    expect(why({ white: 254 })?.because).toContain('overexposed');
    expect(why({ scale: 1.8 })?.settledBy).toContain('nearer');
  });
});
