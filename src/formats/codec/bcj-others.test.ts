import { describe, expect, test } from 'vitest';
import { parseBase64 } from '../../bytes/index.ts';
import { ia64, powerPc, riscv, sparc } from './bcj-others.ts';
import { pureCodec } from './registry.ts';

/** Twelve bundles of RISC-V: JAL to ra, AUIPC with a JALR that uses its register, AUIPC to ra alone; the rest is noise. */
function instructions(size: number): Uint8Array {
  const bytes = Uint8Array.from({ length: size }, (_, i) => (Math.imul(i + 1, 2654435761) >>> 13) & 255);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at + 16 <= size; at += 16) {
    const word = view.getUint32(at + 8, true);
    const register = 5 + ((at >>> 4) % 20);
    const kind = (at >>> 4) % 3;
    if (kind === 0) view.setUint32(at, 0xef | ((word & 0xfffff2) << 8), true);
    else if (kind === 1) {
      view.setUint32(at, 0x17 | (register << 7) | (word & 0xfffff000), true);
      view.setUint32(at + 4, 0x67 | (register << 15) | (word & 0xfff00000), true);
    } else view.setUint32(at, 0x117 | (word & 0xfffff000), true);
  }
  return bytes;
}

/** Those, by `xz --check=crc32 --riscv --lzma2=preset=0` of xz 5.8: the distribution's has no such filter yet. */
const PACKED =
  '/Td6WFoAAAFpIt42BMHEAcABCwAhAQwAAAAAAFFMXo4BAL/vMkyKq2Yi3ppWEc2JRQG8F3EGMIrOCLxXEs6KRgK9eRfBi0ck4JxYE8+LRwO+ejbvYGpc4Z1ZFNCMSAS/ezfzF3EGSMEFPFCNSQXBfDj0sBcBwn1bF9KOSgbCfTn1sW3vEoQmGNOPSwfDfjr2sm4pF3EGYPc7b+PEfzv3s28q5hdLCcWDTxvZgDz4tHAs56PvwJ33TgrGgj35tXEt6KRgF3EGeC5ys4f6tnIu6aVhHZeOP/v3oo5Mt3Mv6qZiHtoAfEmSiQAB3AHAAQAACKVG7D4wDYsCAAAAAAFZWg==';

test('RISC-V, as xz 5.8 packs it', async () => {
  expect(await pureCodec('xz', parseBase64(PACKED) ?? new Uint8Array(0), 192)).toEqual(instructions(192));
});

describe.each([
  ['PowerPC', powerPc],
  ['SPARC', sparc],
  ['IA-64', ia64],
  ['RISC-V', riscv],
])('%s', (_, make) => {
  test('gives the same in pieces of any length', () => {
    const bytes = Uint8Array.from(
      { length: 4000 },
      (_byte, i) => [0x48, 0x40, 0x7f, 0x16, 0xef, 0x17, 0x97, (i * 31) & 255][(i * 7 + (i >>> 4)) & 7] ?? 0,
    );
    const whole = bytes.slice();
    make(64)(whole, whole.length);
    for (const step of [1, 7, 16, 33, 1000]) {
      const unfilter = make(64);
      const out: number[] = [];
      let held: readonly number[] = [];
      for (let at = 0; at < bytes.length; at += step) {
        const piece = Uint8Array.from([...held, ...bytes.subarray(at, at + step)]);
        const done = unfilter(piece, piece.length);
        out.push(...piece.subarray(0, done));
        held = [...piece.subarray(done)];
      }
      expect([step, Uint8Array.from([...out, ...held])]).toEqual([step, whole]);
    }
  });
});
