/** Events as they stand in the blobs of the store, and how its index calls things. */
import { createHmac } from 'node:crypto';
import { nodeHash } from '../../platform/node/index.ts';
import { type CustodyEvent, custodyEventOf, eventHashId, eventOf, type JsonObject } from '../../provenance/index.ts';
import type { Store } from '../store.ts';
import type { CustodyEventRow } from '../tables.ts';

export const hexOf = (id: string): string => /^ni:\/\/\/sha-256;([0-9a-f]{64})\?/.exec(id)?.[1] ?? '';
export const idOf = (hex: string): string => `ni:///sha-256;${hex}?ver=CBV2.0`;

/** The index knows things under the store's key only: serials and IMEIs are few enough to try them all. */
export const hashedName = (key: Uint8Array, uri: string): string =>
  createHmac('sha256', key).update(`custody\n${uri}`).digest('hex').slice(0, 32);

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
