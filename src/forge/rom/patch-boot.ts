/** Boot images patched for root, as the tools do it. Sources: topjohnwu/Magisk scripts/boot_patch.sh; tiann/KernelSU ksud boot-patch; bmax121/KernelPatch tools/patch.c. */
import { concatBytes } from '../../bytes/index.ts';
import { elf, seededBytes, text } from '../content.ts';
import type { RomFile } from './rom.ts';

export const BOOT_PATCHES = ['magisk', 'kernelsu', 'apatch'] as const;
export type BootPatch = (typeof BOOT_PATCHES)[number];

const entry = (path: string, content: RomFile['content'], mode = 0o644): RomFile => ({
  path,
  content,
  mode,
  uid: 0,
  gid: 0,
  context: 'u:object_r:rootfs:s0',
});
const packed = (seed: string) => ({
  kind: 'bytes' as const,
  bytes: concatBytes([Uint8Array.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0), seededBytes(seed, 4000)]),
});

/** The ramdisk after the patch: init replaced, the maker's kept aside, what the tool needs beside it. */
export function patchRamdisk(files: readonly RomFile[], patch: BootPatch): readonly RomFile[] {
  const init = files.find(({ path }) => path === '/init');
  if (init === undefined || patch === 'apatch') return files;
  const others = files.filter((file) => file !== init);
  const replaced = entry('/init', elf('aarch64', `init of ${patch}`, 30_000), 0o750);
  if (patch === 'kernelsu')
    return [...others, replaced, { ...init, path: '/init.real' }, entry('/kernelsu.ko', elf('aarch64', 'kernelsu', 20_000))];
  return [
    ...others,
    replaced,
    entry('/.backup/init.xz', packed('the maker’s init')),
    entry('/.backup/.magisk', text('KEEPVERITY=true\nKEEPFORCEENCRYPT=true\nRECOVERYMODE=false\nVENDORBOOT=false\n')),
    entry('/overlay.d/sbin/magisk.xz', packed('magisk')),
    entry('/overlay.d/sbin/stub.xz', packed('stub')),
  ];
}

/** An arm64 Image with a banner; its first instruction branches to its own code. */
export function arm64Kernel(seed: string, size: number): Uint8Array {
  const image = seededBytes(seed, size);
  const view = new DataView(image.buffer, image.byteOffset);
  // Reserved, then `b` over the header.
  view.setUint32(0, 0xd503201f, true);
  view.setUint32(4, branch(4, 0x1000), true);
  view.setUint32(56, 0x644d5241, true);
  image.set(new TextEncoder().encode('Linux version 6.6.30-android15-8-g0123456789ab (build@acme) #1\0'), 0x2000);
  return image;
}

const branch = (from: number, to: number) => (0x14000000 | (((to - from) >> 2) & 0x3ffffff)) >>> 0;

/** Puts a program with KernelPatch's header behind the kernel and lets the first branch lead into it. */
export function patchKernel(kernel: Uint8Array): Uint8Array {
  const at = Math.ceil(kernel.length / 4096) * 4096;
  const patched = new Uint8Array(at + 65_536);
  patched.set(kernel);
  patched.set(seededBytes('kpimg', 65_536), at);
  patched.set(new TextEncoder().encode('KP1158\0\0'), at);
  new DataView(patched.buffer).setUint32(4, branch(4, at + 4096), true);
  return patched;
}
