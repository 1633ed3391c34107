/**
 * ELF headers of native libraries and programs: for which machine, which libraries they need, which symbols they bring and take.
 * Spec: System V ABI, "Object files"; elf(5). Limits: `HEADERS_MAX` program or section headers, `SYMBOLS_MAX` symbols, names of `NAME_MAX` bytes.
 * Does not read: relocations, debug information, code.
 *
 *   e_ident: 0x7f "ELF", class 1 (32 bit) or 2 (64), data 1 (little) or 2 (big), version 1
 *   e_type, e_machine, e_version, e_entry, e_phoff, e_shoff, e_flags, e_ehsize, e_phentsize, e_phnum, e_shentsize, e_shnum, e_shstrndx
 */
import { Cursor, type Reading, toHex } from '../../bytes/index.ts';
import { type OddityLog, oddityLog } from '../archive/index.ts';

const FORMAT = 'elf';
const HEADERS_MAX = 4096;
const DYNAMIC_MAX = 4096;
const SYMBOLS_MAX = 1 << 18;
const NAME_MAX = 4096;

const MACHINES: Readonly<Record<number, string>> = { 3: 'x86', 8: 'mips', 40: 'arm', 62: 'x86_64', 183: 'arm64', 243: 'riscv' };
const TYPES: Readonly<Record<number, string>> = { 1: 'relocatable', 2: 'executable', 3: 'shared', 4: 'core' };

const DT = { needed: 1, strtab: 5, symtab: 6, strsz: 10, soname: 14, rpath: 15, runpath: 29 } as const;
const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const PT_NOTE = 4;
const SHT_DYNSYM = 11;

/** A section by its header. */
export interface ElfSection {
  readonly name: string;
  readonly type: number;
  readonly at: number;
  readonly size: number;
}

/** A symbol of the dynamic symbol table. */
export interface ElfSymbol {
  readonly name: string;
  /** Whether the file defines it, or takes it from another. */
  readonly defined: boolean;
}

/** What an ELF file's headers say. */
export interface ElfFile {
  readonly bits: 32 | 64;
  readonly littleEndian: boolean;
  readonly type: string;
  readonly machine: string;
  readonly entry: number;
  readonly needed: readonly string[];
  readonly soname: string | undefined;
  readonly runpath: string | undefined;
  /** Of the GNU build id note, in hex. */
  readonly buildId: string | undefined;
  readonly sections: readonly ElfSection[];
  readonly symbols: readonly ElfSymbol[];
}

/** Whether bytes begin as an ELF file does. */
export function isElf(start: Uint8Array): boolean {
  return start.length >= 4 && start[0] === 0x7f && start[1] === 0x45 && start[2] === 0x4c && start[3] === 0x46;
}

interface Reader {
  readonly bytes: Uint8Array;
  readonly base: number;
  readonly big: boolean;
  readonly wide: boolean;
  readonly log: OddityLog;
}

interface Segment {
  readonly type: number;
  readonly at: number;
  readonly address: number;
  readonly size: number;
}

/** Reads a file's headers. What lies outside the file is an oddity and left out. @throws FormatError when it is no ELF file */
export function readElf(bytes: Uint8Array, base = 0): Reading<ElfFile> {
  const log = oddityLog(FORMAT);
  const ident = new Cursor(bytes, { format: FORMAT, base });
  const magic = ident.take('e_ident', 16);
  if (!isElf(magic)) throw ident.error('e_ident', 'bad-magic', 'not 0x7f "ELF"', 0);
  const [, , , , klass, data] = magic;
  if (klass !== 1 && klass !== 2) throw ident.error('ei_class', 'bad-value', `${klass} is neither 32 nor 64 bit`, 4);
  if (data !== 1 && data !== 2) throw ident.error('ei_data', 'bad-value', `${data} is no byte order`, 5);
  const reader: Reader = { bytes, base, big: data === 2, wide: klass === 2, log };
  const head = cursorAt(reader, 16, 'header');
  const type = head.u16('e_type');
  const machine = head.u16('e_machine');
  head.u32('e_version');
  const entry = word(reader, head, 'e_entry');
  const phoff = word(reader, head, 'e_phoff');
  const shoff = word(reader, head, 'e_shoff');
  head.u32('e_flags');
  head.u16('e_ehsize');
  const phentsize = head.u16('e_phentsize');
  const phnum = head.u16('e_phnum');
  const shentsize = head.u16('e_shentsize');
  const shnum = head.u16('e_shnum');
  const shstrndx = head.u16('e_shstrndx');
  const segments = readSegments(reader, { at: phoff, size: phentsize, count: phnum });
  const sections = readSections(reader, { at: shoff, size: shentsize, count: shnum }, shstrndx);
  const dynamic = readDynamic(reader, segments);
  return {
    value: {
      bits: reader.wide ? 64 : 32,
      littleEndian: !reader.big,
      type: TYPES[type] ?? String(type),
      machine: MACHINES[machine] ?? String(machine),
      entry,
      ...dynamic,
      buildId: readBuildId(reader, segments),
      sections: sections.map(({ name, type: sectionType, at, size }) => ({ name, type: sectionType, at, size })),
      symbols: readSymbols(reader, sections),
    },
    oddities: log.list(),
  };
}

