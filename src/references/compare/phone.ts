/**
 * A phone against a build. What the phone did not show is not different: it is not covered, and why is said. A file counts as removed only where its folder was listed to the end
 * and a file with its label was seen there: since Android 8 the shell may not even see files of some labels.
 */
import { type Facts, factsOf, type PropertyLayer } from '../../evidence/index.ts';
import type { Manifest } from '../manifest.ts';
import type { Provenance } from '../provenance.ts';
import { type Comparison, countsOf } from './compare.ts';
import { type Difference, differ } from './difference.ts';
import { expectedRule } from './expected.ts';
import { groupDifferences } from './group.ts';
import { absenceIn, type IsKnownAbsent } from './holding.ts';
import { type PhoneTree, phoneTree } from './phone-tree.ts';
import { type PropertyDifference, propertyDifferences } from './property-difference.ts';
import type { Row } from './row.ts';
import { mountsOf, type Tree, treeOf } from './tree.ts';

/** How much of one partition of the build was seen on the phone. Files only: folders and links have no digest. */
export interface PartitionCoverage {
  readonly partition: string;
  readonly files: number;
  readonly withDigest: number;
  /** Seen, but not what is in it. */
  readonly withoutDigest: number;
  readonly notSeen: number;
  /** Why not all of it; empty where all of it was seen with digest, and the build says the rights of each. */
  readonly because: string;
}

export interface PhoneComparison extends Omit<Comparison, 'partitions'> {
  readonly coverage: readonly PartitionCoverage[];
  /** Every difference, with whether it is expected: what checks look through. */
  readonly differences: readonly Difference[];
  /** Files whose digest is the build's. */
  readonly same: number;
}

export interface ComparePhoneOptions {
  readonly signerName?: (sha256: string) => string | undefined;
  /** How the build's manifest was made: a list, or what another phone showed, does not name all that there is. Undefined: of an image. */
  readonly made?: Provenance['made'] | undefined;
}

const cache = new WeakMap<Facts, WeakMap<Manifest, PhoneComparison>>();

/** Compares what a phone showed with a build. Made once for the same facts and build: several checks ask. */
export function comparePhone(
  facts: Facts,
  reference: Manifest,
  { signerName = () => undefined, made = 'image' }: ComparePhoneOptions = {},
): PhoneComparison {
  const known = cache.get(facts) ?? new WeakMap<Manifest, PhoneComparison>();
  cache.set(facts, known);
  const before = known.get(reference);
  if (before !== undefined) return before;
  const phone = phoneTree(facts);
  const build = treeOf(reference);
  const places = placesOf(reference);
  const visible = visibleLabels(phone, build);
  const isKnownAbsent: IsKnownAbsent = made === 'image' ? () => true : absenceIn(reference);
  const differences = differ(build, phone, {
    counts: (change, row) =>
      change === 'removed' ? isGone(row, { phone, build, visible }) : isOfBuild(row, places) && isKnownAbsent(row.path),
  });
  const judged = differences.map((difference) => ({ difference, expected: expectedRule(difference, 'phone') }));
  let same = 0;
  let compared = 0;
  for (const [path, row] of build.rows) {
    const now = phone.rows.get(path);
    if (now !== undefined) compared++;
    if (now?.sha256 && now.sha256 === row.sha256) same++;
  }
  const comparison = {
    identity: [],
    groups: groupDifferences(judged, { before: build, after: phone, signerName }),
    properties: phoneProperties(facts, reference),
    compared,
    counts: countsOf(differences),
    coverage: coverageOf(reference, build, phone),
    differences: judged.filter(({ expected }) => expected === undefined).map(({ difference }) => difference),
    same,
  };
  known.set(reference, comparison);
  return comparison;
}

const folderOf = (path: string) => path.slice(0, path.lastIndexOf('/'));

/** Labels of files that the phone let itself be asked about, by folder's partition: what it shows once it shows again. */
function visibleLabels(phone: PhoneTree, build: Tree): ReadonlySet<string> {
  const labels = new Set<string>();
  for (const [path, row] of build.rows) {
    const now = phone.rows.get(path);
    if (now?.mode !== undefined && now.context !== undefined) labels.add(`${row.partition}\0${row.type}\0${row.context}`);
  }
  return labels;
}

/** What can be said of what the phone did not show. */
interface Showing {
  readonly phone: PhoneTree;
  readonly build: Tree;
  readonly visible: ReadonlySet<string>;
}

const isVisible = (row: Row, { visible }: Showing): boolean =>
  visible.has(`${row.partition}\0${row.type}\0${row.context}`) || (row.context ?? null) === null;

/** Whether it is missing: its folder was listed to its end, or is missing itself from one that was. */
function isGone(row: Row, showing: Showing): boolean {
  if (!isVisible(row, showing)) return false;
  for (let folder = folderOf(row.path); folder !== ''; folder = folderOf(folder)) {
    if (showing.phone.listed.has(folder)) return true;
    const own = showing.build.rows.get(folder);
    // It is there, and what is in it was not told; or the shell may not see it.
    if (own === undefined || showing.phone.rows.has(folder) || !isVisible(own, showing)) return false;
  }
  return false;
}

interface Places {
  /** Mount points of partitions that the build holds, longest first. */
  readonly own: readonly string[];
  /** Boot images whose ramdisk the build holds: `/ramdisk/NAME/`. Only images show them. */
  readonly ramdisks: readonly string[];
}

