/** Install canaries for a phone at the cable: small APKs of ours under names of checkers, one under a name that nobody knows, and the operator's own published checkers. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { CanaryRequest } from '../acquire/index.ts';
import { bytesSource } from '../bytes/index.ts';
import { forgeApk, forgeApp, makeApkSigner } from '../forge/node/index.ts';
import { type ApkPorts, readApp, verifyApk } from '../formats/apk/index.ts';
import { nodeCodec, nodeHash, nodeVerify } from '../platform/node/index.ts';
import { UsageError } from './exit.ts';
import { callerPath } from './paths.ts';

const ports: ApkPorts = { hash: nodeHash, codec: nodeCodec, verify: nodeVerify };

/** The checkers that the fakes of 2015 and of today look for. One that is installed already is left alone. */
const CHECKERS = ['com.cpuid.cpu_z', 'com.antutu.ABenchMark', 'com.finalwire.aida64', 'com.xiaomi.antifake3'] as const;

/** What is done, for the question to the operator. */
export const CANARY_WORDS = `This installs ${CHECKERS.length + 1} small apps on the phone, reads them back and removes them; a package that is there already is not touched.`;

/**
 * Makes the canaries of one inspection. Their key is made now and forgotten: a phone cannot know it beforehand.
 * @throws UsageError where a file of the operator's is no APK that its signature covers
 */
export async function makeCanaries(published: readonly string[]): Promise<readonly CanaryRequest[]> {
  const signer = await makeApkSigner({ kind: 'rsa', name: 'install canary' });
  const make = async (packageName: string, role: CanaryRequest['role']): Promise<CanaryRequest> => {
    // Signed in both ways, so that Android 4.4 installs it and Android 15 too.
    const parts = forgeApp({ packageName, versionCode: 1, versionName: '1', minSdk: 14, targetSdk: 34 }, nodeHash);
    const apk = await forgeApk(parts, { v1: { signers: [signer], digest: 'sha1' }, v2: [signer] }, nodeHash);
    return { package: packageName, role, apk, signers: await signersOf(apk), signersOf };
  };
  const own = await Promise.all(CHECKERS.map((name) => make(name, 'checker-name')));
  const random = await make(`a${randomBytes(5).toString('hex')}.b${randomBytes(5).toString('hex')}`, 'random');
  return [...own, random, ...(await Promise.all(published.map(publishedChecker)))];
}

async function publishedChecker(path: string): Promise<CanaryRequest> {
  const apk = new Uint8Array(await readFile(callerPath(path)));
  const signers = await signersOf(apk);
  const name = (await readApp(bytesSource(apk), ports).catch(() => undefined))?.value.packageName;
  if (signers === undefined || name === undefined || name === '') throw new UsageError(`${path}: no APK whose signature verifies`);
  return { package: name, role: 'published-checker', apk, signers, signersOf };
}

/** Certificates, SHA-256 in hex; undefined where no signature covers the bytes. */
async function signersOf(apk: Uint8Array): Promise<readonly string[] | undefined> {
  const verification = await verifyApk(bytesSource(apk), ports, { minSdk: undefined, maxSdk: undefined }).catch(() => undefined);
  return verification?.verified === true ? verification.signers : undefined;
}
