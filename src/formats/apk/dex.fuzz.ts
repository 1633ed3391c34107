import { FormatError } from '../../bytes/index.ts';
import { readDex, writeDex } from './index.ts';

export const name = 'dex';

export const seeds: readonly Uint8Array[] = [
  writeDex({ classes: ['La/B;'], strings: ['x'] }, () => ({ update: () => undefined, digest: () => new Uint8Array(20) })),
  writeDex({ classes: ['La/B;'], strings: [], fields: [{ className: 'La/B;', name: 'f', type: 'J', accessFlags: 0x92 }] }, () => ({
    update: () => undefined,
    digest: () => new Uint8Array(20),
  })),
];

/** Reads hostile bytes: anything but a FormatError, a hang or too much memory is a finding. */
export async function run(bytes: Uint8Array): Promise<void> {
  try {
    const { value } = readDex(bytes);
    for (const { name: className } of value.classes().slice(0, 64)) value.fieldsOf(className);
    value.methods();
    for (let index = 0; index < Math.min(value.stringCount, 64); index++) value.string(index);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
}
