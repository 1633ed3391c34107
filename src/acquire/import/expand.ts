/**
 * The files of a source, with archives and gzip members opened: an androidqf zip within which a bug report's zip lies becomes one list of files.
 * Names are what the other side said: text, never a path of this machine.
 */
import { type CodecPort, FormatError, type NamedSource, readAll, type Source } from '../../bytes/index.ts';
import type { ZipEntry } from '../../formats/archive/index.ts';

/** Files of one source that are looked at. */
const FILES_MAX = 200_000;
/** Archives within archives. */
const DEPTH_MAX = 3;
/** Bytes that one member may unpack to. */
const MEMBER_MAX = 512 << 20;

/** Files, and parts that could not be opened. */
export interface Expanded {
  readonly files: readonly NamedSource[];
  readonly unused: readonly { readonly name: string; readonly because: string }[];
}

interface Expansion {
  readonly codec: CodecPort;
  readonly files: NamedSource[];
  readonly unused: { name: string; because: string }[];
  /** Whether one file was brought: then its members need no folder of its name. */
  readonly alone: boolean;
}

/** Opens archives among the entries. One that cannot be opened becomes an unused part with the reason; the rest is kept. */
export async function expand(entries: readonly NamedSource[], codec: CodecPort): Promise<Expanded> {
  const into: Expansion = { codec, files: [], unused: [], alone: entries.length === 1 };
  for (const entry of entries) await expandOne(entry, into, 0);
  return into;
}

async function expandOne(entry: NamedSource, into: Expansion, depth: number): Promise<void> {
  if (into.files.length >= FILES_MAX) {
    if (into.unused.at(-1)?.name !== '…')
      into.unused.push({ name: '…', because: `more than ${FILES_MAX} files; the rest was not looked at` });
    return;
  }
  try {
    const opened = await archiveIn(entry, into, depth);
    if (opened === undefined) into.files.push(entry);
    else for (const inner of opened) await expandOne(inner, into, depth + 1);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    into.unused.push({ name: entry.name, because: error.message });
  }
}

/** The files within an entry that is an archive; undefined where it is none, or one that is evidence as a whole. */
async function archiveIn(entry: NamedSource, { codec, alone }: Expansion, depth: number): Promise<readonly NamedSource[] | undefined> {
  const { name, source } = entry;
  if (/\.(apk|apex|jar|ab)$/i.test(name) || source.size < 4) return undefined;
  // Within archives only what is called one is opened: looking at each member's head would unpack it twice.
  if (depth > 0 && !/\.(zip|gz)$/i.test(name)) return undefined;
  const head = await source.read(0, 4);
  const isGzip = head[0] === 0x1f && head[1] === 0x8b;
  // Most recordings are plain text: what reads archives is loaded for what may be one.
  if (!isGzip && !(head[0] === 0x50 && head[1] === 0x4b)) return undefined;
  const { isZip, readZip } = await import('../../formats/archive/index.ts');
  if (!isGzip && !isZip(head)) return undefined;
  if (depth >= DEPTH_MAX)
    throw new FormatError({ format: 'archive', field: 'depth', at: 0 }, 'too-deep', `more than ${DEPTH_MAX} archives within each other`);
  if (isGzip) return [{ name: name.replace(/\.(gz|gzip)$/i, ''), source: gzipSource(source, codec, await unpackedSize(source)) }];
  const { value: archive } = await readZip(source, { locals: false });
  const folder = depth === 0 && alone ? '' : `${name.replace(/\.zip$/i, '')}/`;
  const open = opener(source, codec);
  return archive.entries
    .filter(({ isDirectory }) => !isDirectory)
    .map((member) => ({ name: folder + member.name, source: memberSource(member, open) }));
}

type Opener = (entry: ZipEntry) => Promise<Uint8Array>;

/** Opens members of one archive, and keeps the last one: what is looked at is read next. */
function opener(source: Source, codec: CodecPort): Opener {
  let last: { readonly entry: ZipEntry; readonly bytes: Promise<Uint8Array> } | undefined;
  return (entry) => {
    if (last?.entry !== entry) last = { entry, bytes: checkedEntry(source, entry, codec) };
    return last.bytes;
  };
}

/** A member whose size and checksum are what the directory says: a damaged recording must not pass for what the phone answered. @throws FormatError */
async function checkedEntry(source: Source, entry: ZipEntry, codec: CodecPort): Promise<Uint8Array> {
  const { extractEntry } = await import('../../formats/archive/index.ts');
  const { value, oddities } = await extractEntry(source, entry, codec, MEMBER_MAX);
  const [odd] = oddities;
  if (odd !== undefined) throw new FormatError(odd, odd.code === 'crc' ? 'bad-checksum' : 'bad-value', odd.detail);
  return value;
}

function memberSource(entry: ZipEntry, open: Opener): Source {
  return {
    size: entry.size,
    async read(at, length) {
      const bytes = await open(entry);
      return view(bytes, at, length);
    },
  };
}

/** The last four bytes of a gzip member: its unpacked size modulo 2^32. Source: RFC 1952, ISIZE. */
async function unpackedSize(source: Source): Promise<number> {
  const [a = 0, b = 0, c = 0, d = 0] = await source.read(source.size - 4, 4);
  return a + b * 0x100 + c * 0x1_0000 + d * 0x100_0000;
}

function gzipSource(packed: Source, codec: CodecPort, size: number): Source {
  let bytes: Promise<Uint8Array> | undefined;
  const unpack = async () => codec('gzip', await readAll(packed, MEMBER_MAX, 'gzip'), MEMBER_MAX);
  return {
    size,
    async read(at, length) {
      bytes ??= unpack();
      const all = await bytes;
      if (all.length !== size)
        throw new FormatError(
          { format: 'gzip', field: 'isize', at: packed.size - 4 },
          'bad-value',
          `it says ${size} bytes, and unpacks to ${all.length}`,
        );
      return view(all, at, length);
    },
  };
}

function view(bytes: Uint8Array, at: number, length: number): Uint8Array {
  if (at < 0 || length < 0 || at + length > bytes.length)
    throw new FormatError({ format: 'archive', field: 'range', at: 0 }, 'out-of-bounds', `${length} bytes at ${at} of ${bytes.length}`);
  return bytes.subarray(at, at + length);
}
