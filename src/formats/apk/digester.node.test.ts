import { expect, test } from 'vitest';
import { bytesSource, concatBytes, type StretchHashPort } from '../../bytes/index.ts';
import { forgeApk, forgeApp } from '../../forge/apk.ts';
import { makeApkSigner } from '../../forge/node/sign-apk.ts';
import { nodeCodec, nodeHash, nodeVerify } from '../../platform/node/index.ts';
import type { ApkPorts } from './issue.ts';
import { verifyApk } from './verify.ts';

const signer = await makeApkSigner({ kind: 'ec', name: 'early' });
const APP = { packageName: 'com.example.early', versionCode: 1, minSdk: 24, targetSdk: 28 };
const sign = async (level: number) =>
  forgeApk(
    forgeApp(APP, nodeHash),
    { v2: [signer], ...(level >= 28 ? { v3: [{ signer, minSdk: 28, maxSdk: 0x7fffffff }] } : {}) },
    nodeHash,
  );

/** Another thread, played here: it counts what it is asked. */
function otherThread() {
  const asked: number[] = [];
  const stretches: StretchHashPort = (source, algorithm, wanted) => {
    asked.push(wanted.length);
    const finish = async () => {
      const digests: Uint8Array[] = [];
      for (const { at, length, prefix } of wanted) {
        const hasher = nodeHash(algorithm);
        hasher.update(prefix);
        hasher.update(await source.read(at, length));
        digests.push(hasher.digest());
      }
      return { bytes: concatBytes(digests), size: 32, states: new Uint8Array(wanted.length).fill(1) };
    };
    return { finish, stop: async () => undefined };
  };
  return { asked, ports: { hash: nodeHash, verify: nodeVerify, codec: nodeCodec, stretches } };
}
const at = (apk: Uint8Array, ports: ApkPorts, level: number) => verifyApk(bytesSource(apk), ports, { minSdk: level, maxSdk: level });

test('the contents are digested once, begun before the directory is read', async () => {
  const { asked, ports } = otherThread();
  expect(await at(await sign(28), ports, 30)).toMatchObject({ verified: true, schemes: ['v3'] });
  // What it is for, and the chunks before the block and of the directory.
  expect(asked).toEqual([0, 2]);
});

test('what was begun early of other sections is not believed', async () => {
  const apk = await sign(24);
  const changed = new Uint8Array(apk);
  changed[40] = (changed[40] ?? 0) ^ 1;
  expect((await at(changed, otherThread().ports, 30)).verified).toBe(false);
  // A comment: the block is not looked for from the end, and is found all the same.
  const commented = new Uint8Array(apk.length + 3);
  commented.set(apk);
  new DataView(commented.buffer).setUint16(apk.length - 2, 3, true);
  const { asked, ports } = otherThread();
  const { stretches: _stretches, ...alone } = ports;
  const [slow, quick] = [await at(commented, alone, 30), await at(commented, ports, 30)];
  expect(quick).toMatchObject({ verified: slow.verified, signers: slow.signers });
  expect(asked[0]).toBe(0);
});

test('no scheme of the range wants it: nothing is begun', async () => {
  const { asked, ports } = otherThread();
  expect((await at(await sign(24), ports, 19)).verified).toBe(false);
  expect(asked).toEqual([]);
});
