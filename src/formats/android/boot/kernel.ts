/**
 * A kernel as far as patches of boot images show in it. Source: Linux Documentation/arch/arm64/booting.rst (the header of an arm64 Image);
 * bmax121/KernelPatch kernel/include/preset.h (`KP1158`) and KernelPatch-Next (`KP2026`): the header of the program that is put behind a kernel.
 *
 *     struct arm64_image { u32 code0; u32 code1; u64 text_offset; u64 image_size; u64 flags; u64 res2..4; u32 magic (ARM\x64); u32 res5; };
 *     struct setup_header { char magic[8]; u32 version; … };
 *
 * Reads no symbol table and follows no code beyond the first instruction.
 */

const ARM64_MAGIC = 0x644d5241;
const PATCHES: readonly (readonly [magic: string, name: string])[] = [
  ['KP1158\0\0', 'KernelPatch (APatch)'],
  ['KP2026\0\0', 'KernelPatch-Next'],
];
/** Bytes behind a patch's header that its entry may lie in: kpimg has some 200 KiB. */
const PATCH_SPAN = 16 << 20;

export interface KernelReading {
  /** `Linux version …`, its first words. */
  readonly banner: string | undefined;
  readonly isArm64: boolean;
  /** A program with a patcher's header, and whether the kernel's first branch leads into it. */
  readonly patch: { readonly name: string; readonly at: number; readonly isEntered: boolean } | undefined;
}

/** Reads an unpacked kernel. Never throws: what is not there is undefined. */
export function readKernel(bytes: Uint8Array): KernelReading {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const isArm64 = bytes.length >= 64 && view.getUint32(56, true) === ARM64_MAGIC;
  const entry = isArm64 ? (branchTarget(view, 0) ?? branchTarget(view, 4)) : undefined;
  return { banner: bannerOf(bytes), isArm64, patch: patchOf(bytes, entry) };
}

/** Where an unconditional branch (`b imm26`) leads, in bytes from the start. */
function branchTarget(view: DataView, at: number): number | undefined {
  const word = view.getUint32(at, true);
  return word >>> 26 === 0b000101 ? at + ((word << 6) >> 4) : undefined;
}

function patchOf(bytes: Uint8Array, entry: number | undefined): KernelReading['patch'] {
  for (const [magic, name] of PATCHES) {
    const at = find(bytes, magic, 64);
    if (at >= 0) return { name, at, isEntered: entry !== undefined && entry >= at && entry < at + PATCH_SPAN };
  }
  return undefined;
}

function bannerOf(bytes: Uint8Array): string | undefined {
  const at = find(bytes, 'Linux version ', 0);
  if (at < 0) return undefined;
  const text = new TextDecoder('latin1').decode(bytes.subarray(at, at + 120));
  return /^Linux version [0-9][\x20-\x7e]*/.exec(text)?.[0];
}

/** The first place of an ASCII text from `from` on, or -1. */
function find(bytes: Uint8Array, text: string, from: number): number {
  const wanted = new TextEncoder().encode(text);
  const [first = 0] = wanted;
  for (let at = bytes.indexOf(first, from); at >= 0; at = bytes.indexOf(first, at + 1))
    if (wanted.every((byte, index) => bytes[at + index] === byte)) return at;
  return -1;
}
