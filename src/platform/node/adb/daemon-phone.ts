/**
 * A phone whose adb daemon we talk to ourselves, over TCP or USB.
 * A key that no phone has ever seen is tried first: a daemon that takes its signature lets anybody in. Then ours; only then is the owner asked.
 */
import type { KeyObject } from 'node:crypto';
import { connect as connectLocal } from 'node:net';
import { type AdbAuthenticator, AdbAuthType, AdbCommand, AdbDaemonTransport, type AdbPacketData, type AdbSocket } from '@yume-chan/adb';
import { type DeviceAbout, DeviceError, type DevicePort, type DeviceStream, within } from '../../../acquire/index.ts';
import { freshKey, publicKeyText, signToken } from './keys.ts';
import { type ByteLink, packetLink } from './packet-link.ts';
import { streamOf } from './stream.ts';
import { nodeTimer } from './timer.ts';

/** Flow-control window that we offer to phones with delayed acknowledgements. */
const WINDOW = 4 * 1024 * 1024;
const CONNECT_MS = 10_000;
const PROMPT_MS = 60_000;

export interface DaemonOptions {
  readonly transport: 'tcp' | 'usb';
  readonly address: string;
  readonly link: () => Promise<ByteLink>;
  readonly key: KeyObject;
  /** Called when the phone asks its owner. */
  readonly onPrompt: () => void;
  readonly usb?: DeviceAbout['usb'];
}

type Stage = 'none' | 'fresh' | 'own' | 'prompt';

/** Connects and authenticates. @throws DeviceError */
export async function openDaemonPhone(options: DaemonOptions): Promise<DevicePort> {
  let connection = await connectDaemon(options);
  const first = connection;
  const { banner } = first.transport;
  const about: DeviceAbout = {
    transport: options.transport,
    address: options.address,
    state: first.state,
    banner: bannerOf(banner),
    features: banner.features,
    authorisation: first.stage === 'none' ? 'none' : first.stage === 'prompt' ? 'prompt' : 'known',
    keyIsNew: first.stage === 'fresh' ? true : first.stage === 'prompt' ? true : undefined,
    commandMax: first.transport.maxPayloadSize <= 4096 ? 3800 : 15_000,
    usb: options.usb,
  };
  const device: DevicePort = {
    about,
    async open(service) {
      const { transport, lost } = connection;
      const opening = transport.connect(service);
      let socket: AdbSocket;
      try {
        socket = await Promise.race([opening, lost]);
      } catch (error) {
        if (error instanceof DeviceError) throw error;
        throw new DeviceError('refused', `the phone does not open ${service.split(':', 1)[0] ?? ''}`);
      }
      return streamOf(socket, () =>
        connection.transport === transport ? connection.lossOf() : new DeviceError('disconnected', 'the connection was made again'),
      );
    },
    async reverse(remote, localPort) {
      const { transport } = connection;
      transport.addReverseTunnel((socket: AdbSocket) => bridge(socket, localPort), `tcp:${localPort}`);
      const answer = await ask(device, `reverse:forward:${remote};tcp:${localPort}`);
      if (!answer.startsWith('OKAY')) throw new DeviceError('refused', answer);
      return async () => {
        transport.removeReverseTunnel(`tcp:${localPort}`);
        await ask(device, `reverse:killforward:${remote}`);
      };
    },
    async reconnect() {
      connection.close();
      connection = await connectDaemon(options);
    },
    async close() {
      connection.close();
    },
  };
  return device;
}

async function ask(device: DevicePort, service: string): Promise<string> {
  const stream: DeviceStream = await device.open(service);
  let text = '';
  for (let bytes = await stream.read(); bytes !== undefined && text.length < 4096; bytes = await stream.read())
    text += Buffer.from(bytes).toString();
  await stream.close();
  return text;
}

function bannerOf(banner: {
  readonly product?: string | undefined;
  readonly model?: string | undefined;
  readonly device?: string | undefined;
}) {
  const pairs: [string, string][] = [];
  for (const key of ['product', 'model', 'device'] as const) {
    const value = banner[key];
    if (value !== undefined) pairs.push([`ro.product.${key === 'product' ? 'name' : key}`, value]);
  }
  return pairs;
}

