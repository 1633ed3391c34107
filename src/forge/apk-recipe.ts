/** Makes the APK of a recipe: signed as its developer would, then treated as the recipe's trick says. Keys come by name from outside. */
import type { HashPort } from '../bytes/index.ts';
import type { ZipPart } from '../formats/archive/index.ts';
import { type ApkSigner, forgeApk, forgeApp, signBlock, stripSigningBlock } from './apk.ts';
import {
  axmlTrick,
  fakeId,
  injectDex,
  janus,
  masterKeyDuplicate,
  masterKeyExtra,
  masterKeyName,
  packerTrick,
  repackage,
} from './apk-tricks.ts';
import type { ApkRecipe } from './content.ts';

/** What a recipe is made with. */
export interface RecipePorts {
  readonly hash: HashPort;
  /** The signing identity of a name. */
  readonly signerOf: (name: string) => Promise<ApkSigner>;
  /** An identity whose certificate names another as its issuer, who never signed it. */
  readonly claimantOf: (name: string, victim: string) => Promise<ApkSigner>;
}

const PACKED = {
  'packed-encrypted': 'encrypted-flag',
  'packed-methods': 'odd-method',
  'packed-sizes': 'forged-sizes',
} as const;

const EVER = 0x7fffffff;

/** The bytes of a recipe's APK. */
export async function apkOfRecipe(recipe: ApkRecipe, { hash, signerOf, claimantOf }: RecipePorts): Promise<Uint8Array> {
  const signer = await signerOf(recipe.signer);
  const parts = partsOf(recipe, hash);
  const v1 = { signers: [signer], digest: 'sha1' } as const;
  const { trick, other = recipe.signer } = recipe;
  if (trick === undefined) return forgeApk(parts, { v1, v2: [signer] }, hash);
  switch (trick) {
    case 'v1-only':
      return forgeApk(parts, { v1 }, hash);
    case 'janus':
      return janus(await forgeApk(parts, { v1 }, hash), hash);
    case 'master-key-duplicate':
    case 'master-key-extra':
    case 'master-key-name': {
      const twice = { 'master-key-duplicate': masterKeyDuplicate, 'master-key-extra': masterKeyExtra, 'master-key-name': masterKeyName };
      return twice[trick](await forgeApk(parts, { v1 }, hash), 'classes.dex', new Uint8Array(64));
    }
    case 'fake-id': {
      const victim = await signerOf(other);
      return fakeId(parts, { claimant: await claimantOf(recipe.signer, other), victimCertificate: victim.certificate }, hash);
    }
    case 'packed-encrypted':
    case 'packed-methods':
    case 'packed-sizes': {
      // Packers run before the last signature: the block covers what they left.
      const packed = await packerTrick(await forgeApk(parts, { v1 }, hash), PACKED[trick]);
      return signBlock(packed, { v2: [signer] }, hash);
    }
    case 'packed-names':
      return forgeApk([...parts, { name: `assets/${'a'.repeat(65_000)}`, data: new Uint8Array(1) }], { v1, v2: [signer] }, hash);
    case 'packed-manifest':
      return forgeApk(
        parts.map((part) => (part.name === 'AndroidManifest.xml' ? { ...part, data: axmlTrick(part.data, 'unknown-chunk') } : part)),
        { v1, v2: [signer] },
        hash,
      );
    case 'stripped-v3':
      return stripSigningBlock(await forgeApk(parts, { v1, v2: [signer], v3: [{ signer, minSdk: 28, maxSdk: EVER }] }, hash));
    case 'rotated-key': {
      // Older platforms see the older key; from Android 9 on the newer, for which the older one vouches.
      const older = await signerOf(other);
      return forgeApk(
        parts,
        {
          v1: { signers: [older], digest: 'sha1' },
          v2: [older],
          v3: [{ signer, minSdk: 28, maxSdk: EVER, lineage: [older, signer] }],
        },
        hash,
      );
    }
    case 'repackaged': {
      const original = await forgeApk(parts, { v1: { signers: [await signerOf(other)], digest: 'sha1' } }, hash);
      return injectDex(await repackage(original, { v1 }, hash), hash, { v1, v2: [signer] });
    }
    case 'injected-dex':
      return injectDex(await forgeApk(parts, { v1, v2: [signer] }, hash), hash, undefined);
  }
}

function partsOf(recipe: ApkRecipe, hash: HashPort): readonly ZipPart[] {
  return forgeApp(
    {
      packageName: recipe.package,
      versionCode: recipe.versionCode,
      versionName: recipe.versionName,
      minSdk: 19,
      targetSdk: 26,
      files: [{ name: `assets/${recipe.seed.replaceAll(/[^\w.-]/g, '_')}`, data: new Uint8Array(recipe.fill) }],
    },
    hash,
  );
}
