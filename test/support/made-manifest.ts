/** Small manifests for tests of comparisons: what a row does not say is as in most builds. */
import type { Manifest, ManifestApk, ManifestFile } from '../../src/references/index.ts';

/** A digest that stands for a content. */
export const digestOf = (content: string): string =>
  [...content]
    .reduce((sum, letter) => (Math.imul(sum, 31) + letter.charCodeAt(0)) >>> 0, 7)
    .toString(16)
    .padStart(8, '0')
    .repeat(8);

export const fileRow = (path: string, content: string, more: Partial<ManifestFile> = {}): ManifestFile => ({
  partition: path.split('/')[1] ?? 'system',
  path,
  type: 'file',
  size: content.length,
  mode: '0644',
  uid: 0,
  gid: 0,
  context: 'u:object_r:system_file:s0',
  capabilities: null,
  sha256: digestOf(content),
  target: null,
  ...more,
});

export const apkRow = (path: string, name: string, signer: string, content = name): ManifestApk => ({
  partition: path.split('/')[1] ?? 'system',
  path,
  package: name,
  versionCode: 1,
  versionName: '1.0',
  signers: [digestOf(signer)],
  sha256: digestOf(content),
});

/** Partitions follow from the files. */
export function manifestOf(files: readonly ManifestFile[], more: Partial<Manifest> = {}): Manifest {
  const names = [...new Set(files.map(({ partition }) => partition))];
  const roots = names
    .filter((name) => !files.some(({ path }) => path === `/${name}`))
    .map((name) => fileRow(`/${name}`, '', { type: 'directory', size: 0, mode: '0755', sha256: null }));
  return {
    format: 'assay.manifest/1',
    identity: {},
    partitions: names.map((name) => ({
      name,
      size: 1,
      sha256: digestOf(JSON.stringify(files.filter(({ partition }) => partition === name))),
      rootDigest: null,
      over: 'files',
      kind: 'ext',
      avb: null,
    })),
    files: [...files, ...roots],
    apks: [],
    ...more,
  };
}
