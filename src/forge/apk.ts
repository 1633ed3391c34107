/**
 * Makes APKs: manifest, resources, code, files; signs them with v1, v2, v3, v3.1 and v4. Same parts and keys, same bytes wherever signatures are
 * deterministic. Keys come from outside and never lie in the repository: `forge/node/sign-apk.ts` makes them when a test wants them.
 */
import { bytesSource, concatBytes, type HashAlgorithm, type HashPort, hashOf, type SignatureScheme, toBase64 } from '../bytes/index.ts';
import {
  ATTRIBUTE,
  type AxmlAttributePart,
  type AxmlPart,
  algorithmById,
  apkSections,
  BLOCK_ID,
  booleanValue,
  type ContentDigest,
  digestContents,
  type IdsigSigner,
  idsigSignedData,
  intValue,
  lineageSignedData,
  MANIFEST_NAME,
  type ResourcePart,
  verityTree,
  writeAxml,
  writeDex,
  writeIdsig,
  writeJarSection,
  writeLineage,
  writeResources,
  writeSignedData,
  writeSignerData,
  writeSigners,
  writeSigningBlock,
} from '../formats/apk/index.ts';
import { readZip, writeZip, type ZipPart } from '../formats/archive/index.ts';
import { readCertificate } from '../formats/x509/index.ts';

/** A key that signs APKs, with its certificate. */
export interface ApkSigner {
  readonly kind: 'rsa' | 'ec';
  /** DER. */
  readonly certificate: Uint8Array;
  readonly spki: Uint8Array;
  /** ECDSA signatures are DER. */
  sign(scheme: SignatureScheme, data: Uint8Array): Promise<Uint8Array>;
}

/** A component to declare. */
interface ForgedComponent {
  readonly kind: 'activity' | 'service' | 'receiver' | 'provider';
  readonly name: string;
  readonly exported?: boolean;
  readonly actions?: readonly string[];
}

/** An app to make. */
export interface ForgedApp {
  readonly packageName: string;
  readonly versionCode: number;
  readonly versionName?: string;
  readonly minSdk?: number;
  readonly targetSdk?: number;
  readonly sharedUserId?: string;
  readonly debuggable?: boolean;
  readonly permissions?: readonly string[];
  readonly components?: readonly ForgedComponent[];
  /** Classes of classes.dex. */
  readonly classes?: readonly string[];
  readonly resources?: readonly ResourcePart[];
  readonly files?: readonly ZipPart[];
}

const attribute = (name: keyof typeof ATTRIBUTE, value: AxmlAttributePart['value']): AxmlAttributePart => ({
  name,
  resourceId: ATTRIBUTE[name],
  value,
});
const element = (name: string, attributes: readonly AxmlAttributePart[], children: readonly AxmlPart[] = []): AxmlPart => ({
  name,
  attributes,
  children,
});

/** The manifest of an app, as an element to change or to write. */
export function forgeManifest(app: ForgedApp): AxmlPart {
  const sdk = [
    ...(app.minSdk === undefined ? [] : [attribute('minSdkVersion', intValue(app.minSdk))]),
    ...(app.targetSdk === undefined ? [] : [attribute('targetSdkVersion', intValue(app.targetSdk))]),
  ];
  const components = (app.components ?? []).map(({ kind, name, exported, actions }) =>
    element(
      kind,
      [attribute('name', name), ...(exported === undefined ? [] : [attribute('exported', booleanValue(exported))])],
      actions === undefined
        ? []
        : [
            element(
              'intent-filter',
              [],
              actions.map((action) => element('action', [attribute('name', action)])),
            ),
          ],
    ),
  );
  return element(
    'manifest',
    [
      attribute('versionCode', intValue(app.versionCode)),
      ...(app.versionName === undefined ? [] : [attribute('versionName', app.versionName)]),
      ...(app.sharedUserId === undefined ? [] : [attribute('sharedUserId', app.sharedUserId)]),
      { name: 'package', value: app.packageName },
    ],
    [
      ...(sdk.length === 0 ? [] : [element('uses-sdk', sdk)]),
      ...(app.permissions ?? []).map((name) => element('uses-permission', [attribute('name', name)])),
      element('application', app.debuggable === undefined ? [] : [attribute('debuggable', booleanValue(app.debuggable))], components),
    ],
  );
}

