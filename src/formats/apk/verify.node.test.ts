import { beforeAll, describe, expect, test } from 'vitest';
import { bytesSource, toHex } from '../../bytes/index.ts';
import {
  type ApkSigner,
  type ApkSigning,
  type ForgedApp,
  forgeApk,
  forgeApp,
  forgeIdsig,
  insertSigningBlock,
  signBlock,
  stripSigningBlock,
} from '../../forge/apk.ts';
import {
  axmlTrick,
  fakeId,
  injectDex,
  janus,
  masterKeyDuplicate,
  masterKeyExtra,
  masterKeyName,
  type PackerTrick,
  packerTrick,
  repackage,
  unsignedParts,
} from '../../forge/apk-tricks.ts';
import { makeApkSigner } from '../../forge/node/sign-apk.ts';
import { nodeCodec, nodeHash, nodeVerify } from '../../platform/node/index.ts';
import { readCertificate } from '../x509/index.ts';
import {
  type ApkPorts,
  type ApkVerification,
  certificateDigest,
  readApp,
  readIdsig,
  readSigningBlock,
  verifyApk,
  writeSigningBlock,
} from './index.ts';

const ports: ApkPorts = { hash: nodeHash, verify: nodeVerify, codec: nodeCodec };
const APP: ForgedApp = {
  packageName: 'com.example.bank',
  versionCode: 3,
  versionName: '1.0',
  minSdk: 16,
  targetSdk: 28,
  permissions: ['android.permission.INTERNET'],
  components: [{ kind: 'activity', name: '.Main', exported: true, actions: ['android.intent.action.MAIN'] }],
  resources: [{ type: 'string', key: 'app_name', value: 'Bank' }],
  files: [{ name: 'assets/data.bin', data: Uint8Array.from({ length: 5000 }, (_, i) => i % 251) }],
};
const PARTS = forgeApp(APP, nodeHash);

let owner: ApkSigner;
let newer: ApkSigner;
let thief: ApkSigner;
let curve: ApkSigner;
beforeAll(async () => {
  [owner, newer, thief, curve] = await Promise.all([
    makeApkSigner({ kind: 'rsa', name: 'Bank' }),
    makeApkSigner({ kind: 'rsa', name: 'Bank 2' }),
    makeApkSigner({ kind: 'rsa', name: 'Nobody' }),
    makeApkSigner({ kind: 'ec', name: 'Curve' }),
  ]);
});

const at = async (apk: Uint8Array, level: number): Promise<ApkVerification> =>
  verifyApk(bytesSource(apk), ports, { minSdk: level, maxSdk: level });
const overall = async (apk: Uint8Array): Promise<ApkVerification> =>
  verifyApk(bytesSource(apk), ports, { minSdk: undefined, maxSdk: undefined });
const forge = async (signing: ApkSigning): Promise<Uint8Array> => forgeApk(PARTS, signing, nodeHash);
const digest = (signer: ApkSigner) => certificateDigest(nodeHash, { bytes: signer.certificate });
const names = ({ issues }: ApkVerification) => issues.map(({ name }) => name);
const tricks = ({ tricks: found }: ApkVerification) => found.map(({ name }) => name);
const all = (signer: ApkSigner): ApkSigning => ({
  v1: { signers: [signer], digest: 'sha1' },
  v2: [signer],
  v3: [{ signer, minSdk: 28, maxSdk: 0x7fffffff }],
});

