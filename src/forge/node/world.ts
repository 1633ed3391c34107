/**
 * The keys of a forged world: every signing identity by its name, made when it is first asked for and never written anywhere.
 * What the makers and developers of that world publish of their keys is knowledge, as it would be of the real ones: `worldKnowledge`.
 */
import { createHash } from 'node:crypto';
import type { Instant } from '../../bytes/index.ts';
import { readCertificate } from '../../formats/x509/index.ts';
import type { CheckerApp, Knowledge, Signer } from '../../knowledge/index.ts';
import { nodeHash } from '../../platform/node/index.ts';
import type { ManifestFile, Reference } from '../../references/index.ts';
import type { ApkSigner } from '../apk.ts';
import { apkOfRecipe } from '../apk-recipe.ts';
import { type AttestationWorld, forgeWorld } from '../cert.ts';
import { type ApkMaker, contentBytes } from '../content.ts';
import type { VirtualPhone } from '../phone.ts';
import { answerOf } from '../secure-world.ts';
import type { SecureWorldPort } from './app-process.ts';
import { nodeSigningKey } from './sign.ts';
import { makeApkSigner } from './sign-apk.ts';

export interface World {
  /** SHA-256 of the certificate of an identity, hex. */
  certificateOf(name: string): Promise<string>;
  /** Signs every APK of a phone, so that the phone can hand them out while it runs. */
  apksOf(phone: Pick<VirtualPhone, 'files'>): Promise<ApkMaker>;
  /** The manifest of the build that a phone runs, as its maker vouches for it: for phones that run one. */
  referenceOf(phone: VirtualPhone): Promise<Reference>;
  /** Asks a phone's secure world, as the keystore of that phone does. `at`: this world's moment. */
  secureWorldOf(phone: VirtualPhone, at: Instant): SecureWorldPort;
  /** SHA-256, hex, of the factory's batch key, under which many phones' statements are. */
  attestationBatch(): Promise<string>;
  /** DER of the certificate that every honest secure world's chain ends in. */
  attestationRoot(): Promise<Uint8Array>;
  /** What is published of this world's keys, beside `base`. */
  knowledge(base: Knowledge): Promise<Knowledge>;
}

const SOURCE = ['the forged world’s own keys'] as const;

/** Identities of makers: who owns them, and whether they sign the platform. */
const OWNERS: readonly { readonly pattern: RegExp; readonly owner: string; readonly role: Signer['role'] }[] = [
  { pattern: /^aosp-.*test$/, owner: 'AOSP', role: 'test' },
  { pattern: /^xiaomi-platform$/, owner: 'Xiaomi', role: 'platform' },
  { pattern: /^samsung-platform$/, owner: 'Samsung', role: 'platform' },
  { pattern: /^google-platform$|^pixel-platform$/, owner: 'Google', role: 'platform' },
  { pattern: /^google(-app|-gms)?$/, owner: 'Google', role: 'app' },
];

/** Checkers whose developers' keys this world knows. */
const CHECKERS: readonly { readonly package: string; readonly name: string; readonly identity: string }[] = [
  { package: 'com.cpuid.cpu_z', name: 'CPU-Z', identity: 'developer-cpuid' },
  { package: 'com.antutu.ABenchMark', name: 'AnTuTu', identity: 'developer-antutu' },
  { package: 'com.xiaomi.antifake', name: 'Mi Identification', identity: 'xiaomi-release' },
];