/** The entries of an unsigned app. */
export function forgeApp(app: ForgedApp, hash: HashPort): readonly ZipPart[] {
  return [
    { name: 'AndroidManifest.xml', data: writeAxml(forgeManifest(app)), deflate: true },
    {
      name: 'classes.dex',
      data: writeDex({ classes: app.classes ?? [`L${app.packageName.replaceAll('.', '/')}/Main;`], strings: [] }, hash),
      deflate: true,
    },
    ...(app.resources === undefined
      ? []
      : [{ name: 'resources.arsc', data: writeResources(app.resources, { packageName: app.packageName }), align: 4 }]),
    ...(app.files ?? []),
  ];
}

const DIGEST_OIDS = { sha1: '1.3.14.3.2.26', sha256: '2.16.840.1.101.3.4.2.1' } as const;
const KEY_OIDS = { rsa: '1.2.840.113549.1.1.1', ec: '1.2.840.10045.2.1' } as const;
const DIGEST_NAMES = { sha1: 'SHA1', sha256: 'SHA-256' } as const;

/** How to sign with v1. */
interface JarSigning {
  /** SHA-256 needs API 18; SHA-1 does everywhere. */
  readonly digest: 'sha1' | 'sha256';
  /** Schemes that the signature file says are there too; a platform that knows them wants to see them. */
  readonly announced: readonly number[];
  /** More certificates for the block, true chain or not. */
  readonly extraCertificates?: readonly Uint8Array[];
}

/** Adds a JAR signature to entries. Each signer brings CERT0.SF, CERT1.SF … */
async function signJar(
  parts: readonly ZipPart[],
  signers: readonly ApkSigner[],
  hash: HashPort,
  options: JarSigning,
): Promise<readonly ZipPart[]> {
  const { digest, announced } = options;
  const attributeName = `${DIGEST_NAMES[digest]}-Digest`;
  const sum = (bytes: Uint8Array) => toBase64(hashOf(hash, digest, bytes));
  const names = parts.map(({ name }) => (typeof name === 'string' ? name : new TextDecoder().decode(name)));
  const sections = parts.flatMap(({ data }, index) => {
    const name = names[index] ?? '';
    if (name.endsWith('/') || name.startsWith('META-INF/')) return [];
    return [
      {
        name,
        bytes: writeJarSection([
          ['Name', name],
          [attributeName, sum(data)],
        ]),
      },
    ];
  });
  const main = writeJarSection([
    ['Manifest-Version', '1.0'],
    ['Created-By', '1.0 (Android)'],
  ]);
  const manifest = concatBytes([main, ...sections.map(({ bytes }) => bytes)]);
  const file = concatBytes([
    writeJarSection([
      ['Signature-Version', '1.0'],
      ['Created-By', '1.0 (Android)'],
      [`${attributeName}-Manifest`, sum(manifest)],
      ...(announced.length === 0 ? [] : [['X-Android-APK-Signed', announced.join(', ')] as const]),
    ]),
    ...sections.map(({ name, bytes }) =>
      writeJarSection([
        ['Name', name],
        [attributeName, sum(bytes)],
      ]),
    ),
  ]);
  const added: ZipPart[] = [{ name: MANIFEST_NAME, data: manifest, deflate: true }];
  for (const [index, signer] of signers.entries()) {
    const base = `META-INF/CERT${index}`;
    added.push({ name: `${base}.SF`, data: file, deflate: true });
    added.push({
      name: `${base}.${signer.kind.toUpperCase()}`,
      data: await jarBlock(file, signer, digest, options.extraCertificates ?? []),
      deflate: true,
    });
  }
  return [...parts, ...added];
}

async function jarBlock(
  file: Uint8Array,
  signer: ApkSigner,
  digest: HashAlgorithm & keyof typeof DIGEST_OIDS,
  extra: readonly Uint8Array[],
): Promise<Uint8Array> {
  const scheme: SignatureScheme = signer.kind === 'rsa' ? { kind: 'rsa-pkcs1', hash: digest } : { kind: 'ecdsa', hash: digest };
  return writeSignedData({
    certificates: [signer.certificate, ...extra],
    signer: readCertificate(signer.certificate).value,
    digestOid: DIGEST_OIDS[digest],
    signatureOid: KEY_OIDS[signer.kind],
    signature: await signer.sign(scheme, file),
  });
}

/** A signer of a v3 or v3.1 block, for a range of levels. */
interface V3Signing {
  readonly signer: ApkSigner;
  readonly minSdk: number;
  readonly maxSdk: number;
  /** Its history, oldest first, ending in the signer itself. */
  readonly lineage?: readonly ApkSigner[];
  /** On a v3 signer beside a v3.1 block: the level from which that block counts. */
  readonly rotationMinSdk?: number;
}

