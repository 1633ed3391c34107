import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bytesSource, equalBytes, type Source, toHex } from '../../src/bytes/index.ts';
import {
  type AvbDescriptor,
  computeHashtree,
  findVbmeta,
  readVbmeta,
  type Vbmeta,
  verifyAvb,
  writeVbmeta,
} from '../../src/formats/android/avb/index.ts';
import { nodeHash, nodeVerify } from '../../src/platform/node/index.ts';

export const collection = 'avb';

const IMAGES = ['system', 'vendor', 'boot'] as const;
/** No image of the set comes near. */
const IMAGE_MAX = 1 << 28;

/** Checks the build in `firmware/made` against what the platform's avbtool printed of it. Undefined: there is no such folder. */
export async function run(dataDir: string): Promise<{ agree: number; differ: string[] } | undefined> {
  const folder = join(dataDir, 'firmware', 'made');
  if (!existsSync(join(folder, 'vbmeta.img'))) return undefined;
  const differ: string[] = [];
  let agree = 0;
  const check = (name: string, good: boolean, detail: string) => {
    if (good) agree++;
    else differ.push(`${name}: ${detail}`);
  };
  const root = new Uint8Array(await readFile(join(folder, 'vbmeta.img')));
  const vbmeta = readVbmeta(root).value;
  const info = await readFile(join(folder, 'vbmeta-info.txt'), 'utf8');
  const described = describe(vbmeta);
  for (const [index, line] of info.trimEnd().split('\n').entries()) {
    check(
      `vbmeta-info.txt:${index + 1}`,
      squeeze(described[index] ?? '') === squeeze(line),
      `${JSON.stringify(described[index])}, where avbtool printed ${JSON.stringify(line)}`,
    );
  }
  const again = await writeVbmeta({ ...vbmeta, requiredMinor: vbmeta.requiredVersion.minor }, async () => vbmeta);
  check('vbmeta.img written again', equalBytes(again, vbmeta.bytes), 'the bytes differ');

  const partitions = new Map<string, Source>([['vbmeta', bytesSource(root)]]);
  for (const name of IMAGES) {
    const bytes = await unpack(join(folder, `${name}.img.xz`));
    if (bytes === undefined) {
      differ.push(`${name}.img: there is no xz on this machine to unpack it with`);
      continue;
    }
    partitions.set(name, bytesSource(bytes));
  }
  const question = { partitions, verify: nodeVerify, hash: nodeHash };
  const result = await verifyAvb(question);
  const digest = (await readFile(join(folder, 'vbmeta-digest.txt'), 'utf8')).trim();
  check('vbmeta-digest.txt', result.vbmetaDigest === digest, `${result.vbmetaDigest}, where avbtool printed ${digest}`);
  for (const line of (await readFile(join(folder, 'avb-verify.txt'), 'utf8')).split('\n')) {
    const wanted = /^(\w+): Successfully verified (.*)$/.exec(line);
    if (wanted === null) continue;
    const [, name = '', what = ''] = wanted;
    // `vbmeta:` before a footer is the image named in the line, not the partition of that name.
    const partition = /struct in (\w+)\.img/.exec(what)?.[1] ?? name;
    const rows = result.partitions.filter((row) => row.partition === partition);
    check(`avb-verify.txt: ${line}`, rows.length > 0 && rows.every(({ outcome }) => outcome === 'intact'), JSON.stringify(rows));
  }
  check('all of it', result.verified, JSON.stringify(result.partitions));
  for (const name of ['system', 'vendor'] as const) await checkTree(name, { partitions, root: vbmeta, check });
  return { agree, differ };
}

type Check = (name: string, good: boolean, detail: string) => void;

/** The tree and root digest computed anew must be those that avbtool wrote; a changed block must be named. */
async function checkTree(
  name: string,
  { partitions, root, check }: { partitions: ReadonlyMap<string, Source>; root: Vbmeta; check: Check },
): Promise<void> {
  const source = partitions.get(name);
  if (source === undefined) return;
  const own = (await findVbmeta(source))?.vbmeta.descriptors ?? [];
  const descriptor = [...own, ...root.descriptors].find((item) => item.kind === 'hashtree' && item.partitionName === name);
  if (descriptor?.kind !== 'hashtree') return check(`${name} hash tree`, false, 'no descriptor');
  const { rootDigest, tree } = await computeHashtree(source, descriptor, nodeHash);
  check(`${name} root digest`, equalBytes(rootDigest, descriptor.rootDigest), toHex(rootDigest));
  check(`${name} tree`, equalBytes(tree, await source.read(descriptor.treeOffset, descriptor.treeSize)), 'the bytes differ');
  const changed = (await source.read(0, source.size)).slice();
  const block = Math.floor(descriptor.imageSize / descriptor.dataBlockSize / 2);
  changed[block * descriptor.dataBlockSize + 7] = (changed[block * descriptor.dataBlockSize + 7] ?? 0) ^ 1;
  const result = await verifyAvb({
    partitions: new Map([...partitions, [name, bytesSource(changed)]]),
    verify: nodeVerify,
    hash: nodeHash,
  });
  const row = result.partitions.find((item) => item.partition === name && item.by === 'hashtree');
  check(`${name} with one bit of block ${block} changed`, !result.verified && row?.firstDifferingBlock === block, JSON.stringify(row));
}

