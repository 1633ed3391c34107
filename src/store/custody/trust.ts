/** Whose word counts for a brand: keys that the operator of the store named, in a file of its folder. Format: `assay.custody-trust/1`. */
import { randomUUID } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod/mini';
import { parseBase64, toBase64 } from '../../bytes/index.ts';
import { nodeHash } from '../../platform/node/index.ts';
import { type BrandKeys, canonicalUri, type LogPolicy, parseLogPolicy, type TrustedSigner } from '../../provenance/index.ts';

const trustSchema = z.strictObject({
  format: z.literal('assay.custody-trust/1'),
  keys: z.array(z.strictObject({ brand: z.string(), name: z.string(), scheme: z.enum(['ed25519', 'ecdsa']), spki: z.string() })),
});

const pathIn = (folder: string) => join(folder, 'brands.json');

async function read(folder: string): Promise<z.infer<typeof trustSchema>['keys']> {
  const text = await readFile(pathIn(folder), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  return text === undefined ? [] : z.parse(trustSchema, JSON.parse(text)).keys;
}

/** The keys of every brand that is trusted in this store. */
export async function trustedBrands(folder: string): Promise<readonly BrandKeys[]> {
  const byBrand = new Map<string, [TrustedSigner, ...TrustedSigner[]]>();
  for (const { brand, name, scheme, spki } of await read(folder)) {
    const bytes = parseBase64(spki);
    if (bytes === undefined) throw new Error(`${pathIn(folder)}: the key "${name}" is no base64`);
    const signer: TrustedSigner = {
      name,
      spki: bytes,
      scheme: scheme === 'ed25519' ? { kind: 'ed25519' } : { kind: 'ecdsa', hash: 'sha256' },
    };
    const others = byBrand.get(brand);
    if (others === undefined) byBrand.set(brand, [signer]);
    else others.push(signer);
  }
  return [...byBrand].map(([brand, signers]) => ({ brand, signers }));
}

/** Trusts one more key of a brand. The file is replaced as a whole. */
export async function trustBrand(folder: string, brand: string, signer: TrustedSigner): Promise<void> {
  const key = {
    brand: canonicalUri(brand),
    name: signer.name,
    scheme: signer.scheme.kind === 'ed25519' ? ('ed25519' as const) : ('ecdsa' as const),
    spki: toBase64(signer.spki),
  };
  const keys = [...(await read(folder)).filter((one) => one.brand !== key.brand || one.spki !== key.spki), key];
  await replaceFile(pathIn(folder), `${JSON.stringify({ format: 'assay.custody-trust/1', keys }, null, 2)}\n`);
}

const policyIn = (folder: string) => join(folder, 'channel-log.policy');

/** The log that authorisations have to stand in, as a tlog-policy; undefined where the operator of the store asks for none. @throws FormatError */
export async function channelPolicy(folder: string): Promise<LogPolicy | undefined> {
  const text = await channelPolicyText(folder);
  return text === undefined ? undefined : parseLogPolicy(nodeHash, text);
}

/** The same, as it was written. */
export const channelPolicyText = (folder: string): Promise<string | undefined> =>
  readFile(policyIn(folder), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });

/** Asks for a log from now on. @throws FormatError where the text is no policy */
export async function keepChannelPolicy(folder: string, text: string): Promise<void> {
  parseLogPolicy(nodeHash, text);
  await replaceFile(policyIn(folder), text);
}

/** Replaces a file of the folder as a whole. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const beside = `${path}.${randomUUID()}`;
  const file = await open(beside, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(beside, path);
}
