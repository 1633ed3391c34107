/**
 * Comparison against what is known of real builds: successive official Pixel builds (an update is not an alteration), a stock MIUI build (its own files accuse nobody, one changed file
 * is one finding), and CyanogenMod for the phone of the story under the name of a stock build (another system).
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { allChecks, type CheckContext, type Finding, runChecks } from '../../src/checks/index.ts';
import type { Fact, Facts, ListedFile } from '../../src/evidence/index.ts';
import { builtinKnowledge } from '../../src/knowledge/index.ts';
import { nodeHash } from '../../src/platform/node/index.ts';
import { compareManifests, type Manifest, type ManifestFile, manifestDigest, type Reference } from '../../src/references/index.ts';

export const collection = 'comparison';

type Check = (name: string, good: boolean, detail: string) => void;

/** Undefined: there is no such folder. */
export async function run(dataDir: string): Promise<{ agree: number; differ: string[] } | undefined> {
  const folder = join(dataDir, 'firmware');
  const parts = [
    { path: join(folder, 'pixel'), runs: runPixel },
    { path: join(folder, 'rolex'), runs: runRolex },
    { path: join(folder, 'cancro-cm12.1'), runs: runCancro },
  ].filter(({ path }) => existsSync(path));
  if (parts.length === 0) return undefined;
  const differ: string[] = [];
  let agree = 0;
  for (const { path, runs } of parts)
    runs(path, (name, good, detail) => {
      if (good) agree++;
      else differ.push(`${name}: ${detail}`);
    });
  return { agree, differ };
}

const fileOf = (path: string, sha256: string): ManifestFile => ({
  partition: path.split('/')[1] ?? 'system',
  path,
  type: 'file',
  size: 0,
  mode: '0644',
  uid: 0,
  gid: 0,
  context: null,
  capabilities: null,
  sha256,
  target: null,
});

/** A build that an official list vouches for, made of its files. */
function build(fingerprint: string, files: readonly ManifestFile[]): Reference {
  const names = [...new Set(files.map(({ partition }) => partition))];
  const manifest: Manifest = {
    format: 'assay.manifest/1',
    identity: { 'build.fingerprint': fingerprint },
    partitions: names.map((name) => ({ name, size: 0, sha256: null, rootDigest: null })),
    files,
    apks: [],
  };
  return { manifest, digest: manifestDigest(manifest, nodeHash), vouched: 'official-list', label: 'release' };
}

const place = { artefact: 'list', at: 0, length: 1 };
/** A phone that shows these files with their digests, and says that it runs this build. */
function phone(properties: Readonly<Record<string, string>>, files: readonly ManifestFile[]): Facts {
  const nothing = {
    size: undefined,
    mode: undefined,
    uid: undefined,
    gid: undefined,
    context: undefined,
    target: undefined,
    modified: undefined,
  };
  const rows = files.map(({ path, sha256 }): ListedFile => ({ ...nothing, path, type: 'file', sha256: sha256 ?? undefined }));
  const list: readonly Fact[] = [
    {
      kind: 'properties',
      value: { layer: 'runtime', entries: Object.entries(properties).map(([key, value]) => ({ key, value, place })) },
      standing: 'told',
      place,
      oddities: [],
    },
    { kind: 'files', value: { roots: ['/'], files: rows, isWhole: true }, standing: 'shown', place, oddities: [] },
  ];
  return { list, unread: [] };
}

const OURS = allChecks.filter(({ id }) => id.startsWith('reference.') || id === 'boot.reference-files');
function findings(facts: Facts, references: readonly Reference[]): readonly Finding[] {
  const context: CheckContext = {
    facts,
    claims: {},
    trust: 'live',
    knowledge: builtinKnowledge,
    references,
    history: { sightings: [] },
    asOf: '2026-01-01T00:00:00Z',
  };
  return runChecks(OURS, context).findings;
}
const counting = (list: readonly Finding[]) => list.filter(({ strength }) => strength === 'conclusive' || strength === 'strong');
const words = (list: readonly Finding[]) =>
  list
    .map(({ check, strength, observed }) => `${strength} ${check}: ${observed}`)
    .slice(0, 3)
    .join('; ') || 'nothing';

