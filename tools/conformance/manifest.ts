/**
 * Manifests against what is known of builds: `firmware/made` path by path against the tree it was made of, from every container; the files and apps of `firmware/rolex` and
 * `firmware/cancro-cm12.1` against the lists of those builds.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { bytesSource, hashOf, toHex } from '../../src/bytes/index.ts';
import { nodeCodec, nodeHash, nodeInflate, nodeVerify } from '../../src/platform/node/index.ts';
import { findPartitions, type Manifest, makeManifest, readApkRow } from '../../src/references/index.ts';
import { type Check, runParts } from '../conformance-parts.ts';

export const collection = 'firmware manifests';

const UNPACKED_MAX = 1 << 28;
const ports = { hash: nodeHash, codec: nodeCodec, verify: nodeVerify, inflate: nodeInflate };

/** Undefined: there is no such folder. */
export async function run(dataDir: string): Promise<{ agree: number; differ: string[] } | undefined> {
  const folder = join(dataDir, 'firmware');
  return runParts([
    { path: join(folder, 'made'), runs: runMade },
    { path: join(folder, 'rolex'), runs: runList },
    { path: join(folder, 'cancro-cm12.1'), runs: runList },
  ]);
}

/** One path of the tree that the images were made of. */
interface Expected {
  readonly path: string;
  readonly type: string;
  readonly mode: string;
  readonly uid: number;
  readonly gid: number;
  readonly size?: number;
  readonly sha256?: string;
  readonly target?: string;
  readonly xattrs?: Readonly<Record<string, string>>;
}

async function manifestOf(path: string): Promise<Manifest> {
  const packed = new Uint8Array(readFileSync(path));
  const bytes = path.endsWith('.xz') ? await nodeCodec('xz', packed, UNPACKED_MAX) : packed;
  const name = path.slice(path.lastIndexOf('/') + 1).replace(/\.xz$/, '');
  const { manifest } = await makeManifest(await findPartitions(bytesSource(bytes), ports, name), { ports, together: 1 });
  return manifest;
}

async function runMade(folder: string, check: Check): Promise<void> {
  const tree = JSON.parse(readFileSync(join(folder, 'tree.json'), 'utf8')) as readonly Expected[];
  const digest = readFileSync(join(folder, 'vbmeta-digest.txt'), 'utf8').trim();
  const payload = await manifestOf(join(folder, 'payload.bin.xz'));
  check('payload.bin vbmeta digest', payload.vbmetaDigest === digest, `${payload.vbmetaDigest}, where avbtool printed ${digest}`);
  check('payload.bin unread', payload.unread?.length === 0, JSON.stringify(payload.unread?.[0]));
  for (const name of ['payload.bin', 'super.simg', 'system.img', 'vendor.img', 'boot.img']) {
    const manifest = name === 'payload.bin' ? payload : await manifestOf(join(folder, `${name}.xz`));
    for (const row of manifest.partitions) {
      const same = payload.partitions.find((other) => other.name === row.name);
      check(`${name}: ${row.name}`, same?.sha256 === row.sha256 && row.avb?.outcome === 'intact', `${row.sha256} ${row.avb?.outcome}`);
      if (row.kind === null || row.kind === 'boot' || row.kind === 'vbmeta') continue;
      const wrong = differences(manifest, row.name, tree);
      check(`${name}: files of ${row.name}`, wrong.length === 0, `${wrong.length} paths, first ${wrong[0]}`);
    }
  }
}

/** What differs between a partition's rows and the tree; the root itself is the image's, not the tree's. */
function differences(manifest: Manifest, partition: string, tree: readonly Expected[]): readonly string[] {
  const rows = new Map(manifest.files.filter((row) => row.partition === partition).map((row) => [row.path, row]));
  const under = `/${partition}`;
  return tree
    .filter(({ path }) => path === under || path.startsWith(`${under}/`))
    .flatMap((expected) => {
      const row = rows.get(expected.path);
      if (row === undefined) return [`${expected.path}: missing`];
      const label = expected.xattrs?.['security.selinux'];
      const wanted = [
        expected.type,
        expected.mode,
        expected.uid,
        expected.gid,
        expected.sha256 ?? null,
        expected.target ?? null,
        label === undefined ? null : Buffer.from(label, 'hex').toString('utf8').replace(/\0$/, ''),
        expected.xattrs?.['security.capability'] ?? null,
      ];
      const got = [row.type, row.mode, row.uid, row.gid, row.sha256, row.target, row.context, row.capabilities];
      const at = wanted.findIndex((value, index) => value !== got[index]);
      return at < 0 ? [] : [`${expected.path}: ${String(got[at])}, where the tree has ${String(wanted[at])}`];
    });
}

/** The list of a build, with the files of it that are there; of apps also who signed them. */
async function runList(folder: string, check: Check): Promise<void> {
  const lists = readdirSync(folder).filter((name) => /^manifest_.*\.tsv\.gz$/.test(name));
  const rows = lists.flatMap((name) => table(gunzipSync(readFileSync(join(folder, name))).toString('utf8')));
  const digests = new Map<string, string>();
  for (const row of rows) if ((row['sha256'] ?? '') !== '') digests.set(row['sha256'] ?? '', row['path'] ?? '');
  const signersFile = join(folder, 'apk_signers.tsv');
  const signers = new Map(
    (existsSync(signersFile) ? table(readFileSync(signersFile, 'utf8')) : []).map((row) => [row['sha256'] ?? '', row]),
  );
  const apks = existsSync(join(folder, 'apk')) ? readdirSync(join(folder, 'apk')) : [];
  for (const name of apks) {
    const bytes = new Uint8Array(readFileSync(join(folder, 'apk', name)));
    const sha256 = toHex(hashOf(nodeHash, 'sha256', bytes));
    const path = digests.get(sha256);
    check(`${name} in the list`, path?.endsWith(`/${name}`) === true, `${sha256} is ${path ?? 'not in it'}`);
    const row = await readApkRow({ source: bytesSource(bytes), partition: 'system', path: `/system/${path ?? name}`, sha256, ports });
    const known = signers.get(sha256);
    if (known === undefined) continue;
    const verified = known['verifies'] === '1';
    check(
      `${name} signer`,
      row.signers.join(',') === (verified ? known['cert_sha256'] : ''),
      `${row.signers.join(',')}, where ${known['cert_sha256']} is known`,
    );
    check(
      `${name} package`,
      row.package === known['package'] &&
        String(row.versionCode ?? '') === known['version_code'] &&
        (row.versionName ?? '') === known['version_name'],
      `${row.package} ${row.versionCode} ${row.versionName}, where ${known['package']} ${known['version_code']} ${known['version_name']} is known`,
    );
  }
}

function table(text: string): readonly Readonly<Record<string, string>>[] {
  const [head = '', ...lines] = text.trimEnd().split('\n');
  const names = head.split('\t');
  return lines.map((line) => Object.fromEntries(line.split('\t').map((value, index) => [names[index] ?? String(index), value])));
}
