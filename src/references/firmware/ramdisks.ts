/** The ramdisks of a boot image → rows of files. */
import { FormatError, hashOf, type Source, toHex } from '../../bytes/index.ts';
import { isTextFile, TEXT_FILE_MAX } from '../../evidence/texts/index.ts';
import { type BootImage, type CpioEntry, RAMDISK_MAX, readCpio, unpackRamdisk } from '../../formats/android/index.ts';
import type { ManifestFile } from '../manifest.ts';
import { isInitScript, isProperties, isSelinux, parseProperties } from './layout.ts';
import { type ExaminePorts, noteUnread, type PartDraft } from './part.ts';

interface RamdiskJob {
  readonly source: Source;
  readonly boot: BootImage;
  readonly partition: string;
  readonly part: PartDraft;
  readonly ports: ExaminePorts;
  readonly keepTexts: boolean;
}

/** Reads every ramdisk of an image; one that cannot be read costs that ramdisk. */
export async function readRamdisks(job: RamdiskJob): Promise<void> {
  const { boot, partition, part } = job;
  const whole = boot.sections.find(({ name }) => name === 'ramdisk');
  const pieces =
    boot.vendorRamdisks.length > 0
      ? boot.vendorRamdisks.map(({ name, at, size }, index) => ({ at, size, label: `${partition}/${name === '' ? index : name}` }))
      : whole === undefined
        ? []
        : [{ ...whole, label: partition }];
  for (const piece of pieces) {
    try {
      await readRamdisk(job, piece);
    } catch (error) {
      noteUnread(part, { partition, path: null }, error);
    }
  }
}

async function readRamdisk(
  { source, partition, part, ports, keepTexts }: RamdiskJob,
  { at, size, label }: { at: number; size: number; label: string },
): Promise<void> {
  if (size > RAMDISK_MAX) throw new FormatError({ format: 'ramdisk', field: 'size', at }, 'too-large', `${size} bytes`);
  const { value: entries } = readCpio(await unpackRamdisk(await source.read(at, size), ports.codec));
  const names = new Set(entries.map(({ name }) => name));
  // Until Android 8 the boot ramdisk is the root of the running system; later ones are left before init's second stage, and recovery's is never seen there.
  const isRoot = partition === 'boot' && names.has('init.rc') && !names.has('sbin/recovery') && !names.has('system/bin/recovery');
  const prefix = isRoot ? '' : `/ramdisk/${label}`;
  const seen = new Map<string, ManifestFile>();
  for (const entry of entries) {
    const path = pathOf(prefix, entry.name);
    const row = path === undefined ? undefined : rowOf({ partition, path, entry, ports });
    // A later entry of the same name replaces the one before, as the kernel unpacks them.
    if (row !== undefined) seen.set(row.path, row);
  }
  part.files.push(...seen.values());
  for (const { path, sha256 } of seen.values()) {
    if (sha256 === null) continue;
    if (isSelinux(path)) part.selinux.push({ partition, path, sha256 });
    if (isInitScript(path)) part.init.push({ partition, path, sha256 });
  }
  for (const { name, data } of entries) {
    const path = pathOf(prefix, name);
    const sha256 = path === undefined ? undefined : seen.get(path)?.sha256;
    if (keepTexts && path !== undefined && sha256 && isTextFile(path) && data.length <= TEXT_FILE_MAX)
      part.texts.push({ path, sha256: toHex(hashOf(ports.hash, 'sha256', data)), bytes: data.slice() });
    if (path !== undefined && isProperties(path))
      part.properties.push(...parseProperties(new TextDecoder().decode(data)).map(({ key, value }) => ({ path, key, value })));
  }
}

/** As seen from the root; undefined for the root itself. */
function pathOf(prefix: string, name: string): string | undefined {
  const plain = name.replace(/^(?:\.?\/)+/, '');
  return plain === '' || plain === '.' ? undefined : `${prefix}/${plain}`;
}

const TYPES: Readonly<Record<number, ManifestFile['type']>> = {
  1: 'fifo',
  2: 'character device',
  4: 'directory',
  6: 'block device',
  8: 'file',
  10: 'link',
  12: 'socket',
};

function rowOf({
  partition,
  path,
  entry,
  ports,
}: {
  partition: string;
  path: string;
  entry: CpioEntry;
  ports: ExaminePorts;
}): ManifestFile | undefined {
  const type = TYPES[(entry.mode >>> 12) & 15];
  if (type === undefined) return undefined;
  return {
    partition,
    path,
    type,
    size: type === 'file' || type === 'link' ? entry.data.length : 0,
    mode: (entry.mode & 0o7777).toString(8).padStart(4, '0'),
    uid: entry.uid,
    gid: entry.gid,
    context: null,
    capabilities: null,
    sha256: type === 'file' ? toHex(hashOf(ports.hash, 'sha256', entry.data)) : null,
    target: type === 'link' ? new TextDecoder().decode(entry.data) : null,
  };
}
