/**
 * The one program of a run, written anew for it: a loop that takes commands, spins between them so that no governor slows the core, and ends with its input or by its own timer.
 * All data is mapped by the program itself; nothing is written to the file that it came from. Memory is given back by ending.
 */
import { type ElfKind, type ElfMachine, writeElf } from '../elf.ts';
import { emitIsa, type IsaPlan, isaInputs, planIsa } from '../isa/program.ts';
import { type Machine, machineFor, type Register } from '../machine/index.ts';
import { type ChainProgram, chooseChain, emitChain } from './chain.ts';
import { HEADER_SIZE, OPERATIONS } from './layout.ts';
import { emitMemory } from './memory.ts';
import { chooseMix, emitFill, emitMix, type MixProgram } from './mix.ts';
import { spread } from './random.ts';
import { emitStorage, PATH } from './storage.ts';

/** Everything that follows from a run's nonce: what the program executes, and what the host recomputes. */
export interface NativeProgram {
  readonly target: ElfMachine;
  readonly isa: IsaPlan;
  readonly chain: ChainProgram;
  readonly mix: MixProgram;
}

export function planProgram(target: ElfMachine, nonce: Uint8Array): NativeProgram {
  const next = spread(nonce);
  return { target, chain: chooseChain(next), mix: chooseMix(next), isa: planIsa(target, nonce) };
}

/** Offsets in the page of state that register 0 points to; its first 16 bytes stay zero: a timeout of nothing. */
const STATE = {
  poll: 16,
  trap: 24,
  time: 64,
  command: 96,
  hello: 128,
  mask: 144,
  /** A table that an operation made: pointer, bytes, mask of its words. */
  table: 152,
  tableBytes: 160,
  tableMask: 164,
  mode: 168,
  scratch: 176,
  input: 192,
  answer: 1024,
} as const;
const INPUT_READ = 128;
/** Where answers are written as text. */
const TEXT = 0x4000;
const STATE_SIZE = 0x10000;
/** Seconds after which the program ends by itself, whatever happens. */
const LIFETIME_SECONDS = 180;
const [ITIMER_REAL, SIGCHLD, MONOTONIC_RAW] = [0, 17, 4];
/** PROT_READ | PROT_WRITE; MAP_SHARED | MAP_ANONYMOUS, which forked workers write to as well; MAP_PRIVATE | MAP_ANONYMOUS. */
const [READ_WRITE, SHARED, PRIVATE] = [3, 0x21, 0x22];
/** What workers stir into their chains. */
export const [SCALE_Y, SCALE_Z] = [0x9e3779b1, 0x85ebca6b];
/** System calls answer errors as the last 4095 numbers. */
const ERRORS = 0xfffff001;

/** Writes the program. `dynamic` runs everywhere it was tried; `fixed` is for kernels that refuse it. */
export function writeProgram(program: NativeProgram, kind: ElfKind): Uint8Array {
  const m = machineFor(program.target);
  emitStart(m);
  emitCommands(m);
  emitOperations(m, program);
  emitSend(m);
  if (program.isa.probes.length > 0) {
    m.label('isa-inputs');
    m.data(isaInputs(program.isa));
  }
  return writeElf(program.target, kind, m.done());
}

const is = (m: Machine, register: Register, number: number, label: string) => m.branch('eq', [register, { number }], label);

/** Maps the state, reads the auxiliary vector, catches SIGILL, sets the timer. */
function emitStart(m: Machine): void {
  const word = m.wordSize;
  m.stackPointer(1);
  m.call(0, 'mmap', [0, STATE_SIZE, READ_WRITE, SHARED, -1, 0]);
  m.branch('hs', [0, { number: ERRORS }], 'exit');
  m.loadPointer(2, 1, word);
  m.storePointer(2, 0, PATH);
  // argc, its pointers and a zero; then the environment and a zero; then pairs of type and value.
  m.load(2, 1, 0);
  m.shiftLeft(2, 2, word === 8 ? 3 : 2);
  m.point(1, 1, 2);
  m.pointAt(1, 1, 2 * word);
  m.label('environment');
  m.load(2, 1, 0);
  m.pointAt(1, 1, word);
  m.branch('ne', [2, { number: 0 }], 'environment');
  m.label('auxiliary');
  m.load(2, 1, 0);
  m.load(3, 1, word);
  m.pointAt(1, 1, 2 * word);
  // AT_PAGESZ, AT_HWCAP, AT_HWCAP2
  for (const [index, type] of [6, 16, 26].entries()) {
    m.branch('ne', [2, { number: type }], `not-${type}`);
    m.store(3, 0, STATE.hello + 4 * index);
    m.label(`not-${type}`);
  }
  m.branch('ne', [2, { number: 0 }], 'auxiliary');
  m.constant(2, 1); // POLLIN, of descriptor 0
  m.store(2, 0, STATE.poll + 4);
  m.constant(2, LIFETIME_SECONDS);
  m.store(2, 0, STATE.time + 2 * word);
  m.pointAt(3, 0, STATE.time);
  m.call(2, 'setitimer', [ITIMER_REAL, { register: 3 }, 0]);
  m.installTrap(0, STATE.trap);
}

