/**
 * `dumpsys package`: packages with versions, installers, times, permissions and users, resolver tables, features, APEXes.
 * Source: AOSP frameworks/base services/core/java/com/android/server/pm/Settings.java (dumpPackageLPr), ComponentResolver.java, android/content/IntentFilter resolver dumps.
 * Makers add lines and change indents: fields are found by their names, parts by their headings.
 */
import type { Place } from '../../fact.ts';
import type { Line } from '../../lines.ts';
import { type ArtefactReader, eachLineIn, type LoadedArtefact, makeFact, placeOfLine, unreadable, wholeOf } from '../../reader.ts';
import type { IntentHandler, Package, Said } from '../../values/index.ts';
import { collect, indentOf, wholeNumber } from '../collect.ts';
import { namedPackage, usersOf } from '../packages/package.ts';

const USER_RANGE = 100_000;
/** Permissions of one package that are kept; the fullest system packages ask for 600. */
const PERMISSIONS_MAX = 5000;

/** What one user's line and the lines under it say. */
interface UserPart {
  readonly user: number;
  readonly installed: boolean | undefined;
  readonly enabled: boolean | undefined;
  firstInstall: string | undefined;
  readonly granted: string[];
  readonly byUser: string[];
}

/** A package, or a shared user, while it is being read. */
interface Open {
  readonly name: string;
  readonly isShared: boolean;
  readonly start: Line;
  readonly fields: Map<string, string>;
  readonly requested: string[];
  readonly granted: string[];
  readonly byUser: string[];
  readonly users: UserPart[];
  list: string[] | undefined;
  /** Where those entries of `list` go too that somebody was asked for. */
  listByUser: string[] | undefined;
  listIndent: number;
  /** Whether the entries of `list` say `granted=`. */
  listGrants: boolean;
  end: number;
}

type Part = 'packages' | 'shared' | 'activities' | 'receivers' | 'features' | 'apexes' | 'other';

const PARTS: ReadonlyMap<string, Part> = new Map<string, Part>([
  ['Packages:', 'packages'],
  ['Shared users:', 'shared'],
  ['Activity Resolver Table:', 'activities'],
  ['Receiver Resolver Table:', 'receivers'],
  ['Features:', 'features'],
  ['Active APEX packages:', 'apexes'],
]);

export const packageDumpReader: ArtefactReader = {
  kinds: ['dumpsys/package'],
  read(artefact) {
    const packages = collect<Package>('packages');
    const handlers = collect<IntentHandler>('components');
    const features = collect<Said<string>>('features');
    const apexes = collect<Said<string>>('APEXes');
    const sharedGrants = new Map<string, readonly string[]>();
    let part: Part = 'other';
    let open: Open | undefined;
    let isActions = false;
    let intent: string | undefined;
    const close = () => {
      if (open?.isShared) sharedGrants.set(open.name, [...open.granted, ...open.users.flatMap(({ granted }) => granted)]);
      else if (open !== undefined) for (const one of packagesOf(open, artefact)) packages.add(one);
      open = undefined;
    };
    for (const line of eachLineIn(artefact)) {
      const { text } = line;
      const indent = indentOf(text);
      if (indent === 0) {
        if (text === '') continue;
        close();
        part = PARTS.get(text.trimEnd()) ?? 'other';
        isActions = false;
        continue;
      }
      if (part === 'packages' || part === 'shared') {
        const [, what, name] = /^\s+(Package|SharedUser) \[([^\]]*)\] \([0-9a-f]*\):/.exec(text) ?? [];
        if (name !== undefined) {
          close();
          open = opened(name, what === 'SharedUser', line);
        } else if (open !== undefined) readField(open, line, indent);
      } else if (part === 'activities' || part === 'receivers') {
        if (indent <= 4 && text.endsWith(':')) {
          isActions = /^\s+(Non-Data|MIME Typed) Actions:$/.test(text);
          intent = undefined;
        } else if (isActions) {
          const component = /^\s+[0-9a-f]+ (\S+\/\S+)/.exec(text)?.[1];
          if (component === undefined) intent = /^\s+(\S+):$/.exec(text)?.[1] ?? intent;
          else if (intent !== undefined)
            handlers.add({
              intent,
              component,
              package: component.slice(0, component.indexOf('/')),
              kind: part === 'activities' ? 'activity' : 'receiver',
              place: placeOfLine(artefact, line),
            });
        }
      } else if (part === 'features') {
        const feature = /^\s+(\S+)( version=\d+)?$/.exec(text)?.[1];
        if (feature !== undefined) features.add({ value: feature, place: placeOfLine(artefact, line) });
      } else if (part === 'apexes') {
        const apex = /^\s{1,4}([\w.]+)$/.exec(text)?.[1];
        if (apex !== undefined) apexes.add({ value: apex, place: placeOfLine(artefact, line) });
      }
    }
    close();
    const place = wholeOf(artefact);
    const list = packages.list.map((one) => withShared(one, sharedGrants));
    const facts = [
      ...(list.length === 0 ? [] : [makeFact('packages', { users: usersOf(list), packages: list }, { standing: 'told', place })]),
      ...(handlers.list.length === 0 ? [] : [makeFact('intent-handlers', handlers.list, { standing: 'told', place })]),
      ...(features.list.length === 0 ? [] : [makeFact('features', features.list, { standing: 'told', place })]),
      ...(apexes.list.length === 0 ? [] : [makeFact('apexes', apexes.list, { standing: 'told', place })]),
    ];
    if (facts.length === 0) return unreadable('it lists no package, component or feature');
    return { facts, unread: [...packages.dropped(), ...handlers.dropped(), ...features.dropped(), ...apexes.dropped()] };
  },
};

