/** Members of an APK that verification reads. */
import { FormatError, hashOf, type Oddity } from '../../bytes/index.ts';
import { type AxmlDocument, readAxml } from './axml.ts';
import { type ApkPorts, ApkRefusal } from './issue.ts';
import { MANIFEST_NAME } from './jar/verify.ts';
import { levelResolver } from './resource-level.ts';
import { minSdkOf } from './sdk.ts';
import type { SchemeDigests } from './stamp.ts';
import { type ApkZip, findEntry, openMember } from './zip-view.ts';

/** The digest that a source stamp signs for the JAR signature: the manifest's. @throws ApkRefusal */
export async function jarDigests(zip: ApkZip, ports: ApkPorts): Promise<SchemeDigests> {
  const entry = findEntry(zip, MANIFEST_NAME);
  if (entry === undefined) return new Map();
  return new Map([['sha256' as const, hashOf(ports.hash, 'sha256', await openMember(zip, entry, ports))]]);
}

/** AndroidManifest.xml, or why it does not parse. */
export type ManifestReading = AxmlDocument | FormatError;

/** Reads AndroidManifest.xml once. @throws ApkRefusal where there is none to be read */
export function manifestReader(zip: ApkZip, ports: ApkPorts, oddities: Oddity[]): () => Promise<ManifestReading> {
  let known: Promise<ManifestReading> | undefined;
  const read = async (): Promise<ManifestReading> => {
    const entry = findEntry(zip, 'AndroidManifest.xml');
    if (entry === undefined) throw new ApkRefusal('ApkFormatException', 'no AndroidManifest.xml');
    const bytes = await openMember(zip, entry, ports);
    try {
      const reading = readAxml(bytes);
      oddities.push(...reading.oddities);
      return reading.value;
    } catch (error) {
      if (error instanceof FormatError) return error;
      throw error;
    }
  };
  return () => {
    known ??= read();
    return known;
  };
}

/** The lowest level that a manifest names. @throws ApkRefusal where it cannot be told */
export async function manifestLevel(zip: ApkZip, ports: ApkPorts, manifest: ManifestReading): Promise<number> {
  if (manifest instanceof FormatError) throw new ApkRefusal('MinSdkVersionException', manifest.message);
  return minSdkOf(manifest, await levelResolver(zip, ports, manifest));
}
