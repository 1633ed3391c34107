import { expect, test } from 'vitest';
import { codec, hash } from '../../../test/support/ports.ts';
import { bytesSource } from '../../bytes/index.ts';
import { writeZip } from '../../formats/archive/index.ts';
import { findPartitions } from './partitions.ts';
import { parseProgramTable } from './programs.ts';

const ports = { hash, codec };
const text = (value: string) => new TextEncoder().encode(value);
const sectors = (value: number, count: number) => new Uint8Array(512 * count).fill(value);
const program = (label: string, file: string, start: number | string, more = '') =>
  `  <program SECTOR_SIZE_IN_BYTES="512" file_sector_offset="0" filename="${file}" label="${label}" num_partition_sectors="0" ${more} start_sector="${start}"/>\n`;

async function firstBytes(entries: Parameters<typeof writeZip>[0]) {
  const { partitions, unread } = await findPartitions(bytesSource(writeZip(entries)), ports);
  const found: Record<string, readonly (number | undefined)[]> = {};
  for (const [name, { source }] of partitions) {
    const all = await source.read(0, source.size);
    found[name] = Array.from({ length: all.length / 512 }, (_, index) => all[index * 512]);
  }
  return { found, unread };
}

test('a partition in pieces lies where its table writes them, and its pieces are no partitions', async () => {
  const table =
    program('system', 'system_1.img', 1000) +
    program('system', 'system_2.img', 1004) +
    program('tz', 'tz.mbn', 9) +
    program('tzbak', 'tz.mbn', 20);
  const { found, unread } = await firstBytes([
    { name: 'qfil/rawprogram_unsparse0.xml', data: text(`<?xml version="1.0"?>\n<data>\n${table}</data>\n`) },
    { name: 'qfil/system_2.img', data: sectors(2, 1) },
    { name: 'qfil/system_1.img', data: sectors(1, 2) },
    { name: 'qfil/tz.mbn', data: sectors(7, 1) },
  ]);
  expect(unread).toEqual([]);
  expect(found).toEqual({ system: [1, 1, 0, 0, 2], tz: [7], tzbak: [7] });
});

test('what lacks a piece, overlaps or ends nowhere is told, and the rest is read', async () => {
  for (const [second, says] of [
    [program('system', 'system_2.img', 1004), 'has no "system_2.img"'],
    [program('system', 'b.img', 1001), 'in two pieces'],
    [program('system', 'b.img', 999_999_999_999), 'ends beyond'],
  ] as const) {
    const { found, unread } = await firstBytes([
      { name: 'rawprogram0.xml', data: text(program('system', 'system_1.img', 1000) + second) },
      { name: 'system_1.img', data: sectors(1, 2) },
      { name: 'b.img', data: sectors(2, 1) },
      { name: 'boot.img', data: sectors(3, 1) },
    ]);
    expect(unread).toMatchObject([{ partition: 'system', because: expect.stringContaining(says) }]);
    expect(found).toMatchObject({ boot: [3] });
    expect(found).not.toHaveProperty('system_1');
  }
});

test('places that only the phone can compute are left out, and a hostile table costs no time', () => {
  expect(parseProgramTable(program('BackupGPT', 'gpt_backup0.bin', 'NUM_DISK_SECTORS-5.'))).toEqual([]);
  expect(parseProgramTable(program('a', 'a.img', 4, 'x="'))).toEqual([]);
  expect(parseProgramTable('<program '.repeat(400_000))).toEqual([]);
});