const opened = (name: string, isShared: boolean, start: Line): Open => ({
  name,
  isShared,
  start,
  fields: new Map(),
  requested: [],
  granted: [],
  byUser: [],
  users: [],
  list: undefined,
  listByUser: undefined,
  listIndent: 0,
  listGrants: false,
  end: start.at + start.length,
});

/** Names of the fields that are used; of others only that they are there. */
const FIELDS: ReadonlySet<string> = new Set([
  'userId',
  'appId',
  'sharedUser',
  'codePath',
  'versionCode',
  'versionName',
  'flags',
  'pkgFlags',
  'privateFlags',
  'pkgPrivateFlags',
  'firstInstallTime',
  'lastUpdateTime',
  'installerPackageName',
  'signatures',
]);

function readField(open: Open, line: Line, indent: number): void {
  const text = line.text.trim();
  open.end = line.at + line.length;
  if (open.list !== undefined && indent > open.listIndent) {
    const name = /^([^\s:]+)/.exec(text)?.[1];
    if (name !== undefined && (!open.listGrants || !text.includes('granted=false')) && open.list.length < PERMISSIONS_MAX) {
      open.list.push(name);
      // FLAG_PERMISSION_USER_SET: somebody chose it on a screen.
      if (/flags=\[[^\]]*\bUSER_SET\b/.test(text)) open.listByUser?.push(name);
    }
    return;
  }
  open.list = undefined;
  const list = listHeaded(open, text);
  if (list !== undefined) {
    open.list = list.names;
    open.listByUser = list.byUser;
    open.listGrants = list.grants;
    open.listIndent = indent;
    return;
  }
  const [, user, rest = ''] = /^User (\d{1,5}):(.*)$/s.exec(text) ?? [];
  if (user !== undefined) {
    const state = /\benabled=(\d)/.exec(rest)?.[1];
    const installed = /\binstalled=(true|false)/.exec(rest)?.[1];
    open.users.push({
      user: Number(user),
      installed: installed === undefined ? undefined : installed === 'true',
      // COMPONENT_ENABLED_STATE_DEFAULT and _ENABLED; the others are ways of being disabled.
      enabled: state === undefined ? undefined : state === '0' || state === '1',
      firstInstall: undefined,
      granted: [],
      byUser: [],
    });
    return;
  }
  const equals = text.indexOf('=');
  const key = text.slice(0, Math.max(equals, 0));
  if (!FIELDS.has(key)) return;
  const value = text.slice(equals + 1);
  const last = open.users.at(-1);
  // From Android 13 on each user has its own time.
  if (key === 'firstInstallTime' && last !== undefined) last.firstInstall ??= value;
  else if (!open.fields.has(key)) open.fields.set(key, value);
}

