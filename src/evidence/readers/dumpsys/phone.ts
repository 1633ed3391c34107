/** Users (`dumpsys user`, `pm list users`) and the phone's identifiers where a service prints them (`dumpsys iphonesubinfo`, telephony). Source: AOSP UserInfo.toString, PhoneSubInfo.dump. */
import { type ArtefactReader, eachLineIn, makeFact, placeOfLine, unreadable, wholeOf } from '../../reader.ts';
import type { Identifier, UserProfile } from '../../values/index.ts';
import { collect } from '../collect.ts';

/** Characters of one user's line that are looked at. */
const INFO_MAX = 2000;

export const usersReader: ArtefactReader = {
  kinds: ['dumpsys/user', 'pm/users'],
  read(artefact) {
    const users = new Map<number, { -readonly [K in keyof UserProfile]: UserProfile[K] }>();
    let last: { running: boolean | undefined } | undefined;
    for (const line of eachLineIn(artefact)) {
      // A name may hold a colon: flags are the last part.
      const begins = line.text.indexOf('UserInfo{');
      const info = begins < 0 ? '' : line.text.slice(begins, begins + INFO_MAX);
      const [, id, name, flags, rest = ''] = /^UserInfo\{(\d{1,5}):(.*):([0-9a-f]{1,8})\}(.*)$/s.exec(info) ?? [];
      if (id !== undefined && users.size < 1000) {
        const user = {
          id: Number(id),
          name: name ?? '',
          flags: Number.parseInt(flags ?? '', 16),
          running: artefact.kind === 'pm/users' ? /\brunning\b/.test(rest) : undefined,
        };
        if (!users.has(user.id)) users.set(user.id, user);
        last = users.get(user.id);
      }
      const state = /^\s+State: (\w+)/.exec(line.text)?.[1];
      if (state !== undefined && last !== undefined) last.running = state.startsWith('RUNNING');
    }
    if (users.size === 0) return unreadable('it lists no user');
    return { facts: [makeFact('users', [...users.values()], { standing: 'told', place: wholeOf(artefact) })], unread: [] };
  },
};

export const subscriberReader: ArtefactReader = {
  kinds: ['dumpsys/iphonesubinfo', 'dumpsys/telephony.registry', 'dumpsys/isub'],
  read(artefact) {
    const identifiers = collect<Identifier>('identifiers', 1000);
    const surface = artefact.kind.replace('/', ' ');
    for (const line of eachLineIn(artefact)) {
      const text = line.text.slice(0, 4000);
      const place = placeOfLine(artefact, line);
      const device = /\bDevice ID = ([0-9A-Fa-f]{14,16})\b/.exec(text)?.[1] ?? /\b(?:imei|mImei)[=:] ?(\d{14,16})\b/i.exec(text)?.[1];
      if (device !== undefined)
        identifiers.add({
          type: device.length === 14 && /[a-f]/i.test(device) ? 'meid' : 'imei',
          slot: undefined,
          value: device,
          surface,
          place,
        });
      const iccid = /\b(?:iccId|mIccId)[=:] ?(\d{18,22})\b/i.exec(text)?.[1];
      if (iccid !== undefined) identifiers.add({ type: 'iccid', slot: undefined, value: iccid, surface, place });
    }
    // Most phones mask them: that is no fault of the artefact.
    if (identifiers.list.length === 0) return { facts: [], unread: [] };
    return {
      facts: [makeFact('identifiers', identifiers.list, { standing: 'told', place: wholeOf(artefact) })],
      unread: identifiers.dropped(),
    };
  },
};
