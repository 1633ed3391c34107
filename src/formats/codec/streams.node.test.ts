import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { bytesSource, concatBytes, FormatError, type StreamName } from '../../bytes/index.ts';
import { nodeStream } from '../../platform/node/index.ts';
import { pureStream, streamFormat, unpackedName } from './streams.ts';

const SAMPLE = concatBytes([new Uint8Array(readFileSync(process.execPath).subarray(0, 9_000_000)), new Uint8Array(3_000_000)]);

const TOOLS: readonly (readonly [tool: string, args: readonly string[], format: StreamName, name: string])[] = [
  ['gzip', ['-c', '-1'], 'gzip', 'a.gz'],
  ['xz', ['-c', '-0'], 'xz', 'a.xz'],
  ['xz', ['-c', '-0', '--format=lzma'], 'lzma', 'a.lzma'],
  ['bzip2', ['-c', '-1'], 'bzip2', 'a.bz2'],
  ['zstd', ['-c', '-1'], 'zstd', 'a.zst'],
  ['lz4', ['-c', '-1', '-BD', '-BX'], 'lz4', 'a.lz4'],
  ['lz4', ['-c', '-1', '-B4', '--content-size'], 'lz4', 'a.lz4'],
  ['lz4', ['-c', '-1', '-l'], 'lz4', 'a.lz4'],
  ['brotli', ['-c', '-1', '-w', '22'], 'brotli', 'a.br'],
];
const has = (tool: string) => spawnSync(tool, ['--version']).status === 0;

async function unpack(port: typeof nodeStream, format: StreamName, { packed, ceiling }: { packed: Uint8Array; ceiling: number }) {
  const pieces: Uint8Array[] = [];
  for await (const piece of port(format, bytesSource(packed), ceiling)) pieces.push(piece.slice());
  return concatBytes(pieces);
}

const PORTS = { pure: pureStream, node: nodeStream };
/** The platform's alone: there is no decoder of ours for them. */
const PLATFORM_ONLY: readonly StreamName[] = ['zstd', 'brotli'];
const cases = TOOLS.flatMap(([tool, args, format, name]) =>
  Object.entries(PORTS)
    .filter(([whose]) => whose !== 'pure' || !PLATFORM_ONLY.includes(format))
    .map(([whose, port]) => ({ tool, args, format, name, whose, port })),
);

describe.each(cases)('$tool $args, $whose (skipped where the tool is not installed)', ({ tool, args, format, name, port }) => {
  test.skipIf(!has(tool))('reads back, stops at its ceiling, and refuses what is cut off', async () => {
    const packed = new Uint8Array(spawnSync(tool, [...args], { input: SAMPLE, maxBuffer: 1 << 26 }).stdout);
    expect(streamFormat(packed.subarray(0, 32), name)).toBe(format);
    const plain = await unpack(port, format, { packed, ceiling: SAMPLE.length });
    expect(Buffer.compare(Buffer.from(plain), Buffer.from(SAMPLE))).toBe(0);
    await expect(unpack(port, format, { packed, ceiling: SAMPLE.length - 1 })).rejects.toThrow(FormatError);
    await expect(unpack(port, format, { packed: packed.slice(0, packed.length / 2), ceiling: SAMPLE.length })).rejects.toThrow(FormatError);
  });
});

test('the names of what is inside', () => {
  expect(['a.img.lz4', 'rom.tgz', 'x/system.new.dat.br', 'noname'].map(unpackedName)).toEqual([
    'a.img',
    'rom.tar',
    'x/system.new.dat',
    'content',
  ]);
});
