import type { VirtualPhone } from '../phone.ts';
import { HIDDEN_FOLDER, mi4Counterfeit, mi4Genuine, mi4Retailer } from './mi4.ts';
import { pixel, redmi, samsung } from './modern-phones.ts';
import { inTradeInMode } from './trade-in.ts';

/** Every base phone by its name. Each call makes the same phone anew. */
export const PROFILES: Readonly<Record<string, () => VirtualPhone>> = {
  'mi4-genuine': mi4Genuine,
  'mi4-retailer': mi4Retailer,
  'mi4-counterfeit': mi4Counterfeit,
  'pixel-14': pixel,
  'redmi-14': redmi,
  'samsung-13': samsung,
  'pixel-14-tradein': () => inTradeInMode(pixel()),
};

/** Profiles that stand for unaltered, official phones. */
export const GENUINE: readonly string[] = ['mi4-genuine', 'pixel-14', 'redmi-14', 'samsung-13'];

export { HIDDEN_FOLDER, inTradeInMode, mi4Counterfeit, mi4Genuine, mi4Retailer, pixel, redmi, samsung };
