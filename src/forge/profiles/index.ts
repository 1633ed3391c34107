import type { VirtualPhone } from '../phone.ts';
import { mi4Counterfeit, mi4Genuine, mi4Retailer } from './mi4.ts';

/** Every base phone by its name. Each call makes the same phone anew. */
export const PROFILES: Readonly<Record<string, () => VirtualPhone>> = {
  'mi4-genuine': mi4Genuine,
  'mi4-retailer': mi4Retailer,
  'mi4-counterfeit': mi4Counterfeit,
};

export { mi4Counterfeit, mi4Genuine, mi4Retailer };
