/**
 * Signing certificate lineage (proof of rotation): each key vouches for the next, and says what the old one may still do.
 * Spec: source.android.com "APK Signature Scheme v3, Proof-of-rotation"; AOSP tools/apksig V3SigningCertificateLineage.
 *
 *   u32 version 1
 *   nodes, each length-prefixed: signed data (length-prefixed certificate, u32 algorithm of the parent's signature), u32 flags,
 *                                u32 algorithm with which this key signs the next, length-prefixed signature by the parent over signed data
 */
import { Cursor, concatBytes, equalBytes, FormatError } from '../../bytes/index.ts';
import { algorithmById } from './algorithms.ts';
import type { ApkPorts } from './issue.ts';
import { prefixed, prefixedElements, u32Bytes, writePrefixed } from './prefixed.ts';
import { checkSignature } from './signature.ts';
import { readSigningCertificate, type SigningCertificate } from './signing-certificate.ts';

const FORMAT = 'apk signing lineage';
const VERSION = 1;

/** What an older key may still do, by the flag's bit. */
export const CAPABILITIES = {
  installedData: 1,
  sharedUid: 2,
  permission: 4,
  rollback: 8,
  auth: 16,
} as const;
export type Capability = keyof typeof CAPABILITIES;

/** One key of a lineage, oldest first. */
export interface LineageNode {
  readonly certificate: SigningCertificate;
  readonly flags: number;
  readonly capabilities: readonly Capability[];
  /** With what it signs the next; 0 for the last. */
  readonly algorithmId: number;
  /** With what its parent signed it; 0 for the first. */
  readonly parentAlgorithmId: number;
  readonly signature: Uint8Array;
}

/** A lineage, or why there is none: a signature in it is wrong, it names what it may not, or it does not parse. */
export type LineageReading =
  | { readonly kind: 'lineage'; readonly nodes: readonly LineageNode[] }
  | { readonly kind: 'did-not-verify' | 'mismatch' | 'empty' | 'malformed'; readonly because: string };

/** Reads a lineage and verifies every step of it. */
export async function readLineage(cursor: Cursor, ports: ApkPorts): Promise<LineageReading> {
  try {
    return await readNodes(cursor, ports);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return { kind: 'malformed', because: error.message };
  }
}

async function readNodes(cursor: Cursor, ports: ApkPorts): Promise<LineageReading> {
  if (cursor.left === 0) return { kind: 'empty', because: 'the lineage is empty' };
  const version = cursor.u32('version');
  if (version !== VERSION) return { kind: 'mismatch', because: `version ${version}` };
  const nodes: LineageNode[] = [];
  for (const element of prefixedElements(cursor, 'node')) {
    const signedData = prefixed(element, 'signed_data');
    const flags = element.u32('flags');
    const algorithmId = element.u32('algorithm');
    const signature = prefixed(element, 'signature').bytes;
    const parent = nodes.at(-1);
    if (parent !== undefined) {
      const algorithm = algorithmById(parent.algorithmId);
      if (algorithm === undefined) return { kind: 'malformed', because: `algorithm ${parent.algorithmId} of node ${nodes.length - 1}` };
      const question = { scheme: algorithm.scheme, spki: parent.certificate.spki, data: signedData.bytes, signature };
      const outcome = await checkSignature(ports.verify, question);
      if (outcome !== 'valid') return { kind: 'did-not-verify', because: `node ${nodes.length}: ${outcome}` };
    }
    const certificateBytes = prefixed(signedData, 'certificate');
    const parentAlgorithmId = signedData.u32('parent_algorithm');
    if (parent !== undefined && parent.algorithmId !== parentAlgorithmId) {
      return { kind: 'did-not-verify', because: `node ${nodes.length} was signed with another algorithm than its parent states` };
    }
    const certificate = readSigningCertificate(certificateBytes.bytes, certificateBytes.base);
    if (certificate instanceof FormatError) return { kind: 'did-not-verify', because: certificate.message };
    if (nodes.some((node) => equalBytes(node.certificate.bytes, certificate.bytes))) {
      return { kind: 'did-not-verify', because: `node ${nodes.length} repeats an earlier certificate` };
    }
    nodes.push({ certificate, flags, capabilities: capabilitiesOf(flags), algorithmId, parentAlgorithmId, signature });
  }
  if (nodes.length === 0) return { kind: 'empty', because: 'the lineage names nobody' };
  return { kind: 'lineage', nodes };
}