describe('genuine', () => {
  test('each level looks at its own scheme', async () => {
    const apk = await forge(all(owner));
    for (const [level, scheme] of [
      [10, 'v1'],
      [23, 'v1'],
      [24, 'v2'],
      [27, 'v2'],
      [28, 'v3'],
      [35, 'v3'],
    ] as const) {
      expect(await at(apk, level)).toMatchObject({
        verified: true,
        schemes: [scheme],
        signers: [digest(owner)],
        issues: [],
        tricks: [],
        oddities: [],
      });
    }
    expect(await overall(apk)).toMatchObject({
      verified: true,
      schemes: ['v1', 'v2', 'v3'],
      signers: [digest(owner)],
      range: { minSdk: 16 },
    });
  });

  test('ECDSA, which v1 takes from API 18 on', async () => {
    const apk = await forge({ v1: { signers: [curve] }, v2: [curve] });
    expect(names(await at(apk, 17))).toEqual(['JAR_SIG_UNSUPPORTED_SIG_ALG']);
    expect((await at(apk, 18)).signers).toEqual([digest(curve)]);
    expect((await at(apk, 30)).signers).toEqual([digest(curve)]);
  });

  test('verity digests', async () => {
    const apk = await forge({ v3: [{ signer: owner, minSdk: 28, maxSdk: 0x7fffffff }], verity: true });
    expect(await at(apk, 30)).toMatchObject({ verified: true, schemes: ['v3'] });
    const changed = apk.slice();
    changed[70] = (changed[70] ?? 0) ^ 1;
    expect(names(await at(changed, 30))).toEqual(['V3_SIG_APK_DIGEST_DID_NOT_VERIFY']);
    // Android maps what is before and behind the block by whole pages.
    const { value: block } = await readSigningBlock(bytesSource(apk), {
      centralAt: new DataView(apk.buffer).getUint32(apk.length - 6, true),
    });
    const unpadded = await insertSigningBlock(await stripSigningBlock(apk), writeSigningBlock((block?.pairs ?? []).slice(0, 1)));
    expect((await at(unpadded, 30)).verified).toBe(false);
  });

  test('two signers of v1 and v2 are both named', async () => {
    const result = await at(await forge({ v1: { signers: [owner, thief] }, v2: [owner, thief] }), 24);
    expect(result.signers).toEqual([digest(owner), digest(thief)]);
  });

  test('a rotated key: the old one up to 32, the new one from 33 on, with its lineage', async () => {
    const apk = await forge({
      v1: { signers: [owner], digest: 'sha1' },
      v2: [owner],
      v3: [{ signer: owner, minSdk: 28, maxSdk: 0x7fffffff, rotationMinSdk: 33 }],
      v31: [{ signer: newer, minSdk: 33, maxSdk: 0x7fffffff, lineage: [owner, newer] }],
    });
    expect((await at(apk, 32)).signers).toEqual([digest(owner)]);
    const result = await at(apk, 33);
    expect(result).toMatchObject({ verified: true, schemes: ['v3', 'v3.1'], signers: [digest(newer)], rotationMinSdk: 33 });
    expect(result.lineage.map(({ sha256 }) => sha256)).toEqual([digest(owner), digest(newer)]);
    expect(result.lineage[0]?.capabilities).toContain('installedData');
  });

  test('v4 beside the APK', async () => {
    const apk = await forge(all(owner));
    const stated = await statedDigest(apk);
    const idsig = await forgeIdsig(apk, owner, nodeHash, stated);
    const verify = async (file: Uint8Array) => verifyApk(bytesSource(apk), ports, { minSdk: 30, maxSdk: 30, idsig: bytesSource(file) });
    expect(await verify(idsig)).toMatchObject({ verified: true, schemes: ['v3', 'v4'] });
    expect((await readIdsig(bytesSource(idsig))).signers.length).toBe(1);
    const broken = idsig.slice();
    broken[broken.length - 1] = (broken[broken.length - 1] ?? 0) ^ 1;
    expect(names(await verify(broken))).toEqual(['V4_SIG_APK_TREE_DID_NOT_VERIFY']);
    expect(names(await verify(await forgeIdsig(apk, thief, nodeHash, stated)))).toEqual(['V4_SIG_V2_V3_SIGNERS_MISMATCH']);
    expect(names(await verify(await forgeIdsig(apk, owner, nodeHash, new Uint8Array(32))))).toEqual(['V4_SIG_V2_V3_DIGESTS_MISMATCH']);
    expect(names(await verify(Uint8Array.of(2, 0, 0)))).toEqual(['V4_SIG_MALFORMED_SIGNERS']);
    const later = idsig.slice();
    later[0] = 3;
    expect(names(await verify(later))).toEqual(['V4_SIG_VERSION_NOT_CURRENT']);
    expect(names(await verify(idsig.subarray(0, idsig.length - 1)))).toEqual(['V4_SIG_MALFORMED_SIGNERS']);
  });

  test('what the app says of itself', async () => {
    const { value } = await readApp(bytesSource(await forge(all(owner))), ports);
    expect(value).toMatchObject({
      packageName: 'com.example.bank',
      versionCode: 3,
      minSdk: 16,
      targetSdk: 28,
      usesPermissions: ['android.permission.INTERNET'],
    });
    expect(value.components).toEqual([
      { kind: 'activity', name: 'com.example.bank.Main', exported: true, permission: undefined, actions: ['android.intent.action.MAIN'] },
    ]);
  });
});