/** Reads commands, and goes to what they ask. */
function emitCommands(m: Machine): void {
  m.label('command');
  m.constant(1, 0);
  m.constant(2, 0);
  m.label('more');
  m.pointAt(4, 0, STATE.poll);
  // Asked without waiting, again and again: a sleeping core would be slow when the command comes.
  m.call(3, 'ppoll', [{ register: 4 }, 1, { register: 0 }, 0, 8]);
  is(m, 3, 0, 'more');
  m.pointAt(4, 0, STATE.input);
  m.call(3, 'read', [0, { register: 4 }, INPUT_READ]);
  is(m, 3, 0, 'exit');
  m.branch('hs', [3, { number: ERRORS }], 'exit');
  m.label('digit');
  is(m, 3, 0, 'more');
  m.loadByte(5, 4);
  m.pointAt(4, 4, 1);
  m.constant(6, 1);
  m.sub(3, 3, 6);
  m.constant(6, 48);
  m.sub(5, 5, 6);
  m.branch('lo', [5, { number: 10 }], 'good-digit');
  m.constant(6, 49);
  m.sub(5, 5, 6);
  m.branch('hs', [5, { number: 6 }], 'digit');
  m.increase(5, 5, 10);
  m.label('good-digit');
  m.shiftLeft(2, 2, 4);
  m.or(2, 2, 5);
  m.increase(1, 1, 1);
  m.constant(6, 7);
  m.and(6, 1, 6);
  m.branch('ne', [6, { number: 0 }], 'digit');
  m.shiftRight(6, 1, 1);
  m.point(6, 0, 6);
  m.store(2, 6, STATE.command - 4);
  m.branch('ne', [1, { number: 48 }], 'digit');
  // The answer's header: tag, and three numbers that the operation may set.
  m.load(1, 0, STATE.command + 20);
  m.store(1, 0, STATE.answer);
  m.constant(1, 0);
  for (const at of [4, 8, 12]) m.store(1, 0, STATE.answer + at);
  m.load(1, 0, STATE.command);
  for (const [name, code] of Object.entries(OPERATIONS)) is(m, 1, code, `op-${name}`);
  m.label('exit');
  m.call(1, 'exit', [0]);
}

