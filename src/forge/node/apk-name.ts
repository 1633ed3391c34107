/** What an installer reads of an APK: package and version, from its binary manifest. */
import { inflateRawSync } from 'node:zlib';

export interface ApkName {
  readonly package: string;
  readonly versionCode: number;
  readonly versionName: string;
}

const MANIFEST_MAX = 1024 * 1024;
const VERSION_CODE = 0x0101021b;
const VERSION_NAME = 0x0101021c;

/** Reads package and version; undefined where the bytes are no APK. */
export function apkName(apk: Uint8Array): ApkName | undefined {
  try {
    const manifest = zipEntry(Buffer.from(apk.buffer, apk.byteOffset, apk.length), 'AndroidManifest.xml');
    return manifest === undefined ? undefined : manifestName(manifest);
  } catch (error) {
    // Offsets that point outside are the ordinary case of a file that is no APK.
    if (error instanceof RangeError || (error instanceof Error && 'code' in error)) return undefined;
    throw error;
  }
}

function zipEntry(zip: Buffer, wanted: string): Buffer | undefined {
  const end = zip.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]));
  if (end < 0) return undefined;
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0 && zip.readUInt32LE(at) === 0x02014b50; left -= 1) {
    const nameLength = zip.readUInt16LE(at + 28);
    if (zip.toString('utf8', at + 46, at + 46 + nameLength) === wanted) {
      const local = zip.readUInt32LE(at + 42);
      const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
      const data = zip.subarray(start, start + zip.readUInt32LE(at + 20));
      return zip.readUInt16LE(at + 10) === 8 ? inflateRawSync(data, { maxOutputLength: MANIFEST_MAX }) : data;
    }
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return undefined;
}

function manifestName(xml: Buffer): ApkName | undefined {
  let strings: readonly string[] = [];
  let resources: readonly number[] = [];
  for (let at = xml.readUInt16LE(2); at + 8 <= xml.length; ) {
    const [type, header, size] = [xml.readUInt16LE(at), xml.readUInt16LE(at + 2), xml.readUInt32LE(at + 4)];
    if (size < 8) return undefined;
    if (type === 0x0001) strings = pool(xml.subarray(at, at + size));
    else if (type === 0x0180) resources = Array.from({ length: (size - header) / 4 }, (_, i) => xml.readUInt32LE(at + header + i * 4));
    else if (type === 0x0102) return attributes(xml.subarray(at + header, at + size), strings, resources);
    at += size;
  }
  return undefined;
}

function pool(chunk: Buffer): readonly string[] {
  const [count, flags, start] = [chunk.readUInt32LE(8), chunk.readUInt32LE(16), chunk.readUInt32LE(20)];
  const isUtf8 = (flags & 0x100) !== 0;
  return Array.from({ length: Math.min(count, chunk.length / 4) }, (_, i) => {
    let at = start + chunk.readUInt32LE(chunk.readUInt16LE(2) + i * 4);
    if (!isUtf8) return chunk.toString('utf16le', at + 2, at + 2 + chunk.readUInt16LE(at) * 2);
    at += (chunk[at] ?? 0) & 0x80 ? 2 : 1;
    const long = ((chunk[at] ?? 0) & 0x80) !== 0;
    const length = long ? (((chunk[at] ?? 0) & 0x7f) << 8) | (chunk[at + 1] ?? 0) : (chunk[at] ?? 0);
    at += long ? 2 : 1;
    return chunk.toString('utf8', at, at + length);
  });
}

function attributes(node: Buffer, strings: readonly string[], resources: readonly number[]): ApkName | undefined {
  if (strings[node.readUInt32LE(4)] !== 'manifest') return undefined;
  const [start, size, count] = [node.readUInt16LE(8), node.readUInt16LE(10), node.readUInt16LE(12)];
  let name: ApkName = { package: '', versionCode: 0, versionName: '' };
  for (let i = 0; i < count; i += 1) {
    const at = start + i * size;
    const nameIndex = node.readUInt32LE(at + 4);
    const text = strings[node.readUInt32LE(at + 16)] ?? '';
    if (resources[nameIndex] === VERSION_CODE) name = { ...name, versionCode: node.readUInt32LE(at + 16) };
    else if (resources[nameIndex] === VERSION_NAME) name = { ...name, versionName: text };
    else if (strings[nameIndex] === 'package') name = { ...name, package: text };
  }
  return /^[A-Za-z][\w.]*$/.test(name.package) ? name : undefined;
}
