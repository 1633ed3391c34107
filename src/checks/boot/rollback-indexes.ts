/**
 * Counters that a bootloader keeps against older software, as its `getvar` names them: they rise with updates and never fall, because they are fuses or lie in replay-protected storage.
 * Xiaomi's `anti` counts by itself (the `CURRENT_ANTI_VER` of its flash scripts) and is no AVB index. Others that expose AVB's stored indexes name them in their own ways:
 * what has `rollback` and `index` in its name and a number as its value is taken for one, and nothing that comes of it is more than weak.
 */
import { type Fact, type Facts, factsOf } from '../../evidence/index.ts';

export interface RollbackIndex {
  /** As the bootloader names it, in lower case. */
  readonly name: string;
  readonly value: bigint;
  /** The partition whose AVB index it is, as in `vbmeta`; undefined where it is a counter of another kind, or of a location that no name tells. */
  readonly partition: string | undefined;
  readonly fact: Fact<'fastboot'>;
}

/** What stands behind `rollback-index`, as in `rollback_index:boot` or `avb-stored-rollback-index-0`. */
const NAME = /^(?:[a-z]+[-_.])*rollback[-_ ]?index(?:[-_.: ]*([a-z0-9_]{1,36}))?$/;

/** The counters of the bootloader; fastbootd, a part of the running system, has none. */
export function rollbackIndexesOf(facts: Facts): readonly RollbackIndex[] {
  return factsOf(facts, 'fastboot').flatMap((fact) =>
    fact.value.userspace === true
      ? []
      : fact.value.variables.flatMap(([given, text]): readonly RollbackIndex[] => {
          const name = given.trim().toLowerCase();
          const value = numberOf(text);
          if (value === undefined) return [];
          if (name === 'anti') return [{ name, value, partition: undefined, fact }];
          const match = NAME.exec(name);
          if (match === null) return [];
          const [, of = '0'] = match;
          // Location 0 is that of the vbmeta partition itself (AVB, Rollback Protection); which chained partition has another one the numbers do not say.
          return [{ name, value, partition: of === '0' ? 'vbmeta' : /^\d+$/.test(of) ? undefined : of.replace(/_[ab]$/, ''), fact }];
        }),
  );
}

/** An index is a u64; anything else is no index. */
function numberOf(text: string): bigint | undefined {
  const digits = text.trim().toLowerCase();
  if (!/^(?:\d{1,20}|0x[0-9a-f]{1,16})$/.test(digits)) return undefined;
  const value = BigInt(digits);
  return value < 1n << 64n ? value : undefined;
}
