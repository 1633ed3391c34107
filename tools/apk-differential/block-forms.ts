/** Signing blocks of schemes v2, v3 and v3.1 and of source stamps in unusual forms: who signs, for which levels, and what the schemes say of each other. */
import { bytesSource, concatBytes, type HashPort, hashOf } from '../../src/bytes/index.ts';
import { apkPorts } from '../../src/cli/apk-verify.ts';
import { insertSigningBlock, stripSigningBlock } from '../../src/forge/apk.ts';
import {
  algorithmById,
  apkSections,
  BLOCK_ID,
  type ContentDigest,
  digestContents,
  MANIFEST_NAME,
  openMember,
  readApkZip,
  type SchemeDigests,
  u32Bytes,
  writePrefixed,
  writeSigningBlock,
} from '../../src/formats/apk/index.ts';
import { readZip } from '../../src/formats/archive/index.ts';
import type { TestKey } from './keys.ts';
import { oddLineage } from './lineage-forms.ts';
import type { Roll } from './mutate.ts';
import { ATTRIBUTE_IDS, attribute, type Forge, type IdPair, pick, seldom, signerOf, tail, unknown } from './signer-forms.ts';
import { type StampPlan, stampBlock } from './stamp-forms.ts';

const MAX = 0x7fffffff;

function v2Attributes(roll: Roll, hasV3: boolean): readonly Uint8Array[] {
  const attributes: Uint8Array[] = [];
  if (hasV3 ? !seldom(roll) : seldom(roll)) attributes.push(attribute(ATTRIBUTE_IDS.stripped, u32Bytes(3)));
  if (seldom(roll)) {
    const value = pick(roll, [
      u32Bytes(2),
      u32Bytes(31),
      u32Bytes(4),
      u32Bytes(1),
      u32Bytes(0xffffffff),
      new Uint8Array(3),
      concatBytes([u32Bytes(3), u32Bytes(9)]),
    ]);
    attributes.splice(roll(2), 0, attribute(ATTRIBUTE_IDS.stripped, value));
  }
  if (seldom(roll)) attributes.splice(roll(2), 0, unknown(roll));
  return attributes;
}

/** A whole block's value: signers in a sequence, which may be none, or go on behind its end. */
const blockOf = (signers: readonly Uint8Array[], roll: Roll) =>
  concatBytes([writePrefixed(...signers.map((one) => writePrefixed(one)), tail(roll)), tail(roll)]);

interface Made {
  readonly value: Uint8Array;
  readonly digests: readonly IdPair[];
}

async function v2Block(keys: readonly TestKey[], forge: Forge, hasV3: boolean): Promise<Made> {
  const made: Awaited<ReturnType<typeof signerOf>>[] = [];
  for (const key of keys) made.push(await signerOf({ key, attributes: v2Attributes(forge.roll, hasV3) }, forge));
  return {
    value: blockOf(
      made.map(({ bytes }) => bytes),
      forge.roll,
    ),
    digests: made.flatMap(({ digests }) => digests),
  };
}

/** Who signs for which levels, and of what history. */
interface Rotation {
  readonly lineage: readonly TestKey[];
  readonly ranges: readonly (readonly [minSdk: number, maxSdk: number])[];
  /** The attribute on v3 signers. */
  readonly rotationMinSdk: number | undefined;
  readonly devRelease: boolean;
}

async function v3Block({ lineage, ranges, rotationMinSdk, devRelease }: Rotation, forge: Forge): Promise<Made> {
  const { roll } = forge;
  const made: Awaited<ReturnType<typeof signerOf>>[] = [];
  for (const [index, [minSdk, maxSdk]] of ranges.entries()) {
    // Of several, each is of a later key than the one before.
    const history = lineage.slice(0, Math.max(1, lineage.length - ranges.length + index + 1));
    const key = history.at(-1);
    if (key === undefined) continue;
    const attributes: Uint8Array[] = [];
    if (history.length > 1 ? !seldom(roll) : seldom(roll)) attributes.push(attribute(ATTRIBUTE_IDS.rotation, oddLineage(history, forge)));
    if (rotationMinSdk !== undefined) attributes.push(attribute(ATTRIBUTE_IDS.rotationMinSdk, u32Bytes(rotationMinSdk)));
    if (devRelease) attributes.push(attribute(ATTRIBUTE_IDS.devRelease, new Uint8Array(roll(2) * 4)));
    if (seldom(roll)) attributes.splice(roll(2), 0, unknown(roll));
    if (seldom(roll) && roll(4) === 0) attributes.push(attribute(ATTRIBUTE_IDS.rotationMinSdk, new Uint8Array(roll(4))));
    if (seldom(roll) && roll(4) === 0) attributes.push(...attributes.slice(0, 1));
    made.push(await signerOf({ key, attributes, sdk: { minSdk, maxSdk } }, forge));
  }
  if (seldom(roll)) made.reverse();
  return {
    value: blockOf(
      made.map(({ bytes }) => bytes),
      roll,
    ),
    digests: made.flatMap(({ digests }) => digests),
  };
}

