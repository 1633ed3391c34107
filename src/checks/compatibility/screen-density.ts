import { said } from '../boot/index.ts';
import { type Definition, defineClause } from './cdd.ts';

/** `DisplayMetrics.DENSITY_*` of Android 13: what 7.1.1.3 refers to from Android 10 on. Source: AOSP core/java/android/util/DisplayMetrics.java. */
const DENSITIES = new Set([
  120, 140, 160, 180, 200, 213, 220, 240, 260, 280, 300, 320, 340, 360, 390, 400, 420, 440, 450, 480, 520, 560, 600, 640,
]);

/** The older definitions list them themselves. Source: 7.1.1 of 4.4, 7.1.1.3 of the others. */
const FIRST = [120, 160, 213, 240, 320, 400, 480, 640];
const IN_DEFINITION: Partial<Record<Definition, ReadonlySet<number>>> = {
  '4.4': new Set(FIRST),
  '5.0': new Set([...FIRST, 560]),
  '5.1': new Set([...FIRST, 280, 560]),
  '6.0': new Set([...FIRST, 280, 360, 420, 560]),
};

export const screenDensity = defineClause({
  id: 'cdd-screen-density',
  section: '7.1.1.3',
  clause: { '10': 'C-0-1', '11': 'C-0-1', '12': 'C-0-1', '13': 'C-0-1' },
  unnumbered: { '4.4': { section: '7.1.1' }, '5.0': {}, '5.1': {}, '6.0': {} },
  demands: 'the stable density is one of the framework’s',
  why: 'A density of nobody’s list was written by hand, as after another panel was put in or a system was ported.',
  benign: ['Makers have shipped densities between the framework’s.'],
  settledBy: 'getprop with ro.sf.lcd_density',
  decide(context, release) {
    const density = said(context, 'ro.sf.lcd_density');
    if (density === undefined) return { open: 'the density was not read' };
    return (IN_DEFINITION[release] ?? DENSITIES).has(Number(density.value))
      ? { holds: true, standing: 'told' }
      : { broken: `ro.sf.lcd_density is ${density.value.slice(0, 20)}`, standing: 'told', evidence: [density.place] };
  },
});
