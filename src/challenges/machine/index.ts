import type { ElfMachine } from '../elf.ts';
import { aarch64Machine } from './aarch64.ts';
import { armMachine } from './arm.ts';
import type { Machine } from './machine.ts';
import { x64Machine } from './x86-64.ts';

export type { Machine, Register } from './machine.ts';

/** Starts a program for a target. */
export function machineFor(target: ElfMachine): Machine {
  switch (target) {
    case 'aarch64':
      return aarch64Machine();
    case 'arm':
      return armMachine();
    case 'x86-64':
      return x64Machine();
  }
}
