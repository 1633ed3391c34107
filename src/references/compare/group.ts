/** Differences → lines that a person understands: an app is one, a module is one, heavy files stand alone, folders of light ones collapse. */
import type { Change, ComparedChange, Difference } from './difference.ts';
import type { ExpectedRule } from './expected.ts';
import { ASPECTS, type Aspect } from './row.ts';
import type { AppRow, Tree } from './tree.ts';
import { type Weight, weightOf } from './weigh.ts';

export interface Group {
  readonly kind: 'file' | 'folder' | 'app' | 'apex' | 'partition';
  readonly change: ComparedChange;
  /** A path, a folder with `/` at its end, a package, a module or a partition. */
  readonly name: string;
  readonly weight: Weight;
  readonly aspects: readonly Aspect[];
  /** What one wants to know besides, as in `version 3 → 4, same signer`. */
  readonly details: readonly string[];
  readonly differences: readonly Difference[];
  /** An app whose signer is another than before. */
  readonly otherSigner: boolean;
  readonly expected: ExpectedRule | undefined;
}

export interface GroupSides {
  readonly before: Tree;
  readonly after: Tree;
  /** A name for a signing certificate, where it is known whose it is. */
  readonly signerName: (sha256: string) => string | undefined;
}

/** From this rank on a file is a line of its own: all that runs before or inside everything else, and what is trusted. */
const ALONE_RANK = weightOf('names').rank;
/** A weight with more lines than this is collapsed by folders, however heavy: an update changes the whole framework. */
const ALONE_MAX = 12;
const SAME_SIGNER = 'same signer';
const SAME_KEY = 'under the same key';
/** So many files of one folder are lines of their own. */
const FOLDER_MIN = 3;

/** Groups in the order in which they are told: heaviest first, what is expected last. */
export function groupDifferences(
  differences: readonly { readonly difference: Difference; readonly expected: ExpectedRule | undefined }[],
  sides: GroupSides,
): readonly Group[] {
  const buckets = new Map<string, { readonly make: (members: readonly Difference[]) => Group; readonly members: Difference[] }>();
  const loose = new Map<string, { readonly expected: ExpectedRule | undefined; readonly members: Difference[] }>();
  const seen = foldersOf(differences.map(({ difference }) => difference));
  for (const { difference, expected } of differences) {
    if (isCarriedBy(difference, seen)) continue;
    const unit = expected === undefined ? unitOf(difference, sides) : undefined;
    if (unit === undefined) {
      const key = `${expected?.id ?? ''}\0${difference.change}\0${difference.weight.id}`;
      const found = loose.get(key) ?? { expected, members: [] };
      found.members.push(difference);
      loose.set(key, found);
    } else {
      const found = buckets.get(unit.key) ?? { make: unit.make, members: [] };
      found.members.push(difference);
      buckets.set(unit.key, found);
    }
  }
  const groups = [...buckets.values()].map(({ make, members }) => make(members));
  for (const { expected, members } of loose.values()) groups.push(...looseGroups(members, expected));
  return foldUpdates(groups).toSorted(byWeight);
}

/** So many apps of one weight, or modules, that changed under the signers they had are one line: an update changes them all. */
const UPDATED_MIN = 6;

function foldUpdates(groups: readonly Group[]): readonly Group[] {
  const isUpdate = ({ kind, change, otherSigner, details }: Group) =>
    (kind === 'app' || kind === 'apex') &&
    change === 'changed' &&
    !otherSigner &&
    details.some((text) => text === SAME_SIGNER || text === SAME_KEY);
  const updates = new Map<string, Group[]>();
  for (const one of groups)
    if (isUpdate(one)) updates.set(`${one.kind}${one.weight.id}`, [...(updates.get(`${one.kind}${one.weight.id}`) ?? []), one]);
  const folded = [...updates.values()].filter(({ length }) => length >= UPDATED_MIN);
  const gone = new Set(folded.flat());
  return [...groups.filter((one) => !gone.has(one)), ...folded.map(updateGroup)];
}

function updateGroup(own: readonly Group[]): Group {
  const names = own.map(({ name }) => name).toSorted();
  const [first] = own;
  if (first === undefined) return unreachable();
  const isApp = first.kind === 'app';
  return group({
    kind: first.kind,
    name: `${names.length} ${isApp ? 'apps of the signers that they had' : 'modules under the keys that they had'}`,
    change: 'changed',
    members: own.flatMap(({ differences }) => differences),
    details: [`${names.slice(0, 12).join(', ')}${names.length > 12 ? ` and ${names.length - 12} more` : ''}`],
  });
}

