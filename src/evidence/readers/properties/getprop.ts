import { parseGetprop } from '../../properties.ts';
import { type ArtefactReader, makeFact, unreadable, wholeOf } from '../../reader.ts';

/** The output of `getprop`. */
export const getpropReader: ArtefactReader = {
  kinds: ['getprop'],
  read(artefact) {
    const { value, oddities } = parseGetprop(artefact.bytes, artefact.name, artefact.base);
    if (value.entries.length === 0) return unreadable('it holds no `[key]: [value]` line');
    return { facts: [makeFact('properties', value, { standing: 'told', place: wholeOf(artefact), oddities })], unread: [] };
  },
};