/** The digest that the v3 signer states, by signing once more and asking what it signs. */
async function statedDigest(apk: Uint8Array): Promise<Uint8Array> {
  let seen = new Uint8Array(0);
  const watch: ApkSigner = {
    ...owner,
    sign: async (scheme, data) => {
      seen = new Uint8Array(data.subarray(16, 48));
      return owner.sign(scheme, data);
    },
  };
  await signBlock(apk, { v3: [{ signer: watch, minSdk: 28, maxSdk: 0x7fffffff }] }, nodeHash);
  return seen;
}

describe('tampered', () => {
  test('one bit of a member', async () => {
    const apk = await forge(all(owner));
    const place = apk.length - 22 - 3000;
    const changed = apk.slice();
    const target = toHex(apk).indexOf(toHex(Uint8Array.of(1, 2, 3, 4, 5, 6))) / 2;
    changed[target] = 0x55;
    expect(place).toBeGreaterThan(0);
    expect(names(await at(changed, 20))).toEqual(['JAR_SIG_ZIP_ENTRY_DIGEST_DID_NOT_VERIFY']);
    expect(names(await at(changed, 24))).toEqual(['V2_SIG_APK_DIGEST_DID_NOT_VERIFY']);
    expect(names(await at(changed, 28))).toEqual(['V3_SIG_APK_DIGEST_DID_NOT_VERIFY']);
  });

  test('repackaged: it verifies, and the signer is another', async () => {
    const result = await overall(await repackage(await forge(all(owner)), all(thief), nodeHash));
    expect(result).toMatchObject({ verified: true, signers: [digest(thief)] });
  });

  test('a DEX file injected', async () => {
    const apk = await forge(all(owner));
    const broken = await injectDex(apk, nodeHash, undefined);
    expect(names(await at(broken, 20))).toEqual(['JAR_SIG_NO_ZIP_ENTRY_DIGEST_IN_MANIFEST']);
    expect((await at(broken, 30)).verified).toBe(false);
    expect((await overall(await injectDex(apk, nodeHash, all(thief)))).signers).toEqual([digest(thief)]);
  });

  test('Janus: v1 still verifies, and the trick is named', async () => {
    const result = await at(await janus(await forge({ v1: { signers: [owner] } }), nodeHash), 23);
    expect(result.verified).toBe(true);
    expect(tricks(result)).toEqual(['janus']);
    expect((await at(await janus(await forge(all(owner)), nodeHash), 24)).verified).toBe(false);
  });

  test('Master Key, all three', async () => {
    const apk = await forge({ v1: { signers: [owner] } });
    const evil = new TextEncoder().encode('evil');
    const duplicate = await at(await masterKeyDuplicate(apk, 'classes.dex', evil), 18);
    expect([names(duplicate), tricks(duplicate)]).toEqual([['JAR_SIG_DUPLICATE_ZIP_ENTRY'], ['master-key-8219321']]);
    const extra = await at(await masterKeyExtra(apk, 'classes.dex', evil), 18);
    expect([extra.verified, tricks(extra)]).toEqual([false, ['master-key-9695860']]);
    const name = await at(await masterKeyName(apk, 'classes.dex', evil), 18);
    expect([name.verified, tricks(name)]).toEqual([false, ['master-key-9950697']]);
  });

  test('FakeID: a chain by name alone is named, and the signer stays who signed', async () => {
    const victim = readCertificate(owner.certificate).value;
    const claimant = await makeApkSigner({ kind: 'rsa', name: 'Fake', claimedIssuer: victim.subject.attributes });
    const result = await at(await fakeId(PARTS, { claimant, victimCertificate: owner.certificate }, nodeHash), 18);
    expect(result).toMatchObject({ verified: true, signers: [digest(claimant)] });
    expect(tricks(result)).toEqual(['fake-id']);
    const honest = await makeApkSigner({ kind: 'rsa', name: 'Child', issuer: owner });
    expect(tricks(await at(await fakeId(PARTS, { claimant: honest, victimCertificate: owner.certificate }, nodeHash), 18))).toEqual([]);
  });

  test('entries that the end record does not count are none, as to Android’s verifier', async () => {
    const apk = await forgeApk(PARTS, { v1: { signers: [owner] } }, nodeHash);
    expect((await at(apk, 23)).verified).toBe(true);
    const fewer = new Uint8Array(apk);
    fewer.fill(0, apk.length - 12, apk.length - 10);
    expect(await at(fewer, 23)).toMatchObject({ verified: false, issues: [{ name: 'JAR_SIG_NO_MANIFEST' }] });
  });

  test('a stripped block: v1 says it was there', async () => {
    const result = await at(await stripSigningBlock(await forge(all(owner))), 28);
    expect(result.verified).toBe(false);
    expect(names(result)).toEqual(['JAR_SIG_MISSING_APK_SIG_REFERENCED', 'JAR_SIG_MISSING_APK_SIG_REFERENCED']);
    expect(tricks(result)).toEqual(['stripped-signature']);
  });

  test('a stripped v3: v2 says it was there', async () => {
    const whole = await forge({ v2: [owner], v3: [{ signer: newer, minSdk: 28, maxSdk: 0x7fffffff, lineage: [owner, newer] }] });
    const { readSigningBlock, BLOCK_ID, writeSigningBlock } = await import('./index.ts');
    const { readZip } = await import('../archive/index.ts');
    const zip = (await readZip(bytesSource(whole))).value;
    const block = (await readSigningBlock(bytesSource(whole), zip)).value;
    const left = (block?.pairs ?? []).filter(({ id }) => id === BLOCK_ID.v2);
    const stripped = await insertSigningBlock(await stripSigningBlock(whole), writeSigningBlock(left));
    expect(names(await at(stripped, 28))).toEqual(['V2_SIG_MISSING_APK_SIG_REFERENCED']);
    expect((await at(stripped, 27)).verified).toBe(true);
  });

  test('a v1 signer who is not the v2 signer', async () => {
    const result = await overall(await forge({ v1: { signers: [owner], digest: 'sha1' }, v2: [thief] }));
    expect(names(result)).toEqual(['V2_SIG_MISSING', 'JAR_SIG_MISSING']);
  });

  test('a v3 signer who has no history with the v2 signer', async () => {
    const result = await overall(
      await forge({ v1: { signers: [owner], digest: 'sha1' }, v2: [owner], v3: [{ signer: thief, minSdk: 28, maxSdk: 0x7fffffff }] }),
    );
    expect(names(result)).toEqual(['V3_SIG_PAST_SIGNERS_MISMATCH']);
  });

  test('a lineage that its first key did not sign', async () => {
    const impostor: ApkSigner = { ...owner, sign: async (scheme, data) => thief.sign(scheme, data) };
    const apk = await forge({ v3: [{ signer: thief, minSdk: 28, maxSdk: 0x7fffffff, lineage: [impostor, thief] }] });
    expect(names(await at(apk, 28))).toEqual(['V3_SIG_POR_DID_NOT_VERIFY']);
  });

  test('v1 alone for an app made for API 30', async () => {
    const apk = await forgeApk(forgeApp({ ...APP, targetSdk: 30 }, nodeHash), { v1: { signers: [owner] } }, nodeHash);
    expect(names(await at(apk, 30))).toEqual(['MIN_SIG_SCHEME_FOR_TARGET_SDK_NOT_MET']);
    expect((await at(apk, 29)).verified).toBe(true);
  });
});

