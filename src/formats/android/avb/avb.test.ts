import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hash } from '../../../../test/support/ports.ts';
import { bytesSource, concatBytes, FormatError, hashOf, type Source, toHex, type VerifyPort } from '../../../bytes/index.ts';
import { type AvbAlgorithm, avbKeySpki, writeAvbMlDsaKey, writeAvbRsaKey } from './algorithms.ts';
import { type AvbDescriptor, type HashtreeDescriptor, readDescriptors, writeDescriptor } from './descriptors.ts';
import { computeHashtree, verifyHashtree } from './hashtree.ts';
import { type AvbSigner, findVbmeta, readAvbFooter, readVbmeta, writeAvbFooter, writeVbmeta } from './vbmeta.ts';
import { verifyAvb } from './verify.ts';

const modulus = (fill: number) => Uint8Array.from({ length: 256 }, (_, index) => (index === 255 ? fill | 1 : fill));
const KEY = writeAvbRsaKey(modulus(0xab));
const OTHER_KEY = writeAvbRsaKey(modulus(0xcd));

/** A signature scheme for tests: the signature is the digest of key and data, so that only layouts are tested here. Real keys: avb.node.test.ts. */
const signWith =
  (key: Uint8Array): AvbSigner =>
  async (signed) => ({
    hash: hashOf(hash, 'sha256', signed),
    signature: concatBytes([hashOf(hash, 'sha256', concatBytes([avbKeySpki('SHA256_RSA2048', key), signed])), new Uint8Array(224)]),
  });
const verify: VerifyPort = async ({ spki, data, signature }) =>
  toHex(signature.subarray(0, 32)) === toHex(hashOf(hash, 'sha256', concatBytes([spki, data]))) ? 'valid' : 'invalid';
const ports = { verify, hash: hash };

const make = (
  descriptors: readonly AvbDescriptor[],
  more: { key?: Uint8Array; rollbackIndex?: bigint; flags?: number; algorithm?: AvbAlgorithm } = {},
) => {
  const key = more.key ?? KEY;
  const algorithm = more.algorithm ?? 'SHA256_RSA2048';
  return writeVbmeta(
    {
      algorithm,
      publicKey: algorithm === 'NONE' ? new Uint8Array(0) : key,
      descriptors,
      rollbackIndex: more.rollbackIndex ?? 7n,
      flags: more.flags ?? 0,
      releaseString: 'assay 1',
    },
    signWith(key),
  );
};

const name = fc.stringMatching(/^[a-z_]{1,20}$/);
const bytes = (max: number) => fc.uint8Array({ maxLength: max });
const size = fc.maxSafeInteger().map(Math.abs);
const u32 = fc.nat(0xffffffff);
const descriptor: fc.Arbitrary<AvbDescriptor> = fc.oneof(
  fc.record({ kind: fc.constant('property' as const), key: name, value: bytes(50) }),
  fc.record({
    kind: fc.constant('hashtree' as const),
    partitionName: name,
    dmVerityVersion: u32,
    imageSize: size,
    treeOffset: size,
    treeSize: size,
    dataBlockSize: u32,
    hashBlockSize: u32,
    fecNumRoots: u32,
    fecOffset: size,
    fecSize: size,
    hashAlgorithm: fc.constantFrom('sha1', 'sha256', 'blake2b-256'),
    salt: bytes(32),
    rootDigest: bytes(64),
    flags: u32,
  }),
  fc.record({
    kind: fc.constant('hash' as const),
    partitionName: name,
    imageSize: size,
    hashAlgorithm: fc.constant('sha256'),
    salt: bytes(32),
    digest: bytes(32),
    flags: u32,
  }),
  fc.record({ kind: fc.constant('kernel-cmdline' as const), flags: u32, kernelCmdline: fc.string() }),
  fc.record({
    kind: fc.constant('chain-partition' as const),
    partitionName: name,
    rollbackIndexLocation: u32,
    publicKey: bytes(100),
    flags: u32,
  }),
);

