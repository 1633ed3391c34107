/**
 * What the barcodes of a box say, as claims to be tested. A box is its seller's word: nothing here is evidence.
 * Codes met on boxes: Code 128 with an IMEI or a serial alone, EAN and UPC of the product, and QR or Data Matrix with named fields (`IMEI1:…;SN:…`).
 */
import { type Claims, hasLuhn } from '../evidence/index.ts';

export interface Barcode {
  /** As in `Code128`, `EAN13`, `QRCode`. */
  readonly format: string;
  readonly text: string;
}

export interface BoxLabel {
  readonly claims: Pick<Claims, 'imei' | 'imei2' | 'serial'>;
  /** GTIN of the product, where an EAN or UPC names one. */
  readonly gtin: string | undefined;
  /** Texts that could be the serial, where several could: a person says which. */
  readonly couldBeSerial: readonly string[];
}

const IMEI_FIELD = /\b(?:IMEI|MEID)\s*[12]?\s*[:=/]?\s*(\d{15})\b/gi;
const SERIAL_FIELD = /\b(?:S\/?N|SERIAL(?:\s*(?:NO|NUMBER))?)\s*[:=.]?\s*([A-Z0-9/-]{6,24})\b/i;

/** Reads the codes of one box, in any order. A number of fifteen digits that fails Luhn's check is no IMEI. */
export function readBoxLabel(codes: readonly Barcode[]): BoxLabel {
  const imeis = new Set<string>();
  const serials = new Set<string>();
  const candidates = new Set<string>();
  let gtin: string | undefined;
  for (const { format, text } of codes) {
    const one = text.trim();
    if (/^(EAN|UPC)/i.test(format)) {
      gtin ??= one.padStart(14, '0');
      continue;
    }
    if (/^\d{15}$/.test(one)) {
      if (hasLuhn(one)) imeis.add(one);
      continue;
    }
    const named = [...one.matchAll(IMEI_FIELD)].map(([, digits = '']) => digits).filter(hasLuhn);
    for (const imei of named) imeis.add(imei);
    const serial = SERIAL_FIELD.exec(one)?.[1];
    if (serial !== undefined) serials.add(serial);
    else if (named.length === 0 && /^[A-Z0-9/-]{6,24}$/i.test(one)) candidates.add(one);
  }
  const [imei, imei2] = imeis;
  const named = [...serials];
  const could = named.length > 0 ? named : [...candidates];
  const [serial] = could.length === 1 ? could : [];
  return {
    claims: {
      ...(imei === undefined ? {} : { imei }),
      ...(imei2 === undefined ? {} : { imei2 }),
      ...(serial === undefined ? {} : { serial }),
    },
    gtin,
    couldBeSerial: could.length > 1 ? could : [],
  };
}
