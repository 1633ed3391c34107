/** The genuine phones of the lab, each with what its box says. */
import { mi4Genuine, pixel, redmi, samsung } from '../profiles/index.ts';
import type { BasePhone } from './lab.ts';

export const labBases: readonly BasePhone[] = [
  { phone: mi4Genuine(), claims: { model: 'MI 4' } },
  { phone: pixel(), claims: { model: 'Pixel 8 Pro' } },
  { phone: redmi(), claims: { model: 'Redmi Note 13 Pro 5G' } },
  { phone: samsung(), claims: { model: 'Galaxy A51' } },
];