describe('what is written reads back', () => {
  test('descriptors of every kind', () => {
    fc.assert(
      fc.property(fc.array(descriptor, { maxLength: 5 }), (descriptors) => {
        const { value, oddities } = readDescriptors(concatBytes(descriptors.map(writeDescriptor)), 0);
        expect(value).toEqual(descriptors);
        expect(oddities).toEqual([]);
      }),
    );
  });

  test('images, and again to the same bytes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(descriptor, { maxLength: 3 }),
        fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
        async (descriptors, rollbackIndex) => {
          const image = await make(descriptors, { rollbackIndex });
          const { value, oddities } = readVbmeta(image);
          expect(oddities).toEqual([]);
          expect(value).toMatchObject({ descriptors, rollbackIndex, algorithm: 'SHA256_RSA2048', releaseString: 'assay 1' });
          const again = await writeVbmeta(value, async () => value);
          expect(toHex(again)).toBe(toHex(image));
        },
      ),
      { numRuns: 30 },
    );
  });

  test('an unknown descriptor is kept', () => {
    const unknown: AvbDescriptor = { kind: 'unknown', tag: 99n, bytes: new Uint8Array(8).fill(1) };
    const { value, oddities } = readDescriptors(writeDescriptor(unknown), 0);
    expect(value).toEqual([unknown]);
    expect(oddities.map(({ code }) => code)).toEqual(['unknown-descriptor']);
  });

  test('footers', async () => {
    const footer = { originalImageSize: 4096, vbmetaOffset: 4096, vbmetaSize: 256 };
    expect(await readAvbFooter(bytesSource(concatBytes([new Uint8Array(8192), writeAvbFooter(footer)])))).toEqual(footer);
    expect(await readAvbFooter(bytesSource(new Uint8Array(64)))).toBeUndefined();
  });
});

describe('malformed', () => {
  const field = (at: number, ...values: number[]) => ({ at, values });
  test.each([
    ['wrong magic', field(0, 0), 'avb vbmeta @0x0 magic'],
    ['major version 2', field(7, 2), '@0x4 required_libavb_version_major: 2, not 1'],
    ['an authentication block that is no multiple of 64', field(19, 1), 'authentication_data_block_size'],
    ['an auxiliary block of 2^56', field(20, 1), 'auxiliary_data_block_size'],
    ['an auxiliary block past the end', field(26, 8), 'auxiliary_data_block_size'],
    ['algorithm 9', field(31, 9), '9 is no algorithm'],
    ['a hash outside its block', field(38, 0xff), 'hash_offset'],
    ['a signature larger than its block', field(62, 0xff), 'signature_offset'],
    ['a key outside its block', field(70, 0xff), 'public_key_offset'],
    ['descriptors outside their block', field(110, 0xff), 'descriptors_offset'],
    ['a descriptor longer than its list', field(576 + 14, 0xff), 'descriptor[0]'],
    ['a descriptor that is no multiple of 8', field(576 + 15, 0x81), 'not a multiple of 8'],
    ['a partition name longer than its descriptor', field(576 + 16 + 4 + 2, 0xff), 'descriptor[0].partition_name'],
    ['a slash in a partition name', field(576 + 16 + 76, 0x2f), "no partition's name"],
  ])('%s', async (_name, { at, values }, says) => {
    const image = (
      await make([{ kind: 'chain-partition', partitionName: 'boot', rollbackIndexLocation: 1, publicKey: new Uint8Array(8), flags: 0 }])
    ).slice();
    image.set(values, at);
    expect(() => readVbmeta(image)).toThrow(FormatError);
    expect(() => readVbmeta(image)).toThrow(says);
  });

  test('truncated at every byte: refused, never short', async () => {
    const image = await make([{ kind: 'property', key: 'k', value: new Uint8Array(3) }]);
    for (let length = 0; length < image.length; length++) expect(() => readVbmeta(image.subarray(0, length))).toThrow(FormatError);
  });

  test.each([
    [12, 'original_image_size'],
    [20, 'vbmeta_offset'],
    [28, 'vbmeta_size'],
  ])('a footer whose field at %d points outside', async (at, says) => {
    const footer = writeAvbFooter({ originalImageSize: 0, vbmetaOffset: 0, vbmetaSize: 256 });
    footer[at + 3] = 1;
    await expect(readAvbFooter(bytesSource(concatBytes([new Uint8Array(1000), footer])))).rejects.toThrow(says);
  });

  test('a key of another size than its algorithm says', () => {
    expect(() => avbKeySpki('SHA256_RSA4096', KEY)).toThrow('2048, where SHA256_RSA4096 has 4096');
    expect(() => avbKeySpki('MLDSA65', writeAvbMlDsaKey(new Uint8Array(1951)))).toThrow('1951, where MLDSA65 has 1952');
    expect(() => avbKeySpki('SHA256_RSA2048', KEY.subarray(0, 300))).toThrow(FormatError);
  });
});