/** The list that a heading begins. */
function listHeaded(
  open: Open,
  text: string,
): { readonly names: string[]; readonly grants: boolean; readonly byUser?: string[] | undefined } | undefined {
  if (text === 'requested permissions:') return { names: open.requested, grants: false };
  // `grantedPermissions:` is how Android 4 and 5 say it.
  if (text === 'install permissions:' || text === 'grantedPermissions:') return { names: open.granted, grants: true };
  const part = open.users.at(-1) ?? open;
  if (text === 'runtime permissions:') return { names: part.granted, grants: true, byUser: part.byUser };
  return undefined;
}

function packagesOf(open: Open, artefact: LoadedArtefact): readonly Package[] {
  const say = (key: string) => open.fields.get(key);
  const place: Place = { artefact: artefact.name, at: open.start.at, length: open.end - open.start.at };
  const appId = wholeNumber(/^\d+/.exec(say('appId') ?? say('userId') ?? '')?.[0]);
  const flags = say('pkgFlags') ?? say('flags');
  const privateFlags = say('pkgPrivateFlags') ?? say('privateFlags');
  const codePath = say('codePath');
  const users: readonly UserPart[] =
    open.users.length > 0
      ? open.users
      : [{ user: 0, installed: undefined, enabled: undefined, firstInstall: undefined, granted: [], byUser: [] }];
  return users.map((part) => ({
    ...namedPackage(open.name, part.user, place),
    uid: appId === undefined ? undefined : part.user * USER_RANGE + (appId % USER_RANGE),
    paths: codePath === undefined ? [] : [codePath],
    system: flags === undefined ? undefined : / SYSTEM /.test(flags),
    privileged: privateFlags === undefined ? undefined : / PRIVILEGED /.test(privateFlags),
    enabled: part.enabled,
    uninstalled: part.installed === undefined ? undefined : !part.installed,
    // Printed only where there is one.
    installer: say('installerPackageName') ?? null,
    versionCode: wholeNumber(/^\d+/.exec(say('versionCode') ?? '')?.[0]),
    versionName: say('versionName'),
    firstInstall: part.firstInstall ?? say('firstInstallTime'),
    lastUpdate: say('lastUpdateTime'),
    sharedUser: sharedUserOf(say('sharedUser')),
    signatureHashes: signatureHashesOf(say('signatures')),
    requestedPermissions: open.requested,
    grantedPermissions: [...new Set([...open.granted, ...part.granted])],
    chosenPermissions: [...new Set([...open.byUser, ...part.byUser])],
  }));
}

/** `SharedUserSetting{cb92b86 android.uid.system/1000}`. */
const sharedUserOf = (text: string | undefined) => /^SharedUserSetting\{\S+ ([^/}]+)/.exec(text ?? '')?.[1];

/** `PackageSignatures{6c98c74 version:2, signatures:[b378e95c], past signatures:[]}`; before Android 9 `PackageSignatures{6c98c74 [b378e95c]}`. */
function signatureHashesOf(text: string | undefined): readonly string[] | undefined {
  const inside = /(?: |signatures:)\[([0-9a-f, ]*)\]/.exec(text ?? '')?.[1];
  return inside === undefined ? undefined : inside.split(/[, ]+/).filter((hash) => hash !== '');
}

/** Before Android 8 the permissions of packages with a shared user stand with that user. */
function withShared(one: Package, grants: ReadonlyMap<string, readonly string[]>): Package {
  const shared = one.sharedUser === undefined ? undefined : grants.get(one.sharedUser);
  return shared === undefined ? one : { ...one, grantedPermissions: [...new Set([...(one.grantedPermissions ?? []), ...shared])] };
}
