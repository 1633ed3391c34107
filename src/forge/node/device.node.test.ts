import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { VirtualPhone } from '../phone.ts';
import { HIDDEN_FOLDER, inTradeInMode, mi4Counterfeit, mi4Genuine, mi4Retailer, pixel } from '../profiles/index.ts';
import { standInApk } from '../stand-in-apk.ts';
import { type OpenOptions, type OpenPhone, openVirtualPhone } from './device.ts';
import { openFastboot } from './fastboot.ts';

const run = promisify(execFile);

function hasAdb(): boolean {
  try {
    execFileSync('adb', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** A port that nobody listens on now. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

const opened: OpenPhone[] = [];
async function open(phone: VirtualPhone, options: OpenOptions = {}): Promise<OpenPhone> {
  const one = await openVirtualPhone(phone, { latencyMs: 0, bytesPerSecond: 0, ...options });
  opened.push(one);
  return one;
}
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

describe.skipIf(!hasAdb())('the distribution’s adb (skipped where none is installed)', () => {
  let home = '';
  let env: NodeJS.ProcessEnv = {};

  /** What adb prints, and how it ends. */
  async function adb(
    phone: OpenPhone | undefined,
    ...args: readonly string[]
  ): Promise<{ readonly out: string; readonly err: string; readonly status: number }> {
    const serial = phone === undefined ? [] : ['-s', `127.0.0.1:${phone.port}`];
    try {
      const { stdout, stderr } = await run('adb', [...serial, ...args], { env, encoding: 'latin1', timeout: 20_000 });
      return { out: stdout, err: stderr, status: 0 };
    } catch (error) {
      // execFile's rejection carries what the process printed; that it is one is what `code` says.
      const failed = error as { readonly stdout?: string; readonly stderr?: string; readonly code?: unknown };
      return { out: failed.stdout ?? '', err: failed.stderr ?? String(error), status: typeof failed.code === 'number' ? failed.code : -1 };
    }
  }

  async function connected(phone: VirtualPhone, options: OpenOptions = {}): Promise<OpenPhone> {
    const one = await open(phone, options);
    await adb(undefined, 'connect', `127.0.0.1:${one.port}`);
    await adb(one, 'wait-for-device');
    return one;
  }

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'forge-adb-'));
    env = { PATH: process.env['PATH'], HOME: home, ANDROID_ADB_SERVER_PORT: String(await freePort()), ADB_MDNS: '0' };
    await adb(undefined, 'start-server');
  });
  afterAll(async () => {
    await adb(undefined, 'kill-server');
    rmSync(home, { recursive: true, force: true });
  });

  test('connects, after the owner was asked about the key, and lists the phone', async () => {
    const phone = await connected(pixel());
    expect(phone.shownKeys).toHaveLength(1);
    const { out } = await adb(undefined, 'devices', '-l');
    expect(out).toContain(`127.0.0.1:${phone.port}`);
    expect(out).toContain('product:husky model:Pixel_8_Pro device:husky');
  });

  test('a retailer’s phone never asks', async () => {
    const phone = await connected(mi4Retailer());
    expect(phone.shownKeys).toHaveLength(0);
    expect((await adb(phone, 'shell', 'getprop ro.product.model')).out).toBe('MI 4LTE\r\n');
  });

  test('an owner who denies keeps adb out', async () => {
    const phone = await open({ ...pixel(), adb: { ...pixel().adb, ownerAnswers: 'deny' } });
    await adb(undefined, 'connect', `127.0.0.1:${phone.port}`);
    expect((await adb(phone, 'shell', 'id')).err).toMatch(/unauthorized|offline|authenticat/);
  });

  test('shell v2 keeps standard error and exit status apart', async () => {
    const phone = await connected(pixel());
    const both = await adb(phone, 'shell', 'echo out; echo err >&2; exit 7');
    expect(both).toEqual({ out: 'out\n', err: 'err\n', status: 7 });
    expect((await adb(phone, 'exec-out', 'cat /system/etc/hosts')).out).toBe('127.0.0.1       localhost\n::1             ip6-localhost\n');
  });

  test('a phone of 2014 has a terminal and neither exit status nor exec', async () => {
    const phone = await connected(mi4Genuine());
    const { out, err, status } = await adb(phone, 'shell', 'nope; ls /nope; exit 3');
    // Newer mksh says `inaccessible or not found`.
    expect(out).toMatch(/^(E: )?\/system\/bin\/sh: nope: (inaccessible or )?not found\r\n\/nope: No such file or directory\r\n$/);
    expect({ err, status }).toEqual({ err: '', status: 0 });
    expect((await adb(phone, 'exec-out', 'id')).err).toContain('closed');
  });

  test('pushes, pulls and removes', async () => {
    const phone = await connected(pixel());
    const sent = Buffer.from(Uint8Array.from({ length: 300_000 }, (_, i) => (i * 7919) >> 3));
    const [from, to] = [join(home, 'from.bin'), join(home, 'to.bin')];
    writeFileSync(from, sent);
    expect((await adb(phone, 'push', from, '/data/local/tmp/x.bin')).status).toBe(0);
    expect((await adb(phone, 'shell', 'sha256sum /data/local/tmp/x.bin')).out).toBe(
      `${createHash('sha256').update(sent).digest('hex')}  /data/local/tmp/x.bin\n`,
    );
    expect((await adb(phone, 'pull', '/data/local/tmp/x.bin', to)).status).toBe(0);
    expect(readFileSync(to).equals(sent)).toBe(true);
    const refused = await adb(phone, 'push', from, '/system/x.bin');
    expect(refused.out + refused.err).toContain('Read-only file system');
    await adb(phone, 'shell', 'rm /data/local/tmp/x.bin');
    expect((await adb(phone, 'shell', 'ls /data/local/tmp')).out).toBe('');
  });

  test('the shell may not read the live policy, the daemon may', async () => {
    const phone = await connected(pixel());
    expect((await adb(phone, 'shell', 'cat /sys/fs/selinux/policy')).err).toContain('Permission denied');
    expect((await adb(phone, 'pull', '/sys/fs/selinux/policy', join(home, 'policy'))).status).toBe(0);
  });

  test.each([
    ['streamed', pixel()],
    ['pushed first', mi4Genuine()],
  ])('installs, %s, and uninstalls', async (_, base) => {
    const phone = await connected(base);
    const file = join(home, 'canary.apk');
    const bytes = standInApk({ package: 'org.example.canary', versionCode: 3, versionName: '3.0', signer: 'ours', seed: 'x', fill: 5000 });
    writeFileSync(file, bytes);
    expect((await adb(phone, 'install', file)).out).toContain('Success');
    const path = /package:(\S+)/.exec((await adb(phone, 'shell', 'pm path org.example.canary')).out)?.[1] ?? '';
    await adb(phone, 'pull', path, join(home, 'back.apk'));
    expect(readFileSync(join(home, 'back.apk')).equals(bytes)).toBe(true);
    expect((await adb(phone, 'uninstall', 'org.example.canary')).out).toContain('Success');
    expect((await adb(phone, 'shell', 'pm path org.example.canary')).out).toBe('');
  });

  test('the counterfeit’s installer puts its own copy in place of a checker', async () => {
    const phone = await connected(mi4Counterfeit());
    const file = join(home, 'antifake.apk');
    writeFileSync(
      file,
      standInApk({ package: 'com.miui.antifake', versionCode: 9, versionName: '2.0', signer: 'xiaomi', seed: 'real', fill: 9000 }),
    );
    expect((await adb(phone, 'install', file)).out).toContain('Success');
    const [installation] = phone.machine.installations;
    expect(installation?.package).toBe('com.miui.antifake');
    expect(installation?.installed).not.toEqual(installation?.sent);
    expect((await adb(phone, 'shell', `ls -a ${HIDDEN_FOLDER}`)).out).toContain('antifake.apk');
  });

  test('reverse tunnels are dialled from the phone’s side', async () => {
    const phone = await connected(pixel());
    const server = createServer((socket) => socket.end('hello'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    expect((await adb(phone, 'reverse', 'tcp:8000', `tcp:${address.port}`)).status).toBe(0);
    expect((await adb(phone, 'reverse', '--list')).out).toContain('tcp:8000');
    const channel = await phone.dialReverse('tcp:8000');
    expect(Buffer.from((await channel?.read()) ?? []).toString()).toBe('hello');
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });

  test('bug reports: a zip, and a text from before Android 7', async () => {
    const zip = join(home, 'report.zip');
    expect((await adb(await connected(pixel()), 'bugreport', zip)).status).toBe(0);
    expect(readFileSync(zip).subarray(0, 2).toString()).toBe('PK');
    expect((await adb(await connected(mi4Genuine()), 'bugreport')).out).toContain('== dumpstate: 2015-03-02');
  });

  test('nobody may switch the daemon’s transport', async () => {
    const phone = await connected(pixel());
    expect((await adb(phone, 'tcpip', '5555')).status).not.toBe(0);
    expect((await adb(phone, 'root')).out).toContain('cannot run as root in production builds');
  });
});

// ── fastboot, trade-in ───────────────────────────────────────────────────────────────────────────────────────────────

/** Sends fastboot commands over TCP and collects the answers to each. */
async function fastboot(port: number, commands: readonly string[]): Promise<readonly string[]> {
  const socket: Socket = connect(port, '127.0.0.1');
  const answers: string[] = [];
  let rest = Buffer.alloc(0);
  const done = new Promise<void>((resolve) => {
    socket.on('close', () => resolve());
    socket.on('data', (chunk) => {
      rest = Buffer.concat([rest, chunk]);
      if (rest.subarray(0, 4).toString() === 'FB01') {
        answers.push('FB01');
        rest = rest.subarray(4);
      }
      while (rest.length >= 8 && rest.length >= 8 + Number(rest.readBigUInt64BE(0))) {
        const length = Number(rest.readBigUInt64BE(0));
        answers.push(rest.toString('utf8', 8, 8 + length));
        rest = rest.subarray(8 + length);
      }
      if (answers.filter((answer) => /^(OKAY|FAIL)/.test(answer)).length === commands.length) socket.end();
    });
  });
  socket.write('FB01');
  for (const command of commands) {
    const head = Buffer.alloc(8);
    head.writeBigUInt64BE(BigInt(command.length));
    socket.write(Buffer.concat([head, Buffer.from(command)]));
  }
  await done;
  return answers;
}

test('a bootloader over TCP answers getvar and refuses everything else', async () => {
  const phone = await openFastboot(pixel());
  const answers = await fastboot(phone.port, ['getvar:product', 'getvar:all', 'getvar:nothing', 'erase:userdata']);
  expect(answers[0]).toBe('FB01');
  expect(answers).toContain('OKAYhusky');
  expect(answers).toContain('INFOunlocked: no');
  expect(answers.at(-1)).toBe('FAILcommand not allowed');
  expect(phone.log).toEqual(['getvar:product', 'getvar:all', 'getvar:nothing', 'erase:userdata']);
  await phone.close();
});

test.skipIf(!hasAdb())('Trade-in Mode runs nothing but tradeinmode, and shows whether anybody called evaluate', async () => {
  const home = mkdtempSync(join(tmpdir(), 'forge-tradein-'));
  const env = { PATH: process.env['PATH'], HOME: home, ANDROID_ADB_SERVER_PORT: String(await freePort()), ADB_MDNS: '0' };
  const phone = await open(inTradeInMode(pixel()));
  const serial = `127.0.0.1:${phone.port}`;
  try {
    await run('adb', ['connect', serial], { env });
    await run('adb', ['-s', serial, 'wait-for-device'], { env, timeout: 10_000 });
    const { stdout } = await run('adb', ['-s', serial, 'shell', 'tradeinmode getstatus'], { env });
    expect(JSON.parse(stdout)).toMatchObject({ product_info: { model: 'Pixel 8 Pro' } });
    await expect(run('adb', ['-s', serial, 'shell', 'getprop'], { env })).rejects.toThrow();
    expect(phone.machine.tradeInEvaluations).toBe(0);
    await run('adb', ['-s', serial, 'shell', 'tradeinmode evaluate'], { env });
    expect(phone.machine.tradeInEvaluations).toBe(1);
    expect(phone.log.some((entry) => entry.service.endsWith(':tradeinmode evaluate'))).toBe(true);
  } finally {
    await run('adb', ['kill-server'], { env });
    rmSync(home, { recursive: true, force: true });
  }
});
