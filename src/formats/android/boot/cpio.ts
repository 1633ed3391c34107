/**
 * cpio archives in the new ASCII format, as ramdisks have them: several may follow each other, padded with zeros.
 * Spec: Linux Documentation/driver-api/early-userspace/buffer-format.rst. Limits: `ENTRIES_MAX` entries, names of `NAME_MAX` bytes.
 * Does not read: the old binary and octal formats, which kernels refuse, too.
 *
 *   "070701" or "070702" (with checksum), then 13 fields of 8 hexadecimal digits: ino mode uid gid nlink mtime filesize devmajor devminor rdevmajor rdevminor namesize check;
 *   the name with its NUL, padded to 4; the content, padded to 4. "TRAILER!!!" ends an archive.
 */
import { alignUp, Cursor, concatBytes, type Oddity, type Reading } from '../../../bytes/index.ts';

const FORMAT = 'cpio';
const HEADER_SIZE = 110;
const ENTRIES_MAX = 1 << 17;
const NAME_MAX = 4096;
const TRAILER = 'TRAILER!!!';

export interface CpioEntry {
  /** As it lies; never a host path. */
  readonly name: string;
  /** st_mode: type and permissions. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly links: number;
  readonly modifiedSeconds: number;
  readonly deviceMajor: number;
  readonly deviceMinor: number;
  /** A view of the archive; of a link, its target. */
  readonly data: Uint8Array;
}

/** Whether bytes begin as a cpio archive does. */
export function isCpio(start: Uint8Array): boolean {
  return start.length >= 6 && /^07070[12]$/.test(String.fromCharCode(...start.subarray(0, 6)));
}

/** Reads every archive in turn. @throws FormatError */
export function readCpio(bytes: Uint8Array): Reading<readonly CpioEntry[]> {
  const oddities: Oddity[] = [];
  const entries: CpioEntry[] = [];
  const cursor = new Cursor(bytes, { format: FORMAT });
  let ended = false;
  while (cursor.left > 0) {
    // Archives are padded with zeros, to 512 bytes by cpio(1) and to 4 by the kernel's own packer.
    if (bytes[cursor.at] === 0 && (ended || entries.length === 0)) {
      cursor.skip('padding', 1);
      continue;
    }
    if (ended && !isCpio(bytes.subarray(cursor.at))) {
      oddities.push({
        format: FORMAT,
        field: 'end',
        at: cursor.at,
        code: 'trailing',
        detail: `${cursor.left} bytes after the last archive`,
      });
      return { value: entries, oddities };
    }
    const entry = readEntry(cursor, entries.length);
    ended = entry.name === TRAILER;
    if (ended) continue;
    if (entries.length === ENTRIES_MAX) throw cursor.error('entries', 'too-large', `more than ${ENTRIES_MAX}`);
    entries.push(entry);
  }
  if (!ended)
    oddities.push({ format: FORMAT, field: 'end', at: bytes.length, code: 'no-trailer', detail: 'the last archive has no trailer' });
  return { value: entries, oddities };
}

function readEntry(cursor: Cursor, index: number): CpioEntry {
  const start = cursor.at;
  const prefix = `entry[${index}].`;
  const header = cursor.take(`${prefix}header`, HEADER_SIZE);
  if (!isCpio(header)) throw cursor.error(`${prefix}magic`, 'bad-magic', 'neither 070701 nor 070702', start);
  const field = (number: number, name: string): number => {
    const text = String.fromCharCode(...header.subarray(6 + 8 * number, 14 + 8 * number));
    if (!/^[\dA-Fa-f]{8}$/.test(text))
      throw cursor.error(prefix + name, 'bad-value', `${JSON.stringify(text)} is no number`, start + 6 + 8 * number);
    return Number.parseInt(text, 16);
  };
  const size = field(6, 'filesize');
  const nameSize = field(11, 'namesize');
  if (nameSize === 0 || nameSize > NAME_MAX) throw cursor.error(`${prefix}namesize`, 'bad-value', `${nameSize}`, start + 94);
  const name = cursor.paddedText(`${prefix}name`, nameSize);
  pad(cursor);
  const data = cursor.take(`${prefix}data`, size);
  pad(cursor);
  return {
    name,
    mode: field(1, 'mode'),
    uid: field(2, 'uid'),
    gid: field(3, 'gid'),
    links: field(4, 'nlink'),
    modifiedSeconds: field(5, 'mtime'),
    deviceMajor: field(9, 'rdevmajor'),
    deviceMinor: field(10, 'rdevminor'),
    data,
  };
}

/** To the next multiple of four; the last archive may end without. */
function pad(cursor: Cursor): void {
  cursor.skip('padding', Math.min(alignUp(cursor.at, 4) - cursor.at, cursor.left));
}

/** An entry of root's, of no time and no device. `mode` has the type, as st_mode. */
export const cpioEntry = (name: string, mode: number, data: Uint8Array): CpioEntry => ({
  name,
  mode,
  uid: 0,
  gid: 0,
  links: 1,
  modifiedSeconds: 0,
  deviceMajor: 0,
  deviceMinor: 0,
  data,
});

/** Writes one archive with its trailer, inodes numbered as mkbootfs does. */
export function writeCpio(entries: readonly CpioEntry[]): Uint8Array {
  const trailer = cpioEntry(TRAILER, 0, new Uint8Array(0));
  return concatBytes([...entries, trailer].flatMap((entry, index) => writeEntry(entry, 300_000 + index)));
}

function writeEntry(entry: CpioEntry, inode: number): readonly Uint8Array[] {
  const name = new TextEncoder().encode(`${entry.name}\0`);
  const numbers = [
    inode,
    entry.mode,
    entry.uid,
    entry.gid,
    entry.links,
    entry.modifiedSeconds,
    entry.data.length,
    0,
    0,
    entry.deviceMajor,
    entry.deviceMinor,
    name.length,
    0,
  ];
  const header = new TextEncoder().encode(`070701${numbers.map((value) => value.toString(16).padStart(8, '0')).join('')}`);
  const fill = (length: number) => new Uint8Array(alignUp(length, 4) - length);
  return [header, name, fill(HEADER_SIZE + name.length), entry.data, fill(entry.data.length)];
}
