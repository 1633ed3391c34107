import { concatBytes } from '../../../bytes/index.ts';
import { RULE } from './policy.ts';

/** What a made policy holds. Classes bring their permissions in order; rules name types, class and permissions. */
export interface PolicyParts {
  readonly types: readonly string[];
  readonly permissive?: readonly string[];
  readonly classes: Readonly<Record<string, readonly string[]>>;
  readonly allow: readonly (readonly [source: string, target: string, of: string, permissions: readonly string[]])[];
}

const VERSION = 30;
const utf8 = new TextEncoder();

const u32 = (...values: readonly number[]): Uint8Array => {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  for (const [i, value] of values.entries()) view.setUint32(i * 4, value, true);
  return bytes;
};
const u16 = (...values: readonly number[]): Uint8Array => Uint8Array.from(values.flatMap((value) => [value & 255, value >> 8]));

function bitmap(bits: readonly number[]): Uint8Array {
  const starts = [...new Set(bits.map((bit) => bit - (bit % 64)))].sort((a, b) => a - b);
  const nodes = starts.map((start) => {
    let [low, high] = [0, 0];
    for (const bit of bits) {
      if (bit >= start && bit < start + 32) low |= 1 << (bit - start);
      else if (bit >= start + 32 && bit < start + 64) high |= 1 << (bit - start - 32);
    }
    return u32(start, low >>> 0, high >>> 0);
  });
  const last = starts.at(-1);
  return concatBytes([u32(64, last === undefined ? 0 : last + 64, nodes.length), ...nodes]);
}

/**
 * Writes a policy of version 30 with types, classes and allow rules; every other table is empty, and nothing follows the rules: no kernel loads it, every reader of rules reads it.
 * @throws RangeError for a rule that names what the policy has not
 */
export function writeSelinuxPolicy(parts: PolicyParts): Uint8Array {
  const names = Object.keys(parts.classes);
  const numberOf = (list: readonly string[], name: string): number => {
    const at = list.indexOf(name);
    if (at < 0) throw new RangeError(`the policy has no ${name}`);
    return at + 1;
  };
  const classes = Object.entries(parts.classes).map(([name, permissions], i) =>
    concatBytes([
      u32(name.length, 0, i + 1, permissions.length, permissions.length, 0),
      utf8.encode(name),
      ...permissions.map((permission, j) => concatBytes([u32(permission.length, j + 1), utf8.encode(permission)])),
      // No validatetrans, and the defaults of users, roles, ranges and types.
      u32(0, 0, 0, 0, 0),
    ]),
  );
  const types = parts.types.map((name, i) => concatBytes([u32(name.length, i + 1, 1, 0), utf8.encode(name)]));
  const rules = parts.allow.map(([source, target, of, permissions]) => {
    const known = parts.classes[of] ?? [];
    const data = permissions.reduce((bits, permission) => bits | (1 << (numberOf(known, permission) - 1)), 0);
    return concatBytes([
      u16(numberOf(parts.types, source), numberOf(parts.types, target), numberOf(names, of), RULE.allow),
      u32(data >>> 0),
    ]);
  });
  const table = (entries: readonly Uint8Array[]) => concatBytes([u32(entries.length, entries.length), ...entries]);
  return concatBytes([
    u32(0xf97cff8c, 8),
    utf8.encode('SE Linux'),
    u32(VERSION, 1, 8, 7),
    bitmap([]),
    bitmap((parts.permissive ?? []).map((name) => numberOf(parts.types, name))),
    table([]),
    table(classes),
    table([]),
    table(types),
    table([]),
    table([]),
    table([]),
    table([]),
    u32(rules.length),
    ...rules,
  ]);
}
