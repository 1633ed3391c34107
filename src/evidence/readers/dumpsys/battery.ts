/** `dumpsys battery`. Source: AOSP services/core/java/com/android/server/BatteryService.java (dumpInternal): level and scale; `Charge counter` in µAh since Android 8, where the fuel gauge has one. */
import { type ArtefactReader, eachLineIn, makeFact, unreadable, wholeOf } from '../../reader.ts';

const NAMES: ReadonlyMap<string, 'level' | 'scale' | 'charge'> = new Map([
  ['level', 'level'],
  ['scale', 'scale'],
  ['Charge counter', 'charge'],
]);

export const batteryStateReader: ArtefactReader = {
  kinds: ['dumpsys/battery'],
  read(artefact) {
    const said = new Map<string, number>();
    for (const { text } of eachLineIn(artefact)) {
      const [, name = '', value] = /^ {2}([A-Za-z ]{1,30}): (-?\d{1,10})\s*$/.exec(text) ?? [];
      const key = NAMES.get(name);
      // The first answer counts: a second one would be appended text.
      if (key !== undefined && !said.has(key)) said.set(key, Number(value));
    }
    const [level, scale] = [said.get('level'), said.get('scale')];
    if (level === undefined || scale === undefined || scale <= 0 || level < 0 || level > scale)
      return unreadable('it states no level of charge');
    const state = { charged: level / scale, chargeMicroampHours: said.get('charge') };
    return { facts: [makeFact('battery', state, { standing: 'told', place: wholeOf(artefact) })], unread: [] };
  },
};
