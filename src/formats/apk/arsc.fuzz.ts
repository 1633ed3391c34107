import { FormatError } from '../../bytes/index.ts';
import { readResources, referenceValue, resolveResource, resourceFiles, resourceTexts, writeResources } from './index.ts';

export const name = 'arsc';

const parts = [
  { type: 'string', key: 'a', value: 'x', languages: { de: 'y' } },
  { type: 'string', key: 'b', value: referenceValue(0x7f010000) },
];

export const seeds: readonly Uint8Array[] = [
  writeResources(parts, { packageName: 'p' }),
  writeResources(parts, { packageName: 'p', compact: true, offsets: 'sparse' }),
  writeResources(parts, { packageName: 'p', offsets: 'short' }),
];

/** Reads hostile bytes and asks for resources: anything but a FormatError, a hang or too much memory is a finding. */
export async function run(bytes: Uint8Array): Promise<void> {
  try {
    const { value } = readResources(bytes);
    for (const id of [0x7f010000, 0x7f010001, 0x7f020000, 0x01010001]) {
      resolveResource(value, id);
      resourceTexts(value, id);
      resourceFiles(value, id);
    }
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
}