const byWeight = (a: Group, b: Group): number =>
  Number(a.expected !== undefined) - Number(b.expected !== undefined) ||
  b.weight.rank - a.weight.rank ||
  ORDER.indexOf(a.change) - ORDER.indexOf(b.change) ||
  (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
const ORDER: readonly ComparedChange[] = ['added', 'changed', 'mixed', 'removed', 'moved'];

/** Folders that were added or removed, by change. */
function foldersOf(differences: readonly Difference[]): ReadonlySet<string> {
  return new Set(
    differences
      .filter(({ after, before }) => (after ?? before)?.type !== 'directory')
      .map(({ change, path }) => `${change}\0${parentOf(path)}`)
      .flatMap((key) => ancestors(key)),
  );
}

/** A folder that came or went with what is in it is no line of its own. */
const isCarriedBy = ({ change, path, after, before }: Difference, folders: ReadonlySet<string>): boolean =>
  (change === 'added' || change === 'removed') && (after ?? before)?.type === 'directory' && folders.has(`${change}\0${path}`);

const parentOf = (path: string) => path.slice(0, path.lastIndexOf('/'));

function ancestors(key: string): readonly string[] {
  const all: string[] = [];
  for (let at = key.length; at > 0; at = key.lastIndexOf('/', at - 1)) all.push(key.slice(0, at));
  return all;
}

interface Unit {
  readonly key: string;
  readonly make: (members: readonly Difference[]) => Group;
}

const ROOT =
  '/(?:system|system_ext|product|vendor|odm|oem|cust|my_[a-z]+|mi_ext|prism|optics|preload|hw_product)(?:/(?:system_ext|product|vendor|odm))?';
const APP = new RegExp(`^(${ROOT}/(?:app|priv-app|data-app|del-app|vital-app|overlay|preinstall|app/customized|[a-z]+/app))/([^/]+)(/|$)`);

/** An app or a module that a difference belongs to; undefined: it stands for itself. */
function unitOf(difference: Difference, sides: GroupSides): Unit | undefined {
  const { path } = difference;
  const module = /^\/apex\/([^/@]+)(?:@\d+)?\//.exec(path)?.[1] ?? /\/apex\/([^/]+?)(?:_compressed)?\.c?apex$/.exec(path)?.[1];
  if (module !== undefined) return { key: `apex\0${module}`, make: (members) => apexGroup(module, members, sides) };
  const [, folder, name, slash] = APP.exec(path) ?? [];
  if (folder === undefined || name === undefined) return undefined;
  const stem = slash === '/' ? name : name.replace(/\.(?:apk|odex|vdex|jar)$/, '');
  return { key: `app\0${folder}/${stem}`, make: (members) => appGroup(`${folder}/${stem}`, members, sides) };
}

const heaviest = (members: readonly Difference[]): Weight =>
  members.reduce<Weight | undefined>(
    (found, { weight }) => (found === undefined || weight.rank > found.rank ? weight : found),
    undefined,
  ) ?? unreachable();

function unreachable(): never {
  throw new RangeError('a group of nothing');
}

const changeOf = (members: readonly Difference[]): ComparedChange => {
  const changes = new Set<Change>(members.map(({ change }) => change));
  const [only] = changes;
  return changes.size === 1 && only !== undefined ? only : 'mixed';
};
const aspectsIn = (members: readonly Difference[]) => ASPECTS.filter((aspect) => members.some(({ aspects }) => aspects.includes(aspect)));

function apexGroup(name: string, members: readonly Difference[], { before, after }: GroupSides): Group {
  const was = before.apexes.get(name);
  const is = after.apexes.get(name);
  const details: string[] = [];
  if (was?.version !== undefined && is?.version !== undefined)
    details.push(was.version === is.version ? `version ${is.version} on both sides` : `version ${was.version} → ${is.version}`);
  const keys = [was?.payloadKeySha256, is?.payloadKeySha256];
  const otherSigner = typeof keys[0] === 'string' && typeof keys[1] === 'string' && keys[0] !== keys[1];
  if (typeof keys[0] === 'string' && typeof keys[1] === 'string') details.push(otherSigner ? 'under another key' : SAME_KEY);
  const change = was !== undefined && is !== undefined ? 'changed' : changeOf(members);
  return group({ kind: 'apex', name, change, members, details, otherSigner });
}

function appGroup(folder: string, members: readonly Difference[], sides: GroupSides): Group {
  const was = appOf(sides.before, folder);
  const is = appOf(sides.after, folder);
  const details = [folder];
  let otherSigner = false;
  if (was !== undefined && is !== undefined && was.package === is.package) {
    if (was.versionCode !== is.versionCode) details.push(versionChange(was, is));
    if (was.signers !== undefined && is.signers !== undefined) {
      otherSigner = was.signers.length > 0 && !was.signers.some((signer) => is.signers?.includes(signer));
      details.push(otherSigner ? `signed by ${signerWords(is.signers, sides)}, before by ${signerWords(was.signers, sides)}` : SAME_SIGNER);
    }
  } else if (is !== undefined) details.push(`version ${versionWords(is)}`, `signed by ${signerWords(is.signers, sides)}`);
  else if (was !== undefined) details.push(`version ${versionWords(was)}`);
  const change = was !== undefined && is !== undefined ? 'changed' : changeOf(members);
  return group({
    kind: 'app',
    name: (is ?? was)?.package ?? folder.slice(folder.lastIndexOf('/') + 1),
    change,
    members,
    details,
    otherSigner,
  });
}

function versionChange(was: AppRow, is: AppRow): string {
  const [before, after] = [versionWords(was), versionWords(is)];
  // Makers leave the name and count the number up.
  return before === after ? `version ${after}, number ${was.versionCode} → ${is.versionCode}` : `version ${before} → ${after}`;
}

const versionWords = ({ versionName, versionCode }: AppRow) => versionName ?? String(versionCode ?? 'not known');

function signerWords(signers: readonly string[] | undefined, { signerName }: GroupSides): string {
  if (signers === undefined) return 'a certificate that was not read';
  const [first] = signers;
  if (first === undefined) return 'nobody';
  return signerName(first) ?? `the certificate ${first.slice(0, 16)}…`;
}

/** The app of a folder: its base APK, or its only one. */
function appOf(tree: Tree, folder: string) {
  const name = folder.slice(folder.lastIndexOf('/') + 1);
  for (const path of [`${folder}.apk`, `${folder}/${name}.apk`, `${folder}/base.apk`]) {
    const found = tree.apps.get(path);
    if (found !== undefined) return found;
  }
  return tree.appsByFolder.get(folder);
}

interface GroupParts {
  readonly kind: Group['kind'];
  readonly name: string;
  readonly change: ComparedChange;
  readonly members: readonly Difference[];
  readonly details?: readonly string[];
  readonly otherSigner?: boolean;
  readonly expected?: ExpectedRule | undefined;
}

const group = ({ kind, name, change, members, details = [], otherSigner = false, expected }: GroupParts): Group => ({
  kind,
  change,
  name,
  weight: heaviest(members),
  aspects: aspectsIn(members),
  details,
  differences: members,
  otherSigner,
  expected,
});

/** Files of one weight and one change: each alone where they are heavy and few, by folders otherwise. */
function looseGroups(members: readonly Difference[], expected: ExpectedRule | undefined): readonly Group[] {
  const [first] = members;
  if (first === undefined) return [];
  if (expected !== undefined)
    return [
      group({
        kind: members.length === 1 ? 'file' : 'folder',
        name: members.length === 1 ? first.path : commonFolder(members),
        change: first.change,
        members,
        expected,
      }),
    ];
  if (first.weight.rank >= ALONE_RANK && members.length <= ALONE_MAX) return members.map(alone);
  return collapse(members, 1);
}

const alone = (difference: Difference): Group =>
  group({ kind: 'file', name: difference.path, change: difference.change, members: [difference], details: wordsOf(difference) });

/** Splits by the next part of the path until a folder holds files of its own or leads to many others. */
function collapse(members: readonly Difference[], depth: number): readonly Group[] {
  const [first] = members;
  if (first === undefined) return [];
  if (members.length < FOLDER_MIN) return members.map(alone);
  const folder = commonFolder(members);
  const level = folder.split('/').length - 1;
  const parts = new Map<string, Difference[]>();
  for (const member of members) {
    const part = member.path.split('/')[level] ?? '';
    parts.set(part, [...(parts.get(part) ?? []), member]);
  }
  const hasOwn = members.some(({ path }) => path.split('/').length === level + 1);
  // Partitions and their first folders are never one line: they say nothing.
  if (level <= 2 && parts.size > 1 && !(hasOwn && level > 1) && depth < 8)
    return [...parts.values()].flatMap((part) => collapse(part, depth + 1));
  return [group({ kind: 'folder', name: folder, change: first.change, members })];
}

/** The deepest folder that all lie in, with `/` at its end. */
function commonFolder(members: readonly Difference[]): string {
  let common = members[0] === undefined ? '' : parentOf(members[0].path);
  for (const { path } of members) while (common !== '' && !path.startsWith(`${common}/`)) common = parentOf(common);
  return `${common}/`;
}

/** What of a file differs, where it is not its content alone. */
function wordsOf({ change, from, aspects, before, after }: Difference): readonly string[] {
  const words: string[] = [];
  if (change === 'moved' && from !== undefined) words.push(`was ${from}`);
  for (const aspect of aspects) {
    if (aspect === 'content' && before?.size !== undefined && after?.size !== undefined)
      words.push(
        before.size === after.size ? `other content, ${after.size} bytes as before` : `other content, ${before.size} → ${after.size} bytes`,
      );
    else if (aspect === 'content') words.push('other content');
    else if (aspect === 'type') words.push(`${before?.type} → ${after?.type}`);
    else if (aspect === 'mode') words.push(`mode ${before?.mode} → ${after?.mode}`);
    else if (aspect === 'owner') words.push(`owner ${before?.uid}:${before?.gid} → ${after?.uid}:${after?.gid}`);
    else if (aspect === 'context') words.push(`label ${before?.context} → ${after?.context}`);
    else if (aspect === 'capabilities') words.push(`capabilities ${before?.capabilities ?? 'none'} → ${after?.capabilities ?? 'none'}`);
    else words.push(`target ${before?.target} → ${after?.target}`);
  }
  return words;
}
