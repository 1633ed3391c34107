/**
 * Freshly made APKs, whole and altered, by Debian's libapksig-java and by ours. What that version is known to have wrong is not made here: it drops
 * what is wrong with a v3 block as a whole, so no v3 signer leaves out a level, and it knows no v3.1.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bytesSource } from '../../bytes/index.ts';
import { type ApkSigner, type ApkSigning, forgeApk, forgeApp, stripSigningBlock } from '../../forge/apk.ts';
import { injectDex, janus, masterKeyDuplicate, masterKeyName, packerTrick } from '../../forge/apk-tricks.ts';
import { makeApkSigner } from '../../forge/node/sign-apk.ts';
import { nodeCodec, nodeHash, nodeVerify } from '../../platform/node/index.ts';
import { verifyApk } from './index.ts';

const LIBRARY = '/usr/share/java/apksig.jar';
const LEVELS = [17, 18, 23, 24, 27, 28, 30, 33];
const COUNT = 50;
const ports = { hash: nodeHash, verify: nodeVerify, codec: nodeCodec };
const hasJava = () => {
  try {
    execFileSync('java', ['-version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

/** The same numbers every time (Numerical Recipes’ congruential generator). */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}

function flip(apk: Uint8Array, at: number): Uint8Array {
  const flipped = new Uint8Array(apk);
  flipped[at] = (flipped[at] ?? 0) ^ 1;
  return flipped;
}

function signingOf(roll: (sides: number) => number, [one, other]: readonly [ApkSigner, ApkSigner]): ApkSigning {
  const signers = roll(5) === 0 ? [one, other] : [one];
  const rotated = roll(3) === 0;
  const v3 = { signer: rotated ? other : one, minSdk: 28, maxSdk: 0x7fffffff, ...(rotated ? { lineage: [one, other] } : {}) };
  return {
    ...(roll(3) > 0 ? { v1: { signers, digest: roll(2) === 0 ? ('sha1' as const) : ('sha256' as const) } } : {}),
    ...(roll(3) > 0 ? { v2: signers } : {}),
    ...(roll(2) > 0 ? { v3: [v3] } : {}),
    ...(roll(6) === 0 ? { verity: true } : {}),
  };
}

async function altered(apk: Uint8Array, roll: (sides: number) => number): Promise<Uint8Array> {
  const packs = ['encrypted-flag', 'odd-method', 'forged-sizes', 'long-name', 'second-end'] as const;
  switch (roll(14)) {
    case 0:
      return flip(apk, roll(apk.length));
    case 1:
      return flip(apk, Math.max(0, apk.length - 1 - roll(2500)));
    case 2:
      return apk.slice(0, apk.length - 1 - roll(300));
    case 3:
      return stripSigningBlock(apk);
    case 4:
      return injectDex(apk, nodeHash, undefined);
    case 5:
      return janus(apk, nodeHash);
    case 6:
      return masterKeyDuplicate(apk, 'classes.dex', new Uint8Array(9));
    case 7:
      return masterKeyName(apk, 'classes.dex', new Uint8Array(9));
    case 8:
      return packerTrick(apk, packs[roll(packs.length)] ?? 'odd-method');
    default:
      return apk;
  }
}

test.skipIf(!existsSync(LIBRARY) || !hasJava())(
  'the reference verifier says the same at every level (skipped where Debian’s apksig or Java is not installed)',
  { timeout: 120_000 },
  async () => {
    const roll = dice(20_150_305);
    const keys = [await makeApkSigner({ kind: 'rsa', name: 'a' }), await makeApkSigner({ kind: 'ec', name: 'b' })] as const;
    const folder = mkdtempSync(join(tmpdir(), 'assay-reference-'));
    try {
      const ours: string[] = [];
      for (let index = 0; index < COUNT; index++) {
        const [minSdk = 8, targetSdk = 26] = [[8, 18, 21, 24, 28][roll(5)], [19, 26, 29, 30, 33][roll(5)]];
        const files = [{ name: 'assets/x', data: new Uint8Array(roll(3000)), deflate: roll(2) === 0 }];
        const app = forgeApp({ packageName: 'com.example.made', versionCode: 1, minSdk, targetSdk, files }, nodeHash);
        const apk = await altered(await forgeApk(app, signingOf(roll, roll(2) === 0 ? keys : [keys[1], keys[0]]), nodeHash), roll);
        writeFileSync(join(folder, `${index}.apk`), apk);
        for (const level of LEVELS) {
          const { verified, signers } = await verifyApk(bytesSource(apk), ports, { minSdk: level, maxSdk: level });
          ours.push([`${index}.apk`, level, verified, ...signers].join(' '));
        }
      }
      const program = join(import.meta.dirname, '..', '..', '..', 'test', 'java', 'ApkAnswers.java');
      const said = execFileSync('java', ['-cp', LIBRARY, program, folder, ...LEVELS.map(String)], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      const theirs = new Set(said.trim().split('\n'));
      expect(theirs.size).toBe(COUNT * LEVELS.length);
      expect(ours.filter((line) => !theirs.has(line))).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);
