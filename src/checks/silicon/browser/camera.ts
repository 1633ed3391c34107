import { type Camera, factsOf } from '../../../evidence/index.ts';
import { defineCheck, failOrPass, notChecked, type Outcome } from '../../define.ts';
import { again, answeredIn, refusalOf, SETTLED, whose } from './shared.ts';

interface Size {
  readonly width: number;
  readonly height: number;
}

export const browserCamera = defineCheck({
  id: 'silicon.browser-camera',
  axis: 'hardware',
  title: 'The camera frame that the browser was given',
  what: 'The size of one frame, whichever way it is turned, against the pixel arrays of all cameras that the camera service describes.',
  why: 'A browser cuts a frame down and never enlarges it: no sensor gives more pixels than it has.',
  benign: [
    'A camera at the USB port, or one of software, gave the frame.',
    'Old camera services describe no arrays: nothing is compared.',
    'The page was opened on another phone than the one at the cable.',
  ],
  confirm: 'Take a picture at full size with the phone’s own camera app, and look at its size.',
  strength: 'weak',
  standing: 'told',
  needs: ['browser-run'],
  settledBy: SETTLED,
  group: 'browser',
  causes: ['other-silicon', 'property-edit', 'repair', 'tool'],
  catches: undefined,
  spec: ['W3C Media Capture and Streams, 6.2.1', 'AOSP camera metadata, android.sensor.info.pixelArraySize'],
  run({ facts }): Outcome {
    const answered = answeredIn(facts);
    if (typeof answered === 'string') return notChecked(answered, SETTLED);
    const { camera: frame } = answered.said;
    if (frame === undefined) return notChecked(`no frame was taken: ${refusalOf(answered, 'camera')}`, again(answered));
    const own = factsOf(facts, 'cameras');
    const arrays = own.flatMap(({ value }) => value.map(arrayOf));
    const [first] = own;
    if (first === undefined || arrays.includes(undefined) || frame.width * frame.height === 0)
      return notChecked(
        `a frame of ${text(frame)}, and the arrays of the cameras are not told`,
        '`dumpsys media.camera` of Android 5 or later, beside the page',
      );
    const sizes = arrays.filter((size) => size !== undefined);
    if (sizes.some((size) => fits(frame, size))) return failOrPass([], 'told');
    return failOrPass(
      [
        {
          claimed: `the camera service: sensors of ${[...new Set(sizes.map(text))].join(', ')}`,
          observed: `a frame of ${text(frame)} (${whose(answered)})`,
          because: 'No camera that is described has so many pixels.',
          standing: 'told',
          evidence: [answered.place, first.place],
        },
      ],
      'told',
    );
  },
});

const arrayOf = ({ pixelArrayWidth: width, pixelArrayHeight: height }: Camera): Size | undefined =>
  width === undefined || height === undefined ? undefined : { width, height };

const [long, short] = [({ width, height }: Size) => Math.max(width, height), ({ width, height }: Size) => Math.min(width, height)];
const fits = (frame: Size, sensor: Size): boolean => long(frame) <= long(sensor) && short(frame) <= short(sensor);
const text = (size: Size): string => `${long(size)}x${short(size)}`;
