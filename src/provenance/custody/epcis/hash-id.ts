/** Event hash IDs (CBV 2.0, 8.9.2): the SHA-256 of the pre-image, as an ni URI (RFC 6920) with the version of the vocabulary that says how it was made. */
import { type HashPort, hashOf, toHex } from '../../../bytes/index.ts';
import type { EpcisEvent } from './model.ts';
import { preImage } from './pre-image.ts';

/** The ID that follows from what an event says. Two events with the same content have the same. */
export function eventHashId(hash: HashPort, event: EpcisEvent): string {
  return hashIdOf(hash, preImage(event));
}

/** The ID of a pre-image. */
export function hashIdOf(hash: HashPort, text: string): string {
  return `ni:///sha-256;${toHex(hashOf(hash, 'sha256', new TextEncoder().encode(text)))}?ver=CBV2.0`;
}

/** Whether an ID says of itself that it is a hash. One that does and differs from the event's own is forged, or of another version of the event. */
export function isHashId(id: string): boolean {
  return /^ni:\/\/\/sha-?\d/.test(id);
}
