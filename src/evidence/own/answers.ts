/** `slots`, `iphonesubinfo`, `fastboot/getvar`: answers of services and of the bootloader. */
import { type ArtefactReader, eachLineIn, makeFact, unreadable, wholeOf } from '../reader.ts';
import type { Identifier, Slots } from '../values/index.ts';
import { sectionsOf } from './bundle.ts';

const LIES = /not found|permission denied|inaccessible|can't|cannot|error|usage/i;
const VARIABLES_MAX = 20_000;

export const slotsReader: ArtefactReader = {
  kinds: ['slots'],
  read(artefact) {
    const sections = new Map(
      sectionsOf(artefact).map(({ name, lines }) => [name, lines.map(({ text }) => text.trim()).filter((text) => text !== '')]),
    );
    if (sections.size === 0) return unreadable('it does not begin as a bundle');
    const say = (name: string) => {
      const said = (sections.get(name) ?? []).filter((text) => !text.startsWith('= ')).join('\n');
      return said === '' || LIES.test(said) ? undefined : said;
    };
    const suffix = say('ro.boot.slot_suffix') ?? say('ro.boot.slot');
    const current = suffix?.replace(/^_/, '') ?? say('bootctl get-current-slot')?.replace(/^0$/, 'a').replace(/^1$/, 'b');
    const otherSlot = current === 'a' ? '1' : current === 'b' ? '0' : undefined;
    const other = sections.get(`bootctl is-slot-bootable ${otherSlot}`);
    const status = other?.find((text) => /^= \d+$/.test(text));
    const value: Slots = {
      current,
      updateEngine: /CURRENT_OP=(\S+)/.exec(say('update_engine_client --status') ?? '')?.[1] ?? say('update_engine_client --status'),
      // bootctl exits 0 for a bootable slot and 70 (EX_SOFTWARE) for one that is not; anything else answers nothing.
      otherBootable: status === '= 0' ? true : status === '= 70' ? false : undefined,
      snapshotState: /^(?:Current state|Update state): (\S+)/m.exec(say('snapshotctl dump') ?? '')?.[1],
    };
    return { facts: [makeFact('slots', value, { standing: 'told', place: wholeOf(artefact) })], unread: [] };
  },
};

/** The text of `Result: Parcel(…)`: the quoted column of its dump, of UTF-16 shown a byte a character, with dots for the zeros. */
function parcelText(lines: readonly string[]): string {
  const quoted = lines.flatMap((text) => /'([^']{1,32})'/.exec(text)?.[1] ?? []);
  return quoted.join('').replaceAll('.', '');
}

export const subscriberInfoReader: ArtefactReader = {
  kinds: ['iphonesubinfo'],
  read(artefact) {
    const identifiers: Identifier[] = [];
    for (const { name, lines } of sectionsOf(artefact)) {
      const [first] = lines;
      const last = lines.at(-1);
      const value = /^\s*(\d{14,16}|[0-9A-F]{14})\s*$/.exec(parcelText(lines.map(({ text }) => text)))?.[1];
      if (value === undefined || first === undefined || last === undefined) continue;
      const [, code, index] = /^(\d) (?:i32 (\d))?/.exec(name) ?? [];
      const place = { artefact: artefact.name, at: first.at, length: last.at + last.length - first.at };
      const slot = code === '3' && index !== undefined ? Number(index) : undefined;
      identifiers.push({
        type: /^\d{15,16}$/.test(value) ? 'imei' : 'meid',
        slot,
        value,
        surface: `service call iphonesubinfo ${code ?? ''}`,
        place,
      });
    }
    if (identifiers.length === 0) return unreadable('no call answered with an identifier');
    return { facts: [makeFact('identifiers', identifiers, { standing: 'told', place: wholeOf(artefact) })], unread: [] };
  },
};

/** Variables that take a partition's name behind a colon. Source: AOSP system/core/fastboot/README.md. */
const OF_PARTITION =
  /^(partition-size|partition-type|is-logical|has-slot|slot-[a-z-]+|max-fetch-size|block-device|[a-z-]+-size|[a-z-]+-type):([^:\s]+):\s?(.*)$/s;

/** `getvar all`: `name:value`, with or without fastboot's `(bootloader) ` before it. */
export const fastbootReader: ArtefactReader = {
  kinds: ['fastboot/getvar'],
  read(artefact) {
    const variables: (readonly [string, string])[] = [];
    for (const line of eachLineIn(artefact)) {
      const text = line.text.replace(/^\(bootloader\)\s?/, '').trim();
      if (text === '' || variables.length >= VARIABLES_MAX) continue;
      const [, name, partition, ofPartition] = OF_PARTITION.exec(text) ?? [];
      if (name !== undefined) variables.push([`${name}:${partition ?? ''}`, ofPartition ?? '']);
      else {
        const colon = text.indexOf(':');
        if (colon > 0) variables.push([text.slice(0, colon).trim(), text.slice(colon + 1).trim()]);
      }
    }
    if (variables.length === 0) return unreadable('it names no variable');
    const place = wholeOf(artefact);
    const say = (key: string) => variables.find(([name]) => name === key)?.[1];
    const userspace = say('is-userspace');
    const facts = [
      makeFact(
        'fastboot',
        { userspace: userspace === undefined ? undefined : userspace === 'yes', variables },
        { standing: 'shown', place },
      ),
    ];
    const serial = say('serialno');
    if (serial !== undefined && serial !== '')
      facts.push(
        makeFact('identifiers', [{ type: 'serial', slot: undefined, value: serial, surface: 'fastboot getvar serialno', place }], {
          standing: 'shown',
          place,
        }),
      );
    return { facts, unread: [] };
  },
};
