/** Members of an APK that verification reads. */
import { FormatError, hashOf, type Oddity } from '../../bytes/index.ts';
import { type AxmlDocument, readAxml } from './axml.ts';
import { type ApkPorts, ApkRefusal } from './issue.ts';
import { MANIFEST_NAME } from './jar/verify.ts';
import type { SchemeDigests } from './stamp.ts';
import { type ApkZip, findEntry, openMember } from './zip-view.ts';

/** The digest that a source stamp signs for the JAR signature: the manifest's. @throws ApkRefusal */
export async function jarDigests(zip: ApkZip, ports: ApkPorts): Promise<SchemeDigests> {
  const entry = findEntry(zip, MANIFEST_NAME);
  if (entry === undefined) return new Map();
  return new Map([['sha256' as const, hashOf(ports.hash, 'sha256', await openMember(zip, entry, ports))]]);
}

/** Reads AndroidManifest.xml once. @throws ApkRefusal without one, or where it does not parse */
export function manifestReader(zip: ApkZip, ports: ApkPorts, oddities: Oddity[]): () => Promise<AxmlDocument> {
  let known: Promise<AxmlDocument> | undefined;
  const read = async (): Promise<AxmlDocument> => {
    const entry = findEntry(zip, 'AndroidManifest.xml');
    if (entry === undefined) throw new ApkRefusal('ApkFormatException', 'no AndroidManifest.xml');
    try {
      const reading = readAxml(await openMember(zip, entry, ports));
      oddities.push(...reading.oddities);
      return reading.value;
    } catch (error) {
      if (error instanceof FormatError) throw new ApkRefusal('ApkFormatException', error.message);
      throw error;
    }
  };
  return () => {
    known ??= read();
    return known;
  };
}
