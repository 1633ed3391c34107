/**
 * Tails in the store: a challenge by which a phone answers for the inspection before, and what came of it. What was asked waits in a file of the folder `tails`,
 * named by its challenge; what was answered stands in the record of the inspection, so that it is rebuilt with it.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod/mini';
import { parseHex, toHex } from '../../bytes/index.ts';
import { nodeHash } from '../../platform/node/index.ts';
import { canonicalIdentity, ownUri, type TailEntry, tailChallenge } from '../../provenance/index.ts';
import { hashedIdentifiers } from '../identifiers.ts';
import { type InspectionRecord, type KeptTail, nonceSchema, parseRecord, tailSchema } from '../record.ts';
import type { Store } from '../store.ts';

const ATTESTED = /^urn:x-assay:attested:(imei|serial):(.+)$/;

/** The attested ID of a sighting's word (`serial …`, `imei …`) as a URI. */
const uriOf = (id: string): string => {
  const [kind = '', value = ''] = id.split(' ', 2);
  return canonicalIdentity(ownUri('attested', kind, value));
};

const hex = (text: string): Uint8Array => {
  const bytes = parseHex(text);
  if (bytes === undefined) throw new RangeError(`"${text}" is no hex`);
  return bytes;
};

/** A tail of a record as the rules want it. */
export const tailEntryOf = ({ identity, nonce, answers }: KeptTail, { at, source }: Pick<TailEntry, 'at' | 'source'>): TailEntry => ({
  identity,
  at,
  source,
  nonce: hex(nonce),
  answers: answers === null ? undefined : hex(answers),
});

/** Every inspection that answered for another, of one identity. */
async function tailsOf(store: Store, identity: string): Promise<readonly TailEntry[]> {
  const [, kind, value] = ATTESTED.exec(identity) ?? [];
  if (kind === undefined || value === undefined)
    throw new RangeError(`"${identity.slice(0, 200)}" is no attested serial or IMEI: urn:x-assay:attested:serial:…`);
  const plain = decodeURIComponent(value);
  const hashes = hashedIdentifiers(store.key, kind === 'imei' ? { imeis: [plain], serials: [] } : { imeis: [], serials: [plain] });
  const rows = await store.db
    .selectFrom('sightings')
    .select('record')
    .distinct()
    .where(
      'hash',
      'in',
      hashes.map(({ hash }) => hash),
    )
    .orderBy('record')
    .execute();
  const found: TailEntry[] = [];
  for (const { record } of rows) {
    const { tail, sighting } = parseRecord(await store.blobs.get('inspection', record));
    if (tail?.identity === identity) found.push(tailEntryOf(tail, sighting));
  }
  return found.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

/** The one that nobody answers for yet. */
const lastOf = (tails: readonly TailEntry[]): TailEntry | undefined => {
  const answered = new Set(tails.map(({ answers }) => (answers === undefined ? '' : toHex(answers))));
  return tails.findLast(({ nonce }) => !answered.has(toHex(nonce)));
};

const waitingSchema = z.strictObject({ ...tailSchema.shape, challenge: nonceSchema });

/** Asks: the challenge that a phone of this attested ID has to sign, and the inspection that it answers for by it; undefined for the first. */
export async function askTail(
  store: Store,
  uri: string,
): Promise<{ readonly challenge: string; readonly answersFor: TailEntry | undefined }> {
  const identity = canonicalIdentity(uri);
  const before = lastOf(await tailsOf(store, identity));
  const nonce = new Uint8Array(randomBytes(32));
  const challenge = toHex(tailChallenge(nodeHash, nonce, before?.nonce));
  const waiting = { identity, nonce: toHex(nonce), answers: before === undefined ? null : toHex(before.nonce), challenge };
  await mkdir(join(store.folder, 'tails'), { recursive: true, mode: 0o700 });
  await writeFile(join(store.folder, 'tails', `${challenge}.json`), `${JSON.stringify(waiting)}\n`, {
    flag: 'wx',
    mode: 0o600,
    flush: true,
  });
  return { challenge, answersFor: before };
}

/** What came of challenges that a secure world signed: the tail of this inspection, or why it is none. Undefined where nobody had asked. */
export async function answeredTail(
  store: Store,
  answered: readonly { readonly challenge: Uint8Array; readonly ids: readonly string[] }[],
): Promise<
  { readonly tail: KeptTail; readonly challenge: string; readonly before: TailEntry | undefined } | { readonly refused: string } | undefined
> {
  for (const { challenge, ids } of answered) {
    if (challenge.length !== 32) continue;
    const name = toHex(challenge);
    const text = await readFile(join(store.folder, 'tails', `${name}.json`), 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (text === undefined) continue;
    const { challenge: _challenge, ...tail } = z.parse(waitingSchema, JSON.parse(text));
    if (!ids.map(uriOf).includes(tail.identity))
      return { refused: 'the phone signed the challenge, and did not attest the ID that was asked about' };
    const last = lastOf(await tailsOf(store, tail.identity));
    if ((last === undefined ? null : toHex(last.nonce)) !== tail.answers)
      return { refused: 'the challenge answers for an inspection that is no longer the last one: ask for another' };
    return { tail, challenge: name, before: last };
  }
  return undefined;
}

/** Forgets a challenge, once its answer is durable. */
export const forgetTail = (store: Pick<Store, 'folder'>, challenge: string): Promise<void> =>
  rm(join(store.folder, 'tails', `${challenge}.json`), { force: true });

/** The tails of records. */
export const tailsIn = (records: readonly InspectionRecord[]): readonly TailEntry[] =>
  records.flatMap(({ tail, sighting }) => (tail === undefined ? [] : [tailEntryOf(tail, sighting)]));
