import type { Soc } from '../types.ts';
import { hisiliconSocs } from './hisilicon.ts';
import { mediatekSocs } from './mediatek.ts';
import { otherSocs } from './others.ts';
import { qualcommSocs } from './qualcomm.ts';
import { googleSocs, samsungSocs } from './samsung.ts';
import { unisocSocs } from './unisoc.ts';

export { type CoreType, coreTypeOf, IMPLEMENTER_VENDORS } from './core-types.ts';
export * from './gpus.ts';
export * from './names.ts';
export * from './rom-ids.ts';
export { familyOf } from './soc-rows.ts';
export * from './timers.ts';
export * from './usb-modes.ts';

/** Every chip that we know. */
export const socs: readonly Soc[] = [
  ...qualcommSocs,
  ...mediatekSocs,
  ...samsungSocs,
  ...googleSocs,
  ...hisiliconSocs,
  ...unisocSocs,
  ...otherSocs,
];
