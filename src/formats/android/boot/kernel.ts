/**
 * A kernel as far as patches of boot images show in it. Source: Linux Documentation/arch/arm64/booting.rst (the header of an arm64 Image);
 * bmax121/KernelPatch kernel/include/preset.h (`KP1158`) and KernelPatch-Next (`KP2026`): the header of the program that is put behind a kernel.
 *
 *     struct arm64_image { u32 code0; u32 code1; u64 text_offset; u64 image_size; u64 flags; u64 res2..4; u32 magic (ARM\x64); u32 res5; };
 *     struct setup_header { char magic[8]; u32 version; u32 unused; u64 flags; char compile_time[24]; … };                                   64 bytes
 *     struct setup_preset { u32 kernel_version; u32 unused; i64 kimg_size; i64 kpimg_size; … };                                             behind it
 *
 * KernelPatch tools/patch.c puts that program at the next 4 KiB behind the kernel, notes the kernel's size in it, and lets the kernel's first branch lead 4 KiB into it: who builds it
 * under another magic leaves that as it is. Reads no symbol table and follows no code beyond the first instruction.
 */

const ARM64_MAGIC = 0x644d5241;
const PATCHES: readonly (readonly [magic: string, name: string])[] = [
  ['KP1158\0\0', 'KernelPatch (APatch)'],
  ['KP2026\0\0', 'KernelPatch-Next'],
];
const PAGE = 4096;
const COMPILE_TIME_AT = 24;
const KERNEL_SIZE_AT = 64 + 8;
/** What KernelSU writes into the kernel's log: where it is built in, its texts are there. Source: tiann/KernelSU kernel/klog.h. */
const KERNELSU = 'KernelSU: ';
const TEXTS_MAX = 1000;
/** Bytes behind a patch's header that its entry may lie in: kpimg has some 200 KiB. */
const PATCH_SPAN = 16 << 20;

export interface KernelReading {
  /** `Linux version …`, its first words. */
  readonly banner: string | undefined;
  readonly isArm64: boolean;
  /** A program with a patcher's header, and whether the kernel's first branch leads into it. */
  readonly patch: { readonly name: string; readonly at: number; readonly isEntered: boolean } | undefined;
  /** How many texts of KernelSU's there are. */
  readonly kernelSuTexts: number;
}

/** Reads an unpacked kernel. Never throws: what is not there is undefined. */
export function readKernel(bytes: Uint8Array): KernelReading {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const isArm64 = bytes.length >= 64 && view.getUint32(56, true) === ARM64_MAGIC;
  const entry = isArm64 ? (branchTarget(view, 0) ?? branchTarget(view, 4)) : undefined;
  return { banner: bannerOf(bytes), isArm64, patch: patchOf(bytes, entry), kernelSuTexts: countText(bytes, KERNELSU) };
}

/** Samsung's and Huawei's kernels that are not packed begin with `UNCOMPRESSED_IMG` and their size. Source: KernelPatch tools/patch.c, read_kernel_file. */
export function withoutPlainHeader(bytes: Uint8Array): Uint8Array {
  return findText(bytes.subarray(0, 16), 'UNCOMPRESSED_IMG', 0) === 0 ? bytes.subarray(20) : bytes;
}

/** Where an unconditional branch (`b imm26`) leads, in bytes from the start. */
function branchTarget(view: DataView, at: number): number | undefined {
  const word = view.getUint32(at, true);
  return word >>> 26 === 0b000101 ? at + ((word << 6) >> 4) : undefined;
}

function patchOf(bytes: Uint8Array, entry: number | undefined): KernelReading['patch'] {
  for (const [magic, name] of PATCHES) {
    const at = findText(bytes, magic, 64);
    if (at >= 0) return { name, at, isEntered: entry !== undefined && entry >= at && entry < at + PATCH_SPAN };
  }
  return entry === undefined ? undefined : namelessPatch(bytes, entry);
}

/** The same program under another magic: by where it lies, and what it notes of the kernel before it or of when it was made. */
function namelessPatch(bytes: Uint8Array, entry: number): KernelReading['patch'] {
  const at = entry - PAGE;
  if (entry % PAGE !== 0 || at < PAGE || entry + 64 > bytes.length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const size = view.getBigUint64(at + KERNEL_SIZE_AT, true);
  const time = new TextDecoder('latin1').decode(bytes.subarray(at + COMPILE_TIME_AT, at + COMPILE_TIME_AT + 24));
  const isSized = size > 0n && size <= BigInt(at) && BigInt(at) - size < BigInt(PAGE);
  const isTimed = /^\d\d:\d\d:\d\d [A-Z][a-z]{2} [ \d]\d \d{4}\0/.test(time);
  return isSized || isTimed ? { name: 'KernelPatch under another name', at, isEntered: true } : undefined;
}

function countText(bytes: Uint8Array, text: string): number {
  let count = 0;
  for (let at = findText(bytes, text, 0); at >= 0 && count < TEXTS_MAX; at = findText(bytes, text, at + text.length)) count++;
  return count;
}

function bannerOf(bytes: Uint8Array): string | undefined {
  const at = findText(bytes, 'Linux version ', 0);
  if (at < 0) return undefined;
  const text = new TextDecoder('latin1').decode(bytes.subarray(at, at + 120));
  return /^Linux version [0-9][\x20-\x7e]*/.exec(text)?.[0];
}

/** The first place of an ASCII text from `from` on, or -1. */
export function findText(bytes: Uint8Array, text: string, from: number): number {
  const wanted = new TextEncoder().encode(text);
  const [first = 0] = wanted;
  for (let at = bytes.indexOf(first, from); at >= 0; at = bytes.indexOf(first, at + 1))
    if (wanted.every((byte, index) => bytes[at + index] === byte)) return at;
  return -1;
}
