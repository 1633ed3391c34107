/**
 * What a file of a virtual phone holds: bytes, or a recipe from which the same bytes come every time.
 * Recipes keep a profile small in memory; big files are made when somebody reads them.
 */

/** An APK to be made: a real archive with a binary manifest. Who signs it is a name, which `forge/node` and `forge/apk.ts` turn into keys. */
export interface ApkRecipe {
  readonly package: string;
  readonly versionCode: number;
  readonly versionName: string;
  /** Name of the signing identity, as in `xiaomi-platform`. The same name is the same key, everywhere. */
  readonly signer: string;
  /** Distinguishes otherwise equal packages; decides the filling. */
  readonly seed: string;
  /** Bytes of incompressible filling. */
  readonly fill: number;
  /** What was done to it besides; none: signed with v1 and v2, as its developer would. */
  readonly trick?: ApkTrick;
  /** The trick's second identity: whom FakeID claims, whose key came before a rotation, whose app was repackaged. */
  readonly other?: string;
}

/** Ways in which an APK of a recipe is not plain: attackers' (`forge/apk-tricks.ts`), packers', and two that are innocent. */
export type ApkTrick =
  | 'janus'
  | 'master-key-duplicate'
  | 'master-key-extra'
  | 'master-key-name'
  | 'fake-id'
  | 'stripped-v3'
  | 'repackaged'
  | 'injected-dex'
  | 'packed-encrypted'
  | 'packed-methods'
  | 'packed-sizes'
  | 'packed-names'
  | 'packed-manifest'
  | 'rotated-key'
  | 'v1-only';

export type Content =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** Pseudo-random bytes. */
  | { readonly kind: 'seeded'; readonly seed: string; readonly size: number }
  /** An ELF header of the machine, then pseudo-random bytes. */
  | { readonly kind: 'elf'; readonly machine: 'arm' | 'aarch64'; readonly seed: string; readonly size: number }
  | { readonly kind: 'apk'; readonly apk: ApkRecipe };

export const text = (value: string): Content => ({ kind: 'text', text: value });
export const seeded = (seed: string, size: number): Content => ({ kind: 'seeded', seed, size });
export const elf = (machine: 'arm' | 'aarch64', seed: string, size: number): Content => ({ kind: 'elf', machine, seed, size });
export const apk = (recipe: ApkRecipe): Content => ({ kind: 'apk', apk: recipe });

/** Makes the bytes of an APK. */
export type ApkMaker = (recipe: ApkRecipe) => Uint8Array;

const utf8 = new TextEncoder();
const ELF_HEADER = 64;

/** The bytes of a content; `makeApk` turns recipes of APKs into archives. */
export function contentBytes(content: Content, makeApk: ApkMaker): Uint8Array {
  switch (content.kind) {
    case 'text':
      return utf8.encode(content.text);
    case 'bytes':
      return content.bytes;
    case 'seeded':
      return seededBytes(content.seed, content.size);
    case 'elf':
      return elfBytes(content.machine, content.seed, content.size);
    case 'apk':
      return makeApk(content.apk);
  }
}

/** How many bytes a content has, without making those that are only filling. */
export function contentSize(content: Content, makeApk: ApkMaker): number {
  if (content.kind === 'seeded') return content.size;
  if (content.kind === 'elf') return Math.max(content.size, ELF_HEADER);
  return contentBytes(content, makeApk).length;
}

/** FNV-1a over UTF-16 code units: 32 bits, for seeds and inode numbers only. */
export function hash32(value: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < value.length; i += 1) hash = Math.imul(hash ^ value.charCodeAt(i), 0x01000193) >>> 0;
  return hash;
}

/** Pseudo-random bytes (xorshift32): the same seed gives the same bytes, a longer answer begins with the shorter one. */
export function seededBytes(seed: string, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let state = hash32(seed) || 1;
  for (let i = 0; i < size; i += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[i] = state >>> 11;
  }
  return bytes;
}

/** A shared library's ELF header with e_machine 40 (ARM) or 183 (AArch64), filled up. */
function elfBytes(machine: 'arm' | 'aarch64', seed: string, size: number): Uint8Array {
  const bytes = seededBytes(seed, Math.max(size, ELF_HEADER));
  const view = new DataView(bytes.buffer);
  bytes.fill(0, 0, ELF_HEADER);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, machine === 'arm' ? 1 : 2, 1, 1]);
  view.setUint16(16, 3, true); // ET_DYN
  view.setUint16(18, machine === 'arm' ? 40 : 183, true);
  view.setUint32(20, 1, true);
  view.setUint16(machine === 'arm' ? 40 : 52, machine === 'arm' ? 52 : 64, true); // e_ehsize
  return bytes;
}
