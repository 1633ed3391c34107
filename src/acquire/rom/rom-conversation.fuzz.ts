import type { ClockPort } from '../../bytes/index.ts';
import { FormatError } from '../../bytes/index.ts';
import { DeviceError } from '../device-port.ts';
import { romConversation } from './conversation.ts';
import { askMediatek } from './mediatek.ts';
import { askSahara } from './sahara.ts';
import { askUnisoc } from './unisoc.ts';

export const name = 'rom-conversation';

const ASK = [askMediatek, askSahara, askUnisoc] as const;
const clock: ClockPort = { monotonicMs: () => 0, now: () => '2026-01-01T00:00:00Z' };

/** The first byte chooses the protocol; then each piece stands behind its length. */
export const seeds: readonly Uint8Array[] = [
  Uint8Array.of(0, 1, 0x5f, 1, 0xf5, 1, 0xaf, 1, 0xfa, 5, 0xfd, 0x65, 0x92, 0, 0, 1, 0xfe),
  Uint8Array.from([1, 48, 1, 0, 0, 0, 48, 0, 0, 0, 2, 0, 0, 0, 1, ...new Uint8Array(35), 8, 11, 0, 0, 0, 8, 0, 0, 0]),
  Uint8Array.of(2, 14, 0x7e, 0, 0x81, 0, 6, 0x53, 0x50, 0x52, 0x44, 0x33, 0, 0x57, 0x0a, 0x7e),
];

/** Talks to a hostile chip: anything but an error of ours, a hang or too much memory is a finding. */
export async function run(bytes: Uint8Array): Promise<void> {
  let at = 1;
  const link = {
    send: async () => undefined,
    async receive() {
      const length = bytes[at];
      if (length === undefined) throw new DeviceError('disconnected', 'the end');
      const piece = bytes.subarray(at + 1, at + 1 + length);
      at += 1 + length;
      return piece;
    },
    close: async () => undefined,
  };
  const conversation = romConversation(link, { clock, timer: () => () => undefined, onEvent: () => undefined });
  try {
    await ASK[(bytes[0] ?? 0) % ASK.length]?.(conversation);
  } catch (error) {
    if (!(error instanceof DeviceError || error instanceof FormatError)) throw error;
  }
}
