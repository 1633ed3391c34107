/**
 * A report of a non-compliant TAC or IMEI, with the evidence that the GSMA asks for (its fixed list: TAC and IMEI, photos of device and packaging, of the IMEI on
 * the screen and on the packaging, organisation, brand, model; if known the original brand, the vendor's address, when and how it was obtained).
 * Format: `assay.non-compliant-imei/1`. The GSMA takes it through its own site; this document is what is typed and attached there.
 */
import { z } from 'zod/mini';

const file = z.strictObject({ file: z.string(), sha256: z.string() });
export const nonCompliantSchema = z.strictObject({
  format: z.literal('assay.non-compliant-imei/1'),
  tac: z.string(),
  imei: z.string(),
  /** What is odd about the number itself. */
  number: z.strictObject({ digits: z.int(), checkDigit: z.enum(['good', 'bad', 'none']) }),
  organisation: z.string(),
  brand: z.string(),
  model: z.string(),
  photos: z.strictObject({
    device: z.nullable(file),
    packaging: z.nullable(file),
    imeiOnScreen: z.nullable(file),
    imeiOnPackaging: z.nullable(file),
  }),
  originalBrand: z.nullable(z.string()),
  vendor: z.nullable(z.string()),
  obtained: z.nullable(z.string()),
  /** What the list asks for and is not here. Empty: it can be handed in. */
  missing: z.array(z.string()),
});
export type NonCompliantReport = z.infer<typeof nonCompliantSchema>;

/** Whether fifteen digits end in the check digit of 3GPP TS 23.003 annex B (Luhn). */
export function checkDigit(imei: string): 'good' | 'bad' | 'none' {
  if (!/^\d{15}$/.test(imei)) return 'none';
  let sum = 0;
  for (const [at, digit] of [...imei].entries()) {
    const value = Number(digit) * (at % 2 === 0 ? 1 : 2);
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 === 0 ? 'good' : 'bad';
}

export type NonCompliantInput = Omit<NonCompliantReport, 'format' | 'tac' | 'number' | 'missing'>;

/** Fills the list and says what is missing from it. @throws RangeError for what is no number of 14 to 16 digits */
export function nonCompliantReport(input: NonCompliantInput): NonCompliantReport {
  const imei = input.imei.replaceAll(/[\s-]/g, '');
  if (!/^\d{14,16}$/.test(imei)) throw new RangeError(`an IMEI has 14 to 16 digits; this is "${input.imei.slice(0, 40)}"`);
  const wanted: Readonly<Record<keyof NonCompliantReport['photos'], string>> = {
    device: 'a photo of the device',
    packaging: 'a photo of the packaging',
    imeiOnScreen: 'a photo of the IMEI on the screen',
    imeiOnPackaging: 'a photo of the IMEI on the packaging',
  };
  const missing = [
    ...(['organisation', 'brand', 'model'] as const).filter((field) => input[field].trim() === ''),
    ...(['device', 'packaging', 'imeiOnScreen', 'imeiOnPackaging'] as const)
      .filter((slot) => input.photos[slot] === null)
      .map((slot) => wanted[slot]),
  ];
  return {
    format: 'assay.non-compliant-imei/1',
    ...input,
    imei,
    tac: imei.slice(0, 8),
    number: { digits: imei.length, checkDigit: checkDigit(imei) },
    missing,
  };
}
