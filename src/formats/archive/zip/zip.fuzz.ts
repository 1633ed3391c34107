import { bytesSource, FormatError } from '../../../bytes/index.ts';
import { extractEntry, readZip, writeZip } from './index.ts';

export const name = 'zip';

const data = new TextEncoder().encode('content, content, content');

export const seeds: readonly Uint8Array[] = [
  writeZip([
    { name: 'packed', data, deflate: true },
    { name: 'stored', data, align: 4 },
  ]),
  writeZip([{ name: 'a', data, local: { flags: 8, crc32: 0, size: 0, compressedSize: 0 }, central: { flags: 8 } }], { zip64: true }),
];

/** Reads hostile bytes: anything but a FormatError, a hang or too much memory is a finding. */
export async function run(bytes: Uint8Array): Promise<void> {
  const source = bytesSource(bytes);
  try {
    const { value } = await readZip(source);
    for (const entry of value.entries.slice(0, 8)) await extractEntry(source, entry, undefined, 1 << 16);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
}