function emitOperations(m: Machine, { chain, mix, isa }: NativeProgram): void {
  /** Begins an operation with its arguments where it wants them. */
  const begin = (name: keyof typeof OPERATIONS, ...args: readonly (readonly [Register, 'a' | 'b' | 'c' | 'seed'])[]) => {
    m.label(`op-${name}`);
    for (const [register, argument] of args) m.load(register, 0, STATE.command + { a: 4, b: 8, c: 12, seed: 16 }[argument]);
  };
  /** Sends the header and `extra` bytes more. */
  const answer = (extra = 0) => {
    m.constant(1, HEADER_SIZE + extra);
    m.jump('send');
  };
  const result = (register: Register, at = 4) => m.store(register, 0, STATE.answer + at);

  // hello → result: bytes of a pointer; then size of a page, HWCAP, HWCAP2, 0.
  begin('hello');
  m.constant(1, m.wordSize);
  result(1);
  for (const [index, at] of [8, 12, 16].entries()) {
    m.load(1, 0, STATE.hello + 4 * index);
    result(1, at);
  }
  m.constant(1, 0);
  result(1, 20);
  answer(8);

  // pin: a and b are the mask of cores → result: 0, or an error.
  begin('pin', [1, 'a'], [2, 'b']);
  m.store(1, 0, STATE.mask);
  m.store(2, 0, STATE.mask + 4);
  m.pointAt(3, 0, STATE.mask);
  m.call(1, 'setAffinity', [0, 8, { register: 3 }]);
  result(1);
  answer();

  // counter → result: 1 where it was read; then its 64 bits.
  begin('counter');
  m.pointAt(2, 0, STATE.answer);
  m.guarded(1, () => m.storeCounter(2, HEADER_SIZE));
  result(1);
  answer(8);

  // clock: a samples of CLOCK_MONOTONIC_RAW, read back to back → seconds and nanoseconds of each.
  begin('clock', [1, 'a']);
  m.constant(2, 0);
  m.pointAt(4, 0, STATE.answer + HEADER_SIZE);
  m.pointAt(5, 0, STATE.time);
  m.label('clock-sample');
  m.call(3, 'clockGettime', [MONOTONIC_RAW, { register: 5 }]);
  m.load(3, 5, 0);
  m.store(3, 4, 0);
  m.load(3, 5, m.wordSize);
  m.store(3, 4, 4);
  m.pointAt(4, 4, 8);
  m.increase(2, 2, 1);
  m.branch('lo', [2, 1], 'clock-sample');
  m.shiftLeft(1, 1, 3);
  m.increase(1, 1, HEADER_SIZE);
  m.jump('send');

  // chain: a rounds from seed, with b and c → result.
  begin('chain', [1, 'seed'], [2, 'b'], [3, 'c'], [4, 'a']);
  m.constant(5, 0);
  m.store(5, 0, STATE.mode);
  m.label('chain');
  emitChain(m, chain);
  m.load(5, 0, STATE.mode);
  m.branch('ne', [5, { number: 0 }], 'worker-done');
  result(1);
  answer();

  // table: a = 1 for a ring of b lines of 64 bytes, 2 for b words to mix → result: 0, or an error.
  begin('table', [4, 'b']);
  m.loadPointer(1, 0, STATE.table);
  m.load(2, 0, STATE.tableBytes);
  is(m, 2, 0, 'table-none');
  m.call(3, 'munmap', [{ register: 1 }, { register: 2 }]);
  m.label('table-none');
  m.load(3, 0, STATE.command + 4);
  m.shiftLeft(5, 4, 2);
  m.branch('ne', [3, { number: 1 }], 'table-words');
  m.shiftLeft(5, 4, 6);
  m.label('table-words');
  m.store(5, 0, STATE.tableBytes);
  m.constant(2, 1);
  m.sub(2, 4, 2);
  m.store(2, 0, STATE.tableMask);
  m.call(1, 'mmap', [0, { register: 5 }, READ_WRITE, PRIVATE, -1, 0]);
  m.branch('lo', [1, { number: ERRORS }], 'table-mapped');
  m.constant(2, 0);
  m.store(2, 0, STATE.tableBytes);
  result(1);
  answer();
  m.label('table-mapped');
  m.storePointer(1, 0, STATE.table);
  m.load(3, 0, STATE.command + 16);
  m.load(5, 0, STATE.command + 4);
  m.branch('ne', [5, { number: 1 }], 'table-mix');
  emitRing(m);
  answer();
  m.label('table-mix');
  emitFill(m);
  answer();

  // walk: a steps round the ring → result: the word reached.
  begin('walk', [4, 'a']);
  m.loadPointer(1, 0, STATE.table);
  m.constant(2, 0);
  m.constant(5, 1);
  m.label('walk-step');
  m.loadIndexed(2, 1, 2);
  m.sub(4, 4, 5);
  m.branch('ne', [4, { number: 0 }], 'walk-step');
  result(2);
  answer();

  // mix: a steps over the table from seed → result.
  begin('mix', [4, 'a'], [3, 'seed']);
  m.loadPointer(1, 0, STATE.table);
  m.load(2, 0, STATE.tableMask);
  emitMix(m, mix);
  result(3);
  answer();

  // scale: a workers, worker i pinned to core b + i, each a chain of c rounds from seed + i → the result of each.
  begin('scale', [1, 'a']);
  m.constant(2, 0);
  m.label('scale-start');
  m.call(3, 'clone', [SIGCHLD, 0, 0, 0, 0]);
  is(m, 3, 0, 'worker');
  m.branch('hs', [3, { number: ERRORS }], 'scale-failed');
  m.load(1, 0, STATE.command + 4);
  m.increase(2, 2, 1);
  m.branch('lo', [2, 1], 'scale-start');
  m.label('scale-wait');
  m.call(3, 'wait4', [-1, 0, 0, 0]);
  m.branch('lo', [3, { number: ERRORS }], 'scale-wait');
  m.label('scale-failed');
  result(2);
  m.load(1, 0, STATE.command + 4);
  m.shiftLeft(1, 1, 2);
  m.increase(1, 1, HEADER_SIZE);
  m.jump('send');
  m.label('worker');
  emitWorker(m);

  // isa → the results of the probes.
  begin('isa');
  if (isa.probes.length > 0) {
    m.address(1, 'isa-inputs');
    m.pointAt(2, 0, STATE.answer + HEADER_SIZE);
    m.pointAt(3, 0, STATE.scratch);
    emitIsa(m, isa);
  }
  answer(40 * isa.probes.length);

  emitMemory(m, { begin, answer, result });
  emitStorage(m, { begin, answer, result });
}

