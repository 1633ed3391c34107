/** A ROM on a web server, put onto a shelf by runs that are broken off: what was read is not read again, and never mixed with another file. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeBootV0, writeCpio } from '../src/formats/android/index.ts';
import { writeTar } from '../src/formats/archive/index.ts';
import { assay } from './support/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'assay-remote-'));
const entry = { mode: 0o100644, uid: 0, gid: 0, links: 1, modifiedSeconds: 0, deviceMajor: 0, deviceMinor: 0 };
const ramdisk = writeCpio([{ ...entry, name: 'default.prop', data: new TextEncoder().encode('ro.secure=1\n') }]);
const MIB = 1 << 20;
const rom = (fill: number) =>
  writeTar([
    { name: 'tz.img', data: new Uint8Array(3 * MIB).fill(fill) },
    { name: 'abl.img', data: new Uint8Array(2 * MIB).fill(3) },
    { name: 'boot.img', data: writeBootV0({ kernel: new Uint8Array(MIB).fill(1), ramdisk }) },
  ]);

/** What the server gives: until so many bytes were asked for, and then no more. */
const served = { file: rom(2), etag: '"one"' as string | undefined, left: Number.POSITIVE_INFINITY, asked: [] as number[] };
let server: Server;
let url = '';
beforeAll(async () => {
  server = createServer((request, response) => {
    const [, from = '', to = ''] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
    const bytes = served.file.subarray(Number(from), Number(to) + 1);
    served.left -= bytes.length;
    served.asked.push(Number(from));
    if (served.left < 0) {
      response.writeHead(403).end();
      return;
    }
    const headers = served.etag === undefined ? {} : { etag: served.etag };
    response.writeHead(206, { 'content-range': `bytes ${from}-${to}/${served.file.length}`, ...headers });
    response.end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A listening TCP server's address is an AddressInfo.
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/rom.tar`;
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

let count = 0;
const newShelf = () => `shelf-${count++}`;
const add = async (shelf: string, left = Number.POSITIVE_INFINITY) => {
  Object.assign(served, { left, asked: [] });
  const { status, out, err } = await assay(folder, 'reference', 'add', url, '--threads', '1', '--shelf', shelf, '--json');
  const { digest, error } = JSON.parse(out) as { readonly digest?: string; readonly error?: string };
  return { status, digest, error, before: [...err.matchAll(/^(\w+): read before/gm)].map(([, name]) => name) };
};
/** Enough for the largest partition, and not for the next one. */
const BROKEN = 4 * MIB;

test('what a run that was broken off read is not read again', async () => {
  Object.assign(served, { file: rom(2), etag: '"one"' });
  const whole = await add(newShelf());
  expect(whole).toMatchObject({ status: 0, before: [] });
  const shelf = newShelf();
  expect(await add(shelf, BROKEN)).toMatchObject({ status: 1, error: expect.stringContaining('the server answers 403') as string });
  expect(await add(shelf)).toMatchObject({ status: 0, digest: whole.digest, before: ['tz'] });
  // Of the partition that was done only headers are looked at: what kind it is, and whether a footer binds it.
  expect(served.asked.filter((at) => at > MIB && at < 2 * MIB)).toEqual([]);
});

test('of a file that is another now, or may be, nothing is taken', async () => {
  for (const etag of ['"two"', undefined]) {
    Object.assign(served, { file: rom(2), etag });
    const shelf = newShelf();
    expect(await add(shelf, BROKEN)).toMatchObject({ status: 1 });
    Object.assign(served, { file: rom(4), etag: etag === '"two"' ? '"three"' : etag });
    expect(await add(shelf)).toMatchObject({ status: 0, before: [] });
  }
});

test('hostile: other bytes under the same name are refused, and what was read before is given up', async () => {
  Object.assign(served, { file: rom(2), etag: '"one"' });
  const shelf = newShelf();
  expect(await add(shelf, BROKEN)).toMatchObject({ status: 1 });
  served.file = rom(4);
  expect(await add(shelf)).toMatchObject({
    status: 1,
    error: expect.stringContaining('other bytes than it gave here before') as string,
  });
  expect(await add(shelf)).toMatchObject({ status: 0, before: [] });
});
