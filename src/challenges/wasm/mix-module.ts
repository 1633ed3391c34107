/**
 * The mixed-table program as a WebAssembly module: what a browser is asked to run, and how the host recomputes, with several runs side by side in one loop.
 * Spec: WebAssembly Core 1.0, chapter 5 (binary format). Writes: one type, one function, one memory, two exports. Nothing is imported.
 *
 * Memory: word l is the running number of lane l; its table lies at 64 KiB + l × its size. `run(steps)` goes on from there.
 */
import { INDEX_SHIFT, type MixProgram, type Stir } from '../native/mix.ts';

const PAGE = 65_536;
const I32 = 0x7f;
const OP = {
  block: 0x02,
  loop: 0x03,
  end: 0x0b,
  brIf: 0x0d,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  load: 0x28,
  store: 0x36,
  constant: 0x41,
  add: 0x6a,
  sub: 0x6b,
  mul: 0x6c,
  and: 0x71,
  xor: 0x73,
  shl: 0x74,
  shrU: 0x76,
  rotr: 0x78,
} as const;

/** LEB128, unsigned. */
function unsigned(value: number): readonly number[] {
  const bytes: number[] = [];
  let rest = value >>> 0;
  do {
    bytes.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    rest >>>= 7;
  } while (rest > 0);
  return bytes;
}

/** LEB128, signed, of 32 bits. */
function signed(value: number): readonly number[] {
  const bytes: number[] = [];
  let rest = value | 0;
  for (;;) {
    const low = rest & 0x7f;
    rest >>= 7;
    const last = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0);
    bytes.push(low | (last ? 0 : 0x80));
    if (last) return bytes;
  }
}

const vector = (items: readonly (readonly number[])[]): readonly number[] => [...unsigned(items.length), ...items.flat()];
const section = (id: number, content: readonly number[]): readonly number[] => [id, ...unsigned(content.length), ...content];
const text = (value: string): readonly number[] => [
  ...unsigned(value.length),
  ...Array.from(value, (character) => character.charCodeAt(0)),
];

/** Where a lane's table begins. */
export const tableAt = (words: number, lane: number): number => PAGE + lane * words * 4;

/** Writes the module for tables of `words` (a power of two) and this many lanes. */
export function writeMixModule(
  { stirs }: MixProgram,
  { words, lanes }: { readonly words: number; readonly lanes: number },
): Uint8Array<ArrayBuffer> {
  const get = (local: number) => [OP.localGet, ...unsigned(local)];
  const set = (local: number) => [OP.localSet, ...unsigned(local)];
  const number = (value: number) => [OP.constant, ...signed(value)];
  // Local 0 counts steps down; then x, place and word of each lane.
  const x = (lane: number) => 1 + 3 * lane;
  const place = (lane: number) => 2 + 3 * lane;
  const word = (lane: number) => 3 + 3 * lane;
  const all = Array.from({ length: lanes }, (_, lane) => lane);
  const memory = (op: number, offset: number) => [op, 2, ...unsigned(offset)];
  const stirCode = (stir: Stir, lane: number): readonly number[] => {
    switch (stir.kind) {
      case 'add-word':
        return [...get(x(lane)), ...get(word(lane)), OP.add, ...set(x(lane))];
      case 'xor-word':
        return [...get(x(lane)), ...get(word(lane)), OP.xor, ...set(x(lane))];
      case 'multiply':
        return [...get(x(lane)), ...number(stir.value), OP.mul, ...set(x(lane))];
      case 'add':
        return [...get(x(lane)), ...number(stir.value), OP.add, ...set(x(lane))];
      case 'rotate-xor':
        return [...get(x(lane)), ...get(x(lane)), ...number(stir.value), OP.rotr, ...number(1), OP.shrU, OP.xor, ...set(x(lane))];
    }
  };
  const body = [
    ...all.flatMap((lane) => [...number(4 * lane), ...memory(OP.load, 0), ...set(x(lane))]),
    OP.loop,
    0x40,
    // All lanes read before any goes on: the waits lie side by side.
    ...all.flatMap((lane) => [
      ...get(x(lane)),
      ...number(INDEX_SHIFT),
      OP.shrU,
      ...number(words - 1),
      OP.and,
      ...number(2),
      OP.shl,
      OP.localTee,
      ...unsigned(place(lane)),
      ...memory(OP.load, tableAt(words, lane)),
      ...set(word(lane)),
    ]),
    ...all.flatMap((lane) => [
      ...stirs.flatMap((stir) => stirCode(stir, lane)),
      ...get(place(lane)),
      ...get(x(lane)),
      ...memory(OP.store, tableAt(words, lane)),
    ]),
    ...get(0),
    ...number(1),
    OP.sub,
    OP.localTee,
    ...unsigned(0),
    OP.brIf,
    0,
    OP.end,
    ...all.flatMap((lane) => [...number(4 * lane), ...get(x(lane)), ...memory(OP.store, 0)]),
    OP.end,
  ];
  const code = [...vector([[...unsigned(3 * lanes), I32]]), ...body];
  const pages = 1 + Math.ceil((words * 4 * lanes) / PAGE);
  return Uint8Array.from([
    0x00,
    0x61,
    0x73,
    0x6d,
    1,
    0,
    0,
    0,
    ...section(1, vector([[0x60, ...vector([[I32]]), ...vector([])]])),
    ...section(3, vector([[0]])),
    ...section(5, vector([[1, ...unsigned(pages), ...unsigned(pages)]])),
    ...section(
      7,
      vector([
        [...text('run'), 0, 0],
        [...text('memory'), 2, 0],
      ]),
    ),
    ...section(10, vector([[...unsigned(code.length), ...code]])),
  ]);
}
