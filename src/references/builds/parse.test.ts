import { expect, test } from 'vitest';
import { FormatError } from '../../bytes/index.ts';
import { parseBuildList } from './parse.ts';

const MD5 = 'c7efd84649864eee8f4eb433057ba740';
const SHA256 = '7'.repeat(64);

test('a table by its header, whatever columns it has besides', () => {
  const text = `filename\tcodename_or_model\tversion\tandroid\tmd5\turl\na.tgz\tcancro\tV6.3.3.0.KXDCNBL\t4.4\t${MD5.toUpperCase()}\thttp://x/a.tgz\nb.tgz\tcancro\t5.10.15\t4.4\t\thttp://x/b.tgz\n`;
  expect(parseBuildList(text)).toEqual([
    { device: 'cancro', version: 'V6.3.3.0.KXDCNBL', name: 'a.tgz', md5: MD5, sha256: undefined },
    { device: 'cancro', version: '5.10.15', name: 'b.tgz', md5: undefined, sha256: undefined },
  ]);
});

test('YAML of flat items; the same file under two marketing names is one', () => {
  const item = (name: string) =>
    `- android: '4.2'\n  codename: HM\n  link: https://x/V1/a.zip\n  md5: ${MD5}\n  name: ${name}\n  version: V1\n`;
  expect(parseBuildList(item('One') + item('Two'))).toEqual([{ device: 'HM', version: 'V1', name: 'a.zip', md5: MD5, sha256: undefined }]);
});

test('the Pixel index, with names and with addresses', () => {
  const text = `# 16 DP1\ncomet AD1A.240530.030:\n  desc: Aug 2024\n  factory: ${SHA256} comet-factory.zip\n  ota: ${SHA256} https://dl/x/comet-ota.zip\n`;
  expect(parseBuildList(text).map(({ device, version, name, sha256 }) => [device, version, name, sha256])).toEqual([
    ['comet', 'AD1A.240530.030', 'comet-factory.zip', SHA256],
    ['comet', 'AD1A.240530.030', 'comet-ota.zip', SHA256],
  ]);
});

test('sums of both kinds', () => {
  expect(parseBuildList(`${MD5}  a.zip\n${SHA256} *dir/b.zip\n`)).toEqual([
    { device: '', version: '', name: 'a.zip', md5: MD5, sha256: undefined },
    { device: '', version: '', name: 'b.zip', md5: undefined, sha256: SHA256 },
  ]);
});

test('a digest that is none is not taken for one', () => {
  expect(parseBuildList(`filename\tmd5\na.zip\tzz${MD5.slice(2)}\nb.zip\t${MD5}0\n`).map(({ md5 }) => md5)).toEqual([undefined, undefined]);
});

test.each([
  ['nothing', ''],
  ['prose', 'There are many builds.\n'],
  ['a table without names', `md5\tsize\n${MD5}\t1\n`],
  ['a line without end', 'x'.repeat(20_000)],
])('refused: %s', (_name, text) => {
  expect(() => parseBuildList(text)).toThrow(FormatError);
});
