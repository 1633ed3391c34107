import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readKernel } from './kernel.ts';

/** An arm64 Image of `size` bytes whose second word branches to `target`; layout of Documentation/arch/arm64/booting.rst, written by hand. */
function image(size: number, target: number): Uint8Array {
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0xd503201f, true);
  view.setUint32(4, (0x14000000 | (((target - 4) >> 2) & 0x3ffffff)) >>> 0, true);
  bytes.set(new TextEncoder().encode('ARMd'), 56);
  return bytes;
}
const put = (bytes: Uint8Array, at: number, text: string) => {
  bytes.set(new TextEncoder().encode(text), at);
  return bytes;
};

describe('a kernel', () => {
  test('a plain arm64 Image with its banner', () => {
    const read = readKernel(put(image(16_384, 0x1000), 0x2000, 'Linux version 6.6.30-android15-8 (build@host)\n'));
    expect(read).toEqual({ banner: 'Linux version 6.6.30-android15-8 (build@host)', isArm64: true, patch: undefined, kernelSuTexts: 0 });
  });
  test('a program behind it that its first branch leads into', () => {
    expect(readKernel(put(image(32_768, 16_384 + 4096), 16_384, 'KP1158\0\0')).patch).toEqual({
      name: 'KernelPatch (APatch)',
      at: 16_384,
      isEntered: true,
    });
  });
  test('the same letters in a kernel that begins with its own code are a mark and no entry', () => {
    expect(readKernel(put(image(32_768, 0x1000), 16_384, 'KP2026\0\0')).patch).toEqual({
      name: 'KernelPatch-Next',
      at: 16_384,
      isEntered: false,
    });
  });
  test('a branch backwards leads nowhere, and a 32-bit kernel has no such header', () => {
    expect(readKernel(put(image(32_768, -4096), 16_384, 'KP1158\0\0')).patch?.isEntered).toBe(false);
    expect(readKernel(put(new Uint8Array(100), 70, 'KP1158\0\0'))).toEqual({
      banner: undefined,
      isArm64: false,
      patch: { name: 'KernelPatch (APatch)', at: 70, isEntered: false },
      kernelSuTexts: 0,
    });
  });
  test('whatever the bytes are, it answers', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(readKernel(bytes).banner ?? '').not.toContain('\n');
      }),
    );
  });
});
