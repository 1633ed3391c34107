/**
 * Signers of schemes v2 and v3 in unusual forms, and signed over exactly that: changed bytes alone fail at the signature, and what stands behind it is never reached.
 */
import { concatBytes } from '../../src/bytes/index.ts';
import { algorithmById, type ContentDigest, u32Bytes, writeIdPairs, writePrefixed } from '../../src/formats/apk/index.ts';
import type { TestKey } from './keys.ts';
import { changedByte, type Roll } from './mutate.ts';

export interface IdPair {
  readonly id: number;
  readonly value: Uint8Array;
}

/** What forging takes. */
export interface Forge {
  readonly keys: readonly TestKey[];
  readonly roll: Roll;
  readonly digestOf: (kind: ContentDigest) => Promise<Uint8Array>;
}

export const pick = <T>(roll: Roll, values: readonly T[]): T => values[roll(values.length)] as T; // never empty
export const seldom = (roll: Roll) => roll(14) === 0;

/** The algorithms of each kind of key, the usual ones more often. */
const ALGORITHMS = {
  rsa: [0x103, 0x103, 0x103, 0x104, 0x101, 0x102, 0x421],
  ec: [0x201, 0x201, 0x202, 0x423],
  dsa: [0x301, 0x301, 0x425],
  other: [0x103, 0x201],
} as const;
const UNKNOWN_IDS = [0x0ffffff0, 0x105, 0, 0x80000103];
const ANY_ID = [0x101, 0x103, 0x104, 0x201, 0x202, 0x301, 0x421, 0x423, 0x425];

/** The attributes' ids, by who writes them. */
export const ATTRIBUTE_IDS = { stripped: 0xbeeff00d, rotation: 0x3ba06f8c, rotationMinSdk: 0x559f8b02, devRelease: 0xc2a6b3ba } as const;

export function algorithmsOf(key: TestKey, roll: Roll): readonly number[] {
  const ids: number[] = [pick(roll, ALGORITHMS[key.kind])];
  while (roll(4) === 0) ids.push(pick(roll, ALGORITHMS[key.kind]));
  if (seldom(roll)) ids.splice(roll(ids.length + 1), 0, pick(roll, UNKNOWN_IDS));
  if (seldom(roll) && roll(2) === 0) ids.push(pick(roll, ANY_ID));
  if (seldom(roll) && roll(3) === 0) ids.length = 0;
  return ids;
}

async function digestsOf(ids: readonly number[], { roll, digestOf }: Forge): Promise<readonly IdPair[]> {
  const digests: IdPair[] = [];
  for (const id of ids) digests.push({ id, value: await digestOf(algorithmById(id)?.digest ?? 'chunked-sha256') });
  if (!seldom(roll)) return digests;
  const at = roll(Math.max(1, digests.length));
  const chosen = digests[at];
  if (chosen === undefined) return digests;
  switch (roll(7)) {
    case 0:
      return digests.toReversed();
    case 1:
      return [...digests, chosen];
    case 2:
      return digests.toSpliced(at, 1);
    case 3:
      return digests.with(at, { ...chosen, id: pick(roll, [...ANY_ID, ...UNKNOWN_IDS]) });
    case 4:
      return digests.with(at, { ...chosen, value: chosen.value.subarray(0, roll(33)) });
    default:
      return digests.with(at, { ...chosen, value: changedByte(chosen.value, roll(32), roll) });
  }
}

function certificatesOf(key: TestKey, { keys, roll }: Forge): readonly Uint8Array[] {
  const other = pick(roll, keys).certificate;
  if (!seldom(roll)) return roll(6) === 0 ? [key.certificate, other] : [key.certificate];
  return pick(roll, [
    [],
    [other, key.certificate],
    [new Uint8Array(0)],
    [key.certificate, new Uint8Array(5)],
    [key.certificate, new Uint8Array(0)],
    [concatBytes([key.certificate, new Uint8Array(3)])],
    [changedByte(key.certificate, roll(key.certificate.length), roll)],
    [key.certificate, key.certificate],
  ]);
}

/** A field that may have something behind it that does not belong there. */
export const tail = (roll: Roll) =>
  seldom(roll) && roll(3) === 0 ? pick(roll, [new Uint8Array(4), new Uint8Array(3), u32Bytes(1), u32Bytes(9)]) : new Uint8Array(0);

export interface SignerForm {
  readonly key: TestKey;
  readonly attributes: readonly Uint8Array[];
  /** v3 and v3.1. */
  readonly sdk?: { readonly minSdk: number; readonly maxSdk: number };
}

/** A signer, and the digests that it states. */
export async function signerOf(
  { key, attributes, sdk }: SignerForm,
  forge: Forge,
): Promise<{ readonly bytes: Uint8Array; readonly digests: readonly IdPair[] }> {
  const { roll, keys } = forge;
  const ids = algorithmsOf(key, roll);
  const digests = await digestsOf(ids, forge);
  const sdkOf = (minSdk: number, maxSdk: number) => concatBytes([u32Bytes(minSdk), u32Bytes(maxSdk)]);
  const range = sdk === undefined ? new Uint8Array(0) : sdkOf(sdk.minSdk, sdk.maxSdk);
  const outer = sdk !== undefined && seldom(roll) && roll(3) === 0 ? sdkOf(sdk.minSdk + roll(2), sdk.maxSdk - roll(2)) : range;
  const signedData = concatBytes([
    writePrefixed(writeIdPairs(digests), tail(roll)),
    writePrefixed(...certificatesOf(key, forge).map((one) => writePrefixed(one)), tail(roll)),
    range,
    writePrefixed(...attributes, tail(roll)),
    ...(sdk === undefined && !seldom(roll) ? [writePrefixed()] : []),
    tail(roll),
  ]);
  const signatures = ids.map((id) => {
    const scheme = algorithmById(id)?.scheme;
    const value =
      (scheme === undefined ? undefined : key.sign(scheme, signedData)) ?? new Uint8Array(pick(roll, [0, 64, 128, 256])).fill(1);
    return { id, value: seldom(roll) && roll(3) === 0 ? changedByte(value, roll(Math.max(1, value.length)), roll) : value };
  });
  if (seldom(roll) && roll(3) === 0) signatures.reverse();
  const spki =
    seldom(roll) && roll(3) === 0
      ? pick(roll, [pick(roll, keys).spki, new Uint8Array(0), changedByte(key.spki, roll(key.spki.length), roll)])
      : key.spki;
  const bytes = concatBytes([
    writePrefixed(signedData),
    outer,
    writePrefixed(writeIdPairs(signatures), tail(roll)),
    writePrefixed(spki),
    tail(roll),
  ]);
  return { bytes, digests };
}

export const attribute = (id: number, value: Uint8Array) => writePrefixed(u32Bytes(id), value);
export const unknown = (roll: Roll) =>
  pick(roll, [attribute(0x1234, new Uint8Array(3)), attribute(0, new Uint8Array(0)), writePrefixed(new Uint8Array(3)), writePrefixed()]);
