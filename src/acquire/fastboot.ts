/**
 * A phone in fastboot mode: its variables, lock state and partition layout. Only `getvar` is sent: it reads, and changes nothing.
 * Source: AOSP system/core/fastboot/README.md: a command is text; answers are `INFO`, `TEXT`, `OKAY`, `FAIL` or `DATA` and up to 252 bytes.
 */
import type { ClockPort } from '../bytes/index.ts';
import type { CaptureItem } from '../evidence/index.ts';
import type { UsbDocument } from '../evidence/own/index.ts';
import type { CaptureBuilder } from './capture-builder.ts';
import { DeviceError, type TimerPort, within } from './device-port.ts';

/** Messages both ways: over TCP with their lengths, over USB a transfer each. */
export interface FastbootLink {
  /** The descriptors of the mode, where we hold the cable. */
  readonly usb?: Omit<UsbDocument, 'format'>;
  send(bytes: Uint8Array): Promise<void>;
  /** The next message, at most `FASTBOOT_ANSWER_MAX` bytes. @throws DeviceError */
  receive(): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** FB_RESPONSE_SZ is 256; bootloaders exist that pad. */
export const FASTBOOT_ANSWER_MAX = 4096;
const LINES_MAX = 20_000;
const ANSWER_MS = 10_000;
const ALL_MS = 60_000;
/** Asked one by one where `all` is not known, and those that `all` leaves out on some bootloaders. */
const VARIABLES = [
  'product',
  'serialno',
  'secure',
  'unlocked',
  'is-userspace',
  'version',
  'version-bootloader',
  'version-baseband',
  'variant',
  'hw-revision',
  'current-slot',
  'slot-count',
  'anti',
  'battery-voltage',
] as const;

export interface FastbootAnswer {
  readonly info: readonly string[];
  readonly status: 'OKAY' | 'FAIL';
  readonly text: string;
}

/** Sends one command and reads its answers to the end. @throws DeviceError */
export async function fastbootCommand(
  link: FastbootLink,
  command: string,
  ports: { readonly timer: TimerPort; readonly limitMs: number },
): Promise<FastbootAnswer> {
  const decoder = new TextDecoder();
  const info: string[] = [];
  const run = async (): Promise<FastbootAnswer> => {
    await link.send(new TextEncoder().encode(command));
    for (;;) {
      const answer = decoder.decode(await link.receive());
      const [word, text] = [answer.slice(0, 4), answer.slice(4).replace(/\0+$/, '')];
      if (word === 'OKAY' || word === 'FAIL') return { info, status: word, text };
      if (word !== 'INFO' && word !== 'TEXT') throw new DeviceError('lied', `${JSON.stringify(word)} is no fastboot answer`);
      if (info.length >= LINES_MAX) throw new DeviceError('too large', `more than ${LINES_MAX} lines`);
      info.push(text);
    }
  };
  return within(ports.timer, ports.limitMs, run());
}

export interface FastbootPorts {
  readonly clock: ClockPort;
  readonly timer: TimerPort;
  readonly onEvent: (what: string) => void;
}

/** Reads the variables into a capture. Answers whether anything was read. */
export async function acquireFastboot(link: FastbootLink, builder: CaptureBuilder, ports: FastbootPorts): Promise<boolean> {
  const startedAt = ports.clock.monotonicMs();
  const now = () => Math.round(ports.clock.monotonicMs() - startedAt);
  const lines: string[] = [];
  const known = new Set<string>();
  const take = (line: string) => {
    // A line break inside an answer would be a line of its own for whoever reads the artefact.
    lines.push(line.replaceAll(/[\r\n]/g, ' '));
    known.add(line.split(':', 1)[0]?.trim() ?? '');
  };
  const ask = async (variable: string, limitMs: number): Promise<boolean> => {
    const startMs = now();
    const end = (outcome: CaptureItem['outcome'], note: string | undefined, bytes: number) =>
      builder.item({
        id: `getvar.${variable}`,
        artefact: outcome === 'done' ? 'fastboot_getvar.txt' : undefined,
        command: `getvar:${variable}`,
        outcome,
        exitStatus: undefined,
        startMs,
        durationMs: now() - startMs,
        bytes,
        note,
      });
    ports.onEvent(`getvar ${variable}`);
    try {
      const answer = await fastbootCommand(link, `getvar:${variable}`, { timer: ports.timer, limitMs });
      for (const line of answer.info) take(line);
      if (variable !== 'all' && answer.status === 'OKAY') take(`${variable}: ${answer.text}`);
      end(
        answer.status === 'OKAY' ? 'done' : 'refused',
        answer.status === 'OKAY' ? undefined : answer.text,
        answer.info.join('').length + answer.text.length,
      );
      return true;
    } catch (error) {
      const code = error instanceof DeviceError ? error.code : undefined;
      const outcome =
        code === 'timed out' ? 'timed out' : code === 'too large' ? 'flooded' : code === 'disconnected' ? 'disconnected' : 'failed';
      end(outcome, error instanceof Error ? error.message : String(error), 0);
      // After an answer that did not end, the next one would be read out of step.
      return false;
    }
  };
  let inStep = await ask('all', ALL_MS);
  for (const variable of VARIABLES) if (inStep && !known.has(variable)) inStep = await ask(variable, ANSWER_MS);
  if (lines.length > 0)
    await builder.put(
      { name: 'fastboot_getvar.txt', kind: 'fastboot/getvar', origin: 'getvar all' },
      new TextEncoder().encode(`${lines.join('\n')}\n`),
    );
  if (link.usb !== undefined) {
    const document: UsbDocument = { format: 'assay.usb/1', ...link.usb };
    await builder.put(
      { name: 'usb.json', kind: 'usb', origin: undefined },
      new TextEncoder().encode(`${JSON.stringify(document, undefined, 1)}\n`),
    );
  }
  await builder.flush(inStep);
  return lines.length > 0;
}
