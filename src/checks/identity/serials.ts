import { type Facts, factsOf } from '../../evidence/index.ts';
import { type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';
import { PLACEHOLDER_SERIALS, type StatedId, serialsOf } from './identifiers.ts';

export const serialSurfaces = defineCheck({
  id: 'identity.serial-surfaces',
  axis: 'custody',
  title: 'Serials of different surfaces',
  what: 'ro.serialno, ro.boot.serialno, the USB descriptor, the kernel’s command line and the bootloader’s serialno against each other.',
  why: 'One number of the board is stated in all of them. Who changes it in the system leaves it in the bootloader.',
  benign: [
    'ASUS phones with Intel chips state the chip’s number in ro.boot.serialno (2 of 50 recorded phones).',
    'Case and leading zeros differ.',
    'Recordings mask serials.',
  ],
  confirm: 'Read the serial in the bootloader, and on the box.',
  strength: 'conclusive',
  impossible:
    'The bootloader passes its serial to the kernel, init sets ro.serialno from it, and init.usb.rc writes ro.serialno into the USB descriptor while the phone starts. An outside surface that has another number than the property shows that the property was changed later. Properties that differ among themselves are weak.',
  standing: 'told',
  needs: [],
  settledBy: 'getprop, the USB descriptor and fastboot getvar serialno',
  group: 'serial',
  causes: ['clone', 'property-edit'],
  catches: 'framework',
  spec: ['AOSP system/core/init/property_service.cpp, ExportKernelBootProps', 'AOSP system/core/rootdir/init.usb.configfs.rc'],
  run({ facts, trust }) {
    const serials = serialsOf(facts);
    const boot = serials.find(({ surface }) => surface === 'ro.boot.serialno');
    const kernel = commandLineSerial(facts);
    // Keepers of recordings mask the properties and forget the kernel's log, so there it is only listed.
    if (boot !== undefined && kernel !== undefined && normal(kernel.value) !== normal(boot.value))
      return failOrPass([clash(boot, kernel, trust !== 'bearer')], 'told');
    if (new Set(serials.map(({ surface }) => surface)).size < 2)
      return notChecked('fewer than two surfaces state a serial', 'getprop, the USB descriptor, the bootloader');
    const stated = serials.filter(({ surface }) => surface.startsWith('ro.'));
    const outside = serials.filter(({ surface }) => !surface.startsWith('ro.'));
    const inForce = stated.find(({ surface }) => surface === 'ro.serialno') ?? stated[0];
    const differing = inForce === undefined ? [] : outside.filter(({ value }) => normal(value) !== normal(inForce.value));
    const [first, ...rest] = differing;
    if (inForce !== undefined && first !== undefined) {
      // USB takes its serial from the property while it starts, and the property takes its value from the bootloader: what differs was changed afterwards.
      const usb = differing.some(({ surface }) => surface.startsWith('USB'));
      const agree = rest.some(({ value }) => normal(value) === normal(first.value));
      return failOrPass([clash(inForce, first, usb || agree)], 'told');
    }
    const other = stated.find(({ value }) => inForce !== undefined && normal(value) !== normal(inForce.value));
    return failOrPass(inForce === undefined || other === undefined ? [] : [clash(inForce, other, false)], 'told');
  },
});

/** What the bootloader told the kernel, of which init makes ro.boot.serialno. */
function commandLineSerial(facts: Facts): StatedId | undefined {
  for (const { value, standing } of factsOf(facts, 'boot-log')) {
    const serial = /(?:^|\s)androidboot\.serialno=([\w.:-]{1,80})(?=\s|$)/.exec(value.commandLine?.value ?? '')?.[1];
    // `1a2XXXXX`: the keeper of a recording masked it.
    if (serial !== undefined && !/x{4,}$/i.test(serial) && value.commandLine !== undefined)
      return { value: serial, surface: 'kernel command line', place: value.commandLine.place, standing };
  }
  return undefined;
}

const normal = (text: string) =>
  text
    .trim()
    .toLowerCase()
    .replace(/^0+(?=.)/, '');

function clash(one: StatedId, other: StatedId, certain: boolean): Draft {
  return {
    claimed: `${one.surface}: ${one.value}`,
    observed: `${other.surface}: ${other.value}`,
    because: certain
      ? 'These are set from one number while the phone starts; one of them was changed.'
      : 'On most phones these are one number.',
    standing: other.standing,
    evidence: [one.place, other.place],
    ...(certain ? {} : { strength: 'weak' as const }),
  };
}

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
  spec: [],
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
