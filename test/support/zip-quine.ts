/**
 * An archive that holds itself, after Russ Cox, "Zip Files All The Way Down" (research.swtch.com/zip, 2010): a self-reproducing program of two instructions,
 * "print these bytes" (L) and "print again the last bytes" (R), each as long as the other, in DEFLATE blocks (RFC 1951).
 */
import { crc32 } from '../../src/formats/codec/checksums.ts';

const NAME = new TextEncoder().encode('r.zip');
/** Bytes of an instruction. */
const UNIT = 10;

/** Bits as DEFLATE packs them: the first is the lowest. Codes come highest bit first, numbers lowest first. */
class Bits {
  private readonly bits: number[] = [];
  number(value: number, count: number): this {
    for (let i = 0; i < count; i++) this.bits.push((value >> i) & 1);
    return this;
  }
  code(value: number, count: number): this {
    for (let i = count - 1; i >= 0; i--) this.bits.push((value >> i) & 1);
    return this;
  }
  /** A block of fixed codes that prints nothing: not the last, type 1, end of block. */
  nothing(): this {
    return this.number(0, 1).number(1, 2).code(0, 7);
  }
  bytes(): number[] {
    return Array.from({ length: Math.ceil(this.bits.length / 8) }, (_, at) =>
      this.bits.slice(at * 8, at * 8 + 8).reduce((byte, bit, i) => byte | (bit << i), 0),
    );
  }
}

/** Prints the `count` bytes that follow: a stored block behind blocks of nothing. */
function literal(count: number): number[] {
  const header = new Bits().nothing().nothing().nothing().nothing().number(0, 3).bytes();
  return header.concat(count & 255, count >> 8, ~count & 255, (~count >> 8) & 255);
}

/** Prints the last `count` bytes again, 35 to 98 of them: one match, a block of nothing, an empty stored block. */
function repeat(count: number): number[] {
  const bits = new Bits().number(0, 1).number(1, 2);
  // RFC 1951, 3.2.5 and 3.2.6: length symbols 273 to 278 have codes of 7 bits, distance symbols 5.
  const [symbol, base, extra] = count < 67 ? [273, 35, 3] : [277, 67, 4];
  bits.code(symbol - 256 + ((count - base) >> extra), 7).number((count - base) & ((1 << extra) - 1), extra);
  const [far, nearest, more] = count < 65 ? [10, 33, 4] : [12, 65, 5];
  bits.code(far + ((count - nearest) >> more), 5).number((count - nearest) & ((1 << more) - 1), more);
  return [...bits.code(0, 7).nothing().number(0, 3).bytes(), 0, 0, 255, 255];
}

/** The archive with a checksum, which is right or not. */
function archive(sum: number, time: number): Uint8Array {
  const le = (value: number, bytes: number) => Array.from({ length: bytes }, (_, i) => Math.floor(value / 2 ** (8 * i)) & 255);
  const p = 30 + NAME.length;
  const s = 2 + 46 + NAME.length + 22;
  const [printP, againP, printS, againS] = [literal(p + UNIT), repeat(p + UNIT), literal(s + UNIT), repeat(s + UNIT)];
  const [L0, L1, L4, R4] = [literal(0), literal(UNIT), literal(4 * UNIT), repeat(4 * UNIT)];
  const programOf = (prefix: readonly number[], suffix: readonly number[]) =>
    [
      [printP, prefix, printP, againP, L1, againP, L1, L1, L4, againP, L1, L1, L4, R4],
      [L4, R4, L4, R4, L4, R4, L4, R4, L0, L0, printS, R4, L0, L0, printS, againS, suffix, againS],
    ].flat(2);
  const packed =
    programOf(
      Array.from({ length: p }, () => 0),
      Array.from({ length: s }, () => 0),
    ).length + 2;
  const whole = p + packed - 2 + s;
  const common = [...le(20, 2), ...le(0, 2), ...le(8, 2), ...le(time, 2), ...le(0x21, 2), ...le(sum, 4), ...le(packed, 4), ...le(whole, 4)];
  const names = [...le(NAME.length, 2), ...le(0, 2)];
  const prefix = [...le(0x04034b50, 4), ...common, ...names, ...NAME];
  const header = [...le(0x02014b50, 4), ...le(20, 2), ...common, ...names, ...le(0, 14), ...NAME];
  const end = [...le(0x06054b50, 4), ...le(0, 4), ...le(1, 2), ...le(1, 2), ...le(header.length, 4), ...le(p + packed, 4), ...le(0, 2)];
  // The last block prints nothing and says that it is the last; it belongs to what is printed.
  const suffix = [3, 0, ...header, ...end];
  return Uint8Array.from([...prefix, ...programOf(prefix, suffix), ...suffix]);
}

/**
 * The archive whose checksum is right though the checksum is in it, four times: a CRC is affine in the bits of its input, so 32 equations in 32 unknowns.
 * They have a solution for some times of change and not for others.
 */
export function zipQuine(): Uint8Array {
  for (let time = 0; time < 2000; time++) {
    const at0 = crc32(archive(0, time));
    // Row: which bits of the sum come into this bit of the checksum, and the bit that must come out.
    const columns = Array.from({ length: 32 }, (_, bit) => (crc32(archive(2 ** bit, time)) ^ at0) >>> 0);
    const rows = Array.from({ length: 32 }, (_, row) => ({
      left: columns.reduce((left, column, bit) => left | ((((column >>> row) & 1) ^ (bit === row ? 1 : 0)) << bit), 0),
      right: (at0 >>> row) & 1,
    }));
    for (let bit = 0; bit < 32; bit++) {
      const pivot = rows.findIndex(({ left }, row) => row >= bit && ((left >>> bit) & 1) === 1);
      const [a, b] = [rows[bit], rows[pivot]];
      if (a === undefined || b === undefined) break;
      rows[bit] = b;
      rows[pivot] = a;
      for (let row = 0; row < 32; row++) {
        const other = rows[row];
        if (other === undefined || row === bit || ((other.left >>> bit) & 1) === 0) continue;
        rows[row] = { left: other.left ^ b.left, right: other.right ^ b.right };
      }
    }
    const sum = rows.reduce((value, { right }, bit) => value + right * 2 ** bit, 0);
    const made = archive(sum, time);
    if (crc32(made) === sum) return made;
  }
  throw new Error('no time of change has a solution');
}
