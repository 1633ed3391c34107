import { describe, expect, test } from 'vitest';
import { bytesSource } from '../bytes/index.ts';
import { readApp, verifyApk } from '../formats/apk/index.ts';
import { readCertificate } from '../formats/x509/index.ts';
import { nodeCodec, nodeHash, nodeVerify } from '../platform/node/index.ts';
import type { ApkSigner } from './apk.ts';
import { apkOfRecipe } from './apk-recipe.ts';
import type { ApkRecipe } from './content.ts';
import { makeApkSigner } from './node/sign-apk.ts';

const ports = { hash: nodeHash, verify: nodeVerify, codec: nodeCodec };
const keys = new Map<string, Promise<ApkSigner>>();
const signerOf = (name: string): Promise<ApkSigner> => {
  const found = keys.get(name) ?? makeApkSigner({ kind: 'ec', name });
  keys.set(name, found);
  return found;
};
const claimantOf = async (name: string, victim: string) =>
  makeApkSigner({
    kind: 'rsa',
    name,
    claimedIssuer: readCertificate((await signerOf(victim)).certificate).value.subject.attributes,
  });

async function verdict(trick: ApkRecipe['trick'], level: number) {
  const recipe = {
    package: 'com.example.made',
    versionCode: 3,
    versionName: '1',
    signer: 'developer',
    seed: 's',
    fill: 300,
    other: 'other',
  };
  const source = bytesSource(
    await apkOfRecipe(trick === undefined ? recipe : { ...recipe, trick }, { hash: nodeHash, signerOf, claimantOf }),
  );
  const { verified, tricks, issues } = await verifyApk(source, ports, { minSdk: level, maxSdk: level });
  const { packageName } = (await readApp(source, ports)).value;
  return { verified, tricks: tricks.map(({ name }) => name), issues: [...new Set(issues.map(({ name }) => name))], packageName };
}

describe('recipes of the lab’s APKs', () => {
  test.each([
    [undefined, 34, true, []],
    ['v1-only', 19, true, []],
    ['rotated-key', 34, true, []],
    ['rotated-key', 24, true, []],
    ['repackaged', 34, true, []],
    ['janus', 24, true, ['janus']],
    ['master-key-extra', 19, false, ['master-key-9695860']],
    ['fake-id', 19, true, ['fake-id']],
    ['packed-encrypted', 34, true, ['encrypted-flag']],
    ['packed-methods', 34, true, ['odd-method']],
    ['packed-sizes', 34, false, ['forged-sizes']],
    ['packed-names', 34, true, ['hidden-names']],
    ['packed-manifest', 34, true, ['axml-tampered']],
    ['master-key-duplicate', 19, false, ['master-key-8219321']],
    ['master-key-name', 19, false, ['master-key-9950697']],
    ['stripped-v3', 34, false, ['stripped-signature']],
  ] as const)('%s at API %i: verified %s, tricks %j', async (trick, level, verified, tricks) => {
    expect(await verdict(trick, level)).toMatchObject({ verified, tricks, packageName: 'com.example.made' });
  });

  test('injected code is what no signature covers', async () => {
    expect(await verdict('injected-dex', 19)).toMatchObject({
      verified: false,
      issues: ['JAR_SIG_NO_ZIP_ENTRY_DIGEST_IN_MANIFEST'],
      tricks: [],
    });
  });
});
