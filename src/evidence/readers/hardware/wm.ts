/** `wm size` and `wm density`: `Physical size: 1080x1920`, `Override density: 320`. Source: AOSP WindowManagerShellCommand. */
import { type ArtefactReader, eachLineIn, makeFact, unreadable, wholeOf } from '../../reader.ts';

export const wmReader: ArtefactReader = {
  kinds: ['wm'],
  read(artefact) {
    const said = new Map<string, readonly [number, number]>();
    for (const line of eachLineIn(artefact)) {
      const [, which, what, first, second] = /^\s*(Physical|Override) (size|density): (\d{1,5})(?:x(\d{1,5}))?\s*$/.exec(line.text) ?? [];
      const key = `${which} ${what}`;
      // The first answer counts: a second one would be appended text.
      if (which !== undefined && !said.has(key)) said.set(key, [Number(first), Number(second)]);
    }
    if (said.size === 0) return unreadable('it states no size and no density');
    const size = (which: string, index: 0 | 1) => {
      const value = said.get(`${which} size`)?.[index];
      return value === undefined || Number.isNaN(value) ? undefined : value;
    };
    const display = {
      physicalWidth: size('Physical', 0),
      physicalHeight: size('Physical', 1),
      overrideWidth: size('Override', 0),
      overrideHeight: size('Override', 1),
      physicalDensity: said.get('Physical density')?.[0],
      overrideDensity: said.get('Override density')?.[0],
      xDpi: undefined,
      yDpi: undefined,
    };
    return { facts: [makeFact('display', display, { standing: 'told', place: wholeOf(artefact) })], unread: [] };
  },
};