/** A worker of its own process: number in register 2. It pins itself on a page of its own stack, runs the chain, leaves its result in the shared state and ends. */
function emitWorker(m: Machine): void {
  m.load(3, 0, STATE.command + 8);
  m.add(3, 3, 2);
  // 1 << core, by doubling: the mask lies where this worker alone writes, behind the results.
  m.constant(4, 1);
  m.label('worker-mask');
  is(m, 3, 0, 'worker-pin');
  m.add(4, 4, 4);
  m.constant(5, 1);
  m.sub(3, 3, 5);
  m.jump('worker-mask');
  m.label('worker-pin');
  m.shiftLeft(5, 2, 3);
  m.increase(5, 5, 2048);
  m.point(5, 0, 5);
  m.store(4, 5, 0);
  m.call(3, 'setAffinity', [0, 8, { register: 5 }]);
  m.load(1, 0, STATE.command + 16);
  m.add(1, 1, 2);
  m.constant(5, 1);
  m.store(5, 0, STATE.mode);
  // Where the result goes outlives the chain in register 6, which no system call of the chain touches.
  m.shiftLeft(6, 2, 2);
  m.increase(6, 6, STATE.answer + HEADER_SIZE);
  m.point(6, 0, 6);
  m.load(4, 0, STATE.command + 12);
  m.constant(2, SCALE_Y);
  m.constant(3, SCALE_Z);
  m.jump('chain');
  m.label('worker-done');
  m.store(1, 6, 0);
  m.call(1, 'exit', [0]);
}

/** A ring of lines in an order that a formula gives: line i leads to a i + c. Table in 1, mask of lines in 2, seed in 3. It shows the shape of caches; whoever knows the formula needs no memory for it. */
function emitRing(m: Machine): void {
  m.constant(4, 0xfffffff8);
  m.and(4, 3, 4);
  m.increase(4, 4, 5);
  m.rotateRight(3, 3, 13);
  m.constant(5, 1);
  m.or(3, 3, 5);
  m.constant(5, 0);
  m.label('ring-line');
  m.mul(6, 5, 4);
  m.add(6, 6, 3);
  m.and(6, 6, 2);
  m.shiftLeft(6, 6, 4);
  m.shiftLeft(7, 5, 4);
  m.storeIndexed(6, 1, 7);
  m.increase(5, 5, 1);
  m.and(6, 5, 2);
  m.branch('ne', [6, { number: 0 }], 'ring-line');
}

/** Sends as many bytes of the answer as register 1 says, as text, and goes back for the next command. */
function emitSend(m: Machine): void {
  m.label('send');
  m.pointAt(2, 0, STATE.answer);
  m.constant(4, TEXT);
  m.point(4, 0, 4);
  m.constant(5, ':'.charCodeAt(0));
  m.storeByte(5, 4);
  m.pointAt(3, 4, 1);
  m.label('send-byte');
  is(m, 1, 0, 'send-end');
  m.loadByte(5, 2);
  m.pointAt(2, 2, 1);
  for (const half of ['upper', 'lower'] as const) {
    if (half === 'upper') m.shiftRight(6, 5, 4);
    else {
      m.constant(6, 15);
      m.and(6, 5, 6);
    }
    m.branch('lo', [6, { number: 10 }], `send-${half}`);
    m.increase(6, 6, 39);
    m.label(`send-${half}`);
    m.increase(6, 6, 48);
    m.storeByte(6, 3);
    m.pointAt(3, 3, 1);
  }
  m.constant(6, 1);
  m.sub(1, 1, 6);
  m.jump('send-byte');
  m.label('send-end');
  for (const mark of [';', '\n']) {
    m.constant(5, mark.charCodeAt(0));
    m.storeByte(5, 3);
    m.pointAt(3, 3, 1);
  }
  m.sub(1, 3, 4);
  m.label('send-write');
  m.call(2, 'write', [1, { register: 4 }, { register: 1 }]);
  is(m, 2, 0, 'exit');
  m.branch('hs', [2, { number: ERRORS }], 'exit');
  m.point(4, 4, 2);
  m.sub(1, 1, 2);
  m.branch('ne', [1, { number: 0 }], 'send-write');
  m.jump('command');
}
