/**
 * What a kernel itself says of its cores: the bits of AT_HWCAP and AT_HWCAP2, and the names that /proc/cpuinfo prints for them. The kernel gives a bit only where every core has the feature.
 * Source: Linux arch/arm64/include/uapi/asm/hwcap.h and arch/arm/include/uapi/asm/hwcap.h.
 */
export interface Capability {
  readonly probe: string;
  /** 1 for AT_HWCAP, 2 for AT_HWCAP2. */
  readonly word: 1 | 2;
  readonly bit: number;
  /** As in the Features line. */
  readonly feature: string;
}

const of = (word: 1 | 2, ...rows: readonly (readonly [probe: string, bit: number, feature: string])[]): readonly Capability[] =>
  rows.map(([probe, bit, feature]) => ({ probe, word, bit, feature }));

export const CAPABILITIES: Readonly<Record<'aarch64' | 'arm', readonly Capability[]>> = {
  aarch64: [
    ...of(
      1,
      ['AES', 3, 'aes'],
      ['PMULL', 4, 'pmull'],
      ['SHA1', 5, 'sha1'],
      ['SHA256', 6, 'sha2'],
      ['CRC32', 7, 'crc32'],
      ['LSE', 8, 'atomics'],
      ['FP16', 10, 'asimdhp'],
      ['RDM', 12, 'asimdrdm'],
      ['JSCVT', 13, 'jscvt'],
      ['FCMA', 14, 'fcma'],
      ['LRCPC', 15, 'lrcpc'],
      ['SHA3', 17, 'sha3'],
      ['DotProd', 20, 'asimddp'],
      ['SHA512', 21, 'sha512'],
      ['SVE', 22, 'sve'],
      ['FHM', 23, 'asimdfhm'],
      ['FlagM', 27, 'flagm'],
      ['SB', 29, 'sb'],
    ),
    ...of(2, ['FRINTTS', 8, 'frint'], ['I8MM', 13, 'i8mm'], ['BF16', 14, 'bf16']),
  ],
  arm: [
    ...of(1, ['NEON', 12, 'neon'], ['VFMA', 16, 'vfpv4'], ['SDIV', 17, 'idiva']),
    ...of(2, ['AES', 0, 'aes'], ['PMULL', 1, 'pmull'], ['SHA256', 3, 'sha2'], ['CRC32', 4, 'crc32']),
  ],
};

/** Names of probes that the kernel says its cores have, and of those that it could name and does not. */
export function saidByKernel(target: 'aarch64' | 'arm', hwcap: number, hwcap2: number): ReadonlyMap<string, boolean> {
  return new Map(CAPABILITIES[target].map(({ probe, word, bit }) => [probe, (((word === 1 ? hwcap : hwcap2) >>> bit) & 1) === 1]));
}
