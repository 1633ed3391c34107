/**
 * A firmware image as facts, so that the checks of phones are the checks of images, too: what a phone would show of its files, an image shows whole.
 * Places name the partition or the file within it; offsets are those of the content.
 */
import { FormatError } from '../../bytes/index.ts';
import {
  type Artefact,
  type Fact,
  type FactKind,
  type Facts,
  type FactValues,
  type ListedFile,
  makeFact,
  markedNames,
  type Package,
  type Place,
  type PropertyLayer,
} from '../../evidence/index.ts';
import { cilPermissive, readSelinuxPolicy, type SelinuxPolicy } from '../../formats/android/index.ts';
import type { RomContents } from '../firmware/partitions.ts';
import type { FirmwarePorts } from '../firmware/ports.ts';
import { openRomFiles, readRomFiles } from '../firmware/read-files.ts';
import type { Manifest } from '../manifest.ts';
import type { Provenance } from '../provenance.ts';
import { readBootFacts } from './boot-facts.ts';

/** Binary policies have up to 4 MiB. */
const CONTENT_MAX = 16 << 20;

/** What is known of an image besides its manifest. */
export interface ImageParts {
  readonly manifest: Manifest;
  readonly contents: RomContents;
  readonly signatures: Provenance['signatures'];
}

/** Reads the facts of an image: its files are here, so nothing in it is hidden from us. */
export async function imageFacts({ manifest, contents, signatures }: ImageParts, ports: FirmwarePorts): Promise<Facts> {
  const list: Fact[] = [imageFact(manifest, signatures), filesFact(manifest), ...propertyFacts(manifest)];
  const boots = await readBootFacts(contents.partitions, ports);
  if (boots.length > 0) list.push(fact('boot-images', boots, boots[0]?.place ?? placeOf('boot')));
  if (manifest.apks.length > 0) list.push(packagesFact(manifest));
  list.push(...(await contentFacts(manifest, contents, ports)));
  return { list, unread: (manifest.unread ?? []).map(({ partition, path, because }) => ({ artefact: path ?? partition, because })) };
}

const fact = <K extends FactKind>(kind: K, value: FactValues[K], place: Place): Fact => makeFact(kind, value, { standing: 'shown', place });
const placeOf = (artefact: string, length = 0): Place => ({ artefact, at: 0, length });

function imageFact({ partitions, vbmetaDigest }: Manifest, signatures: Provenance['signatures']): Fact {
  const rows = partitions
    .filter(({ name }) => !name.startsWith('apex/'))
    .map(({ name, size, sha256, kind, avb }) => ({
      name,
      sizeBytes: size,
      sha256,
      kind: kind ?? null,
      avb:
        avb === null || avb === undefined
          ? null
          : { by: avb.by, in: avb.in, outcome: avb.outcome, because: avb.because, keySha256: avb.keySha256 },
      place: placeOf(name, size),
    }));
  return fact('image', { partitions: rows, signatures, vbmetaDigest: vbmetaDigest ?? null }, placeOf(rows[0]?.name ?? 'image'));
}

function filesFact({ files }: Manifest): Fact {
  const rows = files.map(
    ({ path, type, size, mode, uid, gid, context, sha256, target }): ListedFile => ({
      path,
      type,
      size,
      mode,
      uid,
      gid,
      context: context ?? undefined,
      sha256: sha256 ?? undefined,
      target: target ?? undefined,
      modified: undefined,
    }),
  );
  return fact('files', { roots: ['/'], files: rows, isWhole: true }, placeOf('the files of the image', rows.length));
}