const packers: readonly [trick: PackerTrick, name: string, verifies: boolean][] = [
  ['encrypted-flag', 'encrypted-flag', true],
  ['odd-method', 'odd-method', true],
  ['forged-sizes', 'forged-sizes', false],
  ['long-name', 'hidden-names', false],
  ['file-and-folder', 'hidden-names', false],
  ['second-end', 'directory-forged', false],
];

describe('packer tricks on a v1 signature', () => {
  test.each(packers)('%s is named %s, verified: %s', async (trick, name, verifies) => {
    const result = await at(await packerTrick(await forge({ v1: { signers: [owner] } }), trick), 20);
    expect(tricks(result)).toContain(name);
    expect(result.verified).toBe(verifies);
  });

  test('a manifest that Android reads and tools refuse is named', async () => {
    const parts = (await unsignedParts(await forge(all(owner)))).map((part) =>
      part.name === 'AndroidManifest.xml' ? { ...part, data: axmlTrick(part.data, 'file-size') } : part,
    );
    const result = await overall(await forgeApk(parts, all(owner), nodeHash));
    expect(result.verified).toBe(true);
    expect(tricks(result)).toEqual(['axml-tampered']);
  });
});

describe('missing and hostile', () => {
  test('unsigned', async () => {
    expect(names(await overall(await forge({})))).toEqual(['JAR_SIG_NO_MANIFEST']);
  });

  test('no manifest: unreadable is not verified', async () => {
    const apk = await forgeApk(PARTS.slice(1), all(owner), nodeHash);
    expect(await overall(apk)).toMatchObject({ verified: false, refusal: { exception: 'ApkFormatException' } });
    expect((await at(apk, 24)).verified).toBe(true);
  });

  test('a platform that cannot verify a scheme never says verified', async () => {
    const blind: ApkPorts = { ...ports, verify: async () => 'unsupported' };
    const result = await verifyApk(bytesSource(await forge(all(owner))), blind, { minSdk: 16, maxSdk: undefined });
    expect(result.verified).toBe(false);
    expect(result.signers).toEqual([]);
  });

  test('minSdkVersion by reference is followed, as Android does', async () => {
    const { writeAxml, intValue, referenceValue } = await import('./index.ts');
    const { forgeManifest } = await import('../../forge/apk.ts');
    const manifest = forgeManifest({ ...APP, minSdk: 1 });
    const [usesSdk, ...rest] = manifest.children;
    if (usesSdk === undefined) throw new Error('uses-sdk');
    const attributes = usesSdk.attributes.map((one) =>
      one.name === 'minSdkVersion' ? { ...one, value: referenceValue(0x7f010000) } : one,
    );
    const parts = forgeApp({ ...APP, resources: [{ type: 'integer', key: 'min', value: intValue(24) }] }, nodeHash).map((part) =>
      part.name === 'AndroidManifest.xml'
        ? { ...part, data: writeAxml({ ...manifest, children: [{ ...usesSdk, attributes }, ...rest] }) }
        : part,
    );
    expect(await overall(await forgeApk(parts, { v2: [owner] }, nodeHash))).toMatchObject({
      verified: true,
      range: { minSdk: 24 },
      schemes: ['v2'],
    });
  });

  test('any byte of the signing block changed: never verified by v2, never a crash', async () => {
    const apk = await forge({ v2: [owner] });
    const plain = await stripSigningBlock(apk);
    const start = apk.length - 22 - 4096 - 300;
    for (let place = Math.max(start, 0); place < apk.length - 22; place += 97) {
      const changed = apk.slice();
      changed[place] = (changed[place] ?? 0) ^ 0x40;
      const { verified, schemes } = await at(changed, 26);
      if (verified) expect(schemes).toEqual(['v2']);
    }
    expect((await at(plain, 26)).verified).toBe(false);
  });

  test('10,000 signers in a PKCS#7 block are refused', async () => {
    const { readSignedData } = await import('./index.ts');
    const { writeDerContext, writeDerInteger, writeDerOid, writeDerSequence, writeDerSet } = await import('../x509/index.ts');
    const signers = writeDerSet(Array.from({ length: 10_000 }, (_, index) => writeDerSequence([writeDerInteger(index)])));
    const data = writeDerSequence([writeDerInteger(1), writeDerSet([]), writeDerSequence([writeDerOid('1.2.840.113549.1.7.1')]), signers]);
    const block = writeDerSequence([writeDerOid('1.2.840.113549.1.7.2'), writeDerContext(0, [data])]);
    expect(() => readSignedData(block)).toThrow('64 is the most');
  });
});
