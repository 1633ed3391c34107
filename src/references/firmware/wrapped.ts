/**
 * Wrappings of firmware that are not read here, by their bytes or their name: named, so that nobody takes one for an image and nothing in it for examined.
 * Sources: bkerler/oppo_ozip_decrypt and oppo_decrypt (OPPO, OnePlus), superr/splituapp (Huawei), ehem/kdztools libexec/kdz.py (LG), divinebird/pacextractor (Unisoc),
 * linux-rockchip/rkflashtool rkunpack.c (Rockchip), Amlogic aml_image_packer (0x27b51956), YuzukiTsuru/OpenixCard OpenixIMG.h (Allwinner).
 */
import { FormatError, type Source } from '../../bytes/index.ts';

interface Wrapping {
  /** In a reader's words. */
  readonly name: string;
  readonly at: number;
  readonly magic: readonly number[];
}

const ascii = (text: string): readonly number[] => [...new TextEncoder().encode(text)];

const BY_BYTES: readonly Wrapping[] = [
  { name: 'an OPPO package (ozip, encrypted)', at: 0, magic: ascii('OPPOENCRYPT!') },
  { name: 'an HTC package (RUU, encrypted)', at: 0, magic: ascii('Htc@egi$') },
  { name: 'a Rockchip package (RKFW)', at: 0, magic: ascii('RKFW') },
  { name: 'a Rockchip package (RKAF)', at: 0, magic: ascii('RKAF') },
  { name: 'an Allwinner package (IMAGEWTY)', at: 0, magic: ascii('IMAGEWTY') },
  { name: 'an Amlogic package', at: 8, magic: [0x56, 0x19, 0xb5, 0x27] },
  { name: 'an LG package (KDZ)', at: 0, magic: [0x28, 0x05, 0, 0, 0x24, 0x38, 0x22, 0x25] },
  { name: 'an LG package (DZ)', at: 0, magic: [0x32, 0x96, 0x18, 0x74] },
  { name: 'a Huawei package (UPDATE.APP)', at: 92, magic: [0x55, 0xaa, 0x5a, 0xa5] },
  { name: 'a Unisoc package (PAC)', at: 0, magic: [0x42, 0, 0x50, 0, 0x5f, 0, 0x52, 0] },
  { name: 'a Unisoc package (PAC)', at: 2116, magic: [0xfa, 0xff, 0xfa, 0xff] },
  { name: 'a 7-Zip archive', at: 0, magic: [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c] },
  { name: 'a RAR archive', at: 0, magic: [...ascii('Rar!'), 0x1a, 0x07] },
];
const LONGEST = Math.max(...BY_BYTES.map(({ at, magic }) => at + magic.length));

/** Formats without a magic of their own, or whose magic lies at the end. */
const BY_NAME: readonly (readonly [RegExp, string])[] = [
  [/\.ozip$/i, 'an OPPO package (ozip)'],
  [/\.ofp$/i, 'an OPPO package (ofp, encrypted)'],
  [/\.ops$/i, 'a OnePlus package (ops, encrypted)'],
  [/\.kdz$/i, 'an LG package (KDZ)'],
  [/\.dz$/i, 'an LG package (DZ)'],
  [/\.pac$/i, 'a Unisoc package (PAC)'],
  [/\.nb0$/i, 'a FIH/Foxconn package (nb0)'],
  [/\.sin$/i, 'a Sony image (sin)'],
  [/(?:^|[/\\])update\.app$/i, 'a Huawei package (UPDATE.APP)'],
];
/** `ofp` and `ops` end in a page that says what they are. Source: bkerler/oppo_decrypt ofp_qc_decrypt.py, opscrypto.py. */
const TRAILER = { magic: [0xef, 0x7c, 0, 0], at: 0x10, pages: [0x200, 0x1000] } as const;

const isAt = (bytes: Uint8Array, at: number, magic: readonly number[]) => magic.every((value, index) => bytes[at + index] === value);

/** What a member's name says that it is packed in; undefined where that is nothing of these. */
export const wrappingOfName = (name: string): string | undefined => BY_NAME.find(([pattern]) => pattern.test(name))?.[1];

/** What a file is packed in that is not read here, in a reader's words; undefined for everything else. Its bytes count before its name. */
export async function wrappingOf(source: Source, name: string): Promise<string | undefined> {
  const start = await source.read(0, Math.min(LONGEST, source.size));
  const found = BY_BYTES.find(({ at, magic }) => isAt(start, at, magic));
  if (found !== undefined) return found.name;
  for (const page of TRAILER.pages) {
    if (source.size < page * 2) continue;
    if (isAt(await source.read(source.size - page, page), TRAILER.at, TRAILER.magic)) return 'an OPPO or OnePlus package (ofp, ops)';
  }
  return wrappingOfName(name);
}

/** What is said of it. */
export const wrappedWords = (wrapping: string): string => `it is ${wrapping}, which is not read here: unpack it, and give the images in it`;

/** Refuses a wrapping by its name. @throws FormatError `unsupported-feature` */
export async function refuseWrapped(source: Source, name: string): Promise<void> {
  const wrapping = await wrappingOf(source, name);
  if (wrapping !== undefined)
    throw new FormatError({ format: 'firmware', field: 'container', at: 0 }, 'unsupported-feature', wrappedWords(wrapping));
}