function runPixel(folder: string, check: Check): void {
  const builds = readdirSync(folder)
    .flatMap((file) => {
      const [, device, id] = /^([a-z]+)_([A-Z0-9.]+)_sha256\.yml\.gz$/.exec(file) ?? [];
      if (device === undefined || id === undefined) return [];
      const lines = gunzipSync(readFileSync(join(folder, file)))
        .toString('utf8')
        .split('\n');
      const files = lines.flatMap((line) => {
        const [, path, sha256] = /^proprietary\/(\S.*): ([0-9a-f]{64})$/.exec(line) ?? [];
        return path === undefined || sha256 === undefined ? [] : [fileOf(`/${path}`, sha256)];
      });
      const fingerprint = `google/${device}/${device}:15/${id}/1:user/release-keys`;
      return [{ device, id, fingerprint, files, reference: build(fingerprint, files) }];
    })
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
  for (const device of new Set<string>(builds.map((one) => one.device))) {
    const own = builds.filter((one) => one.device === device);
    own.forEach((newer, index) => {
      const shown = phone(
        { 'ro.build.fingerprint': newer.fingerprint, 'ro.product.brand': 'google', 'ro.build.type': 'user' },
        newer.files,
      );
      const all = own.map(({ reference }) => reference);
      check(`${device} ${newer.id} itself`, counting(findings(shown, all)).length === 0, words(findings(shown, all)));
      for (const older of own.slice(0, index)) {
        const found = findings(shown, [older.reference]);
        check(`${device} ${older.id} → ${newer.id} is an update`, counting(found).length === 0, words(counting(found)));
        const { groups, counts } = compareManifests(older.reference.manifest, newer.reference.manifest);
        const total = counts.added + counts.removed + counts.changed + counts.moved;
        check(
          `${device} ${older.id} → ${newer.id} in few lines`,
          groups.length <= 80 && groups.reduce((sum, { differences }) => sum + differences.length, 0) === total,
          `${groups.length} lines of ${total} differences`,
        );
        // The same update under the old build's name: its files are another build's.
        const liar = phone(
          { 'ro.build.fingerprint': older.fingerprint, 'ro.product.brand': 'google', 'ro.build.type': 'user' },
          newer.files,
        );
        check(`${device} ${newer.id} under the name of ${older.id}`, total === 0 || findings(liar, all).length > 0, 'nothing is said');
      }
    });
  }
}

function table(text: string): readonly Readonly<Record<string, string>>[] {
  const [head = '', ...lines] = text.trimEnd().split('\n');
  const names = head.split('\t');
  return lines.map((line) => Object.fromEntries(line.split('\t').map((value, index) => [names[index] ?? String(index), value])));
}

function listed(folder: string, file: string, prefix: string): readonly ManifestFile[] {
  return table(gunzipSync(readFileSync(join(folder, file))).toString('utf8')).flatMap(({ path = '', sha256 = '' }) =>
    sha256 === '' || path.startsWith('.') || !path.startsWith(prefix) ? [] : [fileOf(`/system/${path.slice(prefix.length)}`, sha256)],
  );
}

const propertiesOf = (folder: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readFileSync(join(folder, 'build.prop'), 'utf8')
      .split('\n')
      .flatMap((line) => {
        const [, key, value] = /^([^#=\s]+)=(.*)$/.exec(line.trim()) ?? [];
        return key === undefined || value === undefined ? [] : [[key, value] as const];
      }),
  );

function runRolex(folder: string, check: Check): void {
  const file = readdirSync(folder).find((name) => name.startsWith('manifest_'));
  if (file === undefined) return;
  const files = listed(folder, file, '');
  const said = propertiesOf(folder);
  const reference = build(said['ro.build.fingerprint'] ?? '', files);
  check(
    'rolex: the stock build against itself',
    findings(phone(said, files), [reference]).length === 0,
    words(findings(phone(said, files), [reference])),
  );
  const runtime = '/system/lib/libandroid_runtime.so';
  const changed = files.map((row) => (row.path === runtime ? { ...row, sha256: 'ab'.repeat(32) } : row));
  const [first, second] = counting(findings(phone(said, changed), [reference]));
  check(
    'rolex: a changed runtime is the one finding',
    first?.observed.includes(runtime) === true && second === undefined,
    words(counting(findings(phone(said, changed), [reference]))),
  );
  const added = [...files, fileOf('/system/xbin/su', 'cd'.repeat(32)), fileOf('/system/app/Center/Center.apk', 'ef'.repeat(32))];
  check(
    'rolex: su and an app more',
    counting(findings(phone(said, added), [reference])).length === 2,
    words(findings(phone(said, added), [reference])),
  );
  const fewer = files.filter(({ path }) => !path.startsWith('/system/app/'));
  check(
    'rolex: apps that are missing convict nobody',
    counting(findings(phone(said, fewer), [reference])).length === 0,
    words(counting(findings(phone(said, fewer), [reference]))),
  );
}

function runCancro(folder: string, check: Check): void {
  const lists = readdirSync(folder).filter((name) => name.startsWith('manifest_'));
  const [first = '', second = ''] = lists;
  const [a, b] = [listed(folder, first, 'vendor/system/'), listed(folder, second, 'vendor/system/')];
  // The stock build of the same phone; CyanogenMod's own build.prop leaves the fingerprint to be made at start.
  const fingerprint = 'Xiaomi/cancro/cancro:4.4.4/KTU84P/V6.3.3.0.KXDCNBL:user/release-keys';
  const stock = build(
    fingerprint,
    a.map((row, index) => ({ ...row, sha256: index.toString(16).padStart(64, '0') })),
  );
  const found = counting(findings(phone({ 'ro.build.fingerprint': fingerprint }, b), [stock]));
  check(
    'cancro: CyanogenMod under a stock fingerprint is another system, in one finding',
    found.length === 1 && found[0]?.nature === 'foreign',
    words(found),
  );
  const { groups, counts } = compareManifests(build('a', a).manifest, build('b', b).manifest);
  check('cancro: two builds of CyanogenMod', groups.length > 0 && groups.length < 200, `${groups.length} lines, ${JSON.stringify(counts)}`);
}
