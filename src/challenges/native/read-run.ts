/**
 * A transcript, read by whoever has it: the program is written again from its nonce and must be the one that was sent, every answer must be one to its question, every value is recomputed.
 * Nothing here needs the phone.
 */
import { equalBytes, type ProgramExchange } from '../../bytes/index.ts';
import { type Bounds, type CounterProblem, counterBounds, type Exchange, latticeFrequency } from '../counter.ts';
import type { ElfKind } from '../elf.ts';
import { outcomeOf, type ProbeOutcome } from '../isa/judge.ts';
import { readIsaAnswer } from '../isa/program.ts';
import { bodySize, type Command, HEADER_SIZE, readAnswer, readCommand } from './layout.ts';
import { type NativeProgram, planProgram, writeProgram } from './program.ts';

/** What a transcript holds of one program. */
export interface Transcript {
  readonly target: 'aarch64' | 'arm';
  readonly kind: ElfKind;
  readonly nonce: Uint8Array;
  readonly program: Uint8Array;
  readonly exchanges: readonly ProgramExchange[];
}

/** Probes on one core; core undefined where the program was not pinned. */
export interface CoreReading {
  readonly core: number | undefined;
  readonly outcomes: ReadonlyMap<string, ProbeOutcome>;
}

export interface RunReading {
  readonly target: 'aarch64' | 'arm';
  readonly hwcap: number | undefined;
  readonly hwcap2: number | undefined;
  readonly pageSize: number | undefined;
  readonly cores: readonly CoreReading[];
  /** The counter by the host's clock; undefined where it was not asked or is kept from programs. */
  readonly counter: Bounds | CounterProblem | undefined;
  /** The crystal behind clock_gettime, where its lattice shows. */
  readonly latticeHertz: number | undefined;
  /** Questions and answers that were read. */
  readonly understood: readonly Understood[];
}

/** One question with its answer, in numbers. */
export interface Understood {
  readonly command: Command;
  readonly result: number;
  readonly view: DataView;
  readonly sentNs: number;
  readonly receivedNs: number;
}

/** Reads a transcript; a sentence where it is not what it says it is. */
export function readRun(
  transcript: Transcript,
): { readonly reading: RunReading; readonly program: NativeProgram } | { readonly problem: string } {
  const { target, kind, nonce, exchanges } = transcript;
  if (nonce.length < 16) return { problem: 'its nonce is too short' };
  const program = planProgram(target, nonce);
  if (!equalBytes(writeProgram(program, kind), transcript.program))
    return { problem: 'the program that was sent is not the one that its nonce gives' };
  const understood: Understood[] = [];
  const tags = new Set<number>();
  for (const [index, exchange] of exchanges.entries()) {
    const command = readCommand(exchange.question);
    if (command === undefined) return { problem: `question ${index} is none of ours` };
    if (tags.has(command.tag)) return { problem: `question ${index} was asked before` };
    tags.add(command.tag);
    const bytes = readAnswer(exchange.answer, HEADER_SIZE + bodySize(command, program.isa.probes.length));
    const view = bytes === undefined ? undefined : new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (view === undefined || view.getUint32(0, true) !== command.tag) return { problem: `answer ${index} belongs to no question` };
    const { sentNs, receivedNs } = exchange;
    if (!Number.isFinite(sentNs) || !Number.isFinite(receivedNs) || receivedNs < sentNs)
      return { problem: `answer ${index} came before its question` };
    understood.push({ command, result: view.getUint32(4, true), view, sentNs, receivedNs });
  }
  return { reading: read(target, program, understood), program };
}

function read(target: Transcript['target'], program: NativeProgram, understood: readonly Understood[]): RunReading {
  const hello = understood.find(({ command }) => command.operation === 'hello')?.view;
  const cores: CoreReading[] = [];
  let core: number | undefined;
  const counters: Exchange[] = [];
  let samples: readonly bigint[] = [];
  for (const { command, result, view, sentNs, receivedNs } of understood) {
    if (command.operation === 'pin') core = result === 0 && isOneBit(command.a) ? Math.log2(command.a) : undefined;
    else if (command.operation === 'isa') {
      const answers = readIsaAnswer(
        new Uint8Array(view.buffer, view.byteOffset + HEADER_SIZE, view.byteLength - HEADER_SIZE),
        program.isa.probes.length,
      );
      const outcomes = new Map<string, ProbeOutcome>();
      for (const [index, probe] of program.isa.probes.entries()) {
        const [input, answer] = [program.isa.inputs[index], answers?.[index]];
        if (input !== undefined && answer !== undefined) outcomes.set(probe.name, outcomeOf(probe, input, answer));
      }
      cores.push({ core, outcomes });
    } else if (command.operation === 'counter' && result === 1)
      counters.push({ sentNs, receivedNs, counter: view.getBigUint64(HEADER_SIZE, true) });
    else if (command.operation === 'clock') samples = clockSamples(view, command.a);
  }
  return {
    target,
    pageSize: hello?.getUint32(8, true),
    hwcap: hello?.getUint32(12, true),
    hwcap2: hello?.getUint32(16, true),
    cores,
    counter: counters.length === 0 ? undefined : counterBounds(counters),
    latticeHertz: latticeFrequency(samples),
    understood,
  };
}

const isOneBit = (mask: number): boolean => mask > 0 && (mask & (mask - 1)) === 0;

const clockSamples = (view: DataView, count: number): readonly bigint[] =>
  Array.from({ length: count }, (_, index) => {
    const at = HEADER_SIZE + 8 * index;
    return BigInt(view.getUint32(at, true)) * 1_000_000_000n + BigInt(view.getUint32(at + 4, true));
  });
