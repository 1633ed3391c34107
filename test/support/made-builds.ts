/** Builds of a made-up maker, for tests and benchmarks: families whose builds share most files, from a seed. */
import { createHash } from 'node:crypto';
import { canonicalManifest, type Manifest, type ManifestFile } from '../../src/references/index.ts';

export interface MadeFamily {
  readonly family: number;
  readonly files: number;
  /** Of each further build, the share of files with other bytes. */
  readonly changed: number;
  /** Of each family, the share of files that other families have too. */
  readonly common: number;
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** The n-th build of a family. Which files change with it follows from the seed, so that a build can be made without those before it. */
export function madeBuild({ family, files, changed, common }: MadeFamily, n: number): Manifest {
  const period = Math.max(1, Math.round(1 / changed));
  const rows: ManifestFile[] = [];
  for (let i = 0; i < files; i++) {
    const partition = i % 4 === 3 ? 'vendor' : i % 8 === 2 ? 'product' : 'system';
    const isCommon = (i * 7919) % 1000 < common * 1000;
    // Each file changes every `period` builds, each in a build of its own.
    const version = Math.floor((n + ((i * 31 + family) % period)) / period);
    rows.push({
      partition,
      path: `/${partition}/lib${i % 2 === 0 ? '64' : ''}/libmade${i}.so`,
      type: 'file',
      size: 1000 + ((i * 977 + version) % 1_000_000),
      mode: '0644',
      uid: 0,
      gid: 0,
      context: `u:object_r:${partition}_lib_file:s0`,
      capabilities: null,
      sha256: sha256(`${isCommon ? 'all' : family} ${i} ${version}`),
      target: null,
    });
  }
  const incremental = `V${n}.${family}`;
  return canonicalManifest({
    format: 'assay.manifest/1',
    identity: {
      'build.fingerprint': `Example/made${family}/made${family}:14/UP1A/${incremental}:user/release-keys`,
      'vendor.build.fingerprint': `Example/made${family}/made${family}:14/UP1A/${incremental}:user/release-keys`,
      'build.version.incremental': incremental,
      'build.date.utc': String(1_700_000_000 + n * 2_592_000),
      'product.brand': 'Example',
      'product.name': `made${family}`,
      'product.device': `made${family}`,
    },
    partitions: ['system', 'vendor', 'product'].map((name) => ({
      name,
      size: files * 4096,
      sha256: sha256(`${name} ${family} ${n}`),
      rootDigest: null,
      over: 'files' as const,
      kind: 'erofs',
      avb: null,
    })),
    files: rows,
    apks: [],
    properties: Array.from({ length: 100 }, (_, i) => ({
      path: '/system/build.prop',
      key: `ro.made.${i}`,
      value: i < 3 ? incremental : String(i),
    })),
  });
}
