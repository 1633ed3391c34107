import { FormatError, type Source, toHex } from '../../bytes/index.ts';
import { nodeCodec, nodeHash, nodeInflate, nodeVerify, nodeVerifyStream, openPartitionPool } from '../../platform/node/index.ts';
import {
  type Checkpoint,
  findPartitions,
  labelOf,
  type MadeManifest,
  type Manifest,
  makeManifest,
  manifestDigest,
  openContainer,
  packageSignatures,
  type Reference,
  type RomContents,
  writeManifest,
  writeReference,
} from '../../references/index.ts';
import { stderrByteProgress } from '../byte-progress.ts';
import { EXIT } from '../exit.ts';
import { plain } from '../progress.ts';
import type { GivenRom } from '../rom.ts';

const ports = { hash: nodeHash, codec: nodeCodec, verify: nodeVerify, inflate: nodeInflate };

export interface ManifestFlags {
  readonly json?: true;
  readonly threads?: number;
  /** The manifest with its provenance, as a reference. */
  readonly reference?: true;
  /** Digests of the whole file, where they are known already. */
  readonly digests?: FileDigests;
  /** Where what is done is kept. */
  readonly checkpoint?: Checkpoint;
}

export interface FileDigests {
  readonly sha256: string;
  readonly md5: string;
}

/** Of a payload that lies in no file: operations are decoded here, ahead in threads of the codec's own. What is kept of them is most of the memory. */
const DECODING = { cacheBytes: 24 << 20, ahead: 3 };

/** Makes the manifest of a ROM with threads, telling how far it is on standard error. */
export async function manifestOf(given: Pick<GivenRom, 'source' | 'name' | 'ports'>, options: ManifestFlags = {}): Promise<MadeManifest> {
  return manifestOfContents(await findPartitions(given.source, { ...given.ports, ...DECODING }, given.name), options);
}

/** The same of partitions that were found already. */
export async function manifestOfContents(contents: RomContents, options: ManifestFlags = {}): Promise<MadeManifest> {
  const pool = openPartitionPool(options.threads);
  const progress = stderrByteProgress();
  try {
    return await makeManifest(contents, {
      ports,
      runner: (image, question, report) => pool.examine(image, question, report),
      together: pool.threads,
      report: (done) => progress.tell(done),
      ...(options.checkpoint === undefined ? {} : { checkpoint: options.checkpoint }),
    });
  } finally {
    progress.end();
    await pool.close();
  }
}

/** A reference of a ROM: its manifest, and where that came from. The maker's word is nobody's until somebody says whose key it is. */
export async function referenceOf(given: GivenRom, options: ManifestFlags = {}): Promise<Reference> {
  const { manifest, avb } = await manifestOf(given, options);
  const signatures = await packageSignatures(given.source, { hash: nodeHash, verify: nodeVerify, verifyStream: nodeVerifyStream });
  const root = avb?.partitions.find(({ partition, by, signature }) => partition === 'vbmeta' && by === 'root' && signature !== null);
  const answers = { valid: 'valid', invalid: 'invalid', unsigned: 'unsigned', unsupported: 'not-checked' } as const;
  const vbmeta =
    root?.signature === undefined || root.signature === null
      ? []
      : [{ over: 'vbmeta' as const, outcome: answers[root.signature.answer], signer: root.signature.keySha256, because: root.because }];
  const container = await openContainer(given.source, given.ports, given.name);
  const remote = /^https?:/i.test(given.rom);
  const source = {
    name: given.name,
    size: given.source.size,
    ...(remote ? { sha256: null } : (options.digests ?? (await digestsOfSource(given.source)))),
    kind: container?.kind ?? 'image',
  };
  const label = labelOf(manifest);
  const provenance = {
    made: 'image' as const,
    sources: [source],
    signatures: [...signatures, ...vbmeta],
    vouched: 'nobody' as const,
    label,
  };
  return { manifest, digest: manifestDigest(manifest, nodeHash), vouched: provenance.vouched, label, provenance };
}

const WINDOW = 4 << 20;

/** SHA-256 of a whole file, in hex. */
export async function sha256Of(source: Source): Promise<string> {
  const hasher = nodeHash('sha256');
  for (let at = 0; at < source.size; at += WINDOW) hasher.update(await source.read(at, Math.min(WINDOW, source.size - at)));
  return toHex(hasher.digest());
}

/** SHA-256 and MD5 of a whole source, read once: old lists of builds know only the MD5. */
export async function digestsOfSource(source: Source): Promise<FileDigests> {
  const hashers = [nodeHash('sha256'), nodeHash('md5')] as const;
  for (let at = 0; at < source.size; at += WINDOW) {
    const bytes = await source.read(at, Math.min(WINDOW, source.size - at));
    for (const hasher of hashers) hasher.update(bytes);
  }
  const [sha256, md5] = hashers;
  return { sha256: toHex(sha256.digest()), md5: toHex(md5.digest()) };
}

/** `assay firmware manifest ROM`: exit 1 where a part of it could not be read. */
export async function printManifest(given: GivenRom, flags: ManifestFlags): Promise<number> {
  const reference = flags.reference === true ? await referenceOf(given, flags) : undefined;
  const manifest = reference?.manifest ?? (await manifestOf(given, flags)).manifest;
  // A file in which nothing is known here is no build of nothing.
  if (manifest.partitions.length === 0 && manifest.files.length === 0 && (manifest.unread?.length ?? 0) === 0)
    throw new FormatError({ format: 'firmware', field: 'partitions', at: 0 }, 'bad-value', 'none found');
  if (reference !== undefined) process.stdout.write(writeReference(reference));
  else if (flags.json === true) process.stdout.write(writeManifest(manifest));
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
