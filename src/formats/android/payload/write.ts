import { concatBytes, type HashPort, hashOf } from '../../../bytes/index.ts';
import {
  type Extent,
  OPERATION_TYPES,
  type OperationType,
  type PartitionInfo,
  type PayloadHashtree,
  type PayloadPartition,
} from './manifest.ts';
import { type ProtoPart, writeProto } from './protobuf.ts';

/** One operation and its data, already packed as its type wants it. */
export interface OperationParts {
  readonly type: OperationType | number;
  readonly data?: Uint8Array;
  readonly sources?: readonly Extent[];
  readonly targets: readonly Extent[];
  /** Overrides the digest of the data: forged payloads lie. */
  readonly dataSha256?: Uint8Array;
}

export interface PartitionParts {
  readonly name: string;
  readonly before?: PartitionInfo;
  readonly after: PartitionInfo;
  readonly operations: readonly OperationParts[];
  readonly hashtree?: PayloadHashtree;
  readonly fec?: NonNullable<PayloadPartition['fec']>;
}

export interface PayloadParts {
  readonly blockSize: number;
  readonly minorVersion: number;
  readonly securityPatchLevel?: string;
  readonly partitions: readonly PartitionParts[];
}

/** Makes a signature over bytes; the writer wraps it in a `Signatures` message. */
export type PayloadSigner = (signed: Uint8Array) => Promise<Uint8Array>;

/** Writes a payload; without a signer it is unsigned. `signatureSize` is the length every signature has. */
export async function writePayload(
  parts: PayloadParts,
  hash: HashPort,
  signer?: { readonly sign: PayloadSigner; readonly signatureSize: number },
): Promise<Uint8Array> {
  const blobs: Uint8Array[] = [];
  let offset = 0;
  const partitions = parts.partitions.map(({ name, before, after, operations, hashtree, fec }) => {
    const written = operations.map((operation): ProtoPart => {
      const { data } = operation;
      const at = offset;
      if (data !== undefined) {
        blobs.push(data);
        offset += data.length;
      }
      const type = typeof operation.type === 'number' ? operation.type : OPERATION_TYPES.indexOf(operation.type);
      const fields: ProtoPart[] = [
        [1, type],
        ...(data === undefined
          ? []
          : ([
              [2, at],
              [3, data.length],
            ] as const)),
        ...(operation.sources ?? []).map((extent): ProtoPart => [4, writeExtent(extent)]),
        ...operation.targets.map((extent): ProtoPart => [6, writeExtent(extent)]),
        [8, operation.dataSha256 ?? (data === undefined ? undefined : hashOf(hash, 'sha256', data))],
      ];
      return [8, writeProto(fields)];
    });
    return writeProto([
      [1, name],
      [6, before === undefined ? undefined : writeInfo(before)],
      [7, writeInfo(after)],
      ...written,
      ...(hashtree === undefined ? [] : treeFields(hashtree)),
      ...(fec === undefined
        ? []
        : ([
            [14, writeExtent(fec.data)],
            [15, writeExtent(fec.codes)],
            [16, fec.roots],
          ] as const)),
    ]);
  });
  // The signature's own size is known beforehand, so that the signed manifest can state it.
  const wrap = (signature: Uint8Array) => writeProto([[1, writeProto([[2, signature]])]]);
  const signatureLength = signer === undefined ? 0 : wrap(new Uint8Array(signer.signatureSize)).length;
  const manifest = writeProto([
    [3, parts.blockSize],
    ...(signer === undefined
      ? []
      : ([
          [4, offset],
          [5, signatureLength],
        ] as const)),
    [12, parts.minorVersion],
    ...partitions.map((bytes): ProtoPart => [13, bytes]),
    [18, parts.securityPatchLevel],
  ]);
  const header = new DataView(new ArrayBuffer(24));
  header.setUint32(0, 0x43724155);
  header.setBigUint64(4, 2n);
  header.setBigUint64(12, BigInt(manifest.length));
  header.setUint32(20, signatureLength);
  const metadata = concatBytes([new Uint8Array(header.buffer), manifest]);
  const data = concatBytes(blobs);
  if (signer === undefined) return concatBytes([metadata, data]);
  return concatBytes([metadata, wrap(await signer.sign(metadata)), data, wrap(await signer.sign(concatBytes([metadata, data])))]);
}

const writeExtent = ({ startBlock, blocks }: Extent) =>
  writeProto([
    [1, startBlock ?? 0xffff_ffff_ffff_ffffn],
    [2, blocks],
  ]);

const writeInfo = ({ size, sha256 }: PartitionInfo) =>
  writeProto([
    [1, size],
    [2, sha256],
  ]);

const treeFields = ({ data, tree, algorithm, salt }: PayloadHashtree): readonly ProtoPart[] => [
  [10, writeExtent(data)],
  [11, writeExtent(tree)],
  [12, algorithm],
  [13, salt],
];
