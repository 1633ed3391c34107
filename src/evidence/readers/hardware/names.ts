/**
 * Names of drivers, interrupts, modules, HALs, input devices, sound cards, partitions: the part that forgers forget.
 * Source: Linux Documentation/filesystems/proc.rst (/proc/interrupts, modules, partitions, asound/cards); AOSP frameworks/native/cmds/lshal, system/core/toolbox/getevent.c.
 */
import type { ArtefactKind } from '../../capture.ts';
import type { Line } from '../../lines.ts';
import { type ArtefactReader, eachLineIn, makeFact, placeOfLine, unreadable, wholeOf } from '../../reader.ts';
import type { DriverNames, Said } from '../../values/index.ts';
import { collect } from '../collect.ts';

/** A reader that takes zero or one name from each line. */
function namesReader(kind: ArtefactKind, surface: DriverNames['surface'], nameIn: (line: Line) => string | undefined): ArtefactReader {
  return {
    kinds: [kind],
    read(artefact) {
      const names = collect<Said<string>>('names');
      for (const line of eachLineIn(artefact)) {
        const name = nameIn(line);
        if (name !== undefined && name !== '') names.add({ value: name, place: placeOfLine(artefact, line) });
      }
      if (names.list.length === 0) return unreadable(`no name was found in it`);
      return {
        facts: [makeFact('driver-names', { surface, names: names.list }, { standing: 'shown', place: wholeOf(artefact) })],
        unread: names.dropped(),
      };
    },
  };
}

/** ` 18:  1234  0  0  0  GIC-0  27 Level  arch_timer`: what follows the counters, without the number of the line and the trigger. */
export const interruptsReader = namesReader('proc/interrupts', 'interrupts', ({ text }) => {
  const [, label = '', rest = ''] = /^\s*([A-Za-z0-9]+):(.*)$/s.exec(text) ?? [];
  if (rest === '') return undefined;
  const words = rest.trim().split(/\s+/);
  let first = 0;
  while (first < words.length && /^\d+$/.test(words[first] ?? '')) first++;
  const tail = words.slice(first);
  // IPI0 and the like are the kernel's own, not a device's.
  if (!/^\d+$/.test(label)) return tail.length === 0 ? undefined : `${label} ${tail.join(' ')}`;
  return tail.join(' ');
});

/** `name size users [dependents,] state address`; `lsmod` begins with a header. */
export const modulesReader = namesReader('proc/modules', 'modules', ({ text }) => /^(?!Module\s)([^\s]+)\s+\d+\s/.exec(text)?.[1]);

/** `major minor blocks name`. */
export const partitionsReader = namesReader(
  'proc/partitions',
  'partitions',
  ({ text }) => /^\s*\d+\s+\d+\s+\d+\s+(\S+)\s*$/.exec(text)?.[1],
);

/** ` 0 [id ]: driver - short name`. */
export const asoundReader = namesReader('proc/asound/cards', 'asound', ({ text }) => {
  const [, id = '', name = ''] = /^\s*\d+ \[([^\]]*)\]:(.*)$/.exec(text) ?? [];
  return name === '' ? undefined : `${id.trim()}: ${name.trim()}`;
});

/** A full HAL name: `package@1.0::IName/instance` of HIDL, stars in the place of names where its clients load it as a library, or `package.IName/instance` of AIDL. */
export const lshalReader = namesReader('lshal', 'hals', ({ text }) => {
  for (const word of text.split(/\s+/, 16))
    if (/^[\w.]+@\d+\.\d+::(?:\w+|I\*)(\/\S+)?$/.test(word) || /^[a-z]\w*(\.\w+)+\.I[A-Z]\w*\/\S+$/.test(word)) return word;
  return undefined;
});

/** `  name:     "synaptics_dsx"`. */
export const geteventReader = namesReader('getevent', 'input', ({ text }) => /^\s*name:\s*"(.*)"\s*$/.exec(text)?.[1]);