/** What avbtool's info_image prints. */
function describe(vbmeta: Vbmeta): string[] {
  const auth = Buffer.from(vbmeta.bytes.buffer, vbmeta.bytes.byteOffset).readBigUInt64BE(12);
  const aux = Buffer.from(vbmeta.bytes.buffer, vbmeta.bytes.byteOffset).readBigUInt64BE(20);
  const { major, minor } = vbmeta.requiredVersion;
  return [
    `Minimum libavb version: ${major}.${minor}`,
    'Header Block: 256 bytes',
    `Authentication Block: ${auth} bytes`,
    `Auxiliary Block: ${aux} bytes`,
    `Public key (sha1): ${sha1(vbmeta.publicKey)}`,
    `Algorithm: ${vbmeta.algorithm}`,
    `Rollback Index: ${vbmeta.rollbackIndex}`,
    `Flags: ${vbmeta.flags}`,
    `Rollback Index Location: ${vbmeta.rollbackIndexLocation}`,
    `Release String: '${vbmeta.releaseString}'`,
    'Descriptors:',
    ...vbmeta.descriptors.flatMap(describeDescriptor),
  ];
}

function describeDescriptor(item: AvbDescriptor): string[] {
  switch (item.kind) {
    case 'chain-partition':
      return [
        'Chain Partition descriptor:',
        `Partition Name: ${item.partitionName}`,
        `Rollback Index Location: ${item.rollbackIndexLocation}`,
        `Public key (sha1): ${sha1(item.publicKey)}`,
      ];
    case 'hashtree':
      return [
        'Hashtree descriptor:',
        `Version of dm-verity: ${item.dmVerityVersion}`,
        `Image Size: ${item.imageSize} bytes`,
        `Tree Offset: ${item.treeOffset}`,
        `Tree Size: ${item.treeSize} bytes`,
        `Data Block Size: ${item.dataBlockSize} bytes`,
        `Hash Block Size: ${item.hashBlockSize} bytes`,
        `FEC num roots: ${item.fecNumRoots}`,
        `FEC offset: ${item.fecOffset}`,
        `FEC size: ${item.fecSize} bytes`,
        `Hash Algorithm: ${item.hashAlgorithm}`,
        `Partition Name: ${item.partitionName}`,
        `Salt: ${toHex(item.salt)}`,
        `Root Digest: ${toHex(item.rootDigest)}`,
        `Flags: ${item.flags}`,
      ];
    case 'hash':
      return [
        'Hash descriptor:',
        `Image Size: ${item.imageSize} bytes`,
        `Hash Algorithm: ${item.hashAlgorithm}`,
        `Partition Name: ${item.partitionName}`,
        `Salt: ${toHex(item.salt)}`,
        `Digest: ${toHex(item.digest)}`,
        `Flags: ${item.flags}`,
      ];
    case 'property':
      return [`Prop: ${item.key} -> '${new TextDecoder().decode(item.value)}'`];
    case 'kernel-cmdline':
      return ['Kernel Cmdline descriptor:', `Flags: ${item.flags}`, `Kernel Cmdline: '${item.kernelCmdline}'`];
    case 'unknown':
      return [`Unknown descriptor: ${item.tag}`];
  }
}

const sha1 = (bytes: Uint8Array) => createHash('sha1').update(bytes).digest('hex');
const squeeze = (line: string) => line.trim().replaceAll(/\s+/g, ' ');

/** Undefined: this machine has no xz. */
async function unpack(path: string): Promise<Uint8Array | undefined> {
  try {
    const { stdout } = await promisify(execFile)('xz', ['-dkc', path], { encoding: 'buffer', maxBuffer: IMAGE_MAX });
    return new Uint8Array(stdout);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
