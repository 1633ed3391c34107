import { nodeCodec, nodeHash, nodeInflate, nodeVerify, openPartitionPool } from '../../platform/node/index.ts';
import { findPartitions, type MadeManifest, type Manifest, makeManifest, manifestDigest, writeManifest } from '../../references/index.ts';
import { stderrByteProgress } from '../byte-progress.ts';
import { EXIT } from '../exit.ts';
import { plain } from '../progress.ts';
import type { GivenRom } from '../rom.ts';

const ports = { hash: nodeHash, codec: nodeCodec, verify: nodeVerify, inflate: nodeInflate };

export interface ManifestFlags {
  readonly json?: true;
  readonly threads?: number;
}

/** Of a payload one partition at a time for every two cores: operations are decoded ahead in threads of the codec's own, and what is kept of them is most of the memory. */
const DECODING = { cacheBytes: 48 << 20, ahead: 3 };
const togetherOf = (threads: number, isPayload: boolean) => (isPayload ? Math.max(1, Math.floor(threads / 2)) : threads);

/** Makes the manifest of a ROM with threads, telling how far it is on standard error. */
export async function manifestOf(given: Pick<GivenRom, 'source' | 'name' | 'ports'>, options: ManifestFlags = {}): Promise<MadeManifest> {
  const contents = await findPartitions(given.source, { ...given.ports, ...DECODING }, given.name);
  const pool = openPartitionPool(options.threads);
  const progress = stderrByteProgress();
  try {
    return await makeManifest(contents, {
      ports,
      runner: (image, question, report) => pool.examine(image, question, report),
      together: togetherOf(pool.threads, contents.isPayload),
      report: (done) => progress.tell(done),
    });
  } finally {
    progress.end();
    await pool.close();
  }
}

/** `assay firmware manifest ROM`: exit 1 where a part of it could not be read. */
export async function printManifest(given: GivenRom, flags: ManifestFlags): Promise<number> {
  const { manifest } = await manifestOf(given, flags);
  if (flags.json === true) process.stdout.write(writeManifest(manifest));
  else console.log(describe(manifest));
  for (const { partition, path, because } of manifest.unread?.slice(0, 20) ?? [])
    console.error(plain(`not read: ${partition}${path ?? ''}: ${because}`, 400));
  return (manifest.unread?.length ?? 0) > 0 ? EXIT.couldNot : EXIT.done;
}

function describe(manifest: Manifest): string {
  const count = (name: string) => manifest.files.filter(({ partition }) => partition === name).length;
  return [
    plain(manifest.identity['build.fingerprint'] ?? manifest.identity['system.build.fingerprint'] ?? 'no fingerprint'),
    ...manifest.partitions.map((row) =>
      plain(
        `${row.name.padEnd(24)} ${(row.kind ?? 'opaque').padEnd(12)} ${String(row.size).padStart(12)}  ${row.sha256?.slice(0, 16) ?? 'not read'}  ${row.avb?.outcome ?? '-'}  ${count(row.name)} files`,
      ),
    ),
    `${manifest.files.length} files, ${manifest.apks.length} APKs, ${manifest.apexes?.length ?? 0} APEX packages`,
    `manifest ${manifestDigest(manifest, nodeHash)}`,
  ].join('\n');
}
