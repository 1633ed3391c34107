/** `service list`: `12<TAB>name: [interface]`. Source: AOSP frameworks/native/cmds/service. */
import { type ArtefactReader, eachLineIn, makeFact, placeOfLine, unreadable, wholeOf } from '../../reader.ts';
import type { Said } from '../../values/index.ts';
import { collect } from '../collect.ts';

export const serviceListReader: ArtefactReader = {
  kinds: ['service-list'],
  read(artefact) {
    const names = collect<Said<string>>('services');
    for (const line of eachLineIn(artefact)) {
      const name = /^\s{0,8}\d{1,6}\s{1,8}(\S+): \[/.exec(line.text)?.[1];
      if (name !== undefined) names.add({ value: name, place: placeOfLine(artefact, line) });
    }
    if (names.list.length === 0) return unreadable('it lists no service');
    return { facts: [makeFact('services', names.list, { standing: 'shown', place: wholeOf(artefact) })], unread: names.dropped() };
  },
};
