/** Where the verdict once differed from the reference verifier's (AOSP tools/apksig 35.0.2), each found by tools/apk-differential.ts. */
import { beforeAll, describe, expect, test } from 'vitest';
import { bytesSource, concatBytes } from '../../bytes/index.ts';
import { type ApkSigner, forgeApk, forgeApp, forgeManifest, signBlock } from '../../forge/apk.ts';
import { makeApkSigner } from '../../forge/node/sign-apk.ts';
import { nodeCodec, nodeHash, nodeVerify } from '../../platform/node/index.ts';
import { writeZip, type ZipPart } from '../archive/index.ts';
import {
  type ApkPorts,
  type AxmlAttributePart,
  apkSections,
  BLOCK_ID,
  certificateDigest,
  digestContents,
  intValue,
  STAMP_ENTRY,
  stampedDigests,
  u32Bytes,
  verifyApk,
  writeAxml,
  writeIdPairs,
  writePrefixed,
} from './index.ts';
import { type LineageNode, mergeLineages } from './lineage.ts';
import { ATTRIBUTE, levelOfCodename } from './sdk.ts';
import { checkSignature } from './signature.ts';

const ports: ApkPorts = { hash: nodeHash, verify: nodeVerify, codec: nodeCodec };
const APP = { packageName: 'com.example.exact', versionCode: 1, minSdk: 21, targetSdk: 28 };
const PARTS = forgeApp(APP, nodeHash);
const ANY = 0x7fffffff;
let owner: ApkSigner;
let newer: ApkSigner;
beforeAll(async () => {
  [owner, newer] = await Promise.all([makeApkSigner({ kind: 'rsa', name: 'one' }), makeApkSigner({ kind: 'ec', name: 'other' })]);
});

const at = (apk: Uint8Array, level?: number) => verifyApk(bytesSource(apk), ports, { minSdk: level, maxSdk: level });
const digest = (bytes: Uint8Array) => certificateDigest(nodeHash, { bytes });
const names = async (apk: Uint8Array, level?: number) => (await at(apk, level)).issues.map(({ name }) => name);
/** A signer whose certificate goes on behind its end. */
const longer = (signer: ApkSigner): ApkSigner => ({ ...signer, certificate: concatBytes([signer.certificate, new Uint8Array(3)]) });

describe('a certificate is the whole field that holds it', () => {
  test('bytes behind it make another signer, as the platform’s verbatim certificates do', async () => {
    const apk = await forgeApk(PARTS, { v2: [longer(owner)], v3: [{ signer: longer(owner), minSdk: 28, maxSdk: ANY }] }, nodeHash);
    for (const level of [24, 28]) expect((await at(apk, level)).signers).toEqual([digest(longer(owner).certificate)]);
  });
  test('and a lineage that ends in the certificate without them does not end in the signer', async () => {
    const v3 = [{ signer: longer(newer), minSdk: 28, maxSdk: ANY, lineage: [owner, newer] }];
    expect(await names(await forgeApk(PARTS, { v3 }, nodeHash), 28)).toEqual(['V3_SIG_POR_CERT_MISMATCH']);
  });
});

test('a key for RSA-PSS alone is no RSA key, and a modulus without room for PSS verifies nothing', async () => {
  const { generateKeyPairSync } = await import('node:crypto');
  const spki = (type: 'rsa-pss' | 'rsa') =>
    new Uint8Array(generateKeyPairSync(type as 'rsa', { modulusLength: 1024 }).publicKey.export({ type: 'spki', format: 'der' }));
  const asked = { data: new Uint8Array(4), signature: new Uint8Array(128) };
  const pkcs1 = { kind: 'rsa-pkcs1', hash: 'sha256' } as const;
  const pss = { kind: 'rsa-pss', hash: 'sha512', saltLength: 64 } as const;
  expect(await checkSignature(nodeVerify, { ...asked, spki: spki('rsa-pss'), scheme: pkcs1 })).toBe('malformed-key');
  expect(await checkSignature(nodeVerify, { ...asked, spki: spki('rsa'), scheme: pkcs1 })).toBe('did-not-verify');
  expect(await checkSignature(nodeVerify, { ...asked, spki: spki('rsa'), scheme: pss })).toBe('exception');
});

