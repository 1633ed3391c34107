/** A phone with 10,000 files against a build, and two builds of 10,000 files that differ in a tenth, with grouping. Every comparison is made anew: facts and manifests are copied before each. */
import type { Facts, ListedFile } from '../src/evidence/index.ts';
import { compareManifests, comparePhone, type Manifest, type ManifestFile } from '../src/references/index.ts';

const FILES = 10_000;
const ROUNDS = 15;
const FOLDERS = [
  '/system/lib64',
  '/system/framework',
  '/system/app/App',
  '/system/priv-app/Priv',
  '/system/bin',
  '/system/etc/permissions',
  '/system/media/theme',
  '/system/fonts',
];

function build(version: number): Manifest {
  const files = Array.from({ length: FILES }, (_, index): ManifestFile => {
    const folder = FOLDERS[index % FOLDERS.length] ?? '/system';
    const content = index % 10 === 3 ? index * 7 + version : index * 7;
    return {
      partition: 'system',
      path: folder.endsWith('App') || folder.endsWith('Priv') ? `${folder}${index}/file${index}.apk` : `${folder}/file${index}.so`,
      type: 'file',
      size: 1000 + index,
      mode: '0644',
      uid: 0,
      gid: 0,
      context: 'u:object_r:system_file:s0',
      capabilities: null,
      sha256: content.toString(16).padStart(64, '0'),
      target: null,
    };
  });
  return {
    format: 'assay.manifest/1',
    identity: {},
    partitions: [{ name: 'system', size: 1, sha256: null, rootDigest: null }],
    files,
    apks: [],
  };
}

function phone({ files }: Manifest): Facts {
  const place = { artefact: 'files_system.txt', at: 0, length: 1 };
  const list = files.map(
    ({ path, type, size, mode, uid, gid, context }): ListedFile => ({
      path,
      type,
      size,
      mode,
      uid,
      gid,
      context: context ?? undefined,
      sha256: undefined,
      target: undefined,
      modified: undefined,
    }),
  );
  const hashes = files.map(
    ({ path, sha256 }): ListedFile => ({
      path,
      type: 'file',
      size: undefined,
      mode: undefined,
      uid: undefined,
      gid: undefined,
      context: undefined,
      sha256: sha256 ?? undefined,
      target: undefined,
      modified: undefined,
    }),
  );
  return {
    list: [list, hashes].map((rows) => ({
      kind: 'files',
      value: { roots: ['/system'], files: rows, isWhole: true },
      standing: 'shown',
      place,
      oddities: [],
    })),
    unread: [],
  };
}

export async function run(): Promise<void> {
  const before = build(1);
  const after = build(2);
  const facts = phone(after);
  const time = (act: () => unknown): string => {
    const rounds = Array.from({ length: ROUNDS }, () => {
      const cpu = process.cpuUsage();
      const start = performance.now();
      act();
      const { user, system } = process.cpuUsage(cpu);
      return { wall: performance.now() - start, cpu: (user + system) / 1000 };
    });
    const median = (key: 'wall' | 'cpu') => rounds.map((round) => round[key]).toSorted((a, b) => a - b)[ROUNDS >> 1] ?? 0;
    return `${median('wall').toFixed(1)} ms, ${median('cpu').toFixed(1)} ms of processor time with the collector's threads (medians of ${ROUNDS}, the first included)`;
  };
  const { groups, counts } = compareManifests(before, after);
  console.log(
    `builds of ${FILES} files, ${counts.changed} changed, ${groups.length} groups: ${time(() => compareManifests(before, { ...after }))}`,
  );
  // Other objects, so that nothing is remembered.
  console.log(`phone with list and digests of ${FILES} files against a build: ${time(() => comparePhone({ ...facts }, { ...before }))}`);
}
