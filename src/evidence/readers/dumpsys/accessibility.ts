/**
 * `dumpsys accessibility`: until Android 13 blocks of `N : component` under `installed services: {`, from 14 on `Enabled services:{{a/b},{c/d}}` on a line.
 * Source: AOSP frameworks/base services/accessibility AccessibilityManagerService.dump, AccessibilityUserState.dump.
 */
import type { Place } from '../../fact.ts';
import { type ArtefactReader, eachLineIn, makeFact, placeOfLine, unreadable, wholeOf } from '../../reader.ts';
import type { Said } from '../../values/index.ts';
import { type Collected, collect } from '../collect.ts';

export const accessibilityReader: ArtefactReader = {
  kinds: ['dumpsys/accessibility'],
  read(artefact) {
    const installed = collect<Said<string>>('services', 10_000);
    const enabled = collect<Said<string>>('services', 10_000);
    let block: Collected<Said<string>> | undefined;
    let found = false;
    for (const line of eachLineIn(artefact)) {
      const place = placeOfLine(artefact, line);
      const [, which, rest = ''] = /^\s*(installed|enabled) services:\s*\{(.*)$/is.exec(line.text) ?? [];
      if (which !== undefined) {
        found = true;
        const list = which.toLowerCase() === 'installed' ? installed : enabled;
        for (const component of componentsIn(rest)) list.add({ value: component, place });
        block = rest.includes('}') ? undefined : list;
        continue;
      }
      if (block === undefined) continue;
      const component = /^\s*\d+ : (\S+\/\S+)\s*$/.exec(line.text)?.[1];
      if (component !== undefined) block.add({ value: component, place });
      else if (line.text.includes('}')) block = undefined;
    }
    if (!found) return unreadable('it names neither installed nor enabled services');
    const value = { installed: installed.list, enabled: enabled.list };
    return {
      facts: [makeFact('accessibility', value, { standing: 'told', place: wholeOf(artefact) })],
      unread: [...installed.dropped(), ...enabled.dropped()],
    };
  },
};

/** Split first: a pattern that looks for the slash would try every character of a long line as a beginning. */
const componentsIn = (text: string): readonly string[] => text.split(/[\s{},;[\]]+/).filter((word) => /^[^/]+\/[^/]/.test(word));

/** `dumpsys device_policy`. Source: AOSP DevicePolicyManagerService.dump, Owners.dump. */
export const devicePolicyReader: ArtefactReader = {
  kinds: ['dumpsys/device_policy'],
  read(artefact) {
    const admins = collect<Said<string>>('admins', 10_000);
    const profileOwners: string[] = [];
    let deviceOwner: string | undefined;
    let part: 'device' | 'profile' | 'admins' | undefined;
    let found = false;
    const component = (text: string) => /(?:ComponentInfo\{)?([\w.$]+\/[\w.$]+)/.exec(text.slice(0, 1000))?.[1];
    for (const line of eachLineIn(artefact)) {
      const { text } = line;
      if (/^\s*(Current )?Device Policy Manager/i.test(text)) found = true;
      if (/^\s*Device Owner\b/.test(text)) part = 'device';
      else if (/^\s*Profile Owner\b/.test(text)) part = 'profile';
      else if (/^\s*Enabled Device Admins\b/.test(text)) part = 'admins';
      else if (/^\s{0,2}\S/.test(text)) part = undefined;
      if (part !== undefined) found = true;
      const name = component(text);
      if (name === undefined || part === undefined) continue;
      const place: Place = placeOfLine(artefact, line);
      if (part === 'device' && /admin=/.test(text)) deviceOwner ??= name;
      else if (part === 'profile' && /admin=/.test(text) && profileOwners.length < 1000) profileOwners.push(name);
      else if (part === 'admins' && text.trimEnd().endsWith(':')) admins.add({ value: name, place });
    }
    if (!found) return unreadable('it is no dump of the device policy');
    // An owner is printed only where there is one.
    const value = { deviceOwner: deviceOwner ?? null, profileOwners, activeAdmins: admins.list };
    return { facts: [makeFact('device-policy', value, { standing: 'told', place: wholeOf(artefact) })], unread: admins.dropped() };
  },
};
