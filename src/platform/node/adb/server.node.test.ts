import { execFile, execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openVirtualPhone } from '../../../forge/node/index.ts';
import { PROFILES } from '../../../forge/profiles/index.ts';
import { acquireLive, listPhones } from './index.ts';
import { serverAddress } from './server.ts';

const run = promisify(execFile);
const hasAdb = (() => {
  try {
    execFileSync('adb', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

test('the server’s address is where adb’s own variables say', () => {
  expect(serverAddress({})).toEqual({ host: '127.0.0.1', port: 5037 });
  expect(serverAddress({ ANDROID_ADB_SERVER_PORT: '6000' })).toEqual({ host: '127.0.0.1', port: 6000 });
  expect(serverAddress({ ADB_SERVER_SOCKET: 'tcp:hub.example:7000', ANDROID_ADB_SERVER_PORT: '6000' })).toEqual({
    host: 'hub.example',
    port: 7000,
  });
  expect(serverAddress({ ADB_SERVER_SOCKET: 'tcp:7000' })).toEqual({ host: '127.0.0.1', port: 7000 });
  expect(serverAddress({ ANDROID_ADB_SERVER_PORT: '60x' })).toEqual({ host: '127.0.0.1', port: 5037 });
});

test('no server and none to be started means no phones, which is no error', async () => {
  const env = { ANDROID_ADB_SERVER_PORT: String(await freePort()), PATH: '/nowhere' };
  expect((await listPhones({ env })).filter(({ transport }) => transport === 'server')).toEqual([]);
});

describe.skipIf(!hasAdb)('through the installed adb server', () => {
  let home: string;
  let env: NodeJS.ProcessEnv;
  const phones: Awaited<ReturnType<typeof openVirtualPhone>>[] = [];
  const adb = (...words: string[]) => run('adb', words, { env });
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'assay-adb-'));
    env = { PATH: process.env['PATH'], HOME: home, ANDROID_ADB_SERVER_PORT: String(await freePort()), ASSAY_CONFIG: join(home, 'config') };
  });
  afterEach(async () => {
    for (const phone of phones.splice(0)) {
      await adb('disconnect', `127.0.0.1:${phone.port}`).catch(() => undefined);
      await phone.close();
    }
  });
  afterAll(async () => {
    await adb('kill-server').catch(() => undefined);
    await rm(home, { recursive: true, force: true });
  });
  async function connected(name: string): Promise<string> {
    const make = PROFILES[name];
    if (make === undefined) throw new Error(name);
    const phone = await openVirtualPhone(make(), { latencyMs: 1, bytesPerSecond: 0, shell: 'built-in' });
    phones.push(phone);
    // Lists, and so starts the server.
    await listPhones({ env });
    const serial = `127.0.0.1:${phone.port}`;
    await adb('connect', serial);
    for (let attempt = 0; attempt < 50; attempt++) {
      if ((await listPhones({ env })).some(({ address, state }) => address === serial && state === 'device')) return serial;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`${serial} does not come online`);
  }

  test.each(['pixel-14', 'mi4-genuine'])(
    '%s is read, and how it met the server’s key is not known',
    async (name) => {
      await connected(name);
      const capture = await acquireLive({ address: undefined, depth: 'quick', open: { env } });
      expect(capture.items.filter(({ outcome }) => ['timed out', 'flooded', 'disconnected'].includes(outcome)).map(({ id }) => id)).toEqual(
        [],
      );
      expect(capture.artefacts.map(({ name: one }) => one)).toEqual(
        expect.arrayContaining(['getprop.txt', 'dumpsys_package.txt', 'files_system.txt']),
      );
      const adbJson = capture.artefacts.find(({ name: one }) => one === 'adb.json');
      const said = new TextDecoder().decode(await adbJson?.source.read(0, adbJson.source.size));
      expect(JSON.parse(said)).toMatchObject({ transport: 'server', authorisation: 'unknown', keyIsNew: null });
    },
    60_000,
  );

  test('a serial that is not there is told with those that are', async () => {
    const serial = await connected('pixel-14');
    await expect(acquireLive({ address: 'nothere', depth: 'quick', open: { env } })).rejects.toThrow(
      `no phone "nothere"; there are: ${serial}`,
    );
  });
});