/** Makes a world without keys; they come when they are asked for. */
export function makeWorld(): World {
  const signers = new Map<string, Promise<ApkSigner>>();
  const apks = new Map<string, Uint8Array>();
  const signerOf = (name: string): Promise<ApkSigner> => {
    const found = signers.get(name) ?? makeApkSigner({ kind: 'rsa', name });
    signers.set(name, found);
    return found;
  };
  const certificateOf = async (name: string) =>
    createHash('sha256')
      .update((await signerOf(name)).certificate)
      .digest('hex');

  const claimantOf = async (name: string, victim: string): Promise<ApkSigner> => {
    const key = `${name} who claims ${victim}`;
    const issuer = readCertificate((await signerOf(victim)).certificate).value.subject.attributes;
    const found = signers.get(key) ?? makeApkSigner({ kind: 'rsa', name, claimedIssuer: issuer });
    signers.set(key, found);
    return found;
  };

  const apksOf = async (phone: Pick<VirtualPhone, 'files'>): Promise<ApkMaker> => {
    for (const { content } of phone.files.values()) {
      if (content?.kind !== 'apk') continue;
      const key = JSON.stringify(content.apk);
      if (!apks.has(key)) apks.set(key, await apkOfRecipe(content.apk, { hash: nodeHash, signerOf, claimantOf }));
    }
    return (recipe) => apks.get(JSON.stringify(recipe)) ?? new Uint8Array(0);
  };

  let attestation: Promise<AttestationWorld> | undefined;
  const attestationWorld = (): Promise<AttestationWorld> => {
    attestation ??= forgeWorld((scheme) => nodeSigningKey(scheme));
    return attestation;
  };

  return {
    certificateOf,
    apksOf,
    secureWorldOf:
      ({ secureWorld }, at) =>
      async (question) => {
        if (secureWorld === undefined) return 'android.security.KeyStoreException: Unimplemented';
        const chain = await answerOf(await attestationWorld(), secureWorld, question, at);
        return chain ?? 'android.security.KeyStoreException: -66 (CANNOT_ATTEST_IDS)';
      },
    attestationBatch: async () => {
      const { factory } = await attestationWorld();
      return createHash('sha256').update(factory.batch.key.spki).digest('hex');
    },
    attestationRoot: async () => (await attestationWorld()).root.der,
    async referenceOf(phone) {
      const maker = await apksOf(phone);
      const files: ManifestFile[] = [];
      for (const [path, file] of phone.files) {
        const partition = /^\/(system|system_ext|product|vendor|odm)\//.exec(path)?.[1];
        if (partition === undefined) continue;
        const bytes = file.type === 'file' ? contentBytes(file.content ?? { kind: 'text', text: '' }, maker) : undefined;
        files.push({
          partition,
          path,
          type: file.type,
          size: bytes?.length ?? 0,
          mode: file.mode.toString(8).padStart(4, '0'),
          uid: file.uid,
          gid: file.gid,
          context: file.context,
          capabilities: null,
          sha256: bytes === undefined ? null : createHash('sha256').update(bytes).digest('hex'),
          target: file.target ?? null,
        });
      }
      const identity = Object.fromEntries(
        ['ro.build.fingerprint', 'ro.system.build.fingerprint'].flatMap((key) =>
          phone.properties[key] === undefined ? [] : [[key, phone.properties[key]]],
        ),
      );
      const manifest = {
        format: 'assay.manifest/1' as const,
        identity,
        partitions: [],
        files: files.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
        apks: [],
      };
      return {
        manifest,
        digest: createHash('sha256').update(JSON.stringify(manifest)).digest('hex'),
        vouched: 'maker-signature',
        provenance: { made: 'image', sources: [], signatures: [], vouched: 'maker-signature', label: 'release' },
        label: 'release',
        readFiles: async (wanted, limit) =>
          new Map(
            wanted.flatMap(({ path }) => {
              const { content } = phone.files.get(path) ?? {};
              const bytes = content === undefined ? undefined : contentBytes(content, maker);
              return bytes === undefined || bytes.length > limit ? [] : [[path, bytes] as const];
            }),
          ),
      };
    },
    async knowledge(base) {
      const rows: Signer[] = [];
      const names = ['aosp-platform-test', 'xiaomi-platform', 'samsung-platform', 'google-platform', 'google', ...signers.keys()];
      for (const name of new Set(names)) {
        const known = OWNERS.find(({ pattern }) => pattern.test(name));
        if (known !== undefined)
          rows.push({ sha256: await certificateOf(name), owner: known.owner, role: known.role, packages: [], sources: SOURCE });
      }
      const checkers: CheckerApp[] = [];
      for (const { package: packageName, name, identity } of CHECKERS)
        checkers.push({ package: packageName, name, signers: [await certificateOf(identity)], sources: SOURCE });
      const replaced = new Set(checkers.map((checker) => checker.package));
      return {
        ...base,
        version: `${base.version}+forge`,
        signers: [...base.signers, ...rows],
        checkers: [...base.checkers.filter((checker) => !replaced.has(checker.package)), ...checkers],
      };
    },
  };
}
