import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { toBase64 } from '../../bytes/index.ts';
import { forgeAndroidLog } from '../../forge/android-log.ts';
import { nodeHash } from '../../platform/node/index.ts';
import { ANDROID_LOGS, type AndroidLog, type AndroidLogEntry, lookUpPackages } from '../../provenance/index.ts';
import { copyAndroidLog, openAndroidLogs, openLiveAndroidLog } from './index.ts';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const spki = toBase64(new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })));
const ours = (id: string): AndroidLog => {
  const log = ANDROID_LOGS.find((known) => known.id === id) ?? ANDROID_LOGS[0];
  return { ...log, key: { name: log.origin, spki } };
};
const logs = [ours('mainline-2026-01'), ours('product-apk-2026-02')] as const;
const digest = (n: number) => n.toString(16).padStart(64, '0');
const entries: readonly AndroidLogEntry[] = Array.from({ length: 530 }, (_, n) => ({
  kind: 'package',
  sha256: digest(n),
  over: 'apk',
  package: 'com.google.android.gms',
  versionCode: n,
}));

let served = new Map<string, Uint8Array>();
let requests: string[] = [];
let server: Server;
let base: string;
const folder = mkdtempSync(join(tmpdir(), 'assay-android-log-'));

beforeAll(async () => {
  server = createServer((request, response) => {
    const path = (request.url ?? '').slice(1);
    requests.push(path);
    const bytes = served.get(path);
    if (bytes === undefined) response.writeHead(404).end();
    else response.end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // The cast is Node's own advice: a TCP server's address is never a text.
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});
afterEach(() => {
  requests = [];
});
const serve = async (log: AndroidLog, some = entries) => {
  served = new Map(await forgeAndroidLog(nodeHash, log, some, (text) => new Uint8Array(sign('sha256', text, privateKey))));
};
const question = { package: 'com.google.android.gms', versionCode: 300, sha256: digest(300), path: '/x.apk' };

describe.each(logs)('a copy of $id', (log) => {
  test('is asked without the network; the live log answers the same', async () => {
    await serve(log);
    await copyAndroidLog(log, folder, { base });
    requests = [];
    const [copied] = (await openAndroidLogs(folder, logs)).filter((open) => open.log.id === log.id);
    if (copied === undefined) throw new Error('no copy');
    expect(await lookUpPackages([copied], [question])).toMatchObject([{ outcome: 'logged', index: 300, treeSize: 530 }]);
    expect(requests).toEqual([]);
    expect(await lookUpPackages([await openLiveAndroidLog(log, base)], [question])).toMatchObject([{ outcome: 'logged', index: 300 }]);
  });

  test('goes on where it was: full tiles are not fetched again', async () => {
    await serve(log, [...entries, ...entries.slice(0, 10)]);
    const { checkpoint } = await copyAndroidLog(log, folder, { base });
    expect(checkpoint.size).toBe(540);
    expect(requests).not.toContain(log.layout.path(0, 0, 256));
    expect(requests).toContain(log.layout.path(0, 2, 28));
  });

  test('a host that signs with another key gives nothing', async () => {
    await serve(log);
    const stranger = {
      ...log,
      key: {
        name: log.origin,
        spki: toBase64(
          new Uint8Array(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'der' })),
        ),
      },
    };
    await expect(copyAndroidLog(stranger, folder, { base })).rejects.toThrow(/not signed by the key/);
  });

  test('a file that is missing leaves no newer checkpoint behind', async () => {
    await serve(log, entries.slice(0, 3));
    served.delete(log.layout.path(0, 0, 3));
    await expect(copyAndroidLog(log, folder, { base })).rejects.toThrow(/404/);
    const [copied] = (await openAndroidLogs(folder, logs)).filter((open) => open.log.id === log.id);
    expect(copied?.checkpoint.size).toBe(540);
  });
});

test('a folder without copies, and one whose checkpoint is garbage, are refused by name', async () => {
  await expect(openAndroidLogs(tmpdir(), logs)).rejects.toThrow(/no copy of a log/);
  writeFileSync(join(folder, logs[0].id, logs[0].checkpoint), 'garbage');
  await expect(openAndroidLogs(folder, logs)).rejects.toThrow(/signed note/);
});
