/**
 * How host and program speak. Both directions are text, so that any shell carries them, also those of before Android 7 that are terminals:
 * a command is 48 hexadecimal digits, everything else in the input is skipped; an answer is `:`, hexadecimal digits, `;`.
 * A command is six 32-bit numbers, the most significant digit first: operation, a, b, c, seed, tag. An answer is bytes in memory order: tag, result, two more numbers, then what the operation adds.
 */
export const OPERATIONS = {
  hello: 1,
  pin: 2,
  counter: 3,
  clock: 4,
  chain: 5,
  table: 6,
  walk: 7,
  mix: 8,
  scale: 9,
  isa: 10,
  fill: 11,
  query: 12,
  drop: 13,
  space: 14,
  reserve: 15,
  store: 16,
  fetch: 17,
  release: 18,
} as const;
export type Operation = keyof typeof OPERATIONS;

/** A command. What a, b and c mean is said where the operation is written (`program.ts`). */
export interface Command {
  readonly operation: Operation;
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly seed: number;
  /** Comes back in the answer: an answer to another command is none. */
  readonly tag: number;
}

/** Bytes that statfs answers, as far as they are read. */
export const SPACE_SIZE = 40;

/** Tag, result, two numbers. */
export const HEADER_SIZE = 16;

const hex8 = (value: number) => (value >>> 0).toString(16).padStart(8, '0');

/** A command as it is sent: its digits and a line end, which a terminal needs to hand them on. */
export const writeCommand = ({ operation, a, b, c, seed, tag }: Command): string =>
  `${[OPERATIONS[operation], a, b, c, seed, tag].map(hex8).join('')}\n`;

/** Reads a command back, from a transcript. Undefined where it is none. */
export function readCommand(text: string): Command | undefined {
  if (!/^[0-9a-f]{48}\n?$/.test(text)) return undefined;
  const [code, a, b, c, seed, tag] = Array.from({ length: 6 }, (_, index) => Number.parseInt(text.slice(8 * index, 8 * index + 8), 16));
  // The keys are the table's own.
  const operation = (Object.keys(OPERATIONS) as Operation[]).find((name) => OPERATIONS[name] === code);
  if (operation === undefined || a === undefined || b === undefined || c === undefined || seed === undefined || tag === undefined)
    return undefined;
  return { operation, a, b, c, seed, tag };
}

/** Bytes that the operation adds to the header. */
export function bodySize(command: Pick<Command, 'operation' | 'a'>, probes: number): number {
  switch (command.operation) {
    case 'hello':
    case 'counter':
      return 8;
    case 'clock':
      return 8 * command.a;
    case 'scale':
      return 4 * command.a;
    case 'isa':
      return 40 * probes;
    case 'space':
      return SPACE_SIZE;
    case 'pin':
    case 'chain':
    case 'table':
    case 'walk':
    case 'mix':
    case 'fill':
    case 'query':
    case 'drop':
    case 'reserve':
    case 'store':
    case 'fetch':
    case 'release':
      return 0;
  }
}

/** An answer's bytes, where the text is exactly one of this length. */
export function readAnswer(text: string, size: number): Uint8Array | undefined {
  const match = /^:([0-9a-f]*);$/.exec(text);
  const digits = match?.[1];
  if (digits === undefined || digits.length !== 2 * size) return undefined;
  return Uint8Array.from({ length: size }, (_, index) => Number.parseInt(digits.slice(2 * index, 2 * index + 2), 16));
}
