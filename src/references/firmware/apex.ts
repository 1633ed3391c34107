/** An APEX of an image → its row, and its own files as a partition of their own, mounted at `/apex/NAME`. */
import { FormatError, hashOf, toHex } from '../../bytes/index.ts';
import {
  type ContentAnswer,
  findVbmeta,
  hashtreeAnswer,
  readApex,
  verifyHashtree,
  verifyVbmetaSignature,
} from '../../formats/android/index.ts';
import { verifyApk } from '../../formats/apk/index.ts';
import { openFileSystem } from '../../formats/fs/index.ts';
import type { ArchiveJob } from './apk-row.ts';
import { readTree } from './examine-tree.ts';
import { noteUnread } from './part.ts';

/** Adds an APEX to the part it lies in. */
export async function readApexRow({ source, partition, path, sha256, part, ports }: ArchiveJob): Promise<void> {
  try {
    const apex = await readApex(source, ports.codec);
    const name = `apex/${apex.name}`;
    const { signers } = await verifyApk(source, ports, { minSdk: undefined, maxSdk: undefined });
    const found = await findVbmeta(apex.payload);
    const signature = found === undefined ? undefined : await verifyVbmetaSignature(found.vbmeta, ports);
    const descriptor = found?.vbmeta.descriptors.find((item) => item.kind === 'hashtree');
    const answer: ContentAnswer =
      signature?.answer === 'invalid'
        ? { outcome: 'altered', because: signature.because, firstDifferingBlock: null }
        : descriptor === undefined
          ? { outcome: 'not-checked', because: 'its payload has no hash tree', firstDifferingBlock: null }
          : hashtreeAnswer(descriptor, await verifyHashtree(apex.payload, descriptor, ports.hash));
    const key =
      found === undefined || found.vbmeta.publicKey.length === 0 ? null : toHex(hashOf(ports.hash, 'sha256', found.vbmeta.publicKey));
    const rootDigest = answer.outcome === 'intact' && descriptor !== undefined ? toHex(descriptor.rootDigest) : null;
    part.apexes.push({
      path,
      name: apex.name,
      version: apex.version,
      compressed: apex.compressed,
      signers: [...signers],
      payloadKeySha256: key,
      rootDigest,
      sha256,
    });
    // The same APEX may lie twice in a build; its files are listed once.
    if (part.partitions.some((row) => row.name === name)) return;
    const fileSystem = await openFileSystem(apex.payload, ports.codec);
    const size = Math.min(found?.footer?.originalImageSize ?? apex.payload.size, apex.payload.size);
    const hasher = ports.hash('sha256');
    for (let at = 0; at < size; at += PIECE) hasher.update(await apex.payload.read(at, Math.min(PIECE, size - at)));
    part.partitions.push({
      name,
      size,
      sha256: toHex(hasher.digest()),
      rootDigest,
      over: 'avb image',
      kind: fileSystem?.kind ?? null,
      avb: {
        by: 'footer',
        in: null,
        outcome: answer.outcome,
        because: answer.because,
        keySha256: key,
        rollbackIndex: found === undefined ? null : String(found.vbmeta.rollbackIndex),
      },
    });
    if (fileSystem !== undefined)
      await readTree({ fileSystem, partition: name, part, ports, sweep: undefined, mount: `/apex/${apex.name}` });
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    noteUnread(part, { partition, path }, error);
  }
}

const PIECE = 1 << 20;
