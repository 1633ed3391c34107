import { expect, test } from 'vitest';
import { FormatError } from '../../bytes/index.ts';
import { manifestOfList } from './list.ts';
import { identityOfFiles } from './properties.ts';

const A = 'a'.repeat(64);
const B = 'b'.repeat(64);
const of = (text: string, root = '') =>
  manifestOfList(text, { root, identity: {} }).files.map(({ partition, path, sha256, size, target }) => [
    partition,
    path,
    sha256,
    size,
    target,
  ]);

test('what sha256sum prints, of text and of binary files, with names that have blanks', () => {
  expect(of(`${A}  /system/bin/sh\n${B} */vendor/a b\n`)).toEqual([
    ['system', '/system/bin/sh', A, undefined, null],
    ['vendor', '/vendor/a b', B, undefined, null],
  ]);
  expect(of(`${A}  ./bin/sh\r\n`, '/system')).toEqual([['system', '/system/bin/sh', A, undefined, null]]);
});

test('paths with their sums, whose collection’s folder is no part of a phone’s path', () => {
  expect(of(`firmware/abl.img: ${A}\nproprietary/product/app/A.apk: ${B}\n`)).toEqual([
    ['firmware', '/firmware/abl.img', A, undefined, null],
    ['product', '/product/app/A.apk', B, undefined, null],
  ]);
});

test('a table with sizes, links, and files whose digest nobody took', () => {
  const text = `path\tgit_mode\tsize\tsha256\tlink_target\napp/A.apk\t100644\t7\t${A}\t\nbin/sh\t120000\t4\t\tmksh\napp/B.apk\t100644\t\t\t\n`;
  expect(of(text, '/system')).toEqual([
    ['system', '/system/app/A.apk', A, 7, null],
    ['system', '/system/app/B.apk', null, undefined, null],
    ['system', '/system/bin/sh', null, 4, 'mksh'],
  ]);
});

test.each([
  ['nothing', ''],
  ['no list', 'hello\n'],
  ['a digest that is too short', `${A.slice(1)}  /a\n`],
  ['a path that leads out', `${A}  ../../etc/passwd\n`],
  ['a path that leads out below', `${A}  /system/../../x\n`],
  ['one path with two contents', `${A}  /system/a\n${B}  /system/a\n`],
  ['a line without end', `${A}  /${'x'.repeat(20_000)}\n`],
])('refused: %s', (_name, text) => {
  expect(() => of(text)).toThrow(FormatError);
});

test('properties say what a tree is; other files do not', () => {
  const { identity, properties } = identityOfFiles([
    { path: '/system/build.prop', text: '# a\nro.build.id=KTU84P\n\nro.build.id = other\nro.x\n' },
    { path: '/system/etc/a.txt', text: 'ro.build.id=X\n' },
  ]);
  expect(identity).toEqual({ 'build.id': 'KTU84P' });
  expect(properties).toHaveLength(2);
});