const image = (blocks: number) =>
  Uint8Array.from({ length: blocks * 4096 }, (_, index) => (Math.floor(index / 4096) * 7 + (index % 4096)) % 256);

/** Root digests and tree sizes that a plain program in another language (Python's hashlib) made of the same blocks. */
const trees = [
  [1, [], 'sha256', 'c8f5d0341d54d951a71b136e6e2afcb14d11ed8489a7ae126a8fee0df6ecf193', 0],
  [2, [1, 2], 'sha256', '047c915e49d1b2b14a42182b9643173271cee4b2498c93173b6a515c28f59af1', 4096],
  [
    129,
    [0, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77],
    'sha256',
    '2a6fa1a851448e576eaa7e21c15059a6f4c3c64318ce48299e1b839266233c17',
    12_288,
  ],
  [300, [0xaa], 'sha1', 'd8043a2b7843a2e10b8006ef2894de4154cc076c', 16_384],
] as const;

describe('hash trees', () => {
  const shape = (blocks: number, salt: readonly number[] = [1], hashAlgorithm = 'sha256') => ({
    imageSize: blocks * 4096,
    dataBlockSize: 4096,
    hashBlockSize: 4096,
    hashAlgorithm,
    salt: Uint8Array.from(salt),
  });

  test.each(trees)('of %d blocks, salt %j, %s', async (...[blocks, salt, algorithm, root, treeSize]) => {
    const { rootDigest, tree } = await computeHashtree(bytesSource(image(blocks)), shape(blocks, salt, algorithm), hash);
    expect([toHex(rootDigest), tree.length]).toEqual([root, treeSize]);
  });

  test.each([
    [{ imageSize: 0 }, 'image_size'],
    [{ imageSize: 4097 }, 'image_size'],
    [{ imageSize: 1 << 30 }, 'image_size'],
    [{ dataBlockSize: 0 }, 'data_block_size'],
    [{ hashBlockSize: 3000 }, 'hash_block_size'],
    [{ hashBlockSize: 2 ** 31 }, 'hash_block_size'],
    [{ hashAlgorithm: 'blake2b-256' }, 'hash_algorithm'],
  ])('%j is refused', async (change, says) => {
    await expect(computeHashtree(bytesSource(image(2)), { ...shape(2), ...change }, hash)).rejects.toThrow(says);
  });

  const partition = async (blocks: number) => {
    const data = image(blocks);
    const { rootDigest, tree } = await computeHashtree(bytesSource(data), shape(blocks), hash);
    const tail: HashtreeDescriptor = {
      kind: 'hashtree',
      partitionName: 'system',
      dmVerityVersion: 1,
      ...shape(blocks),
      treeOffset: data.length,
      treeSize: tree.length,
      fecNumRoots: 0,
      fecOffset: 0,
      fecSize: 0,
      rootDigest,
      flags: 0,
    };
    return { bytes: concatBytes([data, tree]), descriptor: tail };
  };

  test('a changed block is named', async () => {
    const { bytes: whole, descriptor: tail } = await partition(300);
    expect(await verifyHashtree(bytesSource(whole), tail, hash)).toEqual({ answer: 'intact' });
    for (const block of [0, 1, 127, 128, 299]) {
      const changed = whole.slice();
      changed[block * 4096 + 4095] = (changed[block * 4096 + 4095] ?? 0) ^ 0x80;
      expect(await verifyHashtree(bytesSource(changed), tail, hash)).toMatchObject({ answer: 'altered', block });
    }
  });

  test('of two changed blocks the first is named', async () => {
    const { bytes: whole, descriptor: tail } = await partition(300);
    const changed = whole.slice();
    changed[200 * 4096] = 0xee;
    changed[40 * 4096] = 0xee;
    expect(await verifyHashtree(bytesSource(changed), tail, hash)).toMatchObject({ block: 40 });
  });

  test('a tree that was made anew for the changed data does not hide the change', async () => {
    const { bytes: whole, descriptor: tail } = await partition(300);
    const changed = whole.slice();
    changed[0] = 0xee;
    const { tree } = await computeHashtree(bytesSource(changed), shape(300), hash);
    changed.set(tree, tail.treeOffset);
    expect(await verifyHashtree(bytesSource(changed), tail, hash)).toMatchObject({ answer: 'altered', block: undefined });
  });

  test('a tree that was changed or is not there is said, with the data intact', async () => {
    const { bytes: whole, descriptor: tail } = await partition(300);
    const changed = whole.slice();
    changed[tail.treeOffset + 5] = 0xee;
    expect(await verifyHashtree(bytesSource(changed), tail, hash)).toMatchObject({
      answer: 'altered',
      because: expect.stringContaining('the data is intact'),
    });
    expect(await verifyHashtree(bytesSource(whole.subarray(0, tail.imageSize)), tail, hash)).toMatchObject({ answer: 'altered' });
  });
});

