import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { codec } from '../../../test/support/ports.ts';
import { FormatError } from '../../bytes/index.ts';
import { inflateRaw } from './inflate.ts';
import { pureCodec } from './registry.ts';

/** Instructions that branch filters look for, with addresses of all kinds: in both orders of bytes, bundles of IA-64 among them. */
function branches(size: number): Uint8Array {
  const bytes = Uint8Array.from({ length: size }, (_, i) => (Math.imul(i + 1, 2654435761) >>> 13) & 255);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at + 16 <= size; at += 16) {
    const kind = (at >>> 4) % 8;
    const word = view.getUint32(at);
    if (kind === 0) view.setUint32(at, 0x48000001 | (word & 0x03fffffc));
    else if (kind === 1) view.setUint32(at, 0x40000000 | (word & 0x3fffff));
    else if (kind === 2) view.setUint32(at, 0x7fc00000 | (word & 0x3fffff));
    else if (kind === 3) view.setUint32(at, 0x97000000 | (word & 0xffffff), true);
    else if (kind === 4) view.setUint32(at, 0xb0000000 | (word & 0x1f), true);
    else if (kind >= 5) {
      // Three branches of 41 bits: opcode 5, with nothing in the bits that must be zero.
      bytes[at] = 0x16 + (kind & 1);
      for (const bit of [5, 46, 87]) {
        for (const [first, width, value] of [
          [37, 4, 5],
          [9, 3, 0],
        ] as const)
          for (let i = 0; i < width; i++) {
            const place = bit + first + i;
            const mask = 1 << (place & 7);
            const index = at + (place >>> 3);
            bytes[index] = ((value >>> i) & 1) === 1 ? (bytes[index] ?? 0) | mask : (bytes[index] ?? 0) & ~mask;
          }
      }
      bytes[at] = ((bytes[at] ?? 0) & 0xe0) | (0x16 + (kind & 1));
    }
  }
  return bytes;
}

/** Text that repeats, text that does not, zeros, and code: what each compressor has a way of its own for. */
const samples: readonly (readonly [name: string, bytes: Uint8Array])[] = [
  ['nothing', new Uint8Array(0)],
  ['one byte', Uint8Array.of(65)],
  ['zeros', new Uint8Array(300_000)],
  ['repeating text', new TextEncoder().encode('the quick brown fox jumps over the lazy dog\n'.repeat(5000))],
  ['noise', Uint8Array.from({ length: 100_000 }, (_, i) => (Math.imul(i + 1, 2654435761) >>> 13) & 255)],
  ['branches of every machine', branches(120_001)],
  ['code', new Uint8Array(readFileSync(process.execPath).subarray(0, 1_500_000))],
];

const TOOLS: readonly (readonly [tool: string, args: readonly string[], codec: 'xz' | 'bzip2'])[] = [
  ['xz', ['-c', '-6'], 'xz'],
  ['xz', ['-c', '-9e', '--check=none'], 'xz'],
  ['xz', ['-c', '--check=sha256'], 'xz'],
  ['xz', ['-c', '--check=crc64', '--x86', '--lzma2=preset=3'], 'xz'],
  ['xz', ['-c', '--check=crc32', '--armthumb', '--lzma2=preset=1,lc=1,lp=2,pb=1'], 'xz'],
  ['xz', ['-c', '--arm', '--lzma2=preset=1'], 'xz'],
  ['xz', ['-c', '--arm64', '--lzma2=preset=1'], 'xz'],
  ['xz', ['-c', '--powerpc', '--lzma2=preset=1'], 'xz'],
  ['xz', ['-c', '--sparc', '--lzma2=preset=1'], 'xz'],
  ['xz', ['-c', '--ia64', '--lzma2=preset=1'], 'xz'],
  ['xz', ['-c', '--delta=dist=4', '--lzma2=preset=1'], 'xz'],
  ['bzip2', ['-c', '-9'], 'bzip2'],
  ['bzip2', ['-c', '-1'], 'bzip2'],
];

const compress = (tool: string, args: readonly string[], bytes: Uint8Array) =>
  spawnSync(tool, [...args], { input: bytes, maxBuffer: 1 << 26 });
const has = (tool: string) => spawnSync(tool, ['--version']).status === 0;

const PORTS = { "the platform's": codec, 'our own': pureCodec } as const;
const cases = TOOLS.flatMap(([tool, args, name]) => Object.entries(PORTS).map(([whose, port]) => ({ tool, args, name, whose, port })));

describe.each(cases)('$tool $args by $whose (skipped where the tool is not installed)', ({ tool, args, name, port }) => {
  test.skipIf(!has(tool)).each(samples)('%s reads back', async (_sample, bytes) => {
    const packed = new Uint8Array(compress(tool, args, bytes).stdout);
    const plain = await port(name, packed, bytes.length);
    expect(Buffer.compare(Buffer.from(plain), Buffer.from(bytes))).toBe(0);
    if (bytes.length > 1) await expect(port(name, packed, bytes.length - 1)).rejects.toThrow(FormatError);
  });

  test.skipIf(!has(tool))('truncated, and with a byte changed anywhere near its ends, it is refused or reads as before', async () => {
    const bytes = samples[3]?.[1] ?? new Uint8Array(0);
    const packed = new Uint8Array(compress(tool, args, bytes).stdout);
    for (let length = 0; length < packed.length; length += Math.max(1, Math.floor(packed.length / 40)))
      await expect(port(name, packed.slice(0, length), bytes.length)).rejects.toThrow(FormatError);
    for (let at = 0; at < packed.length; at += Math.max(1, Math.floor(packed.length / 60))) {
      const changed = new Uint8Array(packed);
      changed[at] = (changed[at] ?? 0) ^ 0x55;
      const outcome = await port(name, changed, bytes.length).catch((error: unknown) => error);
      // Without a check, content may change; anything but bytes or a FormatError is a fault.
      expect(outcome instanceof Uint8Array || outcome instanceof FormatError).toBe(true);
    }
  });
});

test('a small xz that says it holds eight gigabytes is refused at its ceiling', async () => {
  const run = spawnSync('sh', ['-c', 'head -c 200000000 /dev/zero | xz -9 -c --block-size=200000000 2>/dev/null']);
  if (run.status !== 0) return;
  const packed = new Uint8Array(run.stdout);
  await expect(codec('xz', packed, 1_000_000)).rejects.toThrow(FormatError);
});

test('our own inflate reads what zlib writes', async () => {
  const { deflateRawSync } = await import('node:zlib');
  for (const [, bytes] of samples)
    expect(Buffer.compare(Buffer.from(inflateRaw(new Uint8Array(deflateRawSync(bytes)), bytes.length)), Buffer.from(bytes))).toBe(0);
});
