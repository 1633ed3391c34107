import { concatBytes } from '../../../bytes/index.ts';
import { COW_MAGIC } from './cow.ts';

/** An operation to write; `block` in blocks of 4 KiB. */
export type CowPart =
  | { readonly kind: 'zero'; readonly block: number }
  | { readonly kind: 'copy'; readonly block: number; readonly from: number }
  | { readonly kind: 'label'; readonly label: bigint }
  | { readonly kind: 'sequence'; readonly data: Uint8Array }
  /** `data` is packed already as `compression` says. Version 3: `factor` of its blocks, 0 for one. */
  | {
      readonly kind: 'replace' | 'xor';
      readonly block: number;
      readonly from?: number;
      readonly data: Uint8Array;
      readonly compression?: number;
      readonly factor?: number;
    };

export interface CowParts {
  readonly version: 2 | 3;
  readonly operations: readonly CowPart[];
  /** Version 2: operations in a cluster, its last included; 0: none. */
  readonly clusterOps?: number;
  /** Version 3: of all of them. */
  readonly compression?: number;
  readonly merged?: number;
  /** Blocks in the order in which they are merged; version 2 keeps it in a cluster only. */
  readonly sequence?: readonly number[];
  readonly bufferSize?: number;
  /** Version 2, default true. */
  readonly footer?: boolean;
}

const TYPES = { copy: 1, replace: 2, zero: 3, label: 4, xor: 6, sequence: 7 } as const;
const isData = (part: CowPart) => part.kind === 'replace' || part.kind === 'xor';
const dataOf = (part: CowPart) => ('data' in part ? part.data : new Uint8Array(0));

/** Writes a COW image. */
export function writeCow(parts: CowParts): Uint8Array {
  const bufferSize = parts.bufferSize ?? 4096;
  const header = new Uint8Array(parts.version === 3 ? 38 + 40 : 38);
  const view = new DataView(header.buffer);
  view.setBigUint64(0, COW_MAGIC, true);
  view.setUint16(8, parts.version, true);
  view.setUint16(12, header.length, true);
  view.setUint16(14, 84, true);
  view.setUint16(16, parts.version === 3 ? 16 : 20, true);
  view.setUint32(18, 4096, true);
  view.setUint32(22, parts.clusterOps ?? 0, true);
  view.setBigUint64(26, BigInt(parts.merged ?? 0), true);
  view.setUint32(34, bufferSize, true);
  const start = concatBytes([header, new Uint8Array(bufferSize)]);
  if (parts.version === 3) {
    const max = parts.operations.length + 3;
    const filled = new DataView(start.buffer);
    filled.setBigUint64(54, BigInt(parts.operations.length), true);
    filled.setBigUint64(62, BigInt(max), true);
    filled.setUint32(70, parts.compression ?? 0, true);
    const sequence = wordsOf(parts.sequence ?? []);
    filled.setBigUint64(38, BigInt(sequence.length / 4), true);
    return concatBytes([start, sequence, write3(parts.operations, max, start.length + sequence.length)]);
  }
  const sequence = parts.sequence === undefined ? [] : [{ kind: 'sequence' as const, data: wordsOf(parts.sequence) }];
  return concatBytes([start, write2({ ...parts, operations: [...sequence, ...parts.operations] }, start.length)]);
}

function wordsOf(words: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(words.length * 4);
  const view = new DataView(bytes.buffer);
  for (const [index, word] of words.entries()) view.setUint32(index * 4, word, true);
  return bytes;
}

function write3(operations: readonly CowPart[], max: number, start: number): Uint8Array {
  const table = new DataView(new ArrayBuffer(max * 16));
  let dataAt = start + max * 16;
  for (const [index, part] of operations.entries()) {
    const from = part.kind === 'replace' ? dataAt : part.kind === 'label' ? Number(part.label) : 'from' in part ? (part.from ?? 0) : 0;
    const factor = 'factor' in part ? (part.factor ?? 0) : 0;
    table.setUint32(index * 16, dataOf(part).length, true);
    table.setUint32(index * 16 + 4, 'block' in part ? part.block : 0, true);
    table.setBigUint64(index * 16 + 8, (BigInt(TYPES[part.kind]) << 60n) | (BigInt(factor) << 57n) | BigInt(from), true);
    dataAt += dataOf(part).length;
  }
  return concatBytes([new Uint8Array(table.buffer), ...operations.map(dataOf)]);
}

function write2({ operations, clusterOps = 0, footer = true }: CowParts, start: number): Uint8Array {
  const pieces: Uint8Array[] = [];
  let at = start;
  const push = (...bytes: readonly Uint8Array[]) => {
    for (const piece of bytes) at += piece.length;
    pieces.push(...bytes);
  };
  const row = (part: CowPart, dataAt: number) =>
    op2(TYPES[part.kind], {
      compression: 'compression' in part ? (part.compression ?? 0) : 0,
      length: dataOf(part).length,
      block: 'block' in part ? BigInt(part.block) : 0n,
      source:
        part.kind === 'label'
          ? part.label
          : part.kind === 'replace' || part.kind === 'sequence'
            ? BigInt(dataAt)
            : BigInt('from' in part ? (part.from ?? 0) : 0),
    });
  let count = operations.length;
  if (clusterOps === 0) for (const part of operations) push(row(part, at + 20), ...(isData(part) ? [dataOf(part)] : []));
  else
    for (let index = 0; index < operations.length; index += clusterOps - 1) {
      const group = operations.slice(index, index + clusterOps - 1);
      let dataAt = at + clusterOps * 20;
      const rows = group.map((part) => {
        const made = row(part, dataAt);
        dataAt += dataOf(part).length;
        return made;
      });
      const size = dataAt - at - clusterOps * 20;
      // A cluster operation ends each: how far its data reaches, and room that the cluster does not use.
      const unused = (clusterOps - 1 - group.length) * 20;
      push(
        ...rows,
        op2(5, { compression: 0, length: 0, block: 0n, source: BigInt(size + unused) }),
        new Uint8Array(unused),
        ...group.map(dataOf),
      );
      count++;
    }
  if (footer) push(op2(255, { compression: 0, length: 64, block: BigInt(count * 20), source: BigInt(count) }), new Uint8Array(64));
  return concatBytes(pieces);
}

function op2(
  type: number,
  fields: { readonly compression: number; readonly length: number; readonly block: bigint; readonly source: bigint },
): Uint8Array {
  const view = new DataView(new ArrayBuffer(20));
  view.setUint8(0, type);
  view.setUint8(1, fields.compression);
  view.setUint16(2, fields.length, true);
  view.setBigUint64(4, fields.block, true);
  view.setBigUint64(12, fields.source, true);
  return new Uint8Array(view.buffer);
}
