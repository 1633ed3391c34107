/** Asking a boot ROM one thing after the other, with everything that was said kept, whatever it does. */
import { type ClockPort, concatBytes } from '../../bytes/index.ts';
import { ROM_TRANSCRIPT_MAX, type RomExchange } from '../../formats/rom/index.ts';
import { DeviceError, type TimerPort, within } from '../device-port.ts';

/** Bytes both ways with something that has no messages of its own: a serial port, or two endpoints of USB. */
export interface RomLink {
  send(bytes: Uint8Array): Promise<void>;
  /** What arrives next: at least one byte. @throws DeviceError */
  receive(): Promise<Uint8Array>;
  close(): Promise<void>;
}

export interface RomPorts {
  readonly clock: ClockPort;
  readonly timer: TimerPort;
  readonly onEvent: (what: string) => void;
}

export interface RomConversation {
  readonly exchanges: readonly RomExchange[];
  /**
   * Sends, and receives until `wanted` says that no byte is missing. Answers what was received.
   * @throws DeviceError `lied` where something was said before it was asked for, or too much; `timed out`; whatever `wanted` throws
   */
  readonly ask: (name: string, sent: Uint8Array, wanted: (received: Uint8Array) => number) => Promise<Uint8Array>;
}

/** A mask ROM answers within a millisecond; the slowest serial bridges within some hundred. */
const ANSWER_MS = 2000;

export function romConversation(link: RomLink, { clock, timer, onEvent }: RomPorts): RomConversation {
  const exchanges: RomExchange[] = [];
  const begun = clock.monotonicMs();
  const now = () => Math.round(clock.monotonicMs() - begun);
  let total = 0;
  let isBroken = false;
  return {
    exchanges,
    async ask(name, sent, wanted) {
      // After an answer that did not end, whatever comes next answers something else.
      if (isBroken) throw new DeviceError('lied', 'the conversation is out of step');
      onEvent(name);
      const sentMs = now();
      const pieces: Uint8Array[] = [];
      let received: Uint8Array = new Uint8Array(0);
      const run = async (): Promise<void> => {
        if (sent.length > 0) await link.send(sent);
        while (wanted(received) > 0) {
          const piece = await link.receive();
          total += piece.length;
          if (total > ROM_TRANSCRIPT_MAX)
            throw new DeviceError('too large', `more than ${ROM_TRANSCRIPT_MAX} bytes, where a boot ROM says some hundred`);
          pieces.push(piece);
          received = pieces.length === 1 ? piece : concatBytes(pieces);
        }
        if (wanted(received) < 0) throw new DeviceError('lied', `${-wanted(received)} bytes more than the answer to ${name} has`);
      };
      try {
        await within(timer, ANSWER_MS, run());
        return received;
      } catch (error) {
        isBroken = true;
        throw error;
      } finally {
        exchanges.push({ ask: name, sent, received, sentMs, receivedMs: now() });
      }
    },
  };
}

/** Wants an answer of this length. */
export const exactly =
  (length: number) =>
  (received: Uint8Array): number =>
    length - received.length;
