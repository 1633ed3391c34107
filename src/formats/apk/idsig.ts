/**
 * APK Signature Scheme v4: a `.idsig` file beside the APK, for installs that stream.
 * Spec: source.android.com "APK Signature Scheme v4"; AOSP tools/apksig V4Signature (2023-04). All integers little endian, `bytes` after a u32 length.
 *
 *   u32 version 2
 *   bytes hashing info: u32 algorithm 1 (SHA-256), u8 log2 of the block size 12, bytes salt, bytes root hash
 *   bytes signing info: bytes apk digest, bytes certificate, bytes additional data, bytes public key, u32 signature algorithm, bytes signature
 *     and then any number of blocks: u32 id, bytes signing info; 0x1b93ad61 belongs to the v3.1 signer
 *   bytes tree, optional
 * Signed: u32 size, u64 size of the APK, the hashing info's fields, apk digest, certificate, additional data.
 */
import { Cursor, concatBytes, equalBytes, FormatError, readAll, type Source, toHex } from '../../bytes/index.ts';
import { algorithmById } from './algorithms.ts';
import { verityTree } from './content-digest.ts';
import { type ApkPorts, addError, addWarning, type IssueLog, issueLog } from './issue.ts';
import { prefixed, prefixedBytes, u32Bytes, writePrefixed } from './prefixed.ts';
import { checkSignature } from './signature.ts';
import { BLOCK_ID, hexId } from './signing-block.ts';
import { readSigningCertificate, type SigningCertificate } from './signing-certificate.ts';

const FORMAT = 'apk idsig';
const VERSION = 2;
/** The tree takes 1/127 of the APK: this is enough for 4 GiB. */
const IDSIG_MAX = 64 << 20;
const BLOCKS_MAX = 16;

/** One signer's part of the file. */
export interface IdsigSigner {
  /** Undefined for the first, which belongs to v3 or v2. */
  readonly blockId: number | undefined;
  readonly apkDigest: Uint8Array;
  readonly certificate: Uint8Array;
  readonly additionalData: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly algorithmId: number;
  readonly signature: Uint8Array;
}

/** A `.idsig` file. */
export interface Idsig {
  readonly version: number;
  readonly hashAlgorithm: number;
  readonly log2BlockSize: number;
  readonly salt: Uint8Array;
  readonly rootHash: Uint8Array;
  readonly signers: readonly IdsigSigner[];
  readonly tree: Uint8Array | undefined;
}

/** Reads a file. @throws FormatError */
export async function readIdsig(source: Source): Promise<Idsig> {
  const cursor = new Cursor(await readAll(source, IDSIG_MAX, FORMAT), { format: FORMAT });
  const version = cursor.u32('version');
  const hashing = prefixed(cursor, 'hashing_info');
  const hashAlgorithm = hashing.u32('hash_algorithm');
  const log2BlockSize = hashing.u8('log2_blocksize');
  const salt = prefixedBytes(hashing, 'salt');
  const rootHash = prefixedBytes(hashing, 'raw_root_hash');
  const signing = prefixed(cursor, 'signing_info');
  const signers = [readSigner(signing, undefined)];
  while (signing.left > 0) {
    if (signers.length > BLOCKS_MAX) throw signing.error('signing_info_block', 'too-large', `more than ${BLOCKS_MAX} blocks`);
    const blockId = signing.u32('block_id');
    signers.push(readSigner(prefixed(signing, 'signing_info_block'), blockId));
  }
  const tree = cursor.left > 0 ? prefixedBytes(cursor, 'tree') : undefined;
  return { version, hashAlgorithm, log2BlockSize, salt, rootHash, signers, tree };
}

function readSigner(cursor: Cursor, blockId: number | undefined): IdsigSigner {
  return {
    blockId,
    apkDigest: prefixedBytes(cursor, 'apk_digest'),
    certificate: prefixedBytes(cursor, 'certificate'),
    additionalData: prefixedBytes(cursor, 'additional_data'),
    publicKey: prefixedBytes(cursor, 'public_key'),
    algorithmId: cursor.u32('signature_algorithm_id'),
    signature: prefixedBytes(cursor, 'signature'),
  };
}

/** The bytes that a v4 signature is over. */
export function idsigSignedData(
  idsig: Pick<Idsig, 'hashAlgorithm' | 'log2BlockSize' | 'salt' | 'rootHash'>,
  signer: Pick<IdsigSigner, 'apkDigest' | 'certificate' | 'additionalData'>,
  apkSize: number,
): Uint8Array {
  const head = new DataView(new ArrayBuffer(13));
  head.setBigUint64(0, BigInt(apkSize), true);
  head.setUint32(8, idsig.hashAlgorithm, true);
  head.setUint8(12, idsig.log2BlockSize);
  const parts = [idsig.salt, idsig.rootHash, signer.apkDigest, signer.certificate, signer.additionalData].map((part) =>
    writePrefixed(part),
  );
  const body = concatBytes([new Uint8Array(head.buffer), ...parts]);
  return concatBytes([u32Bytes(body.length + 4), body]);
}

