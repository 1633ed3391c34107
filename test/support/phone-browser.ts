/** A phone's browser, played by this machine's: what connects to the phone's port comes out at the host's end of the tunnel. */
import { createServer, type Server, type Socket } from 'node:net';
import type { openVirtualPhone } from '../../src/forge/node/index.ts';

export const CHROMIUM = '/usr/bin/chromium';

/** Listens on the phone's port; the server is the caller's to close. */
export async function listenOnPhone(phone: Awaited<ReturnType<typeof openVirtualPhone>>, port: number): Promise<Server> {
  const carry = async (socket: Socket) => {
    const channel = await phone.dialReverse(`tcp:${port}`);
    if (channel === undefined) return void socket.destroy();
    socket.on('error', () => channel.close());
    socket.on('close', () => channel.close());
    socket.on('data', (bytes) => void channel.write(bytes).catch(() => socket.destroy()));
    for (let bytes = await channel.read(); bytes !== undefined; bytes = await channel.read()) socket.write(bytes);
    socket.end();
  };
  const server = createServer((socket) => void carry(socket).catch(() => socket.destroy()));
  await new Promise<void>((resolve) => server.listen(port, 'localhost', resolve));
  return server;
}
