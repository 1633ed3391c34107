import { z } from 'zod/mini';
import type { Claims } from '../evidence/index.ts';

const claimsSchema = z.strictObject({
  model: z.optional(z.string()),
  brand: z.optional(z.string()),
  imei: z.optional(z.string()),
  imei2: z.optional(z.string()),
  serial: z.optional(z.string()),
  storageBytes: z.optional(z.int()),
  memoryBytes: z.optional(z.int()),
  batteryMilliampHours: z.optional(z.int()),
  screenInches: z.optional(z.number()),
  ruler: z.optional(z.string().check(z.regex(/^\d{2,3}(\.\d)?x\d{2,3}(\.\d)?$/))),
  region: z.optional(z.string()),
  build: z.optional(z.string()),
  radios: z.optional(z.literal('off')),
});

/** Sizes as boxes print them: decimal gigabytes for storage, binary ones for memory. */
const SIZE_KEYS: Readonly<
  Record<
    string,
    { readonly key: 'storageBytes' | 'memoryBytes' | 'batteryMilliampHours' | 'screenInches'; readonly unit: number; readonly of: string }
  >
> = {
  storage: { key: 'storageBytes', unit: 1e9, of: 'GB' },
  memory: { key: 'memoryBytes', unit: 2 ** 30, of: 'GB' },
  battery: { key: 'batteryMilliampHours', unit: 1, of: 'mAh' },
  screen: { key: 'screenInches', unit: 1, of: 'inches' },
};

/** What may be said by hand, for messages. */
export const CLAIM_KEYS =
  'model, brand, imei, imei2, serial, storage (GB), memory (GB), battery (mAh), screen (inches), ruler (mm, as 64.5x143), region, build, radios=off';

/** Parses `--claim key=value` words. @throws Error on a key that is not known or a value that does not fit */
export function parseClaims(words: readonly string[]): Claims {
  const found: Record<string, string | number> = {};
  for (const word of words) {
    const equals = word.indexOf('=');
    const key = equals < 0 ? word : word.slice(0, equals).trim();
    const value = equals < 0 ? '' : word.slice(equals + 1).trim();
    if (value === '') throw new Error(`--claim wants key=value, as in --claim model="MI 4"; this is "${word}"`);
    const size = SIZE_KEYS[key];
    if (size === undefined) found[key] = value;
    else {
      const number = Number(value.replace(/\s*(GB|mAh|inch(es)?|")$/i, ''));
      if (!(number > 0)) throw new Error(`--claim ${key} wants a number (${size.of}); this is "${value}"`);
      found[size.key] = size.key === 'screenInches' ? number : Math.round(number * size.unit);
    }
  }
  const parsed = claimsSchema.safeParse(found);
  if (!parsed.success) throw new Error(`--claim takes ${CLAIM_KEYS}; this is "${Object.keys(found).join(', ')}"`);
  // exactOptionalPropertyTypes: the schema gives `undefined` for what is absent, Claims leaves it out.
  return Object.fromEntries(Object.entries(parsed.data).filter(([, value]) => value !== undefined)) as Claims;
}
