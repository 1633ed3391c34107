/**
 * The branch filters of xz and delta, undone: absolute targets of calls become relative again.
 * Spec: The .xz File Format 1.2.1, 5.3.2 and 5.3.3; the reference decoders of LZMA SDK and XZ Embedded (public domain).
 * Reads: delta, x86, ARM, ARM-Thumb, ARM64; those of other machines are in `bcj-others.ts`.
 */

/** Undoes one filter over pieces: takes bytes in place from `start`, answers how far they are final. What is behind comes again with the next piece. */
export type Unfilter = (bytes: Uint8Array, end: number) => number;

/** Whether a byte is the sign extension of a 25-bit displacement. */
const isExtension = (byte: number) => byte === 0 || byte === 0xff;

const read32 = (b: Uint8Array, at: number) => (b[at] ?? 0) | ((b[at + 1] ?? 0) << 8) | ((b[at + 2] ?? 0) << 16) | ((b[at + 3] ?? 0) << 24);

function write32(b: Uint8Array, at: number, value: number): void {
  b[at] = value;
  b[at + 1] = value >>> 8;
  b[at + 2] = value >>> 16;
  b[at + 3] = value >>> 24;
}

/** x86: CALL and JMP (E8, E9) with a 32-bit displacement. The mask remembers which of the last bytes looked like opcodes. */
export function x86(startOffset = 0): Unfilter {
  let position = startOffset;
  let mask = 0;
  const ALLOWED = Uint8Array.of(1, 1, 1, 0, 1, 0, 0, 0);
  const BIT = Uint8Array.of(0, 1, 2, 2, 3, 3, 3, 3);
  return (b, end) => {
    if (end <= 4) return 0;
    const limit = end - 4;
    let last = -1;
    let i = 0;
    for (; i < limit; i++) {
      if (((b[i] ?? 0) & 0xfe) !== 0xe8) continue;
      const distance = i - last;
      last = i;
      if (distance > 3) mask = 0;
      else {
        mask = (mask << (distance - 1)) & 7;
        if (mask !== 0 && (ALLOWED[mask] === 0 || isExtension(b[i + 4 - (BIT[mask] ?? 0)] ?? 0))) {
          mask = (mask << 1) | 1;
          continue;
        }
      }
      if (!isExtension(b[i + 4] ?? 0)) {
        mask = (mask << 1) | 1;
        continue;
      }
      let source = read32(b, i + 1);
      let target: number;
      for (;;) {
        target = (source - (position + i + 5)) | 0;
        if (mask === 0) break;
        const shift = (BIT[mask] ?? 0) * 8;
        if (!isExtension((target >>> (24 - shift)) & 0xff)) break;
        source = target ^ ((2 ** (32 - shift) - 1) | 0);
      }
      write32(b, i + 1, (target & 0x01ffffff) | -(target & 0x01000000));
      i += 4;
    }
    const distance = i - last;
    mask = distance > 3 ? 0 : mask << (distance - 1);
    position = (position + i) | 0;
    return i;
  };
}

/** ARM: BL, condition always. */
export function arm(startOffset = 0): Unfilter {
  let position = startOffset;
  return (b, end) => {
    let i = 0;
    for (; i + 4 <= end; i += 4) {
      if (b[i + 3] !== 0xeb) continue;
      const address = ((((read32(b, i) & 0xffffff) << 2) - (position + i + 8)) >>> 2) & 0xffffff;
      write32(b, i, address | 0xeb000000);
    }
    position = (position + i) | 0;
    return i;
  };
}

/** ARM-Thumb: BL as a pair of halfwords. */
export function armThumb(startOffset = 0): Unfilter {
  let position = startOffset;
  return (b, end) => {
    let i = 0;
    for (; i + 4 <= end; i += 2) {
      const b1 = b[i + 1] ?? 0;
      const b3 = b[i + 3] ?? 0;
      if ((b1 & 0xf8) !== 0xf0 || (b3 & 0xf8) !== 0xf8) continue;
      const raw = ((b1 & 7) << 19) | ((b[i] ?? 0) << 11) | ((b3 & 7) << 8) | (b[i + 2] ?? 0);
      const address = ((raw << 1) - (position + i + 4)) >>> 1;
      b[i + 1] = 0xf0 | ((address >>> 19) & 7);
      b[i] = address >>> 11;
      b[i + 3] = 0xf8 | ((address >>> 8) & 7);
      b[i + 2] = address;
      i += 2;
    }
    position = (position + i) | 0;
    return i;
  };
}

/** ARM64: BL, and ADRP within ±512 MiB. */
export function arm64(startOffset = 0): Unfilter {
  let position = startOffset;
  return (b, end) => {
    let i = 0;
    for (; i + 4 <= end; i += 4) {
      const word = read32(b, i);
      const here = position + i;
      if (word >>> 26 === 0x25) write32(b, i, 0x94000000 | ((word - (here >>> 2)) & 0x03ffffff));
      else if ((word & 0x9f000000) >>> 0 === 0x90000000) {
        let address = ((word >>> 29) & 3) | ((word >>> 3) & 0x1ffffc);
        if (((address + 0x020000) & 0x1c0000) !== 0) continue;
        address -= here >>> 12;
        write32(b, i, (word & 0x9000001f) | ((address & 3) << 29) | ((address & 0x03fffc) << 3) | (-(address & 0x020000) & 0xe00000));
      }
    }
    position = (position + i) | 0;
    return i;
  };
}

/** Delta: each byte is the difference to the one `distance` before. */
export function delta(distance: number): Unfilter {
  const history = new Uint8Array(256);
  let at = 0;
  return (b, end) => {
    for (let i = 0; i < end; i++) {
      const value = ((b[i] ?? 0) + (history[(at - distance) & 0xff] ?? 0)) & 0xff;
      b[i] = value;
      history[at & 0xff] = value;
      at = (at + 1) & 0xff;
    }
    return end;
  };
}
