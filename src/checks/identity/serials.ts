import { type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';
import { PLACEHOLDER_SERIALS, serialsOf } from './identifiers.ts';

export const serialSurfaces = defineCheck({
  id: 'identity.serial-surfaces',
  axis: 'custody',
  title: 'Serials of different surfaces',
  what: 'ro.serialno, ro.boot.serialno, the USB descriptor and the bootloader’s serialno against each other.',
  why: 'One number of the board is stated in all of them. Who changes it in the system leaves it in the bootloader.',
  benign: [
    'ASUS phones with Intel chips state the chip’s number in ro.boot.serialno (2 of 50 recorded phones).',
    'Case and leading zeros differ.',
    'Recordings mask serials.',
  ],
  confirm: 'Read the serial in the bootloader, and on the box.',
  strength: 'weak',
  standing: 'told',
  needs: [],
  settledBy: 'getprop, the USB descriptor and fastboot getvar serialno',
  group: 'serial',
  causes: ['clone', 'property-edit'],
  catches: 'framework',
  spec: ['AOSP system/core/init/property_service.cpp, ExportKernelBootProps'],
  run({ facts }) {
    const serials = serialsOf(facts).filter(({ value }) => !PLACEHOLDER_SERIALS.test(value.trim()));
    const [first, ...rest] = serials;
    if (first === undefined || new Set(serials.map(({ surface }) => surface)).size < 2)
      return notChecked('fewer than two surfaces state a serial', 'getprop, the USB descriptor, the bootloader');
    const normal = (text: string) => text.trim().toLowerCase().replace(/^0+/, '');
    const other = rest.find(({ value }) => normal(value) !== normal(first.value));
    return failOrPass(
      other === undefined
        ? []
        : [
            {
              claimed: `${first.surface}: ${first.value}`,
              observed: `${other.surface}: ${other.value}`,
              because: 'On most phones these are one number.',
              standing: other.standing,
              evidence: [first.place, other.place],
            },
          ],
      'told',
    );
  },
});

export const serialPlaceholder = defineCheck({
  id: 'identity.serial-placeholder',
  axis: 'custody',
  title: 'A serial that is a placeholder',
  what: 'Serials against the defaults of chip makers’ files.',
  why: 'A phone without a number of its own cannot be followed, and was not made with care.',
  benign: ['Cheap genuine phones and tablets keep the chip maker’s default.', 'Engineering units.'],
  confirm: 'Compare with the box.',
  strength: 'weak',
  standing: 'told',
  needs: [],
  settledBy: 'getprop, the USB descriptor',
  group: 'serial',
  causes: ['engineering', 'repair', 'clone'],
  catches: undefined,
  spec: ['research/hardware-challenges.md'],
  run({ facts }) {
    const serials = serialsOf(facts);
    if (serials.length === 0) return notChecked('no serial was stated', 'getprop, the USB descriptor');
    return failOrPass(
      serials
        .filter(({ value }) => PLACEHOLDER_SERIALS.test(value.trim()))
        .map(
          ({ value, surface, place, standing }): Draft => ({
            claimed: `${surface}: ${value}`,
            observed: 'a default serial',
            because: 'Many phones state this serial; it is nobody’s.',
            standing,
            evidence: [place],
          }),
        ),
      'told',
    );
  },
});
