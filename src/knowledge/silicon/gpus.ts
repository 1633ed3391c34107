/**
 * GPU families by the words of a GLES line, and whose chips hold them.
 * Counted on the 24,668 rows of the Google Play device catalogue of 2025-12-14: Adreno on 4,910 rows, all of them Qualcomm; no Qualcomm row has another GPU.
 */
import type { SocVendor } from '../types.ts';

export interface GpuFamily {
  readonly name: string;
  readonly words: RegExp;
  /** Makers whose phone chips hold one. Everybody else's do not. */
  readonly vendors: readonly SocVendor[];
}

const MALI: readonly SocVendor[] = [
  'samsung',
  'mediatek',
  'hisilicon',
  'unisoc',
  'google',
  'rockchip',
  'allwinner',
  'amlogic',
  'leadcore',
  'xiaomi',
  'st-ericsson',
  'intel',
];
const POWERVR: readonly SocVendor[] = [
  'samsung',
  'mediatek',
  'unisoc',
  'google',
  'rockchip',
  'allwinner',
  'intel',
  'texas-instruments',
  'actions',
  'marvell',
];

export const gpuFamilies: readonly GpuFamily[] = [
  { name: 'Adreno', words: /adreno/i, vendors: ['qualcomm'] },
  { name: 'Mali', words: /\bmali\b|immortalis/i, vendors: MALI },
  { name: 'PowerVR', words: /powervr|imagination|\bbxm\b|\bdxt\b/i, vendors: POWERVR },
  { name: 'Xclipse', words: /xclipse/i, vendors: ['samsung'] },
  { name: 'Maleoon', words: /maleoon/i, vendors: ['hisilicon'] },
  { name: 'GeForce', words: /nvidia|tegra|geforce/i, vendors: ['nvidia'] },
  { name: 'Intel', words: /intel\(?r?\)? (?:u?hd )?graphics/i, vendors: ['intel'] },
  { name: 'Vivante', words: /vivante/i, vendors: ['hisilicon', 'marvell', 'nxp', 'rockchip', 'broadcom'] },
  { name: 'VideoCore', words: /videocore/i, vendors: ['broadcom'] },
];

/** Drivers that draw without the chip's GPU: an emulator, a virtual machine, a missing driver. They say nothing of the chip. */
const SOFTWARE = /swiftshader|llvmpipe|softpipe|\bangle\b|virgl|bluestacks|android emulator|pixelflinger/i;

export const isSoftwareRenderer = (text: string): boolean => SOFTWARE.test(text);

/** The family that a GLES line names; undefined for one that we do not know and for software. */
export function gpuFamilyOf(text: string): GpuFamily | undefined {
  return isSoftwareRenderer(text) ? undefined : gpuFamilies.find(({ words }) => words.test(text));
}

/** The model's digits, as in `330` of `Adreno (TM) 330`, `t720` of `Mali-T720`; undefined where there are none. */
export function gpuModelOf(text: string): string | undefined {
  const adreno = /adreno\s*(?:\(tm\))?\s*(\d{3})/i.exec(text)?.[1];
  if (adreno !== undefined) return `adreno ${adreno}`;
  const mali = /(?:mali|immortalis)[- ]?([tg]?\d{2,3})/i.exec(text)?.[1];
  if (mali !== undefined) return `mali ${mali.toLowerCase()}`;
  const powervr = /(?:powervr|rogue|sgx)\s*(?:rogue\s*)?((?:sgx|g[etmx]?)?\s*\d{3,4})/i.exec(text)?.[1];
  return powervr === undefined ? undefined : `powervr ${powervr.toLowerCase().replaceAll(' ', '')}`;
}
