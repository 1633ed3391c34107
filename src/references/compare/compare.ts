/** Two builds, held against each other: what an update, a retailer or a customer changed, in the order of what it can do. Pure. */
import type { Manifest, ManifestPartition } from '../manifest.ts';
import { type Change, type Difference, differ } from './difference.ts';
import { expectedRule } from './expected.ts';
import { type Group, groupDifferences } from './group.ts';
import { absenceIn } from './holding.ts';
import { type PropertyDifference, propertyDifferences } from './property-difference.ts';
import { treeOf } from './tree.ts';
import { type Weight, weigh, weightOf } from './weigh.ts';

export interface IdentityDifference {
  readonly key: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** One partition of either side. `same`: digest for digest. `only-…`: the other side does not hold it, so nothing is said of its files. */
export interface PartitionDifference {
  readonly name: string;
  readonly outcome: 'same' | 'different' | 'only-before' | 'only-after' | 'not-comparable';
  readonly because: string;
}

export interface Comparison {
  readonly identity: readonly IdentityDifference[];
  readonly partitions: readonly PartitionDifference[];
  /** Heaviest first; what is expected comes last. */
  readonly groups: readonly Group[];
  readonly properties: readonly PropertyDifference[];
  /** Paths that both sides hold. */
  readonly compared: number;
  readonly counts: Readonly<Record<Change, number>>;
}

export interface CompareOptions {
  /** A name for a signing certificate (SHA-256, hex), where it is known whose it is. */
  readonly signerName?: (sha256: string) => string | undefined;
}

/**
 * Compares two manifests. Partitions that only one of them holds are named, and their files are not called added or removed; nor are files that one of them does not name and may
 * have all the same.
 */
export function compareManifests(before: Manifest, after: Manifest, { signerName = () => undefined }: CompareOptions = {}): Comparison {
  const images = compareImages(before, after);
  const outcomes = new Map(images.map(({ name, outcome }) => [name, outcome]));
  const isKnownAbsent = { removed: absenceIn(after), added: absenceIn(before) };
  const a = treeOf(before);
  const b = treeOf(after);
  const differences = differ(a, b, {
    counts(change, { partition, path }) {
      const outcome = outcomes.get(partition ?? '');
      return outcome === undefined ? isKnownAbsent[change](path) : outcome === 'same' || outcome === 'different';
    },
  });
  const partitions = [...images, ...compareFiles({ before, after, images, differences })].toSorted((x, y) => (x.name < y.name ? -1 : 1));
  const sides = { before: a, after: b, signerName };
  const groups = groupDifferences(
    differences.map((difference) => ({ difference, expected: expectedRule(difference, 'build') })),
    sides,
  );
  return {
    identity: identityDifferences(before, after),
    partitions,
    groups: withPartitions(groups, imageGroups({ before, after, partitions, differences })),
    properties: propertyDifferences(before.properties ?? [], after.properties ?? []),
    compared: [...a.rows.keys()].filter((path) => b.rows.has(path)).length,
    counts: countsOf(differences),
  };
}

/** How many differences of each kind. */
export function countsOf(differences: readonly Difference[]): Readonly<Record<Change, number>> {
  const counts = { added: 0, removed: 0, changed: 0, moved: 0 };
  for (const { change } of differences) counts[change]++;
  return counts;
}

/** What the two builds call themselves, where they differ. */
export function identityDifferences(before: Manifest, after: Manifest): readonly IdentityDifference[] {
  const keys = new Set([...Object.keys(before.identity), ...Object.keys(after.identity)]);
  return [...keys]
    .toSorted()
    .map((key) => ({ key, before: before.identity[key], after: after.identity[key] }))
    .filter(({ before: was, after: is }) => was !== is);
}

/** Partitions that either side has as a whole, and not the other one as files alone. */
function compareImages(before: Manifest, after: Manifest): readonly PartitionDifference[] {
  const was = new Map(before.partitions.map((row) => [row.name, row]));
  const is = new Map(after.partitions.map((row) => [row.name, row]));
  const broken = new Set(
    [...(before.unread ?? []), ...(after.unread ?? [])].filter(({ path }) => path === null).map(({ partition }) => partition),
  );
  const holders = [filesIn(before), filesIn(after)] as const;
  const rightless = [withoutRights(before), withoutRights(after)] as const;
  const names = [...new Set([...was.keys(), ...is.keys()])].filter(
    (name) => (was.has(name) || !holders[0].has(name)) && (is.has(name) || !holders[1].has(name)),
  );
  return names.map((name): PartitionDifference => {
    const a = was.get(name);
    const b = is.get(name);
    if (a === undefined || b === undefined)
      return a === undefined
        ? { name, outcome: 'only-after', because: 'the first one does not hold it' }
        : { name, outcome: 'only-before', because: 'the second one does not hold it' };
    if (isSameImage(a, b)) return { name, outcome: 'same', because: 'the same digest' };
    if (broken.has(name)) return { name, outcome: 'not-comparable', because: 'one of them could not be read whole' };
    const isTree = holders[0].has(name) && holders[1].has(name);
    const unknown = Math.max(rightless[0].get(name) ?? 0, rightless[1].get(name) ?? 0);
    const rights = unknown === 0 ? '' : `; the rights of ${unknown} are not known, and not compared`;
    return { name, outcome: 'different', because: isTree ? `its files are compared one by one${rights}` : 'it is compared as one piece' };
  });
}

interface FilesQuestion {
  readonly before: Manifest;
  readonly after: Manifest;
  readonly images: readonly PartitionDifference[];
  readonly differences: readonly Difference[];
}

/** Partitions of which at least one side has nothing but files: an extracted tree, a list of digests, what a phone showed. */
function compareFiles({ before, after, images, differences }: FilesQuestion): readonly PartitionDifference[] {
  const told = new Set(images.map(({ name }) => name));
  const [was, is] = [filesIn(before), filesIn(after)];
  const touched = new Set(differences.flatMap(({ before: a, after: b }) => [a?.partition, b?.partition]));
  const some = [before, after].some(({ files, partitions }) => partitions.length === 0 && files.every(({ type }) => type !== 'directory'));
  const rest = some ? '; what a list does not name is not known' : '';
  return [...new Set([...was, ...is])]
    .filter((name) => !told.has(name))
    .map((name): PartitionDifference => {
      if (!was.has(name)) return { name, outcome: 'only-after', because: 'the first one does not hold it' };
      if (!is.has(name)) return { name, outcome: 'only-before', because: 'the second one does not hold it' };
      return touched.has(name)
        ? { name, outcome: 'different', because: `its files are compared one by one${rest}` }
        : { name, outcome: 'same', because: `every file that both name is the same${rest}` };
    });
}

const filesIn = ({ files }: Manifest): ReadonlySet<string> => new Set(files.map(({ partition }) => partition));

/** Files by partition whose rights a manifest does not say. */
function withoutRights({ files }: Manifest): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { partition, type, mode } of files)
    if (type === 'file' && mode === undefined) counts.set(partition, (counts.get(partition) ?? 0) + 1);
  return counts;
}

