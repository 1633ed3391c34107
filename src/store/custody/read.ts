/** Events as they stand in the blobs of the store, and how its index calls things. */
import { hash } from 'node:crypto';
import { nodeHash } from '../../platform/node/index.ts';
import { type CustodyEvent, custodyEventOf, eventHashId, eventOf, type JsonObject } from '../../provenance/index.ts';
import type { Store } from '../store.ts';
import type { CustodyEventRow } from '../tables.ts';

export const hexOf = (id: string): string => /^ni:\/\/\/sha-256;([0-9a-f]{64})\?/.exec(id)?.[1] ?? '';
export const idOf = (hex: string): string => `ni:///sha-256;${hex}?ver=CBV2.0`;

/** RFC 2104's two padded keys. Node's own `createHmac` makes a key of its own for every call: a quarter of an import's time went into that. */
const padded = new WeakMap<Uint8Array, { readonly inner: Buffer; readonly outer: Buffer }>();
const BLOCK = 64;

function padsOf(key: Uint8Array) {
  const found = padded.get(key);
  if (found !== undefined) return found;
  const with0 = Buffer.alloc(BLOCK);
  with0.set(key.length > BLOCK ? hash('sha256', key, 'buffer') : key);
  const made = { inner: with0.map((byte) => byte ^ 0x36) as Buffer, outer: with0.map((byte) => byte ^ 0x5c) as Buffer }; // `map` of a Buffer is one.
  padded.set(key, made);
  return made;
}

/** The index knows things under the store's key only (HMAC-SHA-256, its first half): serials and IMEIs are few enough to try them all. */
export function hashedName(key: Uint8Array, uri: string): string {
  const { inner, outer } = padsOf(key);
  const message = hash('sha256', Buffer.concat([inner, Buffer.from(`custody\n${uri}`)]), 'buffer');
  return hash('sha256', Buffer.concat([outer, message]), 'hex').slice(0, 32);
}

/** What an event says, called by what its bytes hash to. */
export function readBack(body: JsonObject): CustodyEvent {
  return custodyEventOf(eventHashId(nodeHash, eventOf(body)), body);
}

/** What a sender calls an event, in the same index as the things, and never one of them. */
export const hashedEventId = (key: Uint8Array, id: string): string => hashedName(key, `eventID\n${id}`);

/** An event as it was captured, read from its blob and hashed again. @throws Error where its bytes are not those of its ID */
export async function readEvent(
  store: Pick<Store, 'blobs'>,
  row: Pick<CustodyEventRow, 'id' | 'blob' | 'start' | 'size'>,
): Promise<{ readonly body: JsonObject; readonly event: CustodyEvent }> {
  const bytes = await store.blobs.unverifiedSlice('event', row.blob, row);
  const body = JSON.parse(new TextDecoder().decode(bytes)) as JsonObject; // Bytes that the next line proves to be those that were judged.
  const event = readBack(body);
  if (event.id !== idOf(row.id)) throw new Error(`the event ${row.id} has other bytes than its name says`);
  return { body, event };
}
