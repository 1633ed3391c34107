import { expect, test } from 'vitest';
import { bytesSource } from '../../bytes/index.ts';
import type { Artefact } from '../../evidence/index.ts';
import { writeTar } from '../../formats/archive/index.ts';
import type { Difference } from './difference.ts';
import { phoneFiles } from './phone-texts.ts';
import { textsOf } from './texts.ts';
import { weightOf } from './weigh.ts';

const utf8 = (text: string) => new TextEncoder().encode(text);
const artefact = (kind: Artefact['kind'], origin: string, bytes: Uint8Array): Artefact => ({
  name: `${origin}.bin`,
  kind,
  origin,
  source: bytesSource(bytes),
});
const tar = writeTar([
  { name: '/vendor/etc/init/a.rc', data: utf8('service a\n') },
  { name: `/system/etc/${'deep/'.repeat(40)}b.xml`, data: utf8('<b/>\n') },
]);
const want = (...paths: readonly string[]) => paths.map((path) => ({ partition: 'system', path }));
const textIn = (found: ReadonlyMap<string, Uint8Array>, path: string) => new TextDecoder().decode(found.get(path));

test('files of a phone: what was pulled by its path, and the texts in the tar, by the path that each has there', async () => {
  const read = phoneFiles({
    artefacts: [artefact('hosts', '/system/etc/hosts', utf8('127.0.0.1 localhost\n')), artefact('texts', 'texts', tar)],
  });
  const deep = `/system/etc/${'deep/'.repeat(40)}b.xml`;
  const found = await read(want('/system/etc/hosts', '/vendor/etc/init/a.rc', deep, '/system/etc/none.xml'), 1000);
  expect([...found.keys()].toSorted()).toEqual([deep, '/system/etc/hosts', '/vendor/etc/init/a.rc'].toSorted());
  expect(textIn(found, '/vendor/etc/init/a.rc')).toBe('service a\n');
  expect((await read(want('/system/etc/hosts'), 5)).size).toBe(0);
});

test('hostile: a tar that is none, and one that is cut, cost the lines and nothing else', async () => {
  for (const bytes of [utf8('no tar at all'.repeat(100)), tar.subarray(0, 515)])
    expect((await phoneFiles({ artefacts: [artefact('texts', 'texts', bytes)] })(want('/vendor/etc/init/a.rc'), 1000)).size).toBe(0);
});

const changed = (path: string): Difference => ({
  change: 'changed',
  path,
  from: undefined,
  before: { path, partition: 'system', type: 'file' },
  after: { path, type: 'file' },
  aspects: ['content'],
  weight: weightOf('data'),
});

test('lines that differ are shown; where the bytes of one side are missing it is said whose, once', async () => {
  const phone = phoneFiles({ artefacts: [artefact('hosts', '/system/etc/hosts', utf8('a\nb\n'))] });
  const build = async () => new Map([['/system/etc/hosts', utf8('a\n')]]);
  const differences = [changed('/system/etc/hosts'), changed('/system/etc/x.xml'), changed('/system/etc/y.xml')];
  expect(await textsOf(differences, build, phone)).toEqual([
    ['/system/etc/hosts', { kind: 'changed', changes: [{ sign: '+', line: 2, text: 'b' }] }],
    ['/system/etc/x.xml', { kind: 'not-shown', because: expect.stringMatching(/^of the build only its digest is here.*1 other texts$/) }],
  ]);
  expect(await textsOf([changed('/system/etc/x.xml')], async () => new Map([['/system/etc/x.xml', utf8('')]]), phone)).toEqual([
    ['/system/etc/x.xml', { kind: 'not-shown', because: 'what was read does not hold its bytes' }],
  ]);
});