/** What to put into the signing block. */
export interface BlockSigning {
  readonly v2?: readonly ApkSigner[];
  readonly v3?: readonly V3Signing[];
  readonly v31?: readonly V3Signing[];
  /** More pairs, such as stamps or markers of stores. */
  readonly pairs?: readonly { readonly id: number; readonly value: Uint8Array }[];
  /** Signs with verity digests. */
  readonly verity?: boolean;
}

const ALGORITHM_IDS = { rsa: 0x0103, ec: 0x0201 } as const;
const VERITY_IDS = { rsa: 0x0421, ec: 0x0423 } as const;
const STRIPPING_PROTECTION = 0xbeeff00d;
const PROOF_OF_ROTATION = 0x3ba06f8c;
const ROTATION_MIN_SDK = 0x559f8b02;
const EVERY_CAPABILITY = 0x17;

const u32 = (value: number) => {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, value >>> 0, true);
  return new Uint8Array(view.buffer);
};

/** Puts a signing block into an APK; one that is there is replaced. */
export async function signBlock(apk: Uint8Array, signing: BlockSigning, hash: HashPort): Promise<Uint8Array> {
  const plain = await stripSigningBlock(apk);
  const { value: zip } = await readZip(bytesSource(plain), { locals: false });
  const sections = await apkSections(bytesSource(plain), { blockAt: zip.centralAt, centralAt: zip.centralAt, endAt: zip.endAt });
  const digests = new Map<ContentDigest, Uint8Array>();
  const digestFor = async (algorithmId: number): Promise<Uint8Array> => {
    const kind = algorithmById(algorithmId)?.digest ?? 'chunked-sha256';
    const digest = digests.get(kind) ?? (await digestContents({ hash }, kind, sections));
    digests.set(kind, digest);
    return digest;
  };
  const ids = signing.verity === true ? VERITY_IDS : ALGORITHM_IDS;
  const signerOf = async (
    signer: ApkSigner,
    attributes: readonly { readonly id: number; readonly value: Uint8Array }[],
    sdk?: { minSdk: number; maxSdk: number },
  ) => {
    const id = ids[signer.kind];
    const withSdk = sdk === undefined ? {} : { sdk };
    const signedData = writeSignerData({
      digests: [{ id, value: await digestFor(id) }],
      certificates: [signer.certificate],
      attributes,
      ...withSdk,
    });
    const scheme = algorithmById(id)?.scheme;
    if (scheme === undefined) throw new RangeError(`no algorithm ${id}`);
    return { signedData, ...withSdk, signatures: [{ id, value: await signer.sign(scheme, signedData) }], spki: signer.spki };
  };
  const v3Signers = async (list: readonly V3Signing[]) =>
    Promise.all(
      list.map(async ({ signer, minSdk, maxSdk, lineage, rotationMinSdk }) =>
        signerOf(
          signer,
          [
            ...(lineage === undefined ? [] : [{ id: PROOF_OF_ROTATION, value: await forgeLineage(lineage) }]),
            ...(rotationMinSdk === undefined ? [] : [{ id: ROTATION_MIN_SDK, value: u32(rotationMinSdk) }]),
          ],
          { minSdk, maxSdk },
        ),
      ),
    );
  const pairs: { id: number; value: Uint8Array }[] = [];
  if (signing.v2 !== undefined) {
    const attributes = signing.v3 === undefined ? [] : [{ id: STRIPPING_PROTECTION, value: u32(3) }];
    pairs.push({ id: BLOCK_ID.v2, value: writeSigners(await Promise.all(signing.v2.map(async (signer) => signerOf(signer, attributes)))) });
  }
  if (signing.v3 !== undefined) pairs.push({ id: BLOCK_ID.v3, value: writeSigners(await v3Signers(signing.v3)) });
  if (signing.v31 !== undefined) pairs.push({ id: BLOCK_ID.v31, value: writeSigners(await v3Signers(signing.v31)) });
  return insertSigningBlock(plain, writeSigningBlock([...pairs, ...(signing.pairs ?? [])], true));
}

/** A lineage in which every signer but the last vouches for the next, with every capability. */
async function forgeLineage(signers: readonly ApkSigner[], flags = EVERY_CAPABILITY): Promise<Uint8Array> {
  const nodes: { flags: number; algorithmId: number; parentAlgorithmId: number; signature: Uint8Array }[] = [];
  for (const [index, signer] of signers.entries()) {
    const parent = signers[index - 1];
    const parentAlgorithmId = parent === undefined ? 0 : ALGORITHM_IDS[parent.kind];
    const algorithmId = index === signers.length - 1 ? 0 : ALGORITHM_IDS[signer.kind];
    const scheme = algorithmById(parentAlgorithmId)?.scheme;
    const data = lineageSignedData(signer.certificate, parentAlgorithmId);
    const signature = parent === undefined || scheme === undefined ? new Uint8Array(0) : await parent.sign(scheme, data);
    nodes.push({ flags, algorithmId, parentAlgorithmId, signature });
  }
  return writeLineage(
    nodes,
    signers.map(({ certificate }) => certificate),
  );
}

