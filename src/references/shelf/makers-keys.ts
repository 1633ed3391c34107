import { VERIFIED_BOOT_KEYS } from '../../knowledge/attestation/index.ts';
import { builtinKnowledge, updateKeys } from '../../knowledge/index.ts';
import type { VouchingKnowledge } from './vouch.ts';

/** The keys that are known as makers': those of updates, and those that verify boot. */
export const makersKeys: Omit<VouchingKnowledge, 'listed'> = {
  signers: [...builtinKnowledge.signers, ...updateKeys],
  bootKeys: VERIFIED_BOOT_KEYS,
};
