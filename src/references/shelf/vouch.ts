/**
 * Who vouches for a reference. It is decided here, anew each time, from what was verified and who wrote that down; what a document says of it is never asked.
 * The caller gives who wrote the provenance: this operator, whose own shelf carries his seal, or a signer of a pack whom he trusts. From anybody else it is hearsay.
 */
import type { VerifiedBootKey } from '../../knowledge/attestation/index.ts';
import type { Signer } from '../../knowledge/index.ts';
import type { Manifest } from '../manifest.ts';
import type { Provenance } from '../provenance.ts';

/** Whether the one who wrote a provenance down is somebody whose word on what he verified counts. */
export type Writer = { readonly known: true; readonly name: string } | { readonly known: false; readonly because: string };

/** What is known of makers' keys and of their lists of builds. */
export interface VouchingKnowledge {
  readonly signers: readonly Signer[];
  readonly bootKeys: readonly VerifiedBootKey[];
  /** The official list on which a file stands by a digest of all its bytes; undefined where none does, which says nothing. */
  readonly listed: (source: Provenance['sources'][number]) => string | undefined;
}

export interface Vouching {
  readonly vouched: Provenance['vouched'];
  /** One sentence. */
  readonly because: string;
}

export interface VouchingQuestion {
  readonly provenance: Provenance;
  /** What `isBoundWhole` said of its manifest. */
  readonly isBound: boolean;
  readonly writer: Writer;
}

/** Decides. Starts refused; a maker is asked before a list. */
export function vouchingOf({ provenance, isBound, writer }: VouchingQuestion, knowledge: VouchingKnowledge): Vouching {
  if (!writer.known) return nobody(writer.because);
  if (provenance.made !== 'image') return nobody(`it was made from a ${provenance.made}: it finds differences and clears nothing`);
  const maker = byPackage(provenance, knowledge) ?? byBootChain({ provenance, isBound }, knowledge) ?? byList(provenance, knowledge);
  return maker ?? nobody('no signature by a key that is known as a maker’s, and on no official list that was imported');
}

const nobody = (because: string): Vouching => ({ vouched: 'nobody', because });

/** The maker's signature over the whole package. A key whose private half is public is nobody's, whatever its owner's name. */
function byPackage({ signatures }: Provenance, { signers }: VouchingKnowledge): Vouching | undefined {
  for (const { over, outcome, signer } of signatures) {
    if (over !== 'ota zip' || outcome !== 'valid' || signer === null) continue;
    const rows = signers.filter(({ sha256 }) => sha256 === signer);
    const owner = rows.find(({ role }) => role === 'ota')?.owner;
    if (owner === undefined || rows.some(({ role }) => role === 'test' || role === 'leaked')) continue;
    return { vouched: 'maker-signature', because: `the package is signed as ${owner} signs updates` };
  }
  return undefined;
}

/** The maker's key over vbmeta, where that binds every partition that has files: one that it does not bind could be anybody's. */
function byBootChain(
  { provenance, isBound }: Pick<VouchingQuestion, 'provenance' | 'isBound'>,
  { bootKeys }: VouchingKnowledge,
): Vouching | undefined {
  const signed = provenance.signatures.find(({ over, outcome, signer }) => over === 'vbmeta' && outcome === 'valid' && signer !== null);
  const key = bootKeys.find(({ key: known, system, published }) => published && system === 'stock' && known === signed?.signer);
  if (key === undefined || !isBound) return undefined;
  return { vouched: 'maker-signature', because: `every partition with files is bound by the key that verifies boot on a ${key.model}` };
}

/** Whether a vbmeta binds every partition that has files, and each is as it says. */
export function isBoundWhole({ partitions, files }: Pick<Manifest, 'partitions' | 'files'>): boolean {
  const intact = new Set(partitions.filter(({ avb }) => avb?.outcome === 'intact').map(({ name }) => name));
  // An APEX lies in a partition, and that one is asked.
  return files.length > 0 && files.every(({ partition }) => partition.startsWith('apex/') || intact.has(partition));
}

/** Every file that it was made from stands on an official list. */
function byList({ sources }: Provenance, { listed }: VouchingKnowledge): Vouching | undefined {
  const lists = sources.map(listed);
  const [first] = lists;
  return first !== undefined && lists.every((list) => list !== undefined)
    ? { vouched: 'official-list', because: `the file it was made from is on ${first}` }
    : undefined;
}
