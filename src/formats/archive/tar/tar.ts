/**
 * tar archives over a Source: ustar, GNU and pax. Spec: POSIX.1-2024 pax, "ustar Interchange Format"; GNU tar manual, "Basic Tar Format".
 * Limits: `ENTRIES_MAX` entries, extended headers of `EXTENDED_MAX` bytes. What follows two blocks of zeros is not looked at: Samsung's `.tar.md5` has a digest there.
 * Members with holes of GNU tar's own format are in `sparse.ts`. Does not read: those of pax, and continued volumes (named). Owners are numbers; names of owners are left out.
 *
 *   char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], chksum[8]; char typeflag; char linkname[100], magic[6] = "ustar", version[2],
 *        uname[32], gname[32], devmajor[8], devminor[8], prefix[155]          numbers are octal text, or base 256 with the first bit set; blocks of 512
 *   typeflag  0 or NUL file, 1 hard link, 2 link, 3 char, 4 block, 5 directory, 6 fifo, g and x pax records, L and K GNU's long name and link
 */
import { alignUp, Cursor, FormatError, type Oddity, type Reading, type Source } from '../../../bytes/index.ts';
import { readHoles, type TarRun } from './sparse.ts';

const FORMAT = 'tar';
const BLOCK = 512;
const ENTRIES_MAX = 1 << 18;
const EXTENDED_MAX = 1 << 20;
/** Read at once while headers are walked: small members come along. */
const WINDOW = 64 << 10;

export type TarType = 'file' | 'hard link' | 'link' | 'character device' | 'block device' | 'directory' | 'fifo';

export interface TarEntry {
  /** As it lies: never a host path. */
  readonly name: string;
  readonly type: TarType;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  /** Of links. */
  readonly target: string;
  /** Where its content lies: in one piece, unless it has runs (`tarMember` reads both). */
  readonly at: number;
  /** Of a member with holes: the pieces that lie there, one after the other. */
  readonly runs?: readonly TarRun[];
  /** Bytes that lie there, where that is less than it has. */
  readonly storedSize?: number;
}

const TYPES: Readonly<Record<string, TarType>> = {
  '0': 'file',
  '\0': 'file',
  '7': 'file',
  '1': 'hard link',
  '2': 'link',
  '3': 'character device',
  '4': 'block device',
  '5': 'directory',
  '6': 'fifo',
};

/** Whether bytes begin as a tar archive does; wants a header of 512 bytes. */
export function isTar(start: Uint8Array): boolean {
  return start.length >= BLOCK && ascii(start, 257, 5) === 'ustar' && isChecksumGood(start.subarray(0, BLOCK));
}

const ascii = (bytes: Uint8Array, at: number, length: number) => String.fromCharCode(...bytes.subarray(at, at + length));

/** The sum of all bytes, the checksum's own taken as blanks. */
function isChecksumGood(header: Uint8Array): boolean {
  let sum = 8 * 0x20;
  for (let at = 0; at < BLOCK; at++) if (at < 148 || at >= 156) sum += header[at] ?? 0;
  return sum === Number.parseInt(ascii(header, 148, 8).replaceAll(/[\0 ]/g, ''), 8);
}

/**
 * Reads every header. Of an archive that is cut, `cut` keeps the members that are whole, and an oddity `out-of-bounds` says where it ends.
 * @throws FormatError on a header that is none, and where a member ends behind the Source
 */
export async function readTar(source: Source, { cut = false }: { readonly cut?: boolean } = {}): Promise<Reading<readonly TarEntry[]>> {
  const oddities: Oddity[] = [];
  const entries: TarEntry[] = [];
  let next: Extended = {};
  let at = 0;
  let window = { at: 0, bytes: new Uint8Array(0) as Uint8Array };
  const load = async (from: number, length: number): Promise<Uint8Array> => {
    if (from < window.at || from + length > window.at + window.bytes.length)
      window = { at: from, bytes: await source.read(from, Math.min(Math.max(WINDOW, length), source.size - from)) };
    return window.bytes.subarray(from - window.at, from - window.at + length);
  };
  const loadBlock = async (from: number): Promise<Uint8Array> => {
    if (from + BLOCK > source.size) throw refuse('sp', from, 'short-read', 'the map of its holes ends behind the archive');
    return load(from, BLOCK);
  };
  for (;;) {
    if (at + BLOCK > source.size) {
      oddities.push({ format: FORMAT, field: 'end', at, code: 'no-end', detail: 'the archive ends without its blocks of zeros' });
      return { value: entries, oddities };
    }
    const header = await load(at, BLOCK);
    if (header.every((byte) => byte === 0)) return { value: entries, oddities };
    const fields = readHeader(header, at);
    const size = next.size ?? fields.size;
    const holes =
      fields.flag === 'S'
        ? await readHoles(header, at, { load: (from) => loadBlock(from), numberIn: (cursor, field) => number(cursor, field, 12) })
        : undefined;
    const dataAt = at + BLOCK * (1 + (holes?.blocks ?? 0));
    if (dataAt > source.size || size > source.size - dataAt) {
      const detail = `${size} bytes at ${dataAt} of ${source.size}`;
      if (!cut) throw refuse('size', at, 'out-of-bounds', detail);
      oddities.push({ format: FORMAT, field: `size of ${JSON.stringify(next.name ?? fields.name)}`, at, code: 'out-of-bounds', detail });
      return { value: entries, oddities };
    }
    at = dataAt + alignUp(size, BLOCK);
    const extended = 'LKxg'.includes(fields.flag);
    if (extended) {
      if (size > EXTENDED_MAX) throw refuse('size', dataAt, 'too-large', `an extended header of ${size} bytes`);
      next = { ...next, ...readExtended(fields.flag, await load(dataAt, size), dataAt) };
      continue;
    }
    const type = TYPES[holes === undefined ? fields.flag : '0'];
    if (type === undefined || next.isSparse === true)
      throw refuse(
        'typeflag',
        dataAt - BLOCK,
        'unsupported-feature',
        next.isSparse === true ? 'a sparse member' : JSON.stringify(fields.flag),
      );
    if (entries.length === ENTRIES_MAX) throw refuse('entries', dataAt, 'too-large', `more than ${ENTRIES_MAX}`);
    entries.push({
      name: next.name ?? fields.name,
      type,
      mode: fields.mode,
      uid: fields.uid,
      gid: fields.gid,
      size: holes?.realSize ?? (type === 'file' ? size : 0),
      target: next.target ?? fields.target,
      at: dataAt,
      ...(holes === undefined ? {} : { runs: holes.runs, storedSize: size }),
    });
    next = {};
  }
}

