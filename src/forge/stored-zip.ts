/** A zip whose entries are stored, not compressed. Spec: PKWARE APPNOTE 6.3. */
export interface ZipEntry {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const utf8 = new TextEncoder();
/** 1980-01-01, so that the same entries are the same archive. */
const DOS_DATE = 0x21;

let table: Uint32Array | undefined;
function crcTable(): Uint32Array {
  table ??= Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte;
    for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
    return value >>> 0;
  });
  return table;
}

/** CRC-32 as zip has it. */
function crc32(bytes: Uint8Array): number {
  const lookup = crcTable();
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (lookup[(crc ^ byte) & 255] ?? 0) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

/** Writes the archive. */
export function storedZip(entries: readonly ZipEntry[]): Uint8Array {
  const local: Uint8Array[] = [];
  const central: Uint8Array[] = [];
  let at = 0;
  for (const { name, bytes } of entries) {
    const encoded = utf8.encode(name);
    const crc = crc32(bytes);
    const head = new Uint8Array(30 + encoded.length);
    const view = new DataView(head.buffer);
    view.setUint32(0, 0x04034b50, true);
    common(view, 4, { crc, size: bytes.length, nameLength: encoded.length });
    head.set(encoded, 30);
    const entry = new Uint8Array(46 + encoded.length);
    const entryView = new DataView(entry.buffer);
    entryView.setUint32(0, 0x02014b50, true);
    entryView.setUint16(4, 20, true);
    common(entryView, 6, { crc, size: bytes.length, nameLength: encoded.length });
    entryView.setUint32(42, at, true);
    entry.set(encoded, 46);
    local.push(head, bytes);
    central.push(entry);
    at += head.length + bytes.length;
  }
  const size = central.reduce((sum, entry) => sum + entry.length, 0);
  const end = new Uint8Array(22);
  const view = new DataView(end.buffer);
  view.setUint32(0, 0x06054b50, true);
  view.setUint16(8, entries.length, true);
  view.setUint16(10, entries.length, true);
  view.setUint32(12, size, true);
  view.setUint32(16, at, true);
  const all = new Uint8Array(at + size + 22);
  let offset = 0;
  for (const part of [...local, ...central, end]) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}

function common(view: DataView, at: number, entry: { readonly crc: number; readonly size: number; readonly nameLength: number }): void {
  view.setUint16(at, 20, true); // version needed
  view.setUint16(at + 8, DOS_DATE, true);
  view.setUint32(at + 10, entry.crc, true);
  view.setUint32(at + 14, entry.size, true);
  view.setUint32(at + 18, entry.size, true);
  view.setUint16(at + 22, entry.nameLength, true);
}
