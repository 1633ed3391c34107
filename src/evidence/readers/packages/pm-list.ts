/**
 * `pm list packages` in its variants. Source: AOSP frameworks/base PackageManagerShellCommand.runListPackages:
 * `package:` [PATH `=`] NAME [` versionCode:`N] [`  installer=`NAME] [` uid:`N{,N}], where -s, -3, -d, -e choose and -u adds uninstalled ones.
 */
import type { Oddity } from '../../../bytes/index.ts';
import type { Place } from '../../fact.ts';
import { type ArtefactReader, eachLineIn, makeFact, placeOfLine, unreadable, wholeOf } from '../../reader.ts';
import type { Package } from '../../values/index.ts';
import { collect, wholeNumber } from '../collect.ts';
import { namedPackage, usersOf } from './package.ts';

/** Uids of a user begin at its number times this. Source: AOSP UserHandle.PER_USER_RANGE. */
const USER_RANGE = 100_000;

export const pmListReader: ArtefactReader = {
  kinds: ['pm/packages'],
  read(artefact) {
    const asked = askedFor(artefact.origin ?? '');
    const packages = collect<Package>('packages');
    const oddities: Oddity[] = [];
    for (const line of eachLineIn(artefact)) {
      const text = line.text.trim();
      if (text === '') continue;
      const found = packagesOf(text, asked, placeOfLine(artefact, line));
      for (const one of found) packages.add(one);
      if (found.length === 0)
        oddities.push({ format: 'pm list', field: 'line', at: line.at, code: 'not-a-package', detail: 'a line that names no package' });
    }
    // A phone without packages does not exist: such an answer was an error's text.
    if (packages.list.length === 0) return unreadable('it holds no `package:` line');
    const value = { users: usersOf(packages.list), packages: packages.list };
    return { facts: [makeFact('packages', value, { standing: 'told', place: wholeOf(artefact), oddities })], unread: packages.dropped() };
  },
};

interface Asked {
  readonly user: number | undefined;
  readonly system: boolean | undefined;
  readonly enabled: boolean | undefined;
}

/** What the command that brought the list says of everything in it. */
function askedFor(command: string): Asked {
  const user = /--user[ =]?(\d{1,5})/.exec(command)?.[1];
  const has = (option: string) => new RegExp(`(^|\\s)-[a-zA-Z0-9]*${option}`).test(command);
  return {
    user: user === undefined ? undefined : Number(user),
    system: has('s') ? true : has('3') ? false : undefined,
    enabled: has('d') ? false : has('e') ? true : undefined,
  };
}

/** One line's packages: a uid for each user that has it makes several. */
function packagesOf(text: string, asked: Asked, place: Place): readonly Package[] {
  if (!text.startsWith('package:')) return [];
  let rest = text.slice('package:'.length);
  const said = new Map<string, string>();
  // From the end, because a path may hold anything.
  for (;;) {
    const tail = /\s(versionCode:|installer=|uid:)(\S*)$/.exec(rest);
    if (tail === null) break;
    const [all, key = '', value = ''] = tail;
    if (said.has(key)) break;
    said.set(key, value);
    rest = rest.slice(0, rest.length - all.length).trimEnd();
  }
  const equals = rest.lastIndexOf('=');
  const name = rest.slice(equals + 1);
  if (name === '') return [];
  const uids = (said.get('uid:') ?? '').split(',').map(wholeNumber);
  const installer = said.get('installer=');
  return uids.map((uid) => ({
    ...namedPackage(name, uid === undefined ? (asked.user ?? 0) : Math.floor(uid / USER_RANGE), place),
    uid,
    paths: equals < 0 ? [] : [rest.slice(0, equals)],
    system: asked.system,
    enabled: asked.enabled,
    installer: installer === 'null' ? null : installer,
    versionCode: wholeNumber(said.get('versionCode:')),
  }));
}
