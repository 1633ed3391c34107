import { toHex } from '../../../bytes/index.ts';
import { type Fact, type Facts, factsOf, type ScreenPhoto } from '../../../evidence/index.ts';
import { type Draft, defineCheck, notChecked, type Outcome } from '../../define.ts';
import { type Answered, answeredIn, refusalOf, SETTLED } from './shared.ts';

/**
 * What a picture must have for stripes that are not in it to mean something: its own pixels for one of the device, and what its edges keep at the stripes' frequency.
 * Coarser stripes in their place are a sign by themselves, and want less of it than grey does; edges of a panel that scales are soft, where they fall between its pixels.
 */
const [SCALE_LEAST, SHARP_LEAST, SHARP_INSTEAD] = [2, 0.35, 0.25];
/**
 * Degrees by which an edge must lie askew, as ISO 12233 wants it. A digital zoom makes many pixels of few: an edge that lies along them can be as sharp as a knife where stripes were never resolved.
 * One that crosses them is met at every place between two pixels, and its mean tells what the camera resolved before.
 */
const SLANT_LEAST = 3;
/**
 * Values of white above which, and parts of it at the end of the range beyond which, it swallows its neighbours; and the least from black to white.
 * Through a sharp lens the dots of a panel stand apart, and a good third of a white area may be at the end of the range while the rest is dark.
 */
const [WHITE_MOST, CLIPPED_MOST, RANGE_LEAST] = [250, 0.6, 60];
/** Parts of the contrast that the edges promise: a panel with these pixels keeps all of it, whatever the camera keeps. */
const [SHOWN_FROM, MISSING_TO] = [0.6, 0.3];
/** Contrast below which nothing is shown; and how much more a longer period must have, and how much at least, to be what is shown in place of the stripes. */
const [CONTRAST_LEAST, INSTEAD_TIMES, INSTEAD_LEAST] = [0.1, 1.3, 0.2];
/** Of the four patches of single pixels an axis has; and of the three of wider stripes that show that the picture shows stripes. */
const [SHOWN_PATCHES, MISSING_PATCHES, WIDE_PATCHES, WIDE_FROM] = [2, 3, 2, 3];

const AGAIN =
  'another photograph: nearer or with a macro lens and without digital zoom, held still, the camera turned by some ten degrees, all four marks in it, the brightness at half, and the camera’s exposure set on the pattern';
const TAKE = 'the page again, the pattern photographed with another camera, and `inspect CAPTURE --screen-photo PICTURE`';

type PatchRead = ScreenPhoto['patches'][number];

export const browserPattern = defineCheck({
  id: 'silicon.browser-pattern',
  axis: 'hardware',
  title: 'Single pixels of the screen, photographed',
  what: 'Stripes of one pixel that the phone’s browser drew, in a photograph that another camera took, against what the edges beside them show of that photograph’s sharpness.',
  why: 'A panel with fewer pixels than its software counts must scale what it is given: stripes of single pixels become grey, or coarser stripes, while wider ones and edges stay. No software can give a panel pixels that it has not.',
  benign: [
    'Its owner set a size beyond the panel’s own, or the maker draws larger than the panel and scales. Where Android says so (`wm size`), it is no finding.',
    'The browser draws the page at another size: its zoom, desktop pages, a magnifier of the system.',
    'The panel shares colours between pixels in both directions, or a filter lies on the screen.',
    'A camera that draws its pictures anew (super resolution, noise reduction), moiré.',
  ],
  confirm:
    'Photograph it again with another camera and a macro lens; count the panel’s own pixels along a ruler in the picture; ask `wm size`.',
  // Never tried on a phone.
  strength: 'weak',
  standing: 'told',
  needs: ['browser-run'],
  settledBy: SETTLED,
  // A panel of other pixels is seen by `silicon.display` and `silicon.screen-size` too: one event.
  group: 'display',
  causes: ['other-silicon', 'repair', 'owner-settings', 'tool'],
  catches: undefined,
  spec: ['W3C Resize Observer, device-pixel-content-box', 'ISO 12233, edge-based spatial frequency response'],
  run({ facts }): Outcome {
    const answered = answeredIn(facts);
    if (typeof answered === 'string') return notChecked(answered, SETTLED);
    const shown = answered.said.pattern;
    if (shown === undefined) return notChecked(`no pattern was shown: ${refusalOf(answered, 'pattern')}`, TAKE);
    const photos = factsOf(facts, 'screen-photo');
    const seconds = Math.round(shown.shownMs / 1000);
    if (photos.length === 0) return notChecked(`a pattern was shown for ${seconds} s, and no photograph of it was given`, TAKE);
    const nonces = noncesOf(answered);
    const judged = photos.map((photo) => ({ photo, ...judge(photo.value, nonces) }));
    const seen = judged.find(({ verdict }) => verdict === 'shown');
    if (seen !== undefined)
      return {
        outcome: 'pass',
        standing: 'told',
        beyond: [
          {
            what: 'Whether the screen that was photographed is this phone’s',
            because: `the photograph shows single pixels (${seen.words}); it does not show whose screen that is, nor that the browser drew no larger than it said`,
            settledBy: 'the screen under a ruler (--claim ruler=64.5x143 in mm)',
          },
        ],
      };
    const missing = judged.find(({ verdict }) => verdict === 'missing');
    const larger = largerThanPanel(facts);
    if (missing !== undefined && larger !== undefined)
      return notChecked(
        `the photograph shows fewer pixels than the browser draws, as Android says: ${larger}`,
        'the same after `wm size reset`',
      );
    if (missing !== undefined) return { outcome: 'fail', findings: [findingOf(answered, missing.photo, missing.words)] };
    return notChecked(judged.map(({ words }) => words).join('; '), AGAIN);
  },
});

