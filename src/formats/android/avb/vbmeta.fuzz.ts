import { bytesSource, FormatError } from '../../../bytes/index.ts';
import { avbKeySpki, writeAvbRsaKey } from './algorithms.ts';
import { type AvbDescriptor, writeDescriptor } from './descriptors.ts';
import { findVbmeta, readVbmeta, writeAvbFooter, writeVbmeta } from './vbmeta.ts';

export const name = 'vbmeta';

const DESCRIPTORS: readonly AvbDescriptor[] = [
  { kind: 'property', key: 'com.android.build.fingerprint', value: Uint8Array.of(1, 2, 3) },
  {
    kind: 'hashtree',
    partitionName: 'system',
    dmVerityVersion: 1,
    imageSize: 8192,
    treeOffset: 8192,
    treeSize: 4096,
    dataBlockSize: 4096,
    hashBlockSize: 4096,
    fecNumRoots: 2,
    fecOffset: 12_288,
    fecSize: 4096,
    hashAlgorithm: 'sha256',
    salt: Uint8Array.of(1),
    rootDigest: new Uint8Array(32),
    flags: 0,
  },
  {
    kind: 'hash',
    partitionName: 'boot',
    imageSize: 4096,
    hashAlgorithm: 'sha512',
    salt: new Uint8Array(0),
    digest: new Uint8Array(64),
    flags: 1,
  },
  { kind: 'kernel-cmdline', flags: 1, kernelCmdline: 'dm="1"' },
  {
    kind: 'chain-partition',
    partitionName: 'vbmeta_system',
    rollbackIndexLocation: 2,
    publicKey: writeAvbRsaKey(new Uint8Array(256).fill(0xab)),
    flags: 0,
  },
];

const vbmeta = await writeVbmeta(
  {
    algorithm: 'SHA256_RSA2048',
    publicKey: writeAvbRsaKey(new Uint8Array(256).fill(0xab)),
    descriptors: DESCRIPTORS,
    rollbackIndex: 7n,
    releaseString: 'assay',
  },
  async () => ({ hash: new Uint8Array(32), signature: new Uint8Array(256) }),
);
const withFooter = new Uint8Array(8192);
withFooter.set(vbmeta, 4096);
withFooter.set(writeAvbFooter({ originalImageSize: 4096, vbmetaOffset: 4096, vbmetaSize: vbmeta.length }), 8192 - 64);

export const seeds: readonly Uint8Array[] = [vbmeta, withFooter];

/** Reads hostile bytes: anything but a FormatError, a hang or too much memory is a finding. */
export async function run(bytes: Uint8Array): Promise<void> {
  try {
    await findVbmeta(bytesSource(bytes));
    const { value } = readVbmeta(bytes);
    for (const descriptor of value.descriptors) writeDescriptor(descriptor);
    if (value.algorithm !== 'NONE') avbKeySpki(value.algorithm, value.publicKey);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
}
