/** Asks a Unisoc boot ROM for its version, and connects, which changes nothing; it has no other identity to offer before code is loaded, and none is. */
import { BSL, BSL_CHECK_BAUD, BSL_FRAME_MAX, holdsBslFrame, readBsl, writeBsl } from '../../formats/rom/index.ts';
import { DeviceError } from '../device-port.ts';
import type { RomConversation } from './conversation.ts';

export async function askUnisoc({ ask }: RomConversation): Promise<void> {
  const version = readBsl(await ask('check-baud', BSL_CHECK_BAUD, wholeFrame));
  if (version.type !== BSL.version) throw new DeviceError('lied', `0x${version.type.toString(16)} does not answer the first byte`);
  const connected = readBsl(await ask('connect', writeBsl({ type: BSL.connect, data: new Uint8Array(0) }), wholeFrame));
  if (connected.type !== BSL.acknowledge) throw new DeviceError('refused', `no connection: 0x${connected.type.toString(16)}`);
}

function wholeFrame(received: Uint8Array): number {
  if (received.length > BSL_FRAME_MAX) throw new DeviceError('too large', `more than ${BSL_FRAME_MAX} bytes without the end of a frame`);
  return holdsBslFrame(received) ? 0 : 1;
}
