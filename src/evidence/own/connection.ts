/** `adb.json` and `usb.json`: how the phone was met. Ours, so strict. */
import * as z from 'zod/mini';
import { type ArtefactReader, makeFact, wholeOf } from '../reader.ts';
import { parseDocument } from './json.ts';

const text = z.string().check(z.maxLength(65_536));

export const AdbSchema = z.strictObject({
  format: z.literal('assay.adb/1'),
  transport: z.enum(['usb', 'tcp', 'server']),
  state: text,
  banner: z.array(z.tuple([text, text])).check(z.maxLength(1000)),
  features: z.array(text).check(z.maxLength(1000)),
  authorisation: z.enum(['none', 'known', 'prompt', 'unknown']),
  keyIsNew: z.nullable(z.boolean()),
  shellUid: z.nullable(z.int()),
  /** The whole of `id`, with groups and context. */
  shellId: z.nullable(text),
});

export const UsbSchema = z.strictObject({
  format: z.literal('assay.usb/1'),
  vendorId: z.int().check(z.gte(0), z.lte(0xffff)),
  productId: z.int().check(z.gte(0), z.lte(0xffff)),
  manufacturer: z.nullable(text),
  product: z.nullable(text),
  serial: z.nullable(text),
  mode: text,
});
export type UsbDocument = z.infer<typeof UsbSchema>;

export const adbReader: ArtefactReader = {
  kinds: ['adb'],
  read(artefact) {
    const { transport, banner, features, authorisation, keyIsNew, shellUid } = parseDocument(artefact, AdbSchema);
    const value = { transport, banner, features, authorisation, keyIsNew: keyIsNew ?? undefined, shellUid: shellUid ?? undefined };
    return { facts: [makeFact('adb', value, { standing: 'shown', place: wholeOf(artefact) })], unread: [] };
  },
};

/** The probe says how to ask; what of it is evidence stands in `adb.json`. */
export const probeReader: ArtefactReader = { kinds: ['probe'], read: () => ({ facts: [], unread: [] }) };

export const usbReader: ArtefactReader = {
  kinds: ['usb'],
  read(artefact) {
    const usb = parseDocument(artefact, UsbSchema);
    const place = wholeOf(artefact);
    const { vendorId, productId, mode } = usb;
    const serial = usb.serial ?? undefined;
    const value = { vendorId, productId, manufacturer: usb.manufacturer ?? undefined, product: usb.product ?? undefined, serial, mode };
    const facts = [makeFact('usb', value, { standing: 'shown', place })];
    if (serial !== undefined && serial !== '')
      facts.push(
        makeFact('identifiers', [{ type: 'serial', slot: undefined, value: serial, surface: 'USB descriptor', place }], {
          standing: 'shown',
          place,
        }),
      );
    return { facts, unread: [] };
  },
};
