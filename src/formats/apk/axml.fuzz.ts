import { FormatError } from '../../bytes/index.ts';
import { booleanValue, intValue, readAxml, writeAxml } from './index.ts';

export const name = 'axml';

const document = {
  name: 'manifest',
  attributes: [
    { name: 'versionCode', resourceId: 0x0101021b, value: intValue(1) },
    { name: 'package', value: 'a.b' },
  ],
  children: [
    { name: 'application', attributes: [{ name: 'debuggable', resourceId: 0x0101000f, value: booleanValue(true) }], children: [] },
  ],
};

export const seeds: readonly Uint8Array[] = [writeAxml(document), writeAxml(document, true)];

/** Reads hostile bytes: anything but a FormatError, a hang or too much memory is a finding. */
export async function run(bytes: Uint8Array): Promise<void> {
  try {
    readAxml(bytes);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
}