function cursorAt({ bytes, base, big }: Reader, at: number, prefix: string): Cursor {
  const start = Math.min(Math.max(at, 0), bytes.length);
  return new Cursor(bytes.subarray(start), { format: FORMAT, base: base + start, prefix: `${prefix}.`, bigEndian: big });
}

/** An address or offset: 32 or 64 bits; beyond 2^53 it lies in no file, and reads as the largest safe number. */
function word({ wide }: Reader, cursor: Cursor, field: string): number {
  if (!wide) return cursor.u32(field);
  const value = cursor.u64(field);
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(value);
}

interface HeaderTable {
  readonly at: number;
  readonly size: number;
  readonly count: number;
}

/** How many headers of a table lie inside the file. */
function tableCount({ bytes, log, base }: Reader, { at, size, count }: HeaderTable, field: string, least: number): number {
  if (count === 0 || at === 0) return 0;
  const fits = size < least || at >= bytes.length ? 0 : Math.floor((bytes.length - at) / size);
  if (fits < count) log.add('elf-headers-outside', field, base, `${count} headers of ${size} bytes at ${at} do not fit`);
  return Math.min(count, fits, HEADERS_MAX);
}

function readSegments(reader: Reader, table: HeaderTable): readonly Segment[] {
  const { wide } = reader;
  return Array.from({ length: tableCount(reader, table, 'e_phnum', wide ? 56 : 32) }, (_, index) => {
    const cursor = cursorAt(reader, table.at + index * table.size, `segment[${index}]`);
    const type = cursor.u32('p_type');
    if (wide) cursor.u32('p_flags');
    const at = word(reader, cursor, 'p_offset');
    const address = word(reader, cursor, 'p_vaddr');
    word(reader, cursor, 'p_paddr');
    return { type, at, address, size: word(reader, cursor, 'p_filesz') };
  });
}

interface RawSection extends ElfSection {
  readonly link: number;
  readonly entrySize: number;
}

function readSections(reader: Reader, table: HeaderTable, namesIndex: number): readonly RawSection[] {
  const { wide } = reader;
  const raw = Array.from({ length: tableCount(reader, table, 'e_shnum', wide ? 64 : 40) }, (_, index) => {
    const cursor = cursorAt(reader, table.at + index * table.size, `section[${index}]`);
    const nameAt = cursor.u32('sh_name');
    const type = cursor.u32('sh_type');
    word(reader, cursor, 'sh_flags');
    word(reader, cursor, 'sh_addr');
    const at = word(reader, cursor, 'sh_offset');
    const size = word(reader, cursor, 'sh_size');
    const link = cursor.u32('sh_link');
    cursor.u32('sh_info');
    word(reader, cursor, 'sh_addralign');
    return { nameAt, type, at, size, link, entrySize: word(reader, cursor, 'sh_entsize') };
  });
  const names = raw[namesIndex];
  return raw.map(({ nameAt, ...section }) => ({ ...section, name: names === undefined ? '' : nameIn(reader, names, nameAt) }));
}

