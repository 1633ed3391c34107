import { FormatError } from '../../../bytes/index.ts';
import { allowedLines, readSelinuxPolicy, writeSelinuxPolicy } from './index.ts';

export const name = 'selinux-policy';

export const seeds: readonly Uint8Array[] = [
  writeSelinuxPolicy({
    types: ['init', 'shell', 'su'],
    permissive: ['su'],
    classes: { file: ['read', 'write'], process: ['transition'] },
    allow: [['shell', 'su', 'process', ['transition']]],
  }),
];

/** Reads hostile bytes: anything but a FormatError, a hang or too much memory is a finding. */
export async function run(bytes: Uint8Array): Promise<void> {
  try {
    allowedLines(readSelinuxPolicy(bytes).value);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
}
