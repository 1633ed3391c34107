/** Asks a MediaTek boot ROM or preloader who it is. Nothing is written and no watchdog is touched: the chip goes on by itself after some seconds. */
import { MEDIATEK_COMMAND, MEDIATEK_HANDSHAKE, readIdLength } from '../../formats/rom/index.ts';
import { DeviceError } from '../device-port.ts';
import { exactly, type RomConversation } from './conversation.ts';

/** A preloader says READY some times before it listens. */
const NOISE_MAX = 512;

export async function askMediatek({ ask }: RomConversation): Promise<void> {
  await greet(ask);
  const question = (name: keyof typeof MEDIATEK_COMMAND, length: number) =>
    ask(name, Uint8Array.of(MEDIATEK_COMMAND[name]), echoed(MEDIATEK_COMMAND[name], exactly(length)));
  await question('GET_HW_CODE', 5);
  // The one question that a preloader answers with something else than an echo.
  await ask('GET_BL_VER', Uint8Array.of(MEDIATEK_COMMAND.GET_BL_VER), exactly(1));
  await question('GET_TARGET_CONFIG', 7);
  await question('GET_HW_SW_VER', 9);
  for (const name of ['GET_ME_ID', 'GET_SOC_ID'] as const)
    await ask(
      name,
      Uint8Array.of(MEDIATEK_COMMAND[name]),
      echoed(MEDIATEK_COMMAND[name], (received) =>
        received.length < 5 ? 5 - received.length : 5 + readIdLength(received.subarray(1, 5)) + 2 - received.length,
      ),
    );
}

/** Sends the four bytes one by one; each is answered by its complement. */
async function greet(ask: RomConversation['ask']): Promise<void> {
  for (const [index, byte] of MEDIATEK_HANDSHAKE.entries()) {
    const complement = ~byte & 0xff;
    await ask(`handshake.${index}`, Uint8Array.of(byte), (received) => {
      const last = received.at(-1);
      if (last === complement) return 0;
      if (index > 0 && last !== undefined)
        throw new DeviceError('lied', `0x${last.toString(16)} does not answer the greeting 0x${byte.toString(16)}`);
      if (received.length > NOISE_MAX) throw new DeviceError('lied', 'it talks and does not answer the greeting');
      return 1;
    });
  }
}

/** A chip that does not know a command does not echo it. */
const echoed = (command: number, wanted: (received: Uint8Array) => number) => (received: Uint8Array) => {
  const [echo] = received;
  if (echo !== undefined && echo !== command)
    throw new DeviceError('refused', `0x${echo.toString(16)} in place of the echo 0x${command.toString(16)}`);
  return wanted(received);
};