function nameIn({ bytes }: Reader, table: { readonly at: number; readonly size: number }, offset: number): string {
  const at = table.at + offset;
  if (offset >= table.size || at >= bytes.length) return '';
  const piece = bytes.subarray(at, Math.min(at + NAME_MAX, table.at + table.size, bytes.length));
  const end = piece.indexOf(0);
  return utf8.decode(end < 0 ? piece : piece.subarray(0, end));
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

function readDynamic(reader: Reader, segments: readonly Segment[]): Pick<ElfFile, 'needed' | 'soname' | 'runpath'> {
  const dynamic = segments.find(({ type }) => type === PT_DYNAMIC);
  const none = { needed: [], soname: undefined, runpath: undefined };
  if (dynamic === undefined) return none;
  const cursor = cursorAt(reader, dynamic.at, 'dynamic');
  const step = reader.wide ? 16 : 8;
  const found: (readonly [tag: number, value: number])[] = [];
  for (let index = 0; index < DYNAMIC_MAX && (index + 1) * step <= dynamic.size && cursor.left >= step; index++) {
    const tag = word(reader, cursor, 'd_tag');
    const value = word(reader, cursor, 'd_val');
    if (tag === 0) break;
    found.push([tag, value]);
  }
  const valueFor = (wanted: number) => found.find(([tag]) => tag === wanted)?.[1];
  const table = { at: fileOffset(segments, valueFor(DT.strtab) ?? 0) ?? reader.bytes.length, size: valueFor(DT.strsz) ?? 0 };
  const textOf = (offset: number | undefined) => (offset === undefined ? undefined : nameIn(reader, table, offset));
  return {
    needed: found.filter(([tag]) => tag === DT.needed).map(([, value]) => nameIn(reader, table, value)),
    soname: textOf(valueFor(DT.soname)),
    runpath: textOf(valueFor(DT.runpath) ?? valueFor(DT.rpath)),
  };
}

function fileOffset(segments: readonly Segment[], address: number): number | undefined {
  const segment = segments.find(({ type, address: start, size }) => type === PT_LOAD && address >= start && address < start + size);
  return segment === undefined ? undefined : segment.at + (address - segment.address);
}

/** Notes: u32 name size, u32 body size, u32 type, name, body, each padded to 4. Type 3 of "GNU" is the build id. */
function readBuildId(reader: Reader, segments: readonly Segment[]): string | undefined {
  for (const { type, at, size } of segments) {
    if (type !== PT_NOTE) continue;
    const cursor = cursorAt(reader, at, 'note');
    const limit = Math.min(size, cursor.left);
    while (limit - cursor.at >= 12) {
      const nameSize = cursor.u32('namesz');
      const bodySize = cursor.u32('descsz');
      const noteType = cursor.u32('type');
      const padded = (value: number) => Math.ceil(value / 4) * 4;
      if (padded(nameSize) + padded(bodySize) > limit - cursor.at) break;
      const name = cursor.take('name', padded(nameSize)).subarray(0, nameSize);
      const body = cursor.take('desc', padded(bodySize)).subarray(0, bodySize);
      if (noteType === 3 && utf8.decode(name) === 'GNU\0' && bodySize <= 64) return toHex(body);
    }
  }
  return undefined;
}

function readSymbols(reader: Reader, sections: readonly RawSection[]): readonly ElfSymbol[] {
  const table = sections.find(({ type }) => type === SHT_DYNSYM);
  const names = table === undefined ? undefined : sections[table.link];
  const step = reader.wide ? 24 : 16;
  if (table === undefined || names === undefined || table.at >= reader.bytes.length) return [];
  const count = Math.min(Math.floor(Math.min(table.size, reader.bytes.length - table.at) / step), SYMBOLS_MAX);
  const cursor = cursorAt(reader, table.at, 'dynsym');
  const symbols: ElfSymbol[] = [];
  for (let index = 0; index < count; index++) {
    cursor.seek('symbol', index * step);
    const name = nameIn(reader, names, cursor.u32('st_name'));
    cursor.skip('symbol', reader.wide ? 2 : 10);
    const section = cursor.u16('st_shndx');
    if (name !== '') symbols.push({ name, defined: section !== 0 });
  }
  return symbols;
}
