/**
 * The artefacts behind a report as a Merkle tree (RFC 6962), so that one can be shown with a proof and the others kept back.
 * A leaf is the JSON text `["assay.artefact/1",artefact,sha256,bytes,salt]`. Each leaf has a salt of its own, derived from a secret that stays with
 * whoever holds the evidence: else the digest of a short artefact, as of a list of IMEIs, could be guessed from the hashes in another's proof.
 */
import { z } from 'zod/mini';
import { type HashPort, parseBase64, parseHex, toBase64, toHex } from '../../bytes/index.ts';
import { leafHash, PROOF_MAX, proveInclusion, rootOf, verifyInclusion } from '../log/index.ts';
import { hmacSha256, SALT_SIZE } from './commitment.ts';

const utf8 = new TextEncoder();

export const artefactSchema = z.strictObject({ artefact: z.string(), sha256: z.string(), bytes: z.int() });
export type ArtefactDigest = z.infer<typeof artefactSchema>;

export const disclosureSchema = z.strictObject({
  ...artefactSchema.shape,
  salt: z.string(),
  index: z.int(),
  hashes: z.array(z.string()),
});
/** One artefact with what proves that it is in the index. */
export type Disclosure = z.infer<typeof disclosureSchema>;

export const evidenceRootSchema = z.strictObject({ root: z.string(), count: z.int() });
export type EvidenceRoot = z.infer<typeof evidenceRootSchema>;

const saltOf = (hash: HashPort, secret: Uint8Array, index: number) =>
  toHex(hmacSha256(hash, secret, utf8.encode(`assay.artefact/1 ${index}`)));

const leafOf = (hash: HashPort, { artefact, sha256, bytes }: ArtefactDigest, salt: string) =>
  leafHash(hash, utf8.encode(JSON.stringify(['assay.artefact/1', artefact, sha256, bytes, salt])));

function leavesOf(hash: HashPort, secret: Uint8Array, artefacts: readonly ArtefactDigest[]): readonly Uint8Array[] {
  if (secret.length !== SALT_SIZE) throw new RangeError(`a secret of ${secret.length} bytes; it has ${SALT_SIZE}`);
  return artefacts.map((artefact, index) => leafOf(hash, artefact, saltOf(hash, secret, index)));
}

/** The root over artefacts, in their order. @throws RangeError for a secret that is not 32 bytes */
export function evidenceRoot(hash: HashPort, secret: Uint8Array, artefacts: readonly ArtefactDigest[]): EvidenceRoot {
  return { root: toHex(rootOf(hash, leavesOf(hash, secret, artefacts))), count: artefacts.length };
}

/** Proves one artefact. @throws RangeError when there is none at `index` */
export async function discloseArtefact(
  hash: HashPort,
  secret: Uint8Array,
  artefacts: readonly ArtefactDigest[],
  index: number,
): Promise<Disclosure> {
  const artefact = artefacts[index];
  if (artefact === undefined) throw new RangeError(`no artefact ${index} among ${artefacts.length}`);
  const leaves = leavesOf(hash, secret, artefacts);
  const hashes = await proveInclusion((start, end) => rootOf(hash, leaves.slice(start, end)), index, leaves.length);
  return { ...artefact, salt: saltOf(hash, secret, index), index, hashes: hashes.map(toBase64) };
}

/** Whether a disclosed artefact is in the index with this root. */
export function verifyDisclosure(hash: HashPort, evidence: EvidenceRoot, disclosure: Disclosure): boolean {
  const root = parseHex(evidence.root);
  if (root === undefined || disclosure.hashes.length > PROOF_MAX) return false;
  const hashes: Uint8Array[] = [];
  for (const text of disclosure.hashes) {
    const sibling = parseBase64(text);
    if (sibling === undefined) return false;
    hashes.push(sibling);
  }
  const leaf = leafOf(hash, disclosure, disclosure.salt);
  return verifyInclusion(hash, { index: disclosure.index, size: evidence.count, leaf, root }, hashes);
}
