/**
 * An assembler for the A64 instructions that challenges are made of.
 * Source: Arm Architecture Reference Manual for A-profile (DDI 0487), chapter C6; each line's comment is the encoding's name there.
 * X registers are numbers 0 to 30; 31 is XZR or SP, as the instruction has it. Labels are strings; branches and ADR reach within the program.
 */

export type Condition = 'eq' | 'ne' | 'hs' | 'lo' | 'mi' | 'pl' | 'hi' | 'ls' | 'ge' | 'lt' | 'gt' | 'le';
const CONDITIONS: Readonly<Record<Condition, number>> = {
  eq: 0,
  ne: 1,
  hs: 2,
  lo: 3,
  mi: 4,
  pl: 5,
  hi: 8,
  ls: 9,
  ge: 10,
  lt: 11,
  gt: 12,
  le: 13,
};

/** XZR, or SP where an instruction takes it. */
export const XZR = 31;
export const SP = 31;

type Fixup = { readonly at: number; readonly label: string; readonly kind: 'branch26' | 'branch19' | 'adr' };

/** A program being written. `done` resolves labels and gives the bytes. */
export interface A64 {
  readonly label: (name: string) => void;
  /** One instruction word as it is: for probes. */
  readonly word: (value: number) => void;
  /** Eight bytes of data. */
  readonly data64: (value: bigint) => void;
  readonly mov: (rd: number, rm: number) => void;
  /** Any 64-bit constant, in one to four instructions. */
  readonly movImm: (rd: number, value: bigint | number) => void;
  readonly addImm: (rd: number, rn: number, imm: number) => void;
  readonly subImm: (rd: number, rn: number, imm: number) => void;
  readonly add: (rd: number, rn: number, rm: number) => void;
  readonly addShifted: (rd: number, rn: number, operand: { readonly rm: number; readonly lsl: number }) => void;
  readonly sub: (rd: number, rn: number, rm: number) => void;
  readonly subs: (rd: number, rn: number, rm: number) => void;
  readonly and: (rd: number, rn: number, rm: number) => void;
  readonly orr: (rd: number, rn: number, rm: number) => void;
  readonly eor: (rd: number, rn: number, rm: number) => void;
  readonly mul: (rd: number, rn: number, rm: number) => void;
  readonly madd: (rd: number, rn: number, operands: { readonly rm: number; readonly ra: number }) => void;
  readonly udiv: (rd: number, rn: number, rm: number) => void;
  readonly ror: (rd: number, rn: number, shift: number) => void;
  readonly lsr: (rd: number, rn: number, shift: number) => void;
  readonly lsl: (rd: number, rn: number, shift: number) => void;
  /** rt = [rn + imm], imm a multiple of 8 to 32,760. */
  readonly ldr: (rt: number, rn: number, imm: number) => void;
  readonly str: (rt: number, rn: number, imm: number) => void;
  /** rt = [rn + rm * 8]. */
  readonly ldrIndexed: (rt: number, rn: number, rm: number) => void;
  readonly strIndexed: (rt: number, rn: number, rm: number) => void;
  readonly ldrb: (rt: number, rn: number, imm: number) => void;
  readonly strb: (rt: number, rn: number, imm: number) => void;
  readonly cmp: (rn: number, rm: number) => void;
  readonly cmpImm: (rn: number, imm: number) => void;
  readonly b: (label: string) => void;
  readonly bl: (label: string) => void;
  readonly bCond: (condition: Condition, label: string) => void;
  readonly cbz: (rt: number, label: string) => void;
  readonly cbnz: (rt: number, label: string) => void;
  readonly br: (rn: number) => void;
  readonly ret: () => void;
  readonly adr: (rd: number, label: string) => void;
  readonly svc: () => void;
  readonly isb: () => void;
  /** Reads a system register, by its op0:op1:CRn:CRm:op2 as one number of 16 bits. */
  readonly mrs: (rt: number, register: number) => void;
  readonly done: () => Uint8Array;
}

/** System registers that EL0 may read. */
export const SYSTEM = { CNTVCT_EL0: 0xdf02, CNTFRQ_EL0: 0xdf00, CTR_EL0: 0xd801, MIDR_EL1: 0xc000 } as const;