describe('lineages', () => {
  const node = (key: number, flags = 0) =>
    ({
      certificate: { bytes: Uint8Array.of(key) },
      flags,
      capabilities: [],
      algorithmId: 0,
      parentAlgorithmId: 0,
      signature: Uint8Array.of(),
    }) as unknown as LineageNode; // what merging looks at
  const history = (...keys: readonly number[]) => keys.map((key) => node(key));
  const merged = (a: readonly number[], b: readonly number[]) =>
    mergeLineages(history(...a), history(...b))?.map(({ certificate }) => certificate.bytes[0]);

  test('may begin later or end earlier, in either order', () => {
    expect(merged([1, 2, 3], [1, 2])).toEqual([1, 2, 3]);
    expect(merged([2, 3], [1, 2, 3, 4])).toEqual([1, 2, 3, 4]);
    expect(merged([1, 2], [2, 3])).toEqual([1, 2, 3]);
    expect(merged([2, 3], [1, 2])).toEqual([1, 2, 3]);
    expect(merged([1, 2, 3], [2])).toEqual([1, 2, 3]);
  });
  test('may not branch, nor have no key in common', () => {
    expect(merged([1, 2, 3], [1, 4])).toBeUndefined();
    expect(merged([1, 2], [3, 4])).toBeUndefined();
    expect(merged([], [1])).toBeUndefined();
  });
  test('may say different things of the same key: which counts is for the platform that reads it', () => {
    expect(mergeLineages([node(1, 7)], [node(1, 0), node(2)])?.map(({ flags }) => flags)).toEqual([7, 0]);
  });
  test('signers of an APK may tell of the same keys different capabilities', async () => {
    const v3 = [
      { signer: owner, minSdk: 28, maxSdk: 30, lineage: [owner] },
      { signer: newer, minSdk: 31, maxSdk: ANY, lineage: [owner, newer] },
    ];
    expect((await at(await forgeApk(PARTS, { v3 }, nodeHash), 28)).signers).toEqual([digest(newer.certificate)]);
  });
  test('a key twice did not verify', async () => {
    const v3 = [{ signer: owner, minSdk: 28, maxSdk: ANY, lineage: [owner, owner] }];
    expect(await names(await forgeApk(PARTS, { v3 }, nodeHash), 28)).toEqual(['V3_SIG_POR_DID_NOT_VERIFY']);
  });
});

describe('what a manifest says', () => {
  const manifest = (sdk: readonly AxmlAttributePart[], more: readonly AxmlAttributePart[] = []) => {
    const whole = forgeManifest({ packageName: APP.packageName, versionCode: 1 });
    const children = [{ name: 'uses-sdk', attributes: sdk, children: [] }, ...whole.children];
    return writeAxml({ ...whole, attributes: [...whole.attributes, ...more], children });
  };
  const says = (name: 'minSdkVersion' | 'targetSdkVersion' | 'targetSandboxVersion', value: AxmlAttributePart['value']) => ({
    name,
    resourceId: ATTRIBUTE[name],
    value,
  });
  const jar = (data: Uint8Array) =>
    forgeApk([{ name: 'AndroidManifest.xml', data }, ...PARTS.slice(1)], { v1: { signers: [owner], digest: 'sha1' } }, nodeHash);

  test('a target that is no number demands no scheme: the lowest level stands for it', async () => {
    for (const value of ['Tiramisu', { type: 4, data: 0x42000000 }] as const)
      expect((await at(await jar(manifest([says('minSdkVersion', intValue(21)), says('targetSdkVersion', value)])), 30)).verified).toBe(
        true,
      );
    expect(await names(await jar(manifest([says('minSdkVersion', intValue(30)), says('targetSdkVersion', 'S')])), 30)).toEqual([
      'MIN_SIG_SCHEME_FOR_TARGET_SDK_NOT_MET',
    ]);
  });
  test('a sandbox that is no number is the first', async () => {
    expect((await at(await jar(manifest([], [says('targetSandboxVersion', 'two')])), 28)).verified).toBe(true);
    expect(await names(await jar(manifest([], [says('targetSandboxVersion', intValue(2))])), 28)).toEqual([
      'NO_SIG_FOR_TARGET_SANDBOX_VERSION',
    ]);
  });
  test('one that does not parse is signed all the same; its lowest level cannot be told', async () => {
    const apk = await jar(new Uint8Array(40));
    expect((await at(apk, 28)).signers).toEqual([digest(owner.certificate)]);
    expect((await at(apk)).refusal?.exception).toBe('MinSdkVersionException');
  });
  test('codenames count on from the last that the library lists, and a truth value is no level', async () => {
    expect(['C', 'O', 'Q', 'Tiramisu', 'Z'].map(levelOfCodename)).toEqual([2, 25, 27, 30, 36]);
    expect((await at(await jar(manifest([says('minSdkVersion', { type: 18, data: 1 })])))).refusal?.exception).toBe(
      'MinSdkVersionException',
    );
  });
});

