/** Lineages in unusual forms, each step signed over exactly that. */
import { concatBytes } from '../../src/bytes/index.ts';
import { algorithmById, u32Bytes, writePrefixed } from '../../src/formats/apk/index.ts';
import type { TestKey } from './keys.ts';
import { changedByte, type Roll } from './mutate.ts';

const pick = <T>(roll: Roll, values: readonly T[]): T => values[roll(values.length)] as T; // never empty
const seldom = (roll: Roll) => roll(20) === 0;

const ALGORITHMS = {
  rsa: [0x103, 0x103, 0x103, 0x104, 0x101, 0x421],
  ec: [0x201, 0x201, 0x202, 0x423],
  dsa: [0x301, 0x425],
  other: [0x103],
} as const;
const FLAGS = [0x17, 0x17, 0x1f, 0, 1, 2, 8, 0xffffffff];

/** A lineage of keys, oldest first: as it should be, or somewhat off. */
export function oddLineage(
  history: readonly TestKey[],
  { roll, keys }: { readonly roll: Roll; readonly keys: readonly TestKey[] },
): Uint8Array {
  if (seldom(roll) && roll(3) === 0) return pick(roll, [new Uint8Array(0), u32Bytes(1), u32Bytes(2), new Uint8Array(3)]);
  let own = history;
  if (seldom(roll))
    own = pick(roll, [history.slice(0, -1), [...history, pick(roll, keys)], history.toReversed(), [...history, ...history.slice(0, 1)]]);
  const nodes: Uint8Array[] = [];
  let parent: { readonly key: TestKey; readonly algorithm: number } | undefined;
  for (const [index, key] of own.entries()) {
    const isLast = index === own.length - 1;
    const algorithm =
      isLast && !seldom(roll) ? 0 : seldom(roll) && roll(2) === 0 ? pick(roll, [0, 0x105, 0x103]) : pick(roll, ALGORITHMS[key.kind]);
    const stated = seldom(roll) ? pick(roll, [0, 0x103, 0x201]) : (parent?.algorithm ?? 0);
    const certificate =
      seldom(roll) && roll(3) === 0
        ? pick(roll, [new Uint8Array(0), concatBytes([key.certificate, new Uint8Array(1)]), new Uint8Array(9)])
        : key.certificate;
    const data = concatBytes([
      writePrefixed(certificate),
      u32Bytes(stated),
      ...(seldom(roll) && roll(3) === 0 ? [new Uint8Array(roll(5))] : []),
    ]);
    const scheme = parent === undefined ? undefined : algorithmById(parent.algorithm)?.scheme;
    let signature = (scheme === undefined ? undefined : parent?.key.sign(scheme, data)) ?? new Uint8Array(parent === undefined ? 0 : 8);
    if (seldom(roll)) signature = changedByte(signature, roll(Math.max(1, signature.length)), roll);
    nodes.push(
      writePrefixed(
        writePrefixed(data),
        u32Bytes(pick(roll, FLAGS)),
        u32Bytes(algorithm),
        writePrefixed(signature),
        ...(seldom(roll) && roll(3) === 0 ? [new Uint8Array(2)] : []),
      ),
    );
    parent = { key, algorithm };
  }
  const end = seldom(roll) && roll(3) === 0 ? pick(roll, [new Uint8Array(4), new Uint8Array(2), u32Bytes(50)]) : new Uint8Array(0);
  return concatBytes([u32Bytes(seldom(roll) && roll(3) === 0 ? roll(4) : 1), ...nodes, end]);
}
