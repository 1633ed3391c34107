/** Changes to signed APKs, in the places where verifiers differ: the signing block and what is in it, the ZIP's records, its end. */
import { bytesSource, concatBytes } from '../../src/bytes/index.ts';
import { insertSigningBlock, stripSigningBlock } from '../../src/forge/apk.ts';
import { type IdsigSigner, readIdsig, readSigningBlock, writeIdsig, writeSigningBlock } from '../../src/formats/apk/index.ts';
import { readZip } from '../../src/formats/archive/index.ts';

/** A number below `sides`. */
export type Roll = (sides: number) => number;

type Pair = { readonly id: number; readonly value: Uint8Array };

/** Elements with a length before each, as deep as they parse: what a signing block's values are made of. */
type Node = { readonly bytes: Uint8Array } | { readonly children: readonly Node[] };

const view = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function treeOf(bytes: Uint8Array, depth: number): Node {
  const children: Node[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = at + 4 <= bytes.length ? view(bytes).getUint32(at, true) : -1;
    if (length < 0 || length > bytes.length - at - 4) return { bytes };
    const body = bytes.subarray(at + 4, at + 4 + length);
    children.push(depth === 0 ? { bytes: body } : treeOf(body, depth - 1));
    at += 4 + length;
  }
  return children.length === 0 ? { bytes } : { children };
}

function bytesOf(node: Node): Uint8Array {
  if ('bytes' in node) return node.bytes;
  return concatBytes(
    node.children.flatMap((child) => {
      const body = bytesOf(child);
      const length = new Uint8Array(4);
      view(length).setUint32(0, body.length, true);
      return [length, body];
    }),
  );
}

function changedTree(node: Node, roll: Roll): Node {
  if ('bytes' in node) {
    const at = roll(Math.max(1, node.bytes.length));
    switch (roll(5)) {
      case 0:
        return { bytes: node.bytes.subarray(0, at) };
      case 1:
        return { bytes: concatBytes([node.bytes, new Uint8Array(1 + roll(8))]) };
      case 2:
        return { bytes: new Uint8Array(0) };
      default:
        return { bytes: changedByte(node.bytes, at, roll) };
    }
  }
  const at = roll(node.children.length);
  const [before, chosen, after] = [node.children.slice(0, at), node.children[at], node.children.slice(at + 1)];
  if (chosen === undefined) return node;
  switch (roll(7)) {
    case 0:
      return { children: [...before, chosen, chosen, ...after] };
    case 1:
      return { children: [...before, ...after] };
    case 2:
      return { children: [...after, chosen, ...before] };
    case 3:
      return { children: [...before, chosen, ...after, { bytes: new Uint8Array(roll(12)) }] };
    default:
      return { children: [...before, changedTree(chosen, roll), ...after] };
  }
}

/** A byte set to another value, of those that matter most. */
export function changedByte(bytes: Uint8Array, at: number, roll: Roll): Uint8Array {
  const changed = new Uint8Array(bytes);
  const old = changed[at] ?? 0;
  const values = [0, 1, 0x7f, 0x80, 0xff, old + 1, old - 1, old ^ (1 << roll(8))];
  if (at < changed.length) changed[at] = values[roll(values.length)] ?? 0;
  return changed;
}

/** Changes the pairs of a signing block, or what one of them holds. An APK without a block gets one. */
async function changedBlock(apk: Uint8Array, roll: Roll): Promise<Uint8Array> {
  const { value: zip } = await readZip(bytesSource(apk), { locals: false });
  const block = (await readSigningBlock(bytesSource(apk), zip)).value;
  const pairs: Pair[] = (block?.pairs ?? []).map(({ id, value }) => ({ id, value }));
  const at = roll(Math.max(1, pairs.length));
  const chosen = pairs[at];
  const ids = [0x7109871a, 0xf05368c0, 0x1b93ad61, 0x42726577, 0x6dff800d, 0x2b09189e, 1];
  const anyId = ids[roll(ids.length)] ?? 1;
  if (chosen === undefined) pairs.push({ id: anyId, value: new Uint8Array(roll(20)) });
  else
    switch (roll(9)) {
      case 0:
        pairs.push(chosen);
        break;
      case 1:
        pairs.splice(at, 1);
        break;
      case 2:
        pairs.reverse();
        break;
      case 3:
        pairs[at] = { ...chosen, id: anyId };
        break;
      case 4:
        pairs.splice(roll(pairs.length + 1), 0, { id: anyId, value: new Uint8Array(roll(20)) });
        break;
      default:
        pairs[at] = { ...chosen, value: bytesOf(changedTree(treeOf(chosen.value, 6), roll)) };
    }
  return insertSigningBlock(await stripSigningBlock(apk), writeSigningBlock(pairs, roll(2) === 0));
}