test('a range without a level verifies on none', async () => {
  const apk = await forgeApk(PARTS, { v1: { signers: [owner], digest: 'sha1' }, v2: [owner] }, nodeHash);
  for (const [minSdk, maxSdk] of [
    [30, 20],
    [-1, 30],
    [undefined, 8],
  ] as const) {
    expect(await verifyApk(bytesSource(apk), ports, { minSdk, maxSdk })).toMatchObject({ verified: false, signers: [] });
  }
});

test('data that does not unpack could not be read; an entry of another size is malformed', async () => {
  const broken = (size: number): ZipPart => ({ name: 'a', data: new Uint8Array(size), packed: Uint8Array.of(7, 7, 7) });
  for (const part of [broken(4), broken(300_000)]) {
    const apk = await forgeApk([...PARTS, part], { v1: { signers: [owner], digest: 'sha1' } }, nodeHash);
    expect((await at(apk, 21)).refusal?.exception).toBe('IOException');
  }
});

describe('source stamps', () => {
  const entry: () => ZipPart = () => ({ name: STAMP_ENTRY, data: Uint8Array.from(Buffer.from(digest(newer.certificate), 'hex')) });
  const signed = async (data: Uint8Array) =>
    writePrefixed(writeIdPairs([{ id: 0x0201, value: await newer.sign({ kind: 'ecdsa', hash: 'sha256' }, data) }]));
  const u64 = (value: bigint) => {
    const view = new DataView(new ArrayBuffer(8));
    view.setBigInt64(0, value, true);
    return new Uint8Array(view.buffer);
  };

  /** An APK with v2 and a stamp that has attributes of these ids and values; `other` digests are what it signs for v2 instead. */
  async function stamped(attributes: readonly (readonly [number, Uint8Array])[], scheme = 2) {
    const plain = writeZip([...PARTS, entry()]);
    const endAt = plain.length - 22;
    const centralAt = new DataView(plain.buffer, plain.byteOffset).getUint32(endAt + 16, true);
    const sections = await apkSections(bytesSource(plain), { blockAt: centralAt, centralAt, endAt });
    const digests = new Map([['chunked-sha256' as const, await digestContents({ hash: nodeHash }, 'chunked-sha256', sections)]]);
    const schemes = writePrefixed(writePrefixed(u32Bytes(scheme), await signed(stampedDigests(digests))));
    const list = writePrefixed(...attributes.map(([id, value]) => writePrefixed(u32Bytes(id), value)));
    const value = writePrefixed(writePrefixed(newer.certificate), schemes, writePrefixed(list), await signed(list));
    return signBlock(plain, { v2: [owner], pairs: [{ id: BLOCK_ID.sourceStampV2, value }] }, nodeHash);
  }
  const TIME = 0xe43c5946;
  const LINEAGE = 0x9d6303f7;
  const stampOf = async (apk: Uint8Array) => {
    const { verified, stamp } = await at(apk, 30);
    expect(verified).toBe(true);
    return { verified: stamp?.verified, timestamp: stamp?.timestamp, warnings: stamp?.log.warnings.map(({ name }) => name) };
  };

  test('a good one, its time, however far', async () => {
    expect(await stampOf(await stamped([]))).toEqual({ verified: true, timestamp: undefined, warnings: [] });
    expect(await stampOf(await stamped([[TIME, u64(1_600_000_000n)]]))).toEqual({ verified: true, timestamp: 1_600_000_000, warnings: [] });
    expect(await stampOf(await stamped([[TIME, u64(1n << 60n)]]))).toEqual({ verified: true, timestamp: 2 ** 60, warnings: [] });
  });
  test('a time that is none, or cut', async () => {
    for (const seconds of [0n, -1n])
      expect((await stampOf(await stamped([[TIME, u64(seconds)]]))).warnings).toEqual(['SOURCE_STAMP_INVALID_TIMESTAMP']);
    expect((await stampOf(await stamped([[TIME, new Uint8Array(4)]]))).warnings).toEqual(['SOURCE_STAMP_MALFORMED_ATTRIBUTE']);
  });
  test('a lineage that is empty or names nobody is malformed, not another’s', async () => {
    for (const value of [new Uint8Array(0), u32Bytes(1)])
      expect((await stampOf(await stamped([[LINEAGE, value]]))).warnings).toEqual(['SOURCE_STAMP_MALFORMED_LINEAGE']);
    expect((await stampOf(await stamped([[LINEAGE, u32Bytes(2)]]))).warnings).toEqual(['SOURCE_STAMP_POR_CERT_MISMATCH']);
  });
  test('a scheme that it does not sign', async () => {
    expect((await stampOf(await stamped([], 3))).warnings).toEqual(['SOURCE_STAMP_NO_SIGNATURE']);
  });
});
