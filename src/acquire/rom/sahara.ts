/** Asks a Qualcomm boot ROM who it is, in its command mode, and leaves it as it was found: waiting for its first image. No image is ever sent. */
import {
  readSahara,
  SAHARA_MODE,
  SAHARA_PACKET_MAX,
  SAHARA_READ,
  type SaharaPacket,
  writeExecute,
  writeExecuteData,
  writeHelloResponse,
  writeSwitchMode,
} from '../../formats/rom/index.ts';
import { DeviceError } from '../device-port.ts';
import { exactly, type RomConversation } from './conversation.ts';

const NOTHING = new Uint8Array(0);

export async function askSahara({ ask }: RomConversation): Promise<void> {
  const packetOf = async (name: string, sent: Uint8Array): Promise<SaharaPacket> => readSahara(await ask(name, sent, wholePacket));
  const hello = await packetOf('hello', NOTHING);
  if (hello.kind !== 'hello') throw new DeviceError('lied', `it does not greet but says ${hello.kind}`);
  const ready = await packetOf('command-mode', writeHelloResponse(hello.version, hello.minimumVersion, SAHARA_MODE.command));
  if (ready.kind !== 'command-ready')
    throw new DeviceError(
      'refused',
      ready.kind === 'end-transfer' ? `no command mode: status ${ready.status}` : `no command mode but ${ready.kind}`,
    );
  const questions: readonly (readonly [name: string, command: number])[] =
    hello.version < 3
      ? [
          ['serial', SAHARA_READ.serial],
          ['hardware-id', SAHARA_READ.hardwareId],
          ['key-hash', SAHARA_READ.keyHash],
        ]
      : [
          ['serial', SAHARA_READ.serial],
          ['key-hash', SAHARA_READ.keyHash],
          ['chip-id-v3', SAHARA_READ.chipIdV3],
        ];
  for (const [name, command] of questions) {
    const response = await packetOf(`${name}.execute`, writeExecute(command));
    // A chip that does not know a command ends the transfer, and answers the next one.
    if (response.kind === 'end-transfer') continue;
    if (response.kind !== 'execute-response' || response.clientCommand !== command)
      throw new DeviceError('lied', `${response.kind} does not answer command ${command}`);
    if (response.dataLength > 0) await ask(name, writeExecuteData(command), exactly(response.dataLength));
  }
  // Its new greeting is left in the pipe for whoever comes next.
  await ask('end', writeSwitchMode(SAHARA_MODE.imagePending), () => 0);
}

/** Bytes missing of the packet whose length stands in its header. */
function wholePacket(received: Uint8Array): number {
  if (received.length < 8) return 8 - received.length;
  const length = new DataView(received.buffer, received.byteOffset).getUint32(4, true);
  if (length < 8 || length > SAHARA_PACKET_MAX)
    throw new DeviceError('lied', `a packet of ${length} bytes, and ${SAHARA_PACKET_MAX} is the most there is`);
  return length - received.length;
}
