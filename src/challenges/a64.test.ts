import { describe, expect, test } from 'vitest';
import { a64, SP, SYSTEM, XZR } from './a64.ts';

const words = (bytes: Uint8Array) =>
  Array.from({ length: bytes.length / 4 }, (_, i) =>
    new DataView(bytes.buffer)
      .getUint32(i * 4, true)
      .toString(16)
      .padStart(8, '0'),
  );

/** What GNU as 2.40 (binutils-aarch64-linux-gnu of Debian 12) makes of the same lines. */
const ORACLE =
  'aa0403e3 d2824681 f2aacf01 913ffc41 d1004041 910083ff 8b030041 8b031441 cb030041 eb030041 8a030041 aa030041 ca030041 9b037c41 9b031041 9ac30841 93c23441 d34dfc41 d373c841 d340fc41 f97ffc41 f90007e1 f8637841 f8237841 39401441 39001441 eb02003f f1001c3f 14000000 97ffffff 54ffffc3 b4ffffa5 b5000085 d61f00e0 d65f03c0 10ffff23 d4000001 d5033fdf d53be041 d53be001 d53b0021';

test('assembles what GNU as assembles', () => {
  const program = a64();
  program.mov(3, 4);
  program.movImm(1, 0x56781234);
  program.addImm(1, 2, 4095);
  program.subImm(1, 2, 16);
  program.addImm(SP, SP, 32);
  program.add(1, 2, 3);
  program.addShifted(1, 2, { rm: 3, lsl: 5 });
  program.sub(1, 2, 3);
  program.subs(1, 2, 3);
  program.and(1, 2, 3);
  program.orr(1, 2, 3);
  program.eor(1, 2, 3);
  program.mul(1, 2, 3);
  program.madd(1, 2, { rm: 3, ra: 4 });
  program.udiv(1, 2, 3);
  program.ror(1, 2, 13);
  program.lsr(1, 2, 13);
  program.lsl(1, 2, 13);
  program.lsl(1, 2, 0);
  program.ldr(1, 2, 32760);
  program.str(1, SP, 8);
  program.ldrIndexed(1, 2, 3);
  program.strIndexed(1, 2, 3);
  program.ldrb(1, 2, 5);
  program.strb(1, 2, 5);
  program.cmp(1, 2);
  program.cmpImm(1, 7);
  program.label('a');
  program.b('a');
  program.bl('a');
  program.bCond('lo', 'a');
  program.cbz(5, 'a');
  program.cbnz(5, 'b');
  program.br(7);
  program.ret();
  program.adr(3, 'a');
  program.label('b');
  program.svc();
  program.isb();
  program.mrs(1, SYSTEM.CNTVCT_EL0);
  program.mrs(1, SYSTEM.CNTFRQ_EL0);
  program.mrs(1, SYSTEM.CTR_EL0);
  expect(words(program.done()).join(' ')).toBe(ORACLE);
});

describe('constants', () => {
  test.each([
    [0n, 'd2800001'],
    [1n, 'd2800021'],
    [0xffff0000n, 'd2bfffe1'],
    [0x1_0000_0000_0000n, 'd2e00021'],
    [0xfedcba9876543210n, 'd2864201 f2aeca81 f2d75301 f2ffdb81'],
  ])('%s', (value, expected) => {
    const program = a64();
    program.movImm(1, value);
    expect(words(program.done()).join(' ')).toBe(expected);
  });
});

describe('refuses what an instruction cannot hold', () => {
  test.each<[string, (program: ReturnType<typeof a64>) => void]>([
    ['a register above 31', (program) => program.add(32, 0, 0)],
    ['an immediate above 4095', (program) => program.addImm(1, 1, 4096)],
    ['an offset that is not a multiple of eight', (program) => program.ldr(1, 2, 4)],
    ['a shift of 64', (program) => program.ror(1, 2, 64)],
    ['a label that is not there', (program) => program.b('nowhere')],
    ['a label twice', (program) => ['x', 'x'].forEach(program.label)],
  ])('%s', (_name, write) => {
    expect(() => {
      const program = a64();
      write(program);
      program.mov(XZR, XZR);
      program.done();
    }).toThrow(RangeError);
  });
});
