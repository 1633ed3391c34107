import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codec } from '../../../../test/support/ports.ts';
import { bytesSource, FormatError, readAll } from '../../../bytes/index.ts';
import type { FileSystem } from '../types.ts';
import { openErofs } from './erofs.ts';

const folder = mkdtempSync(join(tmpdir(), 'assay-erofs-'));
const tree = join(folder, 'tree');
const hasTool = spawnSync('mkfs.erofs', ['--help']).error === undefined;

/** The source tree is the oracle: the tools have written images that their own reader cannot read. */
const files: Readonly<Record<string, Uint8Array>> = {
  'bin/sh': new Uint8Array(readFileSync(process.execPath).subarray(0, 400_000)),
  'etc/empty': new Uint8Array(0),
  'etc/small': new TextEncoder().encode('ro.product.model=made\n'),
  'etc/repeating': new TextEncoder().encode('a line of text that repeats\n'.repeat(9000)),
  'lib/zeros.so': new Uint8Array(1_200_000),
  'lib/noise.so': Uint8Array.from({ length: 70_001 }, (_, i) => (Math.imul(i + 7, 2654435761) >>> 11) & 255),
};

beforeAll(() => {
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(join(tree, name, '..'), { recursive: true });
    writeFileSync(join(tree, name), bytes);
  }
  for (let i = 0; i < 300; i++) writeFileSync(join(tree, 'etc', `many-${i}`), `${i}\n`);
  chmodSync(join(tree, 'bin/sh'), 0o4755);
  symlinkSync('../bin/sh', join(tree, 'etc/link'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function make(...options: readonly string[]): Uint8Array {
  const image = join(folder, 'image');
  rmSync(image, { force: true });
  const run = spawnSync('mkfs.erofs', [...options, image, tree]);
  if (run.status !== 0) throw new Error(run.stderr.toString());
  return new Uint8Array(readFileSync(image));
}

async function contents(fileSystem: FileSystem): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for await (const visit of fileSystem.walk()) {
    if (visit.kind === 'broken') throw visit.error;
    const { entry } = visit;
    if (entry.type === 'file')
      found.set(
        entry.path,
        createHash('sha256')
          .update(await readAll(await fileSystem.open(entry), 1 << 24))
          .digest('hex'),
      );
    else if (entry.type === 'link') found.set(entry.path, entry.target ?? '');
  }
  return found;
}

describe.skipIf(!hasTool)('images of mkfs.erofs (skipped where it is not installed)', () => {
  test.each([
    [['-E', 'force-inode-compact']],
    [['-E', 'force-inode-extended']],
    [['-z', 'lz4']],
    [['-z', 'lz4hc,9']],
    [['-z', 'lz4hc,9', '-C', '65536']],
    [['-z', 'lz4hc', '-E', 'legacy-compress']],
    [['--chunksize=4096']],
  ])('%j reads back as its source tree', async (options) => {
    const found = await contents(await openErofs(bytesSource(make(...options)), { codec }));
    for (const [name, bytes] of Object.entries(files))
      expect([name, found.get(`/${name}`)]).toEqual([name, createHash('sha256').update(bytes).digest('hex')]);
    expect(found.get('/etc/link')).toBe('../bin/sh');
    expect([...found.keys()].filter((path) => path.startsWith('/etc/many-'))).toHaveLength(300);
  });

  test('modes are kept, and a path that is not there is undefined', async () => {
    const fileSystem = await openErofs(bytesSource(make('-z', 'lz4hc')), { codec });
    expect((await fileSystem.find('/bin/sh'))?.mode).toBe(0o4755);
    expect(await fileSystem.find('/bin/none')).toBeUndefined();
    expect(await fileSystem.find('/../etc/small')).toBeUndefined();
  });

  test('truncated anywhere, or changed anywhere, it is refused or costs some files, and never hangs', async () => {
    const image = make('-z', 'lz4hc,9');
    const attempt = async (bytes: Uint8Array) => {
      try {
        const fileSystem = await openErofs(bytesSource(bytes), { codec });
        let steps = 0;
        for await (const visit of fileSystem.walk()) {
          if (visit.kind === 'entry' && visit.entry.type === 'file' && visit.entry.size < 1 << 22)
            await readAll(await fileSystem.open(visit.entry), 1 << 22).catch(refusal);
          if (++steps > 5000) throw new Error('a walk without end');
        }
      } catch (error) {
        refusal(error);
      }
    };
    for (let i = 0; i < 12; i++) await attempt(image.slice(0, Math.floor((image.length * i) / 12)));
    for (let at = 1024; at < Math.min(image.length, 12_000); at += 211) {
      const changed = new Uint8Array(image);
      changed[at] = (changed[at] ?? 0) ^ 0xff;
      await attempt(changed);
    }
  });
});

function refusal(error: unknown): void {
  if (!(error instanceof FormatError)) throw error;
}

test('what is no EROFS is refused by name', async () => {
  await expect(openErofs(bytesSource(new Uint8Array(8192)), { codec })).rejects.toThrow('erofs');
  await expect(openErofs(bytesSource(new Uint8Array(10)), { codec })).rejects.toThrow(FormatError);
});