/** Puts a finished block before the central directory. */
export async function insertSigningBlock(apk: Uint8Array, block: Uint8Array): Promise<Uint8Array> {
  const { value: zip } = await readZip(bytesSource(apk), { locals: false });
  const out = concatBytes([apk.subarray(0, zip.centralAt), block, apk.subarray(zip.centralAt)]);
  new DataView(out.buffer).setUint32(zip.endAt + block.length + 16, zip.centralAt + block.length, true);
  return out;
}

/** Takes the signing block out, as an attacker would who wants the older signature believed. An APK without one comes back as it is. */
export async function stripSigningBlock(apk: Uint8Array): Promise<Uint8Array> {
  const { value: zip } = await readZip(bytesSource(apk), { locals: false });
  const view = new DataView(apk.buffer, apk.byteOffset, apk.byteLength);
  if (zip.centralAt < 32 || new TextDecoder().decode(apk.subarray(zip.centralAt - 16, zip.centralAt)) !== 'APK Sig Block 42') return apk;
  const size = Number(view.getBigUint64(zip.centralAt - 24, true)) + 8;
  const out = concatBytes([apk.subarray(0, zip.centralAt - size), apk.subarray(zip.centralAt)]);
  new DataView(out.buffer).setUint32(zip.endAt - size + 16, zip.centralAt - size, true);
  return out;
}

/** How to sign a whole APK. */
export interface ApkSigning extends BlockSigning {
  /** Undefined: no JAR signature. */
  readonly v1?: {
    readonly signers: readonly ApkSigner[];
    readonly digest?: 'sha1' | 'sha256';
    readonly extraCertificates?: readonly Uint8Array[];
  };
}

/** Makes and signs an APK of entries. */
export async function forgeApk(parts: readonly ZipPart[], signing: ApkSigning, hash: HashPort): Promise<Uint8Array> {
  const announced = [...(signing.v2 === undefined ? [] : [2]), ...(signing.v3 === undefined ? [] : [3])];
  const { v1 } = signing;
  const all =
    v1 === undefined
      ? parts
      : await signJar(parts, v1.signers, hash, {
          digest: v1.digest ?? 'sha256',
          announced,
          ...(v1.extraCertificates === undefined ? {} : { extraCertificates: v1.extraCertificates }),
        });
  // Verity needs whole blocks before the signing block.
  const unsigned = signing.verity === true ? await padToBlock(all) : writeZip(all);
  const needsBlock = signing.v2 !== undefined || signing.v3 !== undefined || signing.v31 !== undefined || signing.pairs !== undefined;
  return needsBlock ? signBlock(unsigned, signing, hash) : unsigned;
}

async function padToBlock(parts: readonly ZipPart[]): Promise<Uint8Array> {
  const plain = writeZip(parts);
  const { value: zip } = await readZip(bytesSource(plain), { locals: false });
  return writeZip(parts, { beforeCentral: new Uint8Array((4096 - (zip.centralAt % 4096)) % 4096) });
}

/** Makes the `.idsig` of an APK: `apkDigest` is the one that its v3 or v2 signer states. */
export async function forgeIdsig(apk: Uint8Array, signer: ApkSigner, hash: HashPort, apkDigest: Uint8Array): Promise<Uint8Array> {
  const { root, tree } = await verityTree(hash, bytesSource(apk), new Uint8Array(0));
  const info = { hashAlgorithm: 1, log2BlockSize: 12, salt: new Uint8Array(0), rootHash: root };
  const draft = { apkDigest, certificate: signer.certificate, additionalData: new Uint8Array(0) };
  const algorithmId = ALGORITHM_IDS[signer.kind];
  const scheme = algorithmById(algorithmId)?.scheme;
  if (scheme === undefined) throw new RangeError(`no algorithm ${algorithmId}`);
  const signature = await signer.sign(scheme, idsigSignedData(info, draft, apk.length));
  const signers: readonly IdsigSigner[] = [{ blockId: undefined, ...draft, publicKey: signer.spki, algorithmId, signature }];
  return writeIdsig({ version: 2, ...info, signers, tree });
}
