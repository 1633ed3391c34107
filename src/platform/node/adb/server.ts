/** Phones behind an adb server: a running one, or one that an installed `adb` starts. Wireless debugging with its pairing goes through it. */
import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { AdbServerClient } from '@yume-chan/adb';
import { type DeviceAbout, DeviceError, type DevicePort, within } from '../../../acquire/index.ts';
import { streamOf } from './stream.ts';
import { connectTcp, socketReader } from './tcp-link.ts';
import { nodeTimer } from './timer.ts';

export interface ServerAddress {
  readonly host: string;
  readonly port: number;
}

const SERVER_PORT = 5037;
const CONNECT_MS = 3000;
const START_MS = 15_000;

/** Where the server is, by the variables that adb itself knows. */
export function serverAddress(env: NodeJS.ProcessEnv): ServerAddress {
  const [, host, port] = /^tcp:(?:(.+):)?(\d{1,5})$/.exec(env['ADB_SERVER_SOCKET'] ?? '') ?? [];
  if (port !== undefined) return { host: host ?? '127.0.0.1', port: Number(port) };
  const named = env['ANDROID_ADB_SERVER_PORT'];
  return {
    host: env['ANDROID_ADB_SERVER_ADDRESS'] ?? '127.0.0.1',
    port: named !== undefined && /^\d{1,5}$/.test(named) ? Number(named) : SERVER_PORT,
  };
}

/** A client of the server at an address. */
function clientOf(address: ServerAddress): AdbServerClient {
  const unsupported = () => {
    throw new DeviceError('refused', 'reverse tunnels of the server are made by the phone’s own service');
  };
  return new AdbServerClient({
    connect: async () => connectionOf(await connectTcp(address.host, address.port, CONNECT_MS)),
    addReverseTunnel: unsupported,
    removeReverseTunnel: unsupported,
    clearReverseTunnels: unsupported,
  });
}

function connectionOf(socket: Socket): AdbServerClient.ServerConnection {
  const reader = socketReader(socket);
  const closed = Promise.withResolvers<undefined>();
  socket.on('close', () => closed.resolve(undefined));
  const readable = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const bytes = await reader.some();
          if (bytes === undefined) controller.close();
          else controller.enqueue(bytes);
        } catch (error) {
          controller.error(error);
        }
      },
      cancel() {
        socket.destroy();
      },
    },
    { highWaterMark: 0 },
  );
  const writable = new WritableStream<Uint8Array>({
    write(bytes) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      socket.write(bytes, (error) => (error ? reject(error) : resolve()));
      return promise;
    },
    close() {
      socket.end();
    },
    abort() {
      socket.destroy();
    },
  });
  return {
    // Its streams are the platform's own under another name; the cast says no more than that.
    readable,
    writable,
    closed: closed.promise,
    close() {
      socket.destroy();
    },
  } as unknown as AdbServerClient.ServerConnection;
}

/** One line of the server's list. */
export interface ServerPhone {
  readonly serial: string;
  readonly state: string;
  readonly model: string | undefined;
  readonly product: string | undefined;
  readonly device: string | undefined;
  readonly transportId: bigint;
}

/** Makes sure a server runs. Answers false where none does and none can be started. */
async function ensureServer(address: ServerAddress, env: NodeJS.ProcessEnv, start: boolean): Promise<boolean> {
  try {
    (await connectTcp(address.host, address.port, CONNECT_MS)).destroy();
    return true;
  } catch {
    if (!start || (address.host !== '127.0.0.1' && address.host !== 'localhost')) return false;
  }
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const { ADB_SERVER_SOCKET: _, ...rest } = env;
  const adb = spawn('adb', ['-P', String(address.port), 'start-server'], { stdio: 'ignore', env: rest });
  const limit = setTimeout(() => {
    adb.kill();
    resolve(false);
  }, START_MS);
  adb.on('error', () => resolve(false));
  adb.on('exit', (status) => resolve(status === 0));
  const isUp = await promise;
  clearTimeout(limit);
  return isUp;
}

/** Phones that the server knows; empty where there is no server. */
export async function serverPhones(env: NodeJS.ProcessEnv, start: boolean): Promise<readonly ServerPhone[]> {
  const address = serverAddress(env);
  if (!(await ensureServer(address, env, start))) return [];
  const devices = await within(nodeTimer, CONNECT_MS, clientOf(address).getDevices(['device', 'unauthorized', 'offline']));
  return devices.map(({ serial, state, model, product, device, transportId }) => ({ serial, state, model, product, device, transportId }));
}

/** Opens a phone of the server. @throws DeviceError */
export async function openServerPhone(env: NodeJS.ProcessEnv, phone: ServerPhone): Promise<DevicePort> {
  const address = serverAddress(env);
  const client = clientOf(address);
  if (phone.state === 'unauthorized')
    throw new DeviceError('unauthorised', `${phone.serial}: confirm the question on the phone’s screen, then try again`);
  if (phone.state !== 'device') throw new DeviceError('disconnected', `${phone.serial} is ${phone.state}`);
  let { transportId } = phone;
  const { features } = await within(nodeTimer, CONNECT_MS, client.getDeviceFeatures({ transportId }));
  const banner: [string, string][] = [];
  for (const [key, value] of [
    ['ro.product.name', phone.product],
    ['ro.product.model', phone.model],
    ['ro.product.device', phone.device],
  ] as const)
    if (value !== undefined) banner.push([key, value]);
  const about: DeviceAbout = {
    transport: 'server',
    address: phone.serial,
    state: phone.state,
    banner,
    features,
    authorisation: 'unknown',
    keyIsNew: undefined,
    // A phone of before Android 7 takes 4 KiB, and the server does not say.
    commandMax: features.includes('shell_v2') ? 15_000 : 3800,
    usb: undefined,
  };
  const find = async () => (await serverPhones(env, false)).find(({ serial, state }) => serial === phone.serial && state === 'device');
  return {
    about,
    async open(service) {
      try {
        return streamOf(await client.createDeviceConnection({ transportId }, service), () => undefined);
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        if (error instanceof DeviceError) throw error;
        throw new DeviceError(/closed|refus/i.test(message) ? 'refused' : 'disconnected', `the adb server says: ${message}`);
      }
    },
    async reverse(remote, localPort) {
      const say = async (service: string) => {
        const stream = streamOf(await client.createDeviceConnection({ transportId }, service), () => undefined);
        let text = '';
        for (let bytes = await stream.read(); bytes !== undefined && text.length < 4096; bytes = await stream.read())
          text += Buffer.from(bytes).toString();
        return text;
      };
      const answer = await say(`reverse:forward:${remote};tcp:${localPort}`);
      if (!answer.startsWith('OKAY')) throw new DeviceError('refused', answer);
      return async () => void (await say(`reverse:killforward:${remote}`));
    },
    async reconnect() {
      for (let attempt = 0; attempt < 10; attempt++) {
        const again = await find();
        if (again !== undefined) {
          transportId = again.transportId;
          return;
        }
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
      throw new DeviceError('disconnected', `${phone.serial} did not come back`);
    },
    async close() {},
  };
}
