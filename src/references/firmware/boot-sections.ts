/** The sections of a boot image (kernel, ramdisk, device tree …) → rows, as `/boot-image/PARTITION/SECTION`: no path of a running phone, so that they are compared between builds and images only. */
import { FormatError, type HashPort, type Source, toHex } from '../../bytes/index.ts';
import type { BootImage } from '../../formats/android/index.ts';
import type { PartDraft } from './part.ts';

const WINDOW = 1 << 20;
/** Sections are parts of an image of a boot partition, and those have 256 MiB at most. */
const SECTION_MAX = 256 << 20;

interface SectionsJob {
  readonly source: Source;
  readonly boot: BootImage;
  readonly partition: string;
  readonly part: PartDraft;
  readonly hash: HashPort;
}

/** Adds a row for every section that holds something. Rights are not known: an image has none of it. */
export async function readBootSections({ source, boot, partition, part, hash }: SectionsJob): Promise<void> {
  const seen = new Set<string>();
  for (const { name, at, size } of boot.sections) {
    const path = `/boot-image/${partition}/${name}`;
    if (size === 0 || seen.has(path)) continue;
    seen.add(path);
    try {
      part.files.push({
        partition,
        path,
        type: 'file',
        size,
        mode: '0000',
        uid: 0,
        gid: 0,
        context: null,
        capabilities: null,
        sha256: await digest(source, { at, size }, hash),
        target: null,
      });
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      part.unread.push({ partition, path, because: error.message });
    }
  }
}

async function digest(source: Source, { at, size }: { readonly at: number; readonly size: number }, hash: HashPort): Promise<string> {
  if (size > SECTION_MAX) throw new FormatError({ format: 'boot image', field: 'section', at }, 'too-large', `${size} bytes`);
  const hasher = hash('sha256');
  for (let done = 0; done < size; done += WINDOW) hasher.update(await source.read(at + done, Math.min(WINDOW, size - done)));
  return toHex(hasher.digest());
}
