/**
 * The system counter by vendor, in Hz. An arm64 kernel prints BogoMIPS as twice its frequency; a 32-bit kernel prints other things.
 * Counted on recorded phones (hardware-challenges 3, story 3.3): Qualcomm 38.40 or 38.00 (19.2 MHz) 15 of 15, MediaTek 26.00 13 of 13, HiSilicon 3.84 7 of 7, Exynos 52.00 3 of 3.
 * Likelihoods, not identities: 26 MHz is Exynos and Unisoc, 19.2 is Qualcomm, Tegra X1 and Ascend.
 */
import type { SocVendor } from '../types.ts';

export const COUNTER_HERTZ: ReadonlyMap<SocVendor, readonly number[]> = new Map([
  // 19.0 is how kernels of Snapdragon 617, 675 and 821 round their 19.2.
  ['qualcomm', [19_200_000, 19_000_000]],
  ['mediatek', [13_000_000]],
  ['samsung', [24_000_000, 26_000_000, 25_600_000]],
  ['google', [24_576_000]],
  ['hisilicon', [1_920_000, 1_200_000, 19_200_000]],
  ['unisoc', [26_000_000]],
  ['nvidia', [12_000_000, 19_200_000, 31_250_000]],
  ['rockchip', [24_000_000]],
  ['allwinner', [24_000_000]],
  ['amlogic', [24_000_000]],
  ['xiaomi', [26_000_000, 26_080_000, 24_000_000]],
  ['marvell', [26_000_000]],
]);

/** Whether two frequencies are one crystal's: within 0.2 %, which keeps 25.6 and 26, 24.576 and 24, 26 and 26.08 apart. */
export const isSameCounter = (a: number, b: number): boolean => Math.abs(a - b) <= 0.002 * b;

/** Whether some chip of the vendor counts at this frequency; undefined where we know none of its counters. */
export function vendorCountsAt(vendor: SocVendor, hertz: number): boolean | undefined {
  return COUNTER_HERTZ.get(vendor)?.some((known) => isSameCounter(hertz, known));
}