const V3_RANGES: readonly (readonly (readonly [number, number])[])[] = [
  [[28, MAX]],
  [[24, MAX]],
  [[28, 32]],
  [
    [28, 30],
    [31, MAX],
  ],
  [
    [28, 30],
    [32, MAX],
  ],
  [
    [28, 31],
    [31, MAX],
  ],
  [
    [28, MAX],
    [28, MAX],
  ],
  [[30, MAX]],
  [[30, 29]],
  [[0, MAX]],
  [[-1, MAX]],
  [
    [28, 29],
    [30, 32],
    [33, MAX],
  ],
];
const V31_RANGES: readonly (readonly (readonly [number, number])[])[] = [
  [[33, MAX]],
  [[33, MAX]],
  [[34, MAX]],
  [[35, MAX]],
  [
    [33, 33],
    [34, MAX],
  ],
  [
    [33, 33],
    [35, MAX],
  ],
  [[10_000, MAX]],
  [[34, 35]],
  [[30, MAX]],
  [
    [33, 34],
    [34, MAX],
  ],
];

function statedBy({ digests }: Made): SchemeDigests {
  const stated = new Map<ContentDigest, Uint8Array>();
  for (const { id, value } of digests) {
    const kind = algorithmById(id)?.digest;
    if (kind !== undefined) stated.set(kind, value);
  }
  return stated;
}

/** How a block is forged. */
export interface OddBlock {
  readonly keys: readonly TestKey[];
  readonly roll: Roll;
  readonly hash: HashPort;
  readonly stamp: StampPlan | undefined;
  readonly withV31: boolean;
}

/** Puts a signing block of odd forms into an APK that may have a JAR signature. */
export async function oddlyBlocked(
  apk: Uint8Array,
  signers: readonly TestKey[],
  { keys, roll, hash, stamp, withV31 }: OddBlock,
): Promise<Uint8Array> {
  const plain = await stripSigningBlock(apk);
  const { value: zip } = await readZip(bytesSource(plain), { locals: false });
  const sections = await apkSections(bytesSource(plain), { blockAt: zip.centralAt, centralAt: zip.centralAt, endAt: zip.endAt });
  const known = new Map<ContentDigest, Promise<Uint8Array>>();
  const digestOf = (kind: ContentDigest) => {
    const digest = known.get(kind) ?? digestContents({ hash }, kind, sections).catch(() => new Uint8Array(32));
    known.set(kind, digest);
    return digest;
  };
  const forge: Forge = { keys, roll, digestOf };
  const [first] = signers;
  if (first === undefined) return plain;
  const has = { v2: roll(3) > 0, v3: roll(3) > 0, v31: withV31 && roll(3) === 0 };
  const lineage = [first, ...Array.from({ length: roll(3) }, () => pick(roll, keys))].filter(
    (key, at, all) => seldom(roll) || all.indexOf(key) === at,
  );
  const stamped = new Map<number, SchemeDigests>();
  const pairs: IdPair[] = [];
  if (has.v2) {
    const made = await v2Block(seldom(roll) && roll(3) === 0 ? Array.from({ length: 9 + roll(4) }, () => first) : signers, forge, has.v3);
    pairs.push({ id: BLOCK_ID.v2, value: made.value });
    stamped.set(2, statedBy(made));
  }
  const v31Ranges = pick(roll, V31_RANGES);
  const rotation = v31Ranges[0]?.[0];
  const devRelease = has.v31 && roll(4) === 0;
  if (has.v3) {
    const rotationMinSdk = (has.v31 ? !seldom(roll) : seldom(roll))
      ? seldom(roll)
        ? pick(roll, [33, 34, 0, -1, 10_000])
        : rotation
      : undefined;
    const ranges =
      has.v31 && roll(3) > 0
        ? [[28, pick(roll, [32, 33, MAX, (rotation ?? 33) - 1, rotation ?? 33])] as const]
        : roll(2) === 0
          ? (V3_RANGES[0] ?? [])
          : pick(roll, V3_RANGES);
    const made = await v3Block(
      { lineage: has.v31 ? lineage.slice(0, 1 + roll(2)) : lineage, ranges, rotationMinSdk, devRelease: seldom(roll) },
      forge,
    );
    pairs.push({ id: BLOCK_ID.v3, value: made.value });
    stamped.set(3, statedBy(made));
  }
  if (has.v31) {
    const made = await v3Block({ lineage, ranges: v31Ranges, rotationMinSdk: seldom(roll) ? rotation : undefined, devRelease }, forge);
    pairs.push({ id: BLOCK_ID.v31, value: made.value });
    if (seldom(roll)) stamped.set(31, statedBy(made));
  }
  if (stamp !== undefined) {
    const archive = await readApkZip(bytesSource(plain), undefined).catch(() => undefined);
    const manifest = archive?.entries.find(({ name }) => name === MANIFEST_NAME);
    const bytes =
      archive === undefined || manifest === undefined ? undefined : await openMember(archive, manifest, apkPorts).catch(() => undefined);
    if (bytes !== undefined) stamped.set(1, new Map([['sha256' as const, hashOf(hash, 'sha256', bytes)]]));
    pairs.push({ id: BLOCK_ID.sourceStampV2, value: stampBlock(stamp, stamped, forge) });
  }
  if (seldom(roll))
    pairs.push({
      id: pick(roll, [1, BLOCK_ID.frosting, BLOCK_ID.sourceStampV1, BLOCK_ID.v32, BLOCK_ID.v2]),
      value: new Uint8Array(roll(30)),
    });
  if (seldom(roll)) pairs.reverse();
  return insertSigningBlock(plain, writeSigningBlock(pairs, roll(4) > 0));
}
