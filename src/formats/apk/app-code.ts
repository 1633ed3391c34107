/** What an app brings besides its manifest: the icon that people see, its code, its native libraries. Each is read for itself: one that is broken costs itself. */
import { FormatError, hashOf, type Oddity, type Source, toHex } from '../../bytes/index.ts';
import { extractEntry, readZip, type ZipEntry } from '../archive/index.ts';
import type { AppInfo } from './app.ts';
import { readDex } from './dex.ts';
import { readElf } from './elf.ts';
import type { ApkPorts } from './issue.ts';

const ICON_MAX = 16 << 20;
const CODE_MAX = 64 << 20;
/** All code together, read or given up: entries of a small bomb would each be unpacked to the ceiling. */
const CODE_SUM_MAX = 1 << 30;
/** Apps of a hundred DEX files exist; more are not described one by one. */
const DEX_MAX = 128;
/** Libraries whose headers are read. */
const LIBRARIES_MAX = 256;

/** One DEX file in numbers. */
export interface DexStats {
  readonly name: string;
  readonly version: string;
  readonly size: number;
  readonly strings: number;
  readonly types: number;
  readonly methods: number;
  readonly classes: number;
}

/** A native library whose header was read. */
export interface NativeStats {
  readonly path: string;
  readonly machine: string;
  readonly soname: string | undefined;
  readonly needed: readonly string[];
}

/** An app's icon and code. */
export interface AppCode {
  /** The launcher icon of the highest density. */
  readonly icon: { readonly path: string; readonly sha256: string } | undefined;
  readonly dex: readonly DexStats[];
  readonly native: readonly NativeStats[];
  readonly oddities: readonly Oddity[];
}

/** Reads an app's icon and the headers of its code. @throws FormatError when it is no archive */
export async function readAppCode(source: Source, app: AppInfo, ports: Pick<ApkPorts, 'codec' | 'hash'>): Promise<AppCode> {
  const { value: archive } = await readZip(source, { locals: false });
  const byName = new Map<string, ZipEntry>();
  for (const entry of archive.entries) if (!byName.has(entry.name)) byName.set(entry.name, entry);
  const oddities: Oddity[] = [];
  let sum = 0;
  const open = async (name: string, ceiling: number): Promise<Uint8Array | undefined> => {
    const entry = byName.get(name);
    if (entry === undefined) return undefined;
    if (sum >= CODE_SUM_MAX) {
      throw new FormatError({ format: 'apk', field: name, at: entry.localAt }, 'too-large', `${sum} bytes of code were unpacked before it`);
    }
    try {
      const { value } = await extractEntry(source, entry, ports.codec, ceiling);
      sum += value.length;
      return value;
    } catch (error) {
      if (error instanceof FormatError && error.code === 'too-large') sum += ceiling;
      throw error;
    }
  };
  const tried = async <T>(name: string, run: () => Promise<T | undefined>): Promise<T | undefined> => {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      oddities.push({ format: error.format, field: `${name} ${error.field}`, at: error.at, code: 'unreadable', detail: error.message });
      return undefined;
    }
  };
  // Adaptive icons are XML of the density "any"; a picture says more.
  const icons = app.icons.toSorted(
    (a, b) => Number(b.path.endsWith('.xml')) * -1 + Number(a.path.endsWith('.xml')) || b.density - a.density,
  );
  const path = icons.find((icon) => byName.has(icon.path))?.path;
  const icon = path === undefined ? undefined : await tried(path, () => open(path, ICON_MAX));
  const dex: DexStats[] = [];
  for (const name of app.dexFiles.slice(0, DEX_MAX)) {
    const stats = await tried(name, async () => {
      const bytes = await open(name, CODE_MAX);
      if (bytes === undefined) return undefined;
      const { value, oddities: odd } = readDex(bytes, 0, ports.hash);
      oddities.push(...odd.map((oddity) => ({ ...oddity, field: `${name} ${oddity.field}` })));
      const { version, stringCount, typeCount, methodCount, classCount } = value;
      return { name, version, size: bytes.length, strings: stringCount, types: typeCount, methods: methodCount, classes: classCount };
    });
    if (stats !== undefined) dex.push(stats);
  }
  const native: NativeStats[] = [];
  for (const { abi, name } of app.nativeLibraries.slice(0, LIBRARIES_MAX)) {
    const library = `lib/${abi}/${name}`;
    const stats = await tried(library, async () => {
      const bytes = await open(library, CODE_MAX);
      if (bytes === undefined) return undefined;
      const { value } = readElf(bytes);
      return { path: library, machine: value.machine, soname: value.soname, needed: value.needed };
    });
    if (stats !== undefined) native.push(stats);
  }
  return {
    icon: icon === undefined || path === undefined ? undefined : { path, sha256: toHex(hashOf(ports.hash, 'sha256', icon)) },
    dex,
    native,
    oddities,
  };
}