/** Changes a field of a record of the ZIP: of a local header, of the directory, or of the end. */
async function changedRecord(apk: Uint8Array, roll: Roll): Promise<Uint8Array> {
  const { value: zip } = await readZip(bytesSource(apk), { locals: false });
  const entry = zip.entries[roll(Math.max(1, zip.entries.length))];
  const changed = new Uint8Array(apk);
  const local = [4, 6, 8, 10, 14, 18, 22, 26, 28, 30];
  const central = [4, 6, 8, 10, 16, 20, 24, 28, 30, 32, 34, 36, 38, 42, 46];
  const end = [4, 6, 8, 10, 12, 16, 20];
  const places = [
    (entry?.localAt ?? 0) + (local[roll(local.length)] ?? 0),
    (entry?.centralAt ?? 0) + (central[roll(central.length)] ?? 0),
    zip.endAt + (end[roll(end.length)] ?? 0),
  ];
  return changedByte(changed, (places[roll(3)] ?? 0) + roll(2), roll);
}

/** One change. */
export async function mutated(apk: Uint8Array, roll: Roll): Promise<Uint8Array> {
  const { value: zip } = await readZip(bytesSource(apk), { locals: false });
  switch (roll(10)) {
    case 0:
      return changedByte(apk, roll(apk.length), roll);
    case 1:
      return changedByte(apk, zip.centralAt + roll(apk.length - zip.centralAt), roll);
    case 2:
      return changedByte(apk, Math.max(0, zip.centralAt - 1 - roll(5000)), roll);
    case 3:
      return apk.slice(0, apk.length - 1 - roll(40));
    case 4: {
      const comment = new Uint8Array(roll(40)).fill(roll(2) * 0x50);
      const out = concatBytes([apk, comment]);
      if (roll(3) > 0) view(out).setUint16(apk.length - 2, comment.length, true);
      return out;
    }
    case 5:
      return stripSigningBlock(apk);
    case 6:
    case 7:
      return changedRecord(apk, roll);
    default:
      return changedBlock(apk, roll);
  }
}

/** A .idsig file with something else in it, or somewhat broken. None with the blocks of v3.1, which the library of Debian does not know. */
export async function alteredIdsig(bytes: Uint8Array, roll: Roll): Promise<Uint8Array> {
  const idsig = await readIdsig(bytesSource(bytes));
  const [signer] = idsig.signers;
  const changed = (field: Uint8Array): Uint8Array =>
    [
      changedByte(field, roll(Math.max(1, field.length)), roll),
      field.subarray(1),
      concatBytes([field, new Uint8Array(1)]),
      new Uint8Array(0),
    ][roll(4)] ?? field;
  if (signer === undefined || roll(4) === 0) {
    const at = roll(roll(2) === 0 ? Math.min(100, bytes.length) : bytes.length);
    return roll(4) === 0 ? bytes.slice(0, at) : changedByte(bytes, at, roll);
  }
  const other = (part: Partial<IdsigSigner>) => writeIdsig({ ...idsig, signers: [{ ...signer, ...part }, ...idsig.signers.slice(1)] });
  switch (roll(12)) {
    case 0:
      return writeIdsig({ ...idsig, version: [0, 1, 3, 0xffffffff][roll(4)] ?? 0 });
    case 1:
      return writeIdsig({ ...idsig, hashAlgorithm: roll(4) });
    case 2:
      return writeIdsig({ ...idsig, log2BlockSize: [0, 11, 13, 255][roll(4)] ?? 0 });
    case 3:
      return writeIdsig({ ...idsig, salt: changed(idsig.salt) });
    case 4:
      return writeIdsig({ ...idsig, rootHash: changed(idsig.rootHash) });
    case 5:
      return writeIdsig({ ...idsig, tree: idsig.tree === undefined || roll(2) === 0 ? undefined : changed(idsig.tree) });
    case 6:
      return other({ apkDigest: changed(signer.apkDigest) });
    case 7:
      return other({ certificate: changed(signer.certificate) });
    case 8:
      return other({ additionalData: changed(signer.additionalData) });
    case 9:
      return other({ publicKey: changed(signer.publicKey) });
    case 10:
      // Without those of RSA-PSS: the library asks Java for them under names that Java may lack.
      return other({ algorithmId: [0x103, 0x104, 0x201, 0x202, 0x301, 0x421, 0, 5][roll(8)] ?? 0 });
    default:
      return other({ signature: changed(signer.signature) });
  }
}