/** Writes a file. */
export function writeIdsig(idsig: Idsig): Uint8Array {
  const signerBytes = (signer: IdsigSigner) => [
    ...[signer.apkDigest, signer.certificate, signer.additionalData, signer.publicKey].map((part) => writePrefixed(part)),
    u32Bytes(signer.algorithmId),
    writePrefixed(signer.signature),
  ];
  const signing = idsig.signers.flatMap((signer) =>
    signer.blockId === undefined ? signerBytes(signer) : [u32Bytes(signer.blockId), writePrefixed(...signerBytes(signer))],
  );
  return concatBytes([
    u32Bytes(idsig.version),
    writePrefixed(
      u32Bytes(idsig.hashAlgorithm),
      Uint8Array.of(idsig.log2BlockSize),
      writePrefixed(idsig.salt),
      writePrefixed(idsig.rootHash),
    ),
    writePrefixed(...signing),
    ...(idsig.tree === undefined ? [] : [writePrefixed(idsig.tree)]),
  ]);
}

/** What v4 says of an APK. */
export interface V4Result {
  readonly verified: boolean;
  readonly signers: readonly { readonly certificate: SigningCertificate; readonly apkDigest: Uint8Array }[];
  readonly log: IssueLog;
}

/** Verifies a `.idsig` file against an APK. Whether its signer is the APK's is the caller's to compare. Never throws on hostile bytes. */
export async function verifyV4(apk: Source, file: Source, ports: ApkPorts): Promise<V4Result> {
  const log = issueLog();
  const signers: { certificate: SigningCertificate; apkDigest: Uint8Array }[] = [];
  const refused = { verified: false, signers, log };
  let idsig: Idsig;
  try {
    idsig = await readIdsig(file);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    addError(log, 'V4_SIG_MALFORMED_SIGNERS', error.message);
    return refused;
  }
  // Android knows one version; the reference library stops reading at another.
  if (idsig.version !== VERSION) {
    addError(log, 'V4_SIG_VERSION_NOT_CURRENT', String(idsig.version));
    return refused;
  }
  if (idsig.hashAlgorithm !== 1 || idsig.log2BlockSize !== 12) {
    addError(log, 'V4_SIG_MALFORMED_SIGNERS', `hash algorithm ${idsig.hashAlgorithm} over blocks of 2^${idsig.log2BlockSize} bytes`);
    return refused;
  }
  for (const signer of idsig.signers) {
    const certificate = await verifySigner(idsig, signer, { apk, ports, log });
    if (certificate === undefined) return refused;
    signers.push({ certificate, apkDigest: signer.apkDigest });
  }
  const { root, tree } = await verityTree(ports.hash, apk, idsig.salt);
  if (!equalBytes(root, idsig.rootHash)) addError(log, 'V4_SIG_APK_ROOT_DID_NOT_VERIFY', `${toHex(root)}, stated ${toHex(idsig.rootHash)}`);
  else if (idsig.tree !== undefined && !equalBytes(tree, idsig.tree)) addError(log, 'V4_SIG_APK_TREE_DID_NOT_VERIFY');
  return { verified: log.errors.length === 0, signers, log };
}

async function verifySigner(
  idsig: Idsig,
  signer: IdsigSigner,
  { apk, ports, log }: { readonly apk: Source; readonly ports: ApkPorts; readonly log: IssueLog },
): Promise<SigningCertificate | undefined> {
  if (signer.blockId !== undefined && signer.blockId !== BLOCK_ID.v31) {
    addWarning(log, 'V4_SIG_UNKNOWN_BLOCK', hexId(signer.blockId));
  }
  const algorithm = algorithmById(signer.algorithmId);
  if (algorithm === undefined) {
    addError(log, 'V4_SIG_UNKNOWN_SIG_ALGORITHM', hexId(signer.algorithmId));
    return undefined;
  }
  const data = idsigSignedData(idsig, signer, apk.size);
  const question = { scheme: algorithm.scheme, spki: signer.publicKey, data, signature: signer.signature };
  const outcome = await checkSignature(ports.verify, question);
  if (outcome !== 'valid') {
    const name =
      outcome === 'malformed-key'
        ? 'V4_SIG_MALFORMED_PUBLIC_KEY'
        : outcome === 'did-not-verify'
          ? 'V4_SIG_DID_NOT_VERIFY'
          : 'V4_SIG_VERIFY_EXCEPTION';
    addError(log, name, `${algorithm.name}: ${outcome}`);
    return undefined;
  }
  if (signer.certificate.length === 0) {
    addError(log, 'V4_SIG_NO_CERTIFICATE');
    return undefined;
  }
  const certificate = readSigningCertificate(signer.certificate, 0);
  if (certificate instanceof FormatError) {
    addError(log, 'V4_SIG_MALFORMED_CERTIFICATE', certificate.message);
    return undefined;
  }
  if (!equalBytes(certificate.spki, signer.publicKey)) {
    addError(log, 'V4_SIG_PUBLIC_KEY_MISMATCH_BETWEEN_CERTIFICATE_AND_SIGNATURES_RECORD');
    return undefined;
  }
  return certificate;
}