/** The capabilities that a node's flags grant. */
export function capabilitiesOf(flags: number): readonly Capability[] {
  // The keys of a const object are its own names.
  return (Object.keys(CAPABILITIES) as Capability[]).filter((name) => (flags & CAPABILITIES[name]) !== 0);
}

/** Where a certificate stands in a lineage; -1 where it does not. */
export function lineageIndex(nodes: readonly LineageNode[], certificate: Pick<SigningCertificate, 'bytes'>): number {
  return nodes.findIndex((node) => equalBytes(node.certificate.bytes, certificate.bytes));
}

/**
 * Two tellings of one history as one: either may begin later or end earlier, and where both tell it they must name the same keys. Undefined where they do not, or have none in common.
 * As SigningCertificateLineage.mergeLineageWith: what a key may still do is taken from the one that begins later.
 */
export function mergeLineages(one: readonly LineageNode[], other: readonly LineageNode[]): readonly LineageNode[] | undefined {
  const [first] = one;
  if (first === undefined) return undefined;
  const [earlier, later] = lineageIndex(other, first.certificate) >= 0 ? [other, one] : [one, other];
  const start = later[0] === undefined ? -1 : lineageIndex(earlier, later[0].certificate);
  if (start < 0) return undefined;
  const common = Math.min(earlier.length - start, later.length);
  for (let index = 0; index < common; index++) {
    const node = later[index];
    if (node === undefined || !equalBytes(node.certificate.bytes, earlier[start + index]?.certificate.bytes ?? new Uint8Array(0)))
      return undefined;
  }
  return [...earlier.slice(0, start), ...later, ...earlier.slice(start + later.length)];
}

/** The magic of a lineage kept as a file of its own, as `apksigner rotate` writes it. */
const FILE_MAGIC = 0x3eff39d1;

/** Reads a lineage file: u32 magic, u32 version 1, length-prefixed lineage. @throws FormatError */
export async function readLineageFile(bytes: Uint8Array, ports: ApkPorts): Promise<LineageReading> {
  const cursor = new Cursor(bytes, { format: FORMAT });
  const magic = cursor.u32('magic');
  if (magic !== FILE_MAGIC) throw cursor.error('magic', 'bad-magic', `0x${magic.toString(16)}, not 0x3eff39d1`, 0);
  const version = cursor.u32('version');
  if (version !== VERSION) throw cursor.error('version', 'unsupported-version', `${version}, not 1`, 4);
  return readLineage(prefixed(cursor, 'lineage'), ports);
}

/** The bytes that a parent signs to vouch for a certificate. */
export function lineageSignedData(certificate: Uint8Array, parentAlgorithmId: number): Uint8Array {
  return concatBytes([writePrefixed(certificate), u32Bytes(parentAlgorithmId)]);
}

/** Writes a lineage's bytes, as the v3 attribute holds them. */
export function writeLineage(
  nodes: readonly Pick<LineageNode, 'flags' | 'algorithmId' | 'parentAlgorithmId' | 'signature'>[],
  certificates: readonly Uint8Array[],
): Uint8Array {
  const bodies = nodes.map((node, index) =>
    writePrefixed(
      writePrefixed(lineageSignedData(certificates[index] ?? new Uint8Array(0), node.parentAlgorithmId)),
      u32Bytes(node.flags),
      u32Bytes(node.algorithmId),
      writePrefixed(node.signature),
    ),
  );
  return concatBytes([u32Bytes(VERSION), ...bodies]);
}