describe('a build of vbmeta, boot and a chained system', () => {
  const boot = image(3);
  const hashOfBoot: AvbDescriptor = {
    kind: 'hash',
    partitionName: 'boot',
    imageSize: boot.length,
    hashAlgorithm: 'sha256',
    salt: Uint8Array.of(5),
    digest: hashOf(hash, 'sha256', concatBytes([Uint8Array.of(5), boot])),
    flags: 0,
  };
  const chain = (key: Uint8Array): AvbDescriptor => ({
    kind: 'chain-partition',
    partitionName: 'vbmeta_system',
    rollbackIndexLocation: 2,
    publicKey: key,
    flags: 0,
  });

  const build = async (
    change: { root?: Parameters<typeof make>[1]; chained?: Parameters<typeof make>[1]; stated?: Uint8Array; boot?: Uint8Array } = {},
  ) =>
    new Map<string, Source>([
      ['vbmeta', bytesSource(concatBytes([await make([hashOfBoot, chain(change.stated ?? OTHER_KEY)], change.root), new Uint8Array(100)]))],
      ['vbmeta_system', bytesSource(await make([], { key: OTHER_KEY, ...change.chained }))],
      ['boot', bytesSource(change.boot ?? boot)],
    ]);
  const outcomes = (result: Awaited<ReturnType<typeof verifyAvb>>) =>
    Object.fromEntries(result.partitions.map(({ partition, outcome }) => [partition, outcome]));

  test('is verified', async () => {
    const result = await verifyAvb({ partitions: await build(), ...ports });
    expect(outcomes(result)).toEqual({ vbmeta: 'intact', boot: 'intact', vbmeta_system: 'intact' });
    expect(result.verified).toBe(true);
    expect(result.partitions[0]?.signature).toMatchObject({
      answer: 'valid',
      keySha256: toHex(hashOf(hash, 'sha256', KEY)),
      rollbackIndex: '7',
    });
  });

  test('the digest is over the root and the chained images, without padding', async () => {
    const partitions = await build();
    const { vbmetaDigest } = await verifyAvb({ partitions, ...ports });
    const parts = await Promise.all(
      ['vbmeta', 'vbmeta_system'].map(
        async (partition) => (await findVbmeta(partitions.get(partition) ?? bytesSource(boot)))?.vbmeta.bytes ?? boot,
      ),
    );
    expect(vbmetaDigest).toBe(toHex(hashOf(hash, 'sha256', concatBytes(parts))));
    partitions.delete('vbmeta_system');
    expect((await verifyAvb({ partitions, ...ports })).vbmetaDigest).toBeNull();
  });

  test.each([
    ['a changed boot image', { boot: boot.map((byte, index) => (index === 9 ? byte ^ 1 : byte)) }, 'boot', 'altered'],
    ['a boot image that is too short', { boot: boot.subarray(0, 4096) }, 'boot', 'altered'],
    ['a chained image signed with another key', { chained: { key: KEY } }, 'vbmeta_system', 'altered'],
    ['a chained image that nobody signed', { chained: { algorithm: 'NONE' as const } }, 'vbmeta_system', 'altered'],
  ])('%s', async (_name, change, partition, outcome) => {
    const result = await verifyAvb({ partitions: await build(change), ...ports });
    expect([result.verified, outcomes(result)[partition]]).toEqual([false, outcome]);
  });

  test.each([
    ['unsigned', { algorithm: 'NONE' as const }],
    ['with dm-verity off', { flags: 1 }],
    ['with verification off', { flags: 2 }],
  ])('a root %s is not verified', async (_name, root) => {
    expect((await verifyAvb({ partitions: await build({ root }), ...ports })).verified).toBe(false);
  });

  test('one changed byte of the signed part breaks the signature', async () => {
    const partitions = await build();
    const changed = (await partitions.get('vbmeta')?.read(0, 1000))?.slice() ?? boot;
    changed[119] = 99; // the rollback index
    partitions.set(
      'vbmeta',
      bytesSource(
        concatBytes([changed, (await partitions.get('vbmeta')?.read(1000, (partitions.get('vbmeta')?.size ?? 0) - 1000)) ?? boot]),
      ),
    );
    expect(outcomes(await verifyAvb({ partitions, ...ports }))['vbmeta']).toBe('altered');
  });

  test('an older build is a downgrade where the device knows its rollback indexes', async () => {
    const partitions = await build({ chained: { rollbackIndex: 3n } });
    expect((await verifyAvb({ partitions, ...ports })).verified).toBe(true);
    const result = await verifyAvb({ partitions, ...ports, rollbackIndexes: new Map([[2, 4n]]) });
    expect(result.partitions.find(({ partition }) => partition === 'vbmeta_system')?.because).toContain(
      'rollback index 3 at location 2 is below the stored 4',
    );
  });

  test('what is missing and what nobody speaks of is said', async () => {
    const partitions = await build();
    partitions.delete('boot');
    partitions.set('radio', bytesSource(new Uint8Array(10)));
    expect(outcomes(await verifyAvb({ partitions, ...ports }))).toMatchObject({ boot: 'missing', radio: 'not-checked' });
  });

  test('a chain that points at itself, or deeper, ends', async () => {
    const loop = new Map<string, Source>([
      ['vbmeta', bytesSource(await make([{ ...chain(KEY), partitionName: 'vbmeta' } as AvbDescriptor]))],
    ]);
    expect((await verifyAvb({ partitions: loop, ...ports })).verified).toBe(false);
    const deeper = await build();
    deeper.set('vbmeta_system', bytesSource(await make([chain(OTHER_KEY)], { key: OTHER_KEY })));
    expect(
      (await verifyAvb({ partitions: deeper, ...ports })).partitions.some(
        ({ because }) => because === 'a chain descriptor in a chained image',
      ),
    ).toBe(true);
  });

  test('a machine that cannot verify says so, and it is no pass', async () => {
    const result = await verifyAvb({ partitions: await build(), hash: hash, verify: async () => 'unsupported' });
    expect([result.verified, outcomes(result)['vbmeta']]).toEqual([false, 'not-checked']);
  });

  test('garbage under the name of vbmeta is an outcome, not an exception', async () => {
    const result = await verifyAvb({
      partitions: new Map([['vbmeta', bytesSource(new TextEncoder().encode('AVB0 and no more'))]]),
      ...ports,
    });
    expect([result.verified, result.partitions[0]?.outcome]).toEqual([false, 'altered']);
  });
});