interface Extended {
  readonly name?: string;
  readonly target?: string;
  readonly size?: number;
  readonly isSparse?: boolean;
}

function readHeader(header: Uint8Array, at: number) {
  if (!isChecksumGood(header)) throw refuse('chksum', at, 'bad-checksum', 'the sum of the header is another: no tar header');
  const cursor = new Cursor(header, { format: FORMAT, base: at });
  const name = cursor.paddedText('name', 100);
  const mode = number(cursor, 'mode', 8);
  const uid = number(cursor, 'uid', 8);
  const gid = number(cursor, 'gid', 8);
  const size = number(cursor, 'size', 12);
  cursor.skip('mtime', 20);
  const flag = cursor.text('typeflag', 1);
  const target = cursor.paddedText('linkname', 100);
  const isUstar = cursor.text('magic', 5) === 'ustar' && header[262] === 0;
  cursor.seek('prefix', 345);
  const prefix = isUstar ? cursor.paddedText('prefix', 155) : '';
  return { name: prefix === '' ? name : `${prefix}/${name}`, mode: mode & 0o7777, uid, gid, size, flag, target };
}

/** Octal text, or base 256 as GNU writes what does not fit. */
function number(cursor: Cursor, field: string, length: number): number {
  const bytes = cursor.take(field, length);
  if (((bytes[0] ?? 0) & 0x80) !== 0) {
    let value = (bytes[0] ?? 0) & 0x7f;
    for (const byte of bytes.subarray(1)) {
      value = value * 256 + byte;
      if (value > Number.MAX_SAFE_INTEGER) throw cursor.error(field, 'too-large', 'above 2^53 - 1', cursor.at - length);
    }
    return value;
  }
  const text = ascii(bytes, 0, length).replaceAll(/[\0 ]/g, '');
  if (!/^[0-7]*$/.test(text)) throw cursor.error(field, 'bad-value', `${JSON.stringify(text)} is not octal`, cursor.at - length);
  return text === '' ? 0 : Number.parseInt(text, 8);
}

function readExtended(flag: string, bytes: Uint8Array, at: number): Extended {
  const text = new TextDecoder();
  if (flag === 'L') return { name: text.decode(bytes).replace(/\0.*$/s, '') };
  if (flag === 'K') return { target: text.decode(bytes).replace(/\0.*$/s, '') };
  // Records of all members (`g`) are times and comments in every archive met.
  if (flag === 'g') return {};
  const found: { name?: string; target?: string; size?: number; isSparse?: boolean } = {};
  for (let from = 0; from < bytes.length; ) {
    const blank = bytes.indexOf(0x20, from);
    const length = blank < 0 ? Number.NaN : Number(ascii(bytes, from, Math.min(blank - from, 12)));
    if (!Number.isInteger(length) || length <= blank - from + 1 || from + length > bytes.length)
      throw refuse('pax record', at + from, 'bad-value', 'no record of a stated length');
    const [, key = '', value = ''] = /^([^=]*)=(.*)\n$/s.exec(text.decode(bytes.subarray(blank + 1, from + length))) ?? [];
    if (key === 'path') found.name = value;
    if (key === 'linkpath') found.target = value;
    if (key.startsWith('GNU.sparse.')) found.isSparse = true;
    if (key === 'size') {
      if (!/^\d{1,15}$/.test(value)) throw refuse('pax size', at + from, 'bad-value', JSON.stringify(value.slice(0, 20)));
      found.size = Number(value);
    }
    from += length;
  }
  return found;
}

const refuse = (field: string, at: number, code: FormatError['code'], detail: string) =>
  new FormatError({ format: FORMAT, field, at }, code, detail);
