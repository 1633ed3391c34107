import type { Source } from '../../bytes/index.ts';
import { nodeCodec, nodeHash, nodeInflate, nodeVerify, openPartitionPool } from '../../platform/node/index.ts';
import { findPartitions, type MadeManifest, type Manifest, makeManifest, manifestDigest, writeManifest } from '../../references/index.ts';
import { stderrByteProgress } from '../byte-progress.ts';
import { EXIT } from '../exit.ts';
import { plain } from '../progress.ts';

const ports = { hash: nodeHash, codec: nodeCodec, verify: nodeVerify, inflate: nodeInflate };

/** Makes the manifest of a ROM with threads, telling how far it is on standard error. */
export async function manifestOf(source: Source, options: { readonly threads?: number } = {}): Promise<MadeManifest> {
  const partitions = await findPartitions(source, ports);
  const pool = openPartitionPool(options.threads);
  const progress = stderrByteProgress();
  try {
    return await makeManifest(partitions, {
      ports,
      runner: (image, question, report) => pool.examine(image, question, report),
      together: pool.threads,
      report: (done) => progress.tell(done),
    });
  } finally {
    progress.end();
    await pool.close();
  }
}

/** `assay firmware manifest ROM`: exit 1 where a part of it could not be read. */
export async function printManifest(source: Source, flags: { readonly json?: true; readonly threads?: number }): Promise<number> {
  const { manifest } = await manifestOf(source, flags);
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