/** Where Android itself states that it draws more than its panel has. */
function largerThanPanel(facts: Facts): string | undefined {
  for (const { value } of factsOf(facts, 'display')) {
    const { physicalWidth, physicalHeight, overrideWidth, overrideHeight } = value;
    if (physicalWidth === undefined || physicalHeight === undefined || overrideWidth === undefined || overrideHeight === undefined)
      continue;
    if (overrideWidth * overrideHeight > physicalWidth * physicalHeight)
      return `${overrideWidth}x${overrideHeight} drawn on a panel of ${physicalWidth}x${physicalHeight}`;
  }
  return undefined;
}

/** Of the questions that asked for a pattern: in hex, the 16 bytes that a code holds. */
const noncesOf = ({ run }: Answered): ReadonlySet<string> =>
  new Set(run.exchanges.filter(({ question }) => question.startsWith('{"ask":"pattern"')).map(({ nonce }) => toHex(nonce.subarray(0, 16))));

interface Judged {
  readonly verdict: 'shown' | 'missing' | 'unclear';
  readonly words: string;
}

function judge(photo: ScreenPhoto, nonces: ReadonlySet<string>): Judged {
  const unclear = (words: string): Judged => ({ verdict: 'unclear', words });
  if (photo.nonce === undefined) return unclear(photo.problem ?? 'no code of a pattern was found in the photograph');
  if (!nonces.has(photo.nonce)) return unclear('the photograph shows the pattern of another check: not of this page, not of this hour');
  if (photo.problem !== undefined) return unclear(photo.problem);
  const [columns, rows] = (['columns', 'rows'] as const).map((axis) => judgeAxis(photo.patches.filter((patch) => patch.axis === axis)));
  if (columns === undefined || rows === undefined) return unclear('no patch could be measured');
  const words = `stripes of one pixel, standing: ${columns.words}; lying: ${rows.words}`;
  if (columns.verdict === rows.verdict) return { verdict: columns.verdict, words };
  if (columns.verdict === 'missing' || rows.verdict === 'missing')
    return unclear(`${words}. One direction alone is no finding: panels that share colours between pixels show it`);
  return unclear(words);
}

/** Whether single pixels are told apart in one direction. */
function judgeAxis(patches: readonly PatchRead[]): Judged {
  const single = patches.filter(({ stripe }) => stripe === 1);
  const kinds = Map.groupBy(single, kindOf);
  const count = (kind: Kind) => kinds.get(kind)?.length ?? 0;
  const wide = patches.filter((patch) => patch.stripe >= WIDE_FROM && isShown(patch));
  const contrast = `contrast ${range(single.map((patch) => patch.contrast))} where edges keep ${range(single.map(({ sharpness }) => sharpness))}`;
  if (count('shown') >= SHOWN_PATCHES && count('missing') === 0) return { verdict: 'shown', words: contrast };
  if (count('missing') >= MISSING_PATCHES && count('shown') === 0 && wide.length >= WIDE_PATCHES)
    return {
      verdict: 'missing',
      words: `${contrast}${insteadText(single)}; stripes of ${wide
        .map(({ stripe }) => stripe)
        .toSorted((a, b) => a - b)
        .join(', ')} pixels are there`,
    };
  const [because] = kinds.has('blurred') || single.length === 0 ? [whyBlurred(single)] : [contrast];
  return { verdict: 'unclear', words: because };
}

