/**
 * Compressed files of F2FS: some clusters of blocks lie compressed, the others as they are.
 *
 *   struct compress_data: le32 clen, le32 chksum, le32 reserved[4], cdata[clen], over as many blocks as it needs
 */
import { type CodecPort, checkRange, concatBytes, FormatError, type Source, type SpendDecoded } from '../../../bytes/index.ts';
import { crc32Raw, decodeLz4, decodeLzo } from '../../codec/index.ts';
import { runSource } from '../runs.ts';
import type { Compression, F2fsInode } from './inode.ts';
import { type F2fsSuperblock, FORMAT, MAGIC, refuse } from './layout.ts';
import type { Cluster, FileMap } from './map.ts';

const HEADER = 24;
const ALGORITHMS = ['LZO', 'LZ4', 'Zstandard', 'LZO-RLE'] as const;

/** What a compressed file is read with. */
export interface Unpacking {
  readonly superblock: F2fsSuperblock;
  readonly image: Source;
  readonly codec: CodecPort | undefined;
  readonly spend: SpendDecoded;
}

/** A file of which some clusters lie compressed. The last one is kept: reading in order decodes each once. */
export function compressedSource(node: F2fsInode, compression: Compression, map: FileMap, by: Unpacking): Source {
  const { blockSize } = by.superblock;
  const { size } = node;
  const plain = runSource(size, map.runs, blockSize, by.image);
  const clusterSize = compression.blocks * blockSize;
  const clusters = new Map(map.clusters.map((cluster) => [cluster.logical / compression.blocks, cluster]));
  let kept: { readonly index: number; readonly bytes: Uint8Array } | undefined;
  const load = async (index: number, cluster: Cluster): Promise<Uint8Array> => {
    if (kept?.index === index) return kept.bytes;
    kept = undefined;
    const bytes = await unpack(cluster, { node, compression, wanted: Math.min(clusterSize, size - index * clusterSize), clusterSize }, by);
    kept = { index, bytes };
    return bytes;
  };
  return {
    size,
    async read(at, length) {
      checkRange({ size }, at, length, FORMAT);
      const out = new Uint8Array(length);
      const end = at + length;
      for (let here = at; here < end; ) {
        const index = Math.floor(here / clusterSize);
        const until = Math.min(end, (index + 1) * clusterSize);
        const cluster = clusters.get(index);
        if (cluster === undefined) out.set(await plain.read(here, until - here), here - at);
        else out.set((await load(index, cluster)).subarray(here - index * clusterSize, until - index * clusterSize), here - at);
        here = until;
      }
      return out;
    },
  };
}

interface Job {
  readonly node: F2fsInode;
  readonly compression: Compression;
  /** Bytes that the file takes of the cluster. */
  readonly wanted: number;
  readonly clusterSize: number;
}

async function unpack(cluster: Cluster, job: Job, by: Unpacking): Promise<Uint8Array> {
  const { compression, node, wanted, clusterSize } = job;
  const { blockSize } = by.superblock;
  const at = (cluster.blocks[0] ?? 0) * blockSize;
  const fail = (field: string, code: FormatError['code'], detail: string) =>
    refuse(`cluster[${cluster.logical / compression.blocks}].${field}`, at === 0 ? node.at : at, code, detail);
  if (cluster.blocks.length === 0) throw fail('blocks', 'short-read', 'a compressed cluster without blocks');
  const pieces: Uint8Array[] = [];
  for (const block of cluster.blocks) pieces.push(await by.image.read(block * blockSize, blockSize));
  const packed = concatBytes(pieces);
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  const length = view.getUint32(0, true);
  if (length === 0 || HEADER + length > packed.length) throw fail('clen', 'out-of-bounds', `${length} bytes in ${packed.length}`);
  const data = packed.subarray(HEADER, HEADER + length);
  if (compression.hasChecksum && crc32Raw(data, MAGIC) !== view.getUint32(4, true))
    throw fail('chksum', 'bad-checksum', 'the bytes have another');
  by.spend(clusterSize, at);
  let bytes: Uint8Array;
  try {
    bytes = await decode(compression.algorithm, data, clusterSize, by.codec);
  } catch (error) {
    if (error instanceof FormatError) throw fail('cdata', error.code, error.message);
    throw error;
  }
  if (bytes.length < wanted) throw fail('cdata', 'short-read', `it unpacks to ${bytes.length} bytes, where ${wanted} are wanted`);
  return bytes;
}

async function decode(algorithm: number, data: Uint8Array, ceiling: number, codec: CodecPort | undefined): Promise<Uint8Array> {
  const name = ALGORITHMS[algorithm];
  const unsupported = (detail: string) =>
    new FormatError({ format: FORMAT, field: 'i_compress_algorithm', at: 0 }, 'unsupported-feature', detail);
  if (name === undefined) throw unsupported(`algorithm ${algorithm} is none that is known`);
  if (name === 'Zstandard') {
    if (codec === undefined) throw unsupported('Zstandard, for which no codec was given');
    return codec('zstd', data, ceiling);
  }
  const out = new Uint8Array(ceiling);
  const end =
    name === 'LZ4'
      ? decodeLz4({ input: data, inAt: 0, inEnd: data.length, out, outAt: 0, outEnd: out.length, from: 0, partial: false })
      : decodeLzo(data, out);
  return out.subarray(0, end);
}