/** Roots of systems that a build may or may not hold, and of what is no build’s at all. */
const FOREIGN =
  /^\/(?:acct|apex|cache|config|cust|carrier|d|data|data_mirror|debug_ramdisk|dev|efs|linkerconfig|metadata|mi_ext|mnt|my_[a-z]+|odm|odm_dlkm|oem|omr|optics|persist|postinstall|preload|prism|proc|product|storage|sdcard|sys|system_dlkm|system_ext|vendor|vendor_dlkm|hw_product|hw_odm|version|custom|tmp)(?:\/|$)/;

function placesOf(reference: Manifest): Places {
  const mounts = [...mountsOf(reference)].filter(([partition]) => !partition.startsWith('apex/')).map(([, mount]) => mount);
  const ramdisks = new Set(reference.files.flatMap(({ path }) => /^\/ramdisk\/[^/]+\//.exec(path)?.[0] ?? []));
  return { own: [...new Set(mounts)].toSorted((a, b) => b.length - a.length), ramdisks: [...ramdisks] };
}

/** Whether an entry that only the phone has lies where the build has files. What another package brings is packed apart, and no difference. */
function isOfBuild({ path, type }: Row, { own, ramdisks }: Places): boolean {
  if (type === 'unknown') return false;
  if (path.startsWith('/ramdisk/')) return ramdisks.some((root) => path.startsWith(root));
  const mount = own.find((one) => one !== '' && (path === one || path.startsWith(`${one}/`)));
  if (mount !== undefined) return path !== mount;
  // The root itself: its folders are mount points, so only what is known to belong to a system counts.
  if (!own.includes('') || FOREIGN.test(path)) return false;
  return /^\/(?:system|sbin|system_root|overlay\.d|su|res|lib|bin|init[^/]*|[^/]+\.rc|magisk|\.magisk|\.backup)(?:\/|$)/.test(path);
}

function coverageOf(reference: Manifest, build: Tree, phone: PhoneTree): readonly PartitionCoverage[] {
  const rows = new Map<string, { files: number; withDigest: number; withoutDigest: number; withoutRights: number }>();
  const mounts = mountsOf(reference);
  for (const [path, row] of build.rows) {
    if (row.type !== 'file' || row.partition === undefined) continue;
    const count = rows.get(row.partition) ?? { files: 0, withDigest: 0, withoutDigest: 0, withoutRights: 0 };
    rows.set(row.partition, count);
    count.files++;
    // Sections of a boot image are no files, and have none.
    if (row.mode === undefined && !path.startsWith('/boot-image/')) count.withoutRights++;
    const now = phone.rows.get(path);
    if (now === undefined) continue;
    if (now.sha256 && row.sha256) count.withDigest++;
    else count.withoutDigest++;
  }
  return [...rows].map(([partition, { files, withDigest, withoutDigest, withoutRights }]) => {
    const notSeen = files - withDigest - withoutDigest;
    const mount = mounts.get(partition) ?? '';
    return {
      partition,
      files,
      withDigest,
      withoutDigest,
      notSeen,
      because: [reasonOf({ partition, mount, files, withDigest, withoutDigest, notSeen }, phone), rightsReason(withoutRights)]
        .filter((text) => text !== '')
        .join('; '),
    };
  });
}

/** A build that was made of a list says nothing of rights: those of a phone are neither right nor wrong by it. */
const rightsReason = (count: number) =>
  count === 0 ? '' : `the build does not say the rights of ${count}: modes, owners and labels are not compared there`;

function reasonOf(seen: Omit<PartitionCoverage, 'because'> & { readonly mount: string }, phone: PhoneTree): string {
  const { partition, mount, withDigest, withoutDigest, notSeen } = seen;
  const reasons: string[] = [];
  if (partition.startsWith('apex/'))
    return withDigest === seen.files ? '' : 'modules are unpacked while the phone starts, and an updated one lies in /data';
  if (mount === '' && withDigest + withoutDigest === 0)
    return 'the ramdisk is left before the system starts: only an image of it shows its files';
  if (notSeen > 0)
    reasons.push(
      withDigest + withoutDigest > 0
        ? `${notSeen} could not be seen: the shell may not read them (Android 8 and later), or the list was cut`
        : phone.listed.size === 0
          ? 'no list of files was read'
          : `${mount === '' ? 'the root' : mount} was not listed, or the shell may not read it`,
    );
  if (withoutDigest > 0) reasons.push(`${withoutDigest} were listed and not read: their content is not known`);
  return reasons.join('; ');
}

/** Files that properties of a layer come from, as they are called since each Android version. */
const PROPERTY_FILES: Readonly<Partial<Record<PropertyLayer, readonly string[]>>> = {
  system: ['/system/build.prop'],
  system_ext: ['/system_ext/etc/build.prop', '/system_ext/build.prop'],
  product: ['/product/etc/build.prop', '/product/build.prop'],
  vendor: ['/vendor/build.prop', '/system/vendor/build.prop'],
  odm: ['/odm/etc/build.prop', '/odm/build.prop'],
  boot: ['/default.prop', '/prop.default'],
};

/** Properties of the phone's property files against the same file of the build. What is in force at run time is set by more than files. */
function phoneProperties(facts: Facts, reference: Manifest): readonly PropertyDifference[] {
  const known = new Set((reference.properties ?? []).map(({ path }) => path));
  const rows = factsOf(facts, 'properties').flatMap(({ value }) => {
    const path = PROPERTY_FILES[value.layer]?.find((one) => known.has(one));
    return path === undefined ? [] : value.entries.map(({ key, value: text }) => ({ path, key, value: text }));
  });
  return propertyDifferences(reference.properties ?? [], rows);
}