/** Digests over another extent of the same image say nothing of each other. */
function isSameImage(a: ManifestPartition, b: ManifestPartition): boolean {
  if (a.sha256 !== null && b.sha256 !== null && a.over === b.over) return a.sha256 === b.sha256;
  return a.rootDigest !== null && a.rootDigest === b.rootDigest;
}

interface ImageQuestion {
  readonly before: Manifest;
  readonly after: Manifest;
  readonly partitions: readonly PartitionDifference[];
  readonly differences: readonly Difference[];
}

/** Partitions that differ although no file in them does: kernels, firmware, vbmeta. And those whose key is another. */
function imageGroups({ before, after, partitions, differences }: ImageQuestion): readonly Group[] {
  const touched = new Set(differences.map(({ before: a, after: b }) => (b ?? a)?.partition));
  return partitions.flatMap(({ name, outcome }) => {
    if (outcome !== 'different') return [];
    const was = before.partitions.find((row) => row.name === name);
    const is = after.partitions.find((row) => row.name === name);
    if (was === undefined || is === undefined) return [];
    const keys = [was.avb?.keySha256, is.avb?.keySha256];
    const otherSigner = typeof keys[0] === 'string' && keys[0] !== keys[1];
    if (touched.has(name) && !otherSigner) return [];
    const details = otherSigner
      ? [
          keys[1] === null || keys[1] === undefined
            ? 'signed before, and not any more'
            : `signed by the key ${keys[1].slice(0, 16)}…, before by ${keys[0]?.slice(0, 16)}…`,
        ]
      : [detailOf(was)];
    return [
      {
        kind: 'partition' as const,
        change: 'changed' as const,
        name,
        weight: partitionWeight(was, otherSigner),
        aspects: ['content' as const],
        details: was.size === is.size ? details : [...details, `${was.size} → ${is.size} bytes`],
        differences: [],
        otherSigner,
        expected: undefined,
      },
    ];
  });
}

function detailOf({ kind }: ManifestPartition): string {
  if (kind === 'boot' || kind === 'vendor_boot') return 'no file of its ramdisk differs: the kernel does, or the header';
  if (kind === 'vbmeta') return 'it states digests of the other partitions, and follows from them';
  return 'compared as one piece';
}

function partitionWeight({ name, kind }: ManifestPartition, otherSigner: boolean): Weight {
  if (otherSigner || kind === 'boot' || kind === 'vendor_boot' || kind === 'dtbo') return weightOf('boot');
  if (kind === 'vbmeta') return weightOf('data');
  if (kind === null || kind === undefined) return weightOf(/^(?:logo|splash|bootlogo|persist)/.test(name) ? 'data' : 'firmware');
  return weigh({ path: `/${name}/`, type: 'directory', mode: undefined, uid: undefined });
}

/** Firmware of an update is one line: nobody reads twenty. */
const FIRMWARE_MIN = 3;

function foldFirmware(images: readonly Group[]): readonly Group[] {
  const plain = images.filter(({ weight, otherSigner }) => weight.id === 'firmware' && !otherSigner);
  const [first] = plain;
  if (first === undefined || plain.length < FIRMWARE_MIN) return images;
  const names = plain.map(({ name }) => name);
  const folded = { ...first, name: `${names.length} partitions of firmware`, details: [names.join(', ')] };
  return [...images.filter((image) => !plain.includes(image)), folded];
}

/** Partitions among the files, by weight. */
const withPartitions = (groups: readonly Group[], images: readonly Group[]): readonly Group[] =>
  [...foldFirmware(images), ...groups].toSorted(
    (a, b) => Number(a.expected !== undefined) - Number(b.expected !== undefined) || b.weight.rank - a.weight.rank,
  );
