import { expect, test } from 'vitest';
import { growthOf, SQUARE_FROM } from '../../../../test/support/growth.ts';
import { codec, hash } from '../../../../test/support/ports.ts';
import { bytesSource, concatBytes } from '../../../bytes/index.ts';
import { parseTransferList, transferListImage, writeTransferList } from './transfer-list.ts';

const filled = (value: number) => new Uint8Array(4096).fill(value);
const DATA = bytesSource(concatBytes([filled(1), filled(2)]));

test.each([
  [
    'written here',
    writeTransferList(
      [
        { start: 3, end: 4 },
        { start: 0, end: 1 },
      ],
      [{ start: 4, end: 5 }],
    ),
  ],
  ['version 1', '1\n2\nerase 2,0,5\nnew 4,3,4,0,1'],
  ['Windows line ends', '2\r\n2\r\n0\r\n0\r\nnew 4,3,4,0,1\r\nzero 2,4,5\r\n'],
])('%s: new data goes where its ranges say, in their order', async (_name, text) => {
  const image = transferListImage(parseTransferList(text), DATA);
  expect(await image.read(0, image.size)).toEqual(concatBytes([filled(2), filled(0), filled(0), filled(1), filled(0)]));
  expect(await image.read(4095, 2)).toEqual(Uint8Array.of(2, 0));
});

test.each([
  ['empty', '', 'line 1'],
  ['version 5', '5\n1\n', 'line 1: 5 is not from 1 to 4'],
  ['a command that is none', '1\n1\nrm 2,0,1', 'line 3'],
  ['more numbers than stated', '1\n1\nnew 2,0,1,2', 'line 3: 3 numbers, where 2 are stated'],
  ['an odd count', '1\n1\nnew 1,0', 'line 3'],
  ['a range backwards', '1\n1\nnew 2,5,1', 'a range from 5 to 1'],
  ['a negative block', '1\n1\nnew 2,-1,1', 'is no number'],
  ['a block behind every disk', '1\n1\nnew 2,0,9999999999', 'is no number'],
])('malformed: %s', (_name, text, says) => {
  expect(() => parseTransferList(text)).toThrow(says);
});

test('overlaps, short data and incremental lists are refused', () => {
  const open = (text: string) => transferListImage(parseTransferList(text), DATA);
  expect(() => open('1\n2\nnew 4,0,1,0,1')).toThrow('block 0 is written twice');
  expect(() => open('1\n3\nnew 2,0,3')).toThrow('12288 bytes of new data, and there are 8192');
  expect(() => open('3\n1\n0\n0\nbsdiff 0 1 a b 2,0,1 1 2,0,1')).toThrow('bsdiff need the image of the build before');
});

test('ranges by the hundred thousand, the last of which overlaps, cost each its place in an order', () => {
  const make = (count: number) => {
    const places = Array.from({ length: count }, (_, index) => (index === count - 1 ? 0 : 2 * ((index * 7919) % (count - 1))));
    return `1\n${count}\nnew ${2 * count},${places.map((start) => `${start},${start + 1}`).join(',')}`;
  };
  const data = { size: 2 ** 40, read: async () => new Uint8Array(0) };
  const run = (text: string) => expect(() => transferListImage(parseTransferList(text), data)).toThrow('block 0 is written twice');
  expect(growthOf({ make, run, size: 2001 })).toBeLessThan(SQUARE_FROM);
});

test('commands that write all blocks over and over are refused before they are carried out', () => {
  const all = `zero 2,0,${1 << 20}\n`;
  const list = parseTransferList(`4\n1\n0\n0\nmove a 2,0,1 1 2,1,2\n${all.repeat(40)}`);
  expect(() => transferListImage(list, DATA, { before: DATA, codec, hash })).toThrow('blocks are written');
});
