/**
 * Layouts of EROFS that no tool of the distribution writes: encoded extents of every size of record, the metabox, addresses of 48 bits, long prefixes of attributes.
 * The images are written here field by field; what was put in is what must come out, here and from the kernel, which mounts them by loop where it may.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { bytesSource, readAll } from '../src/bytes/index.ts';
import { openErofs } from '../src/formats/fs/index.ts';
import { nodeCodec } from '../src/platform/node/index.ts';
import { EROFS_LAYOUTS } from './support/erofs-layouts.ts';

const folder = mkdtempSync(join(tmpdir(), 'assay-layouts-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('read as they were written', () => {
  test.each(EROFS_LAYOUTS)('%s', async (_, make) => {
    const { bytes, files, attributes, modified } = make();
    const fileSystem = await openErofs(bytesSource(bytes), { codec: nodeCodec });
    for (const [name, expected] of files) {
      const entry = await fileSystem.find(`/${name}`);
      if (entry === undefined) throw new Error(`no ${name}`);
      expect(await readAll(await fileSystem.open(entry), 1 << 20)).toEqual(expected);
      if (modified !== undefined) expect([name, entry.modifiedSeconds, entry.links]).toEqual([name, modified, 1]);
      for (const [key, value] of attributes ?? []) expect([key, new TextDecoder().decode(entry.xattrs.get(key))]).toEqual([key, value]);
    }
    const broken: string[] = [];
    for await (const visit of fileSystem.walk()) if (visit.kind === 'broken') broken.push(visit.error.message);
    expect(broken).toEqual([]);
  });
});

/** Mounts an image; undefined where nothing can be mounted, and why this one was not where something else can. */
function mount(bytes: Uint8Array): string {
  const [file, at] = [join(folder, 'image'), join(folder, 'mounted')];
  writeFileSync(file, bytes);
  mkdirSync(at, { recursive: true });
  const { status, stderr, error } = spawnSync('mount', ['-t', 'erofs', '-o', 'loop,ro', file, at], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`mount: ${stderr ?? error?.message}`);
  return at;
}

function canMount(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  try {
    execFileSync('umount', [mount(EROFS_LAYOUTS[0]?.[1]().bytes ?? new Uint8Array(0))]);
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(!canMount())('read as the kernel reads them (skipped where it cannot mount)', () => {
  test.each(EROFS_LAYOUTS)('%s', (_, make) => {
    const { bytes, files } = make();
    const at = mount(bytes);
    try {
      for (const [name, expected] of files) expect(new Uint8Array(readFileSync(join(at, name)))).toEqual(expected);
    } finally {
      execFileSync('umount', [at]);
    }
  });
});