interface Connection {
  readonly transport: AdbDaemonTransport;
  readonly stage: Stage;
  readonly state: string;
  /** Rejects when the connection is lost. */
  readonly lost: Promise<never>;
  /** Why the connection was lost, once it was. */
  lossOf(): DeviceError | undefined;
  close(): void;
}

async function connectDaemon(options: DaemonOptions): Promise<Connection> {
  const link = await options.link();
  let stage: Stage = 'none';
  const authenticate: AdbAuthenticator = async function* (_store, next) {
    const answer = (arg0: number, payload: Uint8Array): AdbPacketData => ({ command: AdbCommand.Auth, arg0, arg1: 0, payload });
    for (const [name, key] of [
      ['fresh', await freshKey()],
      ['own', options.key],
    ] as const) {
      const { arg0, payload } = await next();
      if (arg0 !== AdbAuthType.Token) return;
      // PKCS #1 of a SHA-1 digest: a phone that asks for another length is no phone.
      if (payload.length !== 20) throw new DeviceError('lied', `a token of ${payload.length} bytes`);
      stage = name;
      yield answer(AdbAuthType.Signature, signToken(key, payload));
    }
    await next();
    stage = 'prompt';
    options.onPrompt();
    yield answer(AdbAuthType.PublicKey, publicKeyText(options.key));
  };
  const store = { generateKey: () => ({ buffer: new Uint8Array(0) }), iterateKeys: () => [] };
  const authenticating = AdbDaemonTransport.authenticate({
    serial: options.address,
    connection: packetLink(link),
    credentialStore: store,
    authenticators: [authenticate],
    initialDelayedAckBytes: WINDOW,
  });
  authenticating.catch(() => undefined);
  let transport: AdbDaemonTransport;
  try {
    transport = await waitFor(authenticating, () => stage);
  } catch (error) {
    link.close();
    if (error instanceof DeviceError) throw error;
    throw new DeviceError('disconnected', `the phone ended the connection: ${error instanceof Error ? error.message : String(error)}`);
  }
  let loss: DeviceError | undefined;
  const lose = (error?: unknown): never => {
    const why = error instanceof Error ? `: ${error.message}` : '';
    loss ??= error instanceof DeviceError ? error : new DeviceError('disconnected', `the connection ended${why}`);
    throw loss;
  };
  const lost = transport.disconnected.then(() => lose(), lose);
  lost.catch(() => undefined);
  return {
    transport,
    stage,
    state: 'device',
    lost,
    lossOf: () => loss,
    close() {
      loss ??= new DeviceError('disconnected', 'the connection was closed');
      link.close();
    },
  };
}

/** The owner gets a minute to answer; everything else ten seconds. */
async function waitFor(authenticating: Promise<AdbDaemonTransport>, stage: () => Stage): Promise<AdbDaemonTransport> {
  try {
    return await within(nodeTimer, CONNECT_MS, authenticating);
  } catch (error) {
    if (!(error instanceof DeviceError && error.code === 'timed out')) throw error;
    if (stage() !== 'prompt') throw new DeviceError('timed out', 'the phone does not speak adb');
  }
  try {
    return await within(nodeTimer, PROMPT_MS, authenticating);
  } catch (error) {
    if (!(error instanceof DeviceError && error.code === 'timed out')) throw error;
    throw new DeviceError('unauthorised', 'the question on the phone’s screen was not answered');
  }
}

/** Joins a stream from the phone with a port of this machine. */
async function bridge(socket: AdbSocket, localPort: number): Promise<void> {
  const local = connectLocal({ host: '127.0.0.1', port: localPort });
  const stream = streamOf(socket, () => undefined);
  local.on('data', (bytes) => void stream.write(bytes).catch(() => local.destroy()));
  local.on('close', () => void stream.close());
  local.on('error', () => void stream.close());
  void (async () => {
    for (let bytes = await stream.read(); bytes !== undefined; bytes = await stream.read()) local.write(bytes);
    local.end();
  })().catch(() => local.destroy());
}