/** Starts a program. @throws RangeError from any call whose operand its instruction cannot hold, and from `done` for a label that is not there */
export function a64(): A64 {
  const words: number[] = [];
  const labels = new Map<string, number>();
  const fixups: Fixup[] = [];

  const fits = (value: number, max: number, what: string) => {
    if (!Number.isInteger(value) || value < 0 || value > max) throw new RangeError(`${what} ${value} does not fit into 0 to ${max}`);
    return value;
  };
  const reg = (value: number) => fits(value, 31, 'register');
  const emit = (value: number) => {
    words.push(value >>> 0);
  };
  const refer = (label: string, kind: Fixup['kind']) => fixups.push({ at: words.length, label, kind });
  const three = (base: number) => (rd: number, rn: number, rm: number) => emit(base | (reg(rm) << 16) | (reg(rn) << 5) | reg(rd));
  const memory = (base: number, scale: number) => (rt: number, rn: number, imm: number) =>
    emit(base | (fits(imm / scale, 4095, 'offset') << 10) | (reg(rn) << 5) | reg(rt));
  const addSub = (base: number) => (rd: number, rn: number, imm: number) =>
    emit(base | (fits(imm, 4095, 'immediate') << 10) | (reg(rn) << 5) | reg(rd));

  const subs = three(0xeb000000); // SUBS (shifted register)
  const orr = three(0xaa000000); // ORR (shifted register)
  const cmpBase = addSub(0xf1000000); // SUBS (immediate)

  return {
    label(name) {
      if (labels.has(name)) throw new RangeError(`label ${name} is there twice`);
      labels.set(name, words.length);
    },
    word: emit,
    data64(value) {
      emit(Number(value & 0xffffffffn));
      emit(Number((value >> 32n) & 0xffffffffn));
    },
    mov: (rd, rm) => orr(rd, XZR, rm),
    movImm(rd, value) {
      const bits = BigInt.asUintN(64, BigInt(value));
      let first = true;
      for (let shift = 0n; shift < 4n; shift++) {
        const part = Number((bits >> (16n * shift)) & 0xffffn);
        // Parts that are zero need nothing, unless all are.
        if (part === 0 && bits !== 0n) continue;
        if (bits === 0n && shift > 0n) break;
        // MOVZ for the first part, MOVK for the others.
        emit((first ? 0xd2800000 : 0xf2800000) | (Number(shift) << 21) | (part << 5) | reg(rd));
        first = false;
      }
    },
    addImm: addSub(0x91000000), // ADD (immediate)
    subImm: addSub(0xd1000000), // SUB (immediate)
    add: three(0x8b000000), // ADD (shifted register)
    addShifted: (rd, rn, { rm, lsl }) => emit(0x8b000000 | (reg(rm) << 16) | (fits(lsl, 63, 'shift') << 10) | (reg(rn) << 5) | reg(rd)),
    sub: three(0xcb000000), // SUB (shifted register)
    subs,
    and: three(0x8a000000), // AND (shifted register)
    orr,
    eor: three(0xca000000), // EOR (shifted register)
    mul: three(0x9b007c00), // MADD with XZR
    madd: (rd, rn, { rm, ra }) => emit(0x9b000000 | (reg(rm) << 16) | (reg(ra) << 10) | (reg(rn) << 5) | reg(rd)),
    udiv: three(0x9ac00800), // UDIV
    ror: (rd, rn, shift) => emit(0x93c00000 | (reg(rn) << 16) | (fits(shift, 63, 'shift') << 10) | (reg(rn) << 5) | reg(rd)), // EXTR
    lsr: (rd, rn, shift) => emit(0xd340fc00 | (fits(shift, 63, 'shift') << 16) | (reg(rn) << 5) | reg(rd)), // UBFM
    lsl: (rd, rn, shift) =>
      emit(0xd3400000 | (((64 - fits(shift, 63, 'shift')) % 64) << 16) | ((63 - shift) << 10) | (reg(rn) << 5) | reg(rd)), // UBFM
    ldr: memory(0xf9400000, 8), // LDR (immediate, unsigned offset)
    str: memory(0xf9000000, 8), // STR (immediate, unsigned offset)
    ldrIndexed: three(0xf8607800), // LDR (register, LSL #3)
    strIndexed: three(0xf8207800), // STR (register, LSL #3)
    ldrb: memory(0x39400000, 1), // LDRB (immediate)
    strb: memory(0x39000000, 1), // STRB (immediate)
    cmp: (rn, rm) => subs(XZR, rn, rm),
    cmpImm: (rn, imm) => cmpBase(XZR, rn, imm),
    b(label) {
      refer(label, 'branch26');
      emit(0x14000000);
    },
    bl(label) {
      refer(label, 'branch26');
      emit(0x94000000);
    },
    bCond(condition, label) {
      refer(label, 'branch19');
      emit(0x54000000 | CONDITIONS[condition]);
    },
    cbz(rt, label) {
      refer(label, 'branch19');
      emit(0xb4000000 | reg(rt));
    },
    cbnz(rt, label) {
      refer(label, 'branch19');
      emit(0xb5000000 | reg(rt));
    },
    br: (rn) => emit(0xd61f0000 | (reg(rn) << 5)),
    ret: () => emit(0xd65f03c0),
    adr(rd, label) {
      refer(label, 'adr');
      emit(0x10000000 | reg(rd));
    },
    svc: () => emit(0xd4000001),
    isb: () => emit(0xd5033fdf),
    mrs: (rt, register) => emit(0xd5300000 | ((fits(register, 0xffff, 'system register') & 0x7fff) << 5) | reg(rt)),
    done() {
      const bytes = new Uint8Array(words.length * 4);
      const view = new DataView(bytes.buffer);
      for (const { at, label, kind } of fixups) {
        const target = labels.get(label);
        if (target === undefined) throw new RangeError(`no label ${label}`);
        words[at] = ((words[at] ?? 0) | distanceBits(kind, target - at)) >>> 0;
      }
      for (const [index, word] of words.entries()) view.setUint32(index * 4, word, true);
      return bytes;
    },
  };
}

/** The bits of a distance in instructions. @throws RangeError when it is too far */
function distanceBits(kind: Fixup['kind'], distance: number): number {
  const reach = kind === 'branch26' ? 1 << 25 : 1 << 18;
  if (distance < -reach || distance >= reach) throw new RangeError(`a distance of ${distance} instructions is too far`);
  switch (kind) {
    case 'branch26':
      return distance & 0x3ffffff;
    case 'branch19':
      return (distance & 0x7ffff) << 5;
    case 'adr':
      // A multiple of four: immlo is zero, immhi counts words.
      return (distance & 0x7ffff) << 5;
  }
}