const LAYERS: readonly (readonly [RegExp, PropertyLayer])[] = [
  [/^\/ramdisk\/|^\/(?:default\.prop|prop\.default)$/, 'boot'],
  [/^\/system_ext\//, 'system_ext'],
  [/^\/system\/vendor\/|^\/vendor\//, 'vendor'],
  [/^\/product\//, 'product'],
  [/^\/odm\//, 'odm'],
  [/^\/vendor_dlkm\//, 'vendor_dlkm'],
  [/^\/odm_dlkm\//, 'odm_dlkm'],
  [/^\/system\/build\.prop$|^\/build\.prop$/, 'system'],
];

/** One fact for each property file, in the order in which init loads their partitions. */
function propertyFacts({ properties }: Manifest): readonly Fact[] {
  const byPath = new Map<string, { key: string; value: string; place: Place }[]>();
  for (const { path, key, value } of properties ?? []) {
    const entries = byPath.get(path) ?? [];
    entries.push({ key, value, place: placeOf(path) });
    byPath.set(path, entries);
  }
  const rank = (path: string) => (path === '/system/build.prop' ? 0 : path.startsWith('/system') ? 1 : 2);
  return [...byPath]
    .toSorted(([a], [b]) => rank(a) - rank(b))
    .map(([path, entries]) =>
      fact('properties', { layer: LAYERS.find(([pattern]) => pattern.test(path))?.[1] ?? 'unknown', entries }, placeOf(path)),
    );
}

function packagesFact({ apks }: Manifest): Fact {
  const packages = apks.map(
    (apk): Package => ({
      // A file whose manifest does not read is told apart by its place: two of them are not one package.
      name: apk.package === '' ? apk.path : apk.package,
      user: 0,
      uid: undefined,
      paths: [apk.path],
      system: true,
      enabled: undefined,
      uninstalled: undefined,
      installer: undefined,
      versionCode: apk.versionCode ?? undefined,
      versionName: apk.versionName ?? undefined,
      firstInstall: undefined,
      lastUpdate: undefined,
      sharedUser: undefined,
      signers: apk.signers,
      signersSha1: undefined,
      signersMd5: undefined,
      sha256: [apk.sha256],
      requestedPermissions: undefined,
      grantedPermissions: undefined,
      place: placeOf(apk.path),
    }),
  );
  return fact('packages', { users: [0], packages }, placeOf('the apps of the image'));
}

/** Libraries, jars of the framework, and code that was compiled and lies beside its app or jar: what is looked into, where its name is one of `names`. */
const CODE = /\.(?:so|jar|odex|vdex|oat)$/;

/**
 * Apps of an image, and libraries of these names, as artefacts: they are looked into by what looks into files that were pulled from a phone.
 * `names` are base names; compiled code goes by its app's or jar's too.
 */
export async function imageArtefacts(
  { manifest, contents }: Pick<ImageParts, 'manifest' | 'contents'>,
  names: ReadonlySet<string>,
  ports: FirmwarePorts,
): Promise<readonly Artefact[]> {
  const apps = new Set(manifest.apks.map(({ path }) => path));
  const base = (path: string) => path.slice(path.lastIndexOf('/') + 1);
  const wanted = manifest.files.filter(
    ({ path, type }) => type === 'file' && (apps.has(path) || (CODE.test(path) && markedNames(base(path)).some((name) => names.has(name)))),
  );
  const opened = await openRomFiles(contents, wanted, ports);
  return [...opened].map(([path, source]) => ({ name: path, origin: path, kind: apps.has(path) ? 'apk' : 'library', source }));
}

const CONTENT = /\/(?:precompiled_sepolicy|sepolicy|etc\/hosts|etc\/selinux\/(?:plat|system_ext|product|vendor|odm)_sepolicy\.cil)$/;

/** Facts for which a file is read: the policy that init loads or compiles, the hosts file. */
async function contentFacts({ files }: Manifest, contents: RomContents, ports: FirmwarePorts): Promise<readonly Fact[]> {
  const wanted = files.filter(({ path, type }) => type === 'file' && CONTENT.test(path));
  const found: Fact[] = [];
  for (const [path, bytes] of await readRomFiles(contents, wanted, ports, CONTENT_MAX)) {
    const place = placeOf(path, bytes.length);
    if (path.endsWith('/hosts')) found.push(fact('hosts', { entries: hostsOf(bytes, path) }, place));
    else {
      const policy = path.endsWith('.cil') ? sourceOf(bytes) : policyOf(bytes);
      if (policy !== undefined) found.push(fact('selinux-policy', { from: 'file', path, policy }, place));
    }
  }
  return found;
}

function policyOf(bytes: Uint8Array) {
  try {
    return readSelinuxPolicy(bytes).value;
  } catch (error) {
    // A policy that does not read is a file like any other: its digest is compared.
    if (!(error instanceof FormatError)) throw error;
    return undefined;
  }
}

/** What a policy's source says of permissive domains; undefined where it makes none. */
function sourceOf(bytes: Uint8Array): SelinuxPolicy | undefined {
  const names = cilPermissive(new TextDecoder().decode(bytes));
  if (names.length === 0) return undefined;
  const permissive = names.map((_, index) => index + 1);
  return { version: 0, types: [undefined, ...names], attributes: new Set(), permissive, classes: [], rules: [] };
}

function hostsOf(bytes: Uint8Array, path: string): FactValues['hosts']['entries'] {
  const text = new TextDecoder().decode(bytes);
  return [...text.matchAll(/^[ \t]*([0-9a-fA-F.:]+)[ \t]+([^#\r\n]+)/gm)].flatMap((line) => {
    const [, address = '', names = ''] = line;
    return names
      .trim()
      .split(/\s+/)
      .map((host) => ({ address, host, place: { artefact: path, at: line.index, length: line[0].length } }));
  });
}
