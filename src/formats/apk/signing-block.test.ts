import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesSource, concatBytes } from '../../bytes/index.ts';
import { algorithmById, BLOCK_ID, capabilitiesOf, pairValue, readSigningBlock, signaturesToVerify, writeSigningBlock } from './index.ts';

const pad = new Uint8Array(100);
const read = async (block: Uint8Array) =>
  readSigningBlock(bytesSource(concatBytes([pad, block])), { centralAt: pad.length + block.length });
const codes = async (block: Uint8Array) => (await read(block)).oddities.map(({ code }) => code);
const value = Uint8Array.of(1, 2, 3);
const GOOD = writeSigningBlock([
  { id: BLOCK_ID.v2, value },
  { id: BLOCK_ID.v3, value: new Uint8Array(0) },
]);

test('what is written reads back, aligned and not', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ id: fc.constantFrom(...Object.values(BLOCK_ID)), value: fc.uint8Array({ maxLength: 20 }) }), { maxLength: 5 }),
      fc.boolean(),
      async (pairs, align) => {
        const bytes = writeSigningBlock(pairs, align);
        if (align) expect(bytes.length % 4096).toBe(0);
        const { value: block } = await read(bytes);
        expect(block?.at).toBe(pad.length);
        expect(block?.pairs.slice(0, pairs.length).map((pair) => [pair.id, [...pair.value]])).toEqual(
          pairs.map((pair) => [pair.id, [...pair.value]]),
        );
      },
    ),
  );
});

test('Android takes the first of two pairs with one id', async () => {
  const { value: block, oddities } = await read(
    writeSigningBlock([
      { id: BLOCK_ID.v2, value },
      { id: BLOCK_ID.v2, value: new Uint8Array(9) },
    ]),
  );
  expect(pairValue(block, BLOCK_ID.v2)?.value).toEqual(value);
  expect(oddities.map(({ code }) => code)).toEqual(['block-duplicate-id']);
});

describe('a block that Android does not see', () => {
  test('stripped of its magic: said, and no block', async () => {
    const stripped = GOOD.slice();
    stripped[stripped.length - 1] = 0x33;
    expect((await read(stripped)).value).toBeUndefined();
    expect(await codes(stripped)).toEqual(['block-magic']);
  });

  test('two sizes that differ', async () => {
    const changed = GOOD.slice();
    changed[0] = 1;
    expect((await read(changed)).value).toBeUndefined();
    expect(await codes(changed)).toEqual(['block-size-mismatch']);
  });

  test('a size beyond the file', async () => {
    const changed = GOOD.slice();
    changed[changed.length - 17] = 0x7f;
    expect(await codes(changed)).toEqual(['block-size']);
  });

  test('a pair longer than the block ends the pairs', async () => {
    const changed = GOOD.slice();
    changed[8] = 0xff;
    const { value: block, oddities } = await read(changed);
    expect(block?.pairs).toEqual([]);
    expect(oddities.map(({ code }) => code)).toEqual(['block-pair-length']);
  });

  test('a pair behind thousands of others is found, as Android finds it, and they are counted', async () => {
    const filler = Array.from({ length: 5000 }, (_, index) => ({ id: index + 1, value: new Uint8Array(0) }));
    const late = { id: 0x7109871a, value: Uint8Array.of(7) };
    const { value: block, oddities } = await read(writeSigningBlock([...filler, late, late]));
    expect(block?.pairs).toHaveLength(4097);
    expect(pairValue(block, 0x7109871a)?.value).toEqual(Uint8Array.of(7));
    expect(oddities.at(0)).toMatchObject({ code: 'block-pairs', detail: '5002 pairs, of which 4096 are listed' });
  });

  test('nothing there, or no room for one', async () => {
    expect(await read(new Uint8Array(0))).toEqual({ value: undefined, oddities: [] });
    expect(await readSigningBlock(bytesSource(new Uint8Array(8)), { centralAt: 8 })).toEqual({ value: undefined, oddities: [] });
  });
});

describe('which signature a platform verifies', () => {
  const signatures = (...ids: readonly number[]) =>
    ids.flatMap((id) => {
      const algorithm = algorithmById(id);
      return algorithm === undefined ? [] : [{ algorithm, signature: new Uint8Array(0) }];
    });
  const chosen = (ids: readonly number[], minSdk: number, maxSdk: number) =>
    signaturesToVerify(signatures(...ids), { minSdk, maxSdk })?.map(({ algorithm }) => algorithm.id);

  test('the strongest digest', () => {
    expect(chosen([0x0103, 0x0104], 24, 24)).toEqual([0x0104]);
    expect(chosen([0x0104, 0x0103], 24, 24)).toEqual([0x0104]);
  });

  test('verity only where platforms know it, and then as well', () => {
    expect(chosen([0x0103, 0x0421], 24, 27)).toEqual([0x0103]);
    expect(chosen([0x0103, 0x0421], 24, 30)).toEqual([0x0103, 0x0421]);
    expect(chosen([0x0421], 24, 30)).toBeUndefined();
  });

  test('none that is known', () => {
    expect(chosen([], 24, 30)).toBeUndefined();
    expect(chosen([0x0103], 20, 30)).toBeUndefined();
  });
});

test('capabilities are bits', () => {
  expect(capabilitiesOf(0)).toEqual([]);
  expect(capabilitiesOf(0x17)).toEqual(['installedData', 'sharedUid', 'permission', 'auth']);
});
