import { createHash, createPublicKey } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { zstdCompressSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { madeBuild } from '../../../test/support/made-builds.ts';
import { FormatError } from '../../bytes/index.ts';
import { makeSigningKey, nodeHash, nodeSigner, nodeVerify } from '../../platform/node/index.ts';
import type { TrustedSigner } from '../../provenance/index.ts';
import { canonicalManifest, type Manifest, manifestDigest, type Provenance, parseBuildList } from '../../references/index.ts';
import { writePackFile } from './pack.ts';
import type { TextParts } from './pack-texts.ts';
import { openShelf } from './shelf.ts';

const folder = await mkdtemp(join(tmpdir(), 'assay-shelf-'));
afterAll(() => rm(folder, { recursive: true }));
let count = 0;
const newShelf = (config: string) => openShelf(join(folder, `shelf-${count++}`), { config: join(folder, config) });
const XIAOMI = 'd45f076fe23a1a5b7f486e3ff41547a2023dbfe1fe73353b1e48ebdfed72cc6f';
const SIGNED: Provenance = {
  made: 'image',
  sources: [{ name: 'a.zip', size: 1, sha256: 'ab'.repeat(32), md5: 'cd'.repeat(16), kind: 'zip' }],
  signatures: [{ over: 'ota zip', outcome: 'valid', signer: XIAOMI, because: '' }],
  vouched: 'nobody',
  label: 'release',
};
const manifests = [0, 1, 2].map((n) => madeBuild({ family: 1, files: 40, changed: 0.2, common: 0.3 }, n));
const pem = makeSigningKey('ed25519');
const signer = nodeSigner(pem);
const trusted: TrustedSigner = {
  name: 'a lab',
  scheme: { kind: 'ed25519' },
  spki: new Uint8Array(createPublicKey(pem).export({ format: 'der', type: 'spki' })),
};
const stranger: TrustedSigner = { ...trusted, spki: nodeSigner(makeSigningKey('ed25519')).spki };

async function filled(config: string, provenance: Provenance = SIGNED) {
  const shelf = await newShelf(config);
  await shelf.putAll(manifests.map((manifest) => ({ manifest, provenance, writer: { by: 'here' as const } })));
  return shelf;
}
const vouched = async (shelf: Awaited<ReturnType<typeof newShelf>>) => [...new Set((await shelf.list()).map((build) => build.vouched))];
const options = (...signers: TrustedSigner[]) => ({ signers, verify: nodeVerify });

describe('packs', () => {
  test('a pack’s builds are the same ones, and vouch as its signer is trusted', async () => {
    const path = join(folder, 'signed.pack');
    const from = await filled('one');
    expect(await vouched(from)).toEqual(['maker-signature']);
    expect(await from.exportPack(path, [], [signer])).toEqual({ builds: 3, texts: 0 });
    const known = await newShelf('two');
    expect((await known.importPack(path, options(trusted))).builds).toHaveLength(3);
    expect((await known.list()).map(({ digest }) => digest)).toEqual((await from.list()).map(({ digest }) => digest));
    expect(await vouched(known)).toEqual(['maker-signature']);
    expect((await known.verify()).problems).toEqual([]);
    const unknown = await newShelf('two');
    await unknown.importPack(path, options());
    expect(await vouched(unknown)).toEqual(['nobody']);
    await expect((await newShelf('two')).importPack(path, options(stranger))).rejects.toThrow('none of the keys');
    // His own later import under a trusted key adds that.
    await unknown.importPack(path, options(trusted));
    expect(await vouched(unknown)).toEqual(['maker-signature']);
  });

  test('hearsay does not become the exporter’s word by his signature', async () => {
    const [first, second] = [join(folder, 'hearsay.pack'), join(folder, 'laundered.pack')];
    await (await filled('one')).exportPack(first, [], []);
    const between = await newShelf('two');
    await between.importPack(first, options());
    await between.exportPack(second, [], [signer]);
    const last = await newShelf('three');
    await last.importPack(second, options(trusted));
    expect(await vouched(last)).toEqual(['nobody']);
  });

  test('one build of several, and one that is not there', async () => {
    const from = await filled('one');
    const [, second] = await from.list();
    const path = join(folder, 'one.pack');
    expect(await from.exportPack(path, [second?.digest ?? ''], [])).toEqual({ builds: 1, texts: 0 });
    const to = await newShelf('two');
    expect(await to.importPack(path, options())).toEqual({ builds: [{ digest: second?.digest, isKnown: false }], texts: 0 });
    await expect(from.exportPack(path, ['0'.repeat(64)], [])).rejects.toThrow(RangeError);
  });

  test('a pack that is bent anywhere, cut or longer is refused whole', async () => {
    const path = join(folder, 'bent.pack');
    await (await filled('one')).exportPack(path, [], [signer]);
    const whole = readFileSync(path);
    const tried = async (bytes: Uint8Array) => {
      writeFileSync(path, bytes);
      const to = await newShelf('two');
      await expect(to.importPack(path, options(trusted))).rejects.toThrow();
      expect(await to.list()).toEqual([]);
    };
    for (let at = 0; at < whole.length; at += Math.ceil(whole.length / 24)) {
      const bent = Buffer.from(whole);
      bent[at] = (bent[at] ?? 0) ^ 0x10;
      await tried(bent);
    }
    await tried(whole.subarray(0, whole.length - 1));
    await tried(Buffer.concat([whole, Buffer.from('x')]));
    await tried(Buffer.alloc(0));
  });

  test('a length that is forged under a good checksum is refused before anything is made of it', async () => {
    const path = join(folder, 'forged.pack');
    const body = Buffer.alloc(8, 0xff);
    const payload = Buffer.from(
      JSON.stringify({ format: 'assay.shelf-pack/1', builds: 1, sha256: createHash('sha256').update(body).digest('hex') }),
    );
    const line = JSON.stringify({
      payloadType: 'application/vnd.assay.shelf-pack+json',
      payload: payload.toString('base64'),
      signatures: [],
    });
    writeFileSync(path, Buffer.concat([Buffer.from(`${line}\n`), body]));
    await expect((await newShelf('two')).importPack(path, options())).rejects.toThrow('bytes, and 4 are left');
  });
});

describe('texts in packs', () => {
  const PATH = '/system/etc/permissions/a.xml';
  const text = (n: number) =>
    new TextEncoder().encode(
      `${Array.from({ length: 200 }, (_, i) => `<item name="n${(i * 7919) % 1009}"/>`).join('\n')}\n<!-- ${n} -->\n`,
    );
  const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
  const withText = manifests.map((manifest, n) => {
    const [like] = manifest.files;
    if (like === undefined) throw new Error('no file');
    return canonicalManifest({ ...manifest, files: [...manifest.files, { ...like, path: PATH, sha256: sha256(text(n)) }] });
  });
  const texts = async (config: string) => {
    const shelf = await newShelf(config);
    await shelf.putAll(
      withText.map((manifest, n) => ({
        manifest,
        provenance: SIGNED,
        writer: { by: 'here' as const },
        texts: [{ path: PATH, sha256: sha256(text(n)), bytes: text(n) }],
      })),
    );
    return shelf;
  };
  const lastLines = async (shelf: Awaited<ReturnType<typeof newShelf>>) => {
    const found: (string | undefined)[] = [];
    for (const manifest of withText) {
      const { readFiles } = await shelf.get(manifestDigest(manifest, nodeHash));
      const bytes = (await readFiles?.([{ partition: 'system', path: PATH }], 1 << 20))?.get(PATH);
      found.push(bytes && new TextDecoder().decode(bytes).split('\n').at(-2));
    }
    return found;
  };
  const ALL = [0, 1, 2].map((n) => `<!-- ${n} -->`);

  test('texts go with their builds, against each other; they vouch for nothing', async () => {
    const path = join(folder, 'texts.pack');
    const from = await texts('one');
    expect(await from.exportPack(path, [], [signer])).toEqual({ builds: 3, texts: 3 });
    expect(readFileSync(path).length).toBeLessThan(40_000);
    const to = await newShelf('two');
    expect(await to.importPack(path, options())).toMatchObject({ texts: 3 });
    expect(await lastLines(to)).toEqual(ALL);
    expect(await vouched(to)).toEqual(['nobody']);
    expect((await to.verify()).problems).toEqual([]);
    expect(await to.importPack(path, options(trusted))).toMatchObject({ texts: 0 });
    // One build brings its own text and no other.
    const one = await newShelf('two');
    await from.exportPack(path, [manifestDigest(withText[1] ?? ({} as Manifest), nodeHash)], []);
    expect(await one.importPack(path, options())).toMatchObject({ texts: 1 });
  });

  test('an older pack, without them, can be followed by one that has them', async () => {
    const [old, young] = [join(folder, 'old.pack'), join(folder, 'young.pack')];
    const bare = await newShelf('one');
    await bare.putAll(withText.map((manifest) => ({ manifest, provenance: SIGNED, writer: { by: 'here' as const } })));
    await bare.exportPack(old, [], []);
    expect(readFileSync(old, 'utf8').slice(0, 300)).toContain(
      Buffer.from('{"format":"assay.shelf-pack/1"').toString('base64').slice(0, 36),
    );
    await (await texts('one')).exportPack(young, [], []);
    const to = await newShelf('two');
    expect(await to.importPack(old, options())).toMatchObject({ texts: 0 });
    expect(await lastLines(to)).toEqual([undefined, undefined, undefined]);
    expect(await to.importPack(young, options())).toMatchObject({ texts: 3 });
    expect(await lastLines(to)).toEqual(ALL);
  });

  const [build] = withText.map((manifest) => ({ digest: manifestDigest(manifest, nodeHash), manifest, provenance: SIGNED }));
  const head = (over: object) => {
    const said = { path: PATH, sha256: sha256(text(0)), size: text(0).length, isAlone: true, ...over };
    return new TextEncoder().encode(JSON.stringify(said));
  };
  const forged = async (...parts: readonly TextParts[]) => {
    const path = join(folder, 'forged-texts.pack');
    const builds = async function* () {
      if (build !== undefined) yield build;
    };
    await writePackFile(path, { builds: builds(), texts: () => parts }, []);
    const to = await newShelf('two');
    return { to, done: to.importPack(path, options()) };
  };
  const packed = zstdCompressSync(text(0));

  test('hostile: a text that no build states is left where it is', async () => {
    const other = text(9);
    const { to, done } = await forged([head({ sha256: sha256(other), size: other.length }), zstdCompressSync(other)], [head({}), packed]);
    expect(await done).toMatchObject({ texts: 1 });
    expect(await lastLines(to).catch(() => 'no such builds')).toBe('no such builds');
  });

  test.each<[string, TextParts]>([
    ['other bytes', [head({}), zstdCompressSync(text(1))]],
    ['more bytes than it says', [head({ size: 10 }), packed]],
    ['a bomb', [head({ size: 100 }), zstdCompressSync(new Uint8Array(16 << 20))]],
    ['no zstd', [head({}), new Uint8Array(64).fill(7)]],
    ['against one that is not there', [head({ isAlone: false }), packed]],
    ['no text by its name', [head({ path: '/system/bin/sh' }), packed]],
    ['a size above what is kept', [head({ size: (256 << 10) + 1 }), packed]],
    ['no JSON', [new Uint8Array([1, 2]), packed]],
    ['a key of another version', [head({ more: 1 }), packed]],
  ])('hostile: refused, %s', async (_name, parts) => {
    const { to, done } = await forged(parts);
    await expect(done).rejects.toThrow(FormatError);
    // The build itself is what its digest says.
    expect(await to.list()).toHaveLength(1);
    const { readFiles } = await to.get(build?.digest ?? '');
    expect((await readFiles?.([{ partition: 'system', path: PATH }], 1 << 20))?.size).toBe(0);
  });
});

describe('official lists', () => {
  const unsigned: Provenance = { ...SIGNED, signatures: [] };
  const listOf = (text: string) => ({ name: 'a list', maker: 'Example', sha256: 'ef'.repeat(32), rows: parseBuildList(text) });

  test('a file on a list that this operator imported vouches, by either digest; another does not', async () => {
    const shelf = await filled('one', unsigned);
    expect(await vouched(shelf)).toEqual(['nobody']);
    await shelf.importList(listOf(`${'00'.repeat(16)}  other.zip\n`));
    expect(await vouched(shelf)).toEqual(['nobody']);
    for (const sum of ['cd'.repeat(16), 'ab'.repeat(32)]) {
      await shelf.importList(listOf(`${sum}  a.zip\n`));
      expect(await vouched(shelf)).toEqual(['official-list']);
    }
    expect((await shelf.register())?.find('a.zip', 9)).toMatchObject([{ list: 'a list', maker: 'Example', name: 'a.zip' }]);
    expect((await shelf.register())?.find('NOSUCH', 9)).toEqual([]);
  });

  test('a name alone vouches for nothing', async () => {
    const shelf = await filled('one', unsigned);
    await shelf.importList(listOf('filename\tversion\na.zip\tV1\n'));
    expect(await vouched(shelf)).toEqual(['nobody']);
  });

  test('a list that somebody else put there, or wrote into, vouches for nothing', async () => {
    const shelf = await filled('one', unsigned);
    await (await openShelf(shelf.folder, { config: join(folder, 'another') })).importList(listOf(`${'ab'.repeat(32)}  a.zip\n`));
    expect((await shelf.register())?.lists()).toMatchObject([{ isOurs: false }]);
    expect(await vouched(shelf)).toEqual(['nobody']);
    await shelf.importList(listOf(`${'00'.repeat(16)}  other.zip\n`));
    shelf.close();
    const database = new DatabaseSync(join(shelf.folder, 'builds.sqlite'));
    database.prepare('update listed set sha256 = ?').run('ab'.repeat(32));
    database.close();
    expect((await shelf.register())?.lists()).toMatchObject([{ isOurs: false }]);
    expect(await vouched(shelf)).toEqual(['nobody']);
  });
});
