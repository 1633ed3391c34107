import { mkdtemp, rm } from 'node:fs/promises';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { openVirtualPhone } from '../../src/forge/node/index.ts';
import { PROFILES } from '../../src/forge/profiles/index.ts';
import { listenOnPhone } from './phone-browser.ts';

export type BrowserPhone = Awaited<ReturnType<typeof openVirtualPhone>>;

/** For the tests of a file: a folder for each test, and virtual phones at the cable whose browser is played here. Both are gone after it. */
export function browserPhones(prefix: string) {
  let folder: string;
  const opened: BrowserPhone[] = [];
  const listening: Server[] = [];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), prefix));
  });
  afterEach(async () => {
    for (const server of listening.splice(0)) await new Promise((resolve) => server.close(resolve));
    for (const phone of opened.splice(0)) await phone.close();
    await rm(folder, { recursive: true, force: true });
  });
  return {
    /** Of the test that runs. */
    folder: (): string => folder,
    /** A phone whose browser does `view` with the address that it is sent to. */
    open: async (view: (url: string) => Promise<void>): Promise<BrowserPhone> => {
      const value = PROFILES['pixel-14']?.();
      if (value === undefined) throw new Error('no profile');
      const phone = await openVirtualPhone(value, { latencyMs: 0, bytesPerSecond: 0, shell: 'built-in' });
      opened.push(phone);
      phone.machine.onView = (url) => {
        void listenOnPhone(phone, Number(new URL(url).port)).then((server) => {
          listening.push(server);
          return view(url);
        });
      };
      return phone;
    },
  };
}
