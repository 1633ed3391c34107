/** From core types, as `knowledge/silicon` names them, to what challenges may ask of them. */
import type { Soc } from '../../knowledge/index.ts';
import { coreTypeOf } from '../../knowledge/index.ts';
import type { IsaLevel } from './judge.ts';

/** Armv7 cores that divide in 32-bit programs (idiva), by their names. */
const DIVIDES = /^(?:Krait|Cortex-A(?:7|12|15|17))(?:-|$)/;
/** Cores whose programs are 64-bit only (their technical reference manuals: AArch32 is implemented at no exception level). */
const ONLY_A64 = /^(?:Cortex-(?:X2|X3|X4|X925|A715|A720|A725|A520)|C1-)/;

/** The level of a core type; undefined for one that the table lacks, and for x86. */
function levelOf(implementer: number, part: number): IsaLevel | undefined {
  const type = coreTypeOf(implementer, part);
  switch (type?.isa) {
    case 'armv7':
      return DIVIDES.test(type.name) ? 'armv7ve' : 'armv7';
    case 'armv8.0':
    case 'armv8.2':
    case 'armv9.0':
      return type.isa;
    case 'armv9.2':
      return 'armv9.0';
    case 'armv6':
    case 'x86':
    case 'x86_64':
    case undefined:
      return undefined;
  }
}

/** The levels of a chip's cores; undefined where one is not known. */
export function levelsOf(soc: Soc): readonly IsaLevel[] | undefined {
  const levels = soc.cores.map(({ implementer, part }) => levelOf(implementer, part));
  return levels.length === 0 || levels.includes(undefined) ? undefined : [...new Set(levels.filter((level) => level !== undefined))];
}

/** Whether no core of the chip runs 32-bit programs. */
export const isOnly64Bit = (soc: Soc): boolean => soc.cores.length > 0 && soc.cores.every(({ name }) => ONLY_A64.test(name));