type Kind = 'shown' | 'missing' | 'between' | 'blurred';

function kindOf(patch: PatchRead): Kind {
  if (isShown(patch)) return 'shown';
  const { contrast, sharpness, elsewhere } = patch;
  const isInstead = elsewhere.contrast >= INSTEAD_LEAST && elsewhere.contrast >= INSTEAD_TIMES * contrast;
  if (whyNot(patch, isInstead ? SHARP_INSTEAD : SHARP_LEAST) !== undefined) return 'blurred';
  return isInstead || contrast <= MISSING_TO * promised(sharpness) ? 'missing' : 'between';
}

/** The contrast that edges promise. Above 1 they were sharpened, or a grid of the panel shines through: neither is promised of stripes. */
const promised = (sharpness: number): number => Math.min(1, sharpness);

const isShown = ({ contrast, sharpness, elsewhere }: PatchRead): boolean =>
  contrast >= CONTRAST_LEAST && contrast >= SHOWN_FROM * promised(sharpness) && contrast >= elsewhere.contrast;

/** Why nothing follows from what a patch does not show. */
function whyNot({ scale, slant, sharpness, white, black, clipped }: PatchRead, wanted = SHARP_LEAST): string | undefined {
  if (scale < SCALE_LEAST) return `the picture has ${scale.toFixed(1)} pixels for one of the screen’s, and ${SCALE_LEAST} are wanted`;
  if (slant < SLANT_LEAST) return 'the picture lies too straight: edges must cross its rows and columns to show how sharp it is';
  if (white > WHITE_MOST || clipped > CLIPPED_MOST) return 'the picture is overexposed: white swallows what is beside it';
  if (white - black < RANGE_LEAST) return 'the picture is too dark';
  if (sharpness < wanted)
    return `the picture is not sharp enough: edges keep ${sharpness.toFixed(2)} at single pixels, and ${wanted} are wanted`;
  return undefined;
}

const whyBlurred = (single: readonly PatchRead[]): string =>
  single.map((patch) => whyNot(patch)).find((why) => why !== undefined) ?? 'no patch of single pixels could be measured';

function insteadText(single: readonly PatchRead[]): string {
  const most = single.reduce<PatchRead['elsewhere'] | undefined>(
    (best, { elsewhere }) => (elsewhere.contrast > (best?.contrast ?? INSTEAD_LEAST) ? elsewhere : best),
    undefined,
  );
  if (most === undefined) return ', and grey in their place';
  return most.period === undefined
    ? `, and in their place all black or all white (${most.contrast.toFixed(2)})`
    : `, and in their place a period of ${most.period.toFixed(1)} pixels (${most.contrast.toFixed(2)})`;
}

const range = (values: readonly number[]): string => {
  const [least, most] = [Math.min(...values), Math.max(...values)].map((value) => value.toFixed(2));
  return least === most ? `${least}` : `${least} to ${most}`;
};

function findingOf(answered: Answered, photo: Fact & { readonly value: ScreenPhoto }, words: string): Draft {
  const { screen, pattern } = answered.said;
  const { width, height, ratio } = screen ?? {};
  const size =
    typeof width === 'number' && typeof height === 'number' && typeof ratio === 'number'
      ? `a screen of ${Math.round(width * ratio)}x${Math.round(height * ratio)} pixels`
      : `an area of ${pattern?.width}x${pattern?.height} pixels of the screen`;
  return {
    claimed: `${size}, as the browser counts and draws them`,
    observed: words,
    because:
      'The panel shows fewer pixels than the phone reports: the photograph is sharp enough for single ones, and they are not there, in either direction.',
    standing: 'told',
    evidence: [photo.place, answered.place],
  };
}
