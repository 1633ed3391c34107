/** Source stamps in unusual forms, and signed over exactly that. */
import { concatBytes } from '../../src/bytes/index.ts';
import { algorithmById, type SchemeDigests, stampedDigests, u32Bytes, writeIdPairs, writePrefixed } from '../../src/formats/apk/index.ts';
import type { TestKey } from './keys.ts';
import { oddLineage } from './lineage-forms.ts';
import { changedByte, type Roll } from './mutate.ts';
import { algorithmsOf, attribute, type Forge, pick, seldom, tail, unknown } from './signer-forms.ts';

/** Scheme number as a stamp writes it, and what that scheme states. */
type Stamped = ReadonlyMap<number, SchemeDigests>;

/** The entry that a stamp needs holds the digest of its certificate: who forges the contents puts it there. */
export interface StampPlan {
  readonly key: TestKey;
  readonly lineage: readonly TestKey[];
}

const STAMP_ATTRIBUTES = { lineage: 0x9d6303f7, time: 0xe43c5946 } as const;

function u64Bytes(value: bigint): Uint8Array {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigInt64(0, value, true);
  return new Uint8Array(view.buffer);
}

function stampSignatures(key: TestKey, data: Uint8Array, roll: Roll): Uint8Array {
  const ids = algorithmsOf(key, roll);
  const pairs = ids.map((id) => {
    const scheme = algorithmById(id)?.scheme;
    const value = (scheme === undefined ? undefined : key.sign(scheme, data)) ?? new Uint8Array(64).fill(1);
    return { id, value: seldom(roll) && roll(3) === 0 ? changedByte(value, roll(value.length), roll) : value };
  });
  return writePrefixed(writeIdPairs(pairs), tail(roll));
}

/** A stamp's block of version 2. */
export function stampBlock({ key, lineage }: StampPlan, stamped: Stamped, forge: Forge): Uint8Array {
  const { roll, keys } = forge;
  const list = [...stamped].filter(() => !(seldom(roll) && roll(2) === 0));
  if (seldom(roll)) list.push([pick(roll, [1, 4, 31, 0]), list[0]?.[1] ?? new Map()]);
  const schemes = list.map(([scheme, digests]) => writePrefixed(u32Bytes(scheme), stampSignatures(key, stampedDigests(digests), roll)));
  const attributes: Uint8Array[] = [];
  if (roll(2) === 0)
    attributes.push(
      attribute(
        STAMP_ATTRIBUTES.time,
        pick(roll, [
          u64Bytes(1_600_000_000n),
          u64Bytes(1_600_000_000n),
          u64Bytes(1n),
          u64Bytes(0n),
          u64Bytes(-1n),
          u64Bytes(1n << 60n),
          concatBytes([u64Bytes(1_600_000_000n), u64Bytes(0n)]),
          u32Bytes(7),
        ]),
      ),
    );
  if (lineage.length > 1) attributes.push(attribute(STAMP_ATTRIBUTES.lineage, oddLineage(lineage, forge)));
  if (seldom(roll)) attributes.splice(roll(2), 0, unknown(roll));
  if (seldom(roll)) attributes.push(...attributes.slice(0, 1));
  const attributeBytes = writePrefixed(...attributes, tail(roll));
  const certificate =
    seldom(roll) && roll(2) === 0
      ? pick(roll, [pick(roll, keys).certificate, new Uint8Array(4), concatBytes([key.certificate, new Uint8Array(2)])])
      : key.certificate;
  const body = [
    writePrefixed(certificate),
    writePrefixed(...schemes, tail(roll)),
    ...(seldom(roll) ? [] : [writePrefixed(attributeBytes), stampSignatures(key, attributeBytes, roll)]),
    tail(roll),
  ];
  return concatBytes([writePrefixed(...body), tail(roll)]);
}
