import { FormatError } from '../../bytes/index.ts';
import { readAuditorChain, readAuditorMessage, writeAuditorChain, writeAuditorMessage } from './auditor.ts';

export const name = 'auditor';

const chain = writeAuditorChain([Uint8Array.of(0x30, 0), Uint8Array.of(0x30, 1, 5)]);

export const seeds: readonly Uint8Array[] = [chain, writeAuditorMessage({ version: 5, compressedChain: chain }, new Uint8Array(100))];

/** Reads hostile bytes: anything but a FormatError, a hang or too much memory is a finding. */
export async function run(bytes: Uint8Array): Promise<void> {
  for (const read of [readAuditorChain, readAuditorMessage]) {
    try {
      read(bytes);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
    }
  }
}
