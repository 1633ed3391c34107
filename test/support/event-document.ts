import type { Instant } from '../../src/bytes/index.ts';
import { toldEvent } from '../../src/provenance/index.ts';

export const IMPORTED_AT = '2026-06-01T00:00:00Z' as Instant; // A literal of the type's form.
export const EVENTS_EACH = 20;

/** The place that all events of a document name, so that they can be counted: a document is there whole or not at all. */
const placeOfDocument = (name: string, i: number): string => `https://place.example/${name}/${i}`;

/** An EPCIS document of made-up phones. */
export function eventDocument(name: string, i: number): Uint8Array {
  const eventList = Array.from({ length: EVENTS_EACH }, (_, n) =>
    toldEvent('commissioning', {
      at: '2026-01-10T12:00:00Z' as Instant, // As above.
      things: [`https://id.gs1.org/01/04000000000013/21/${name}${i}x${n}`],
      place: placeOfDocument(name, i),
    }),
  );
  return new TextEncoder().encode(
    JSON.stringify({
      '@context': 'https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld',
      type: 'EPCISDocument',
      schemaVersion: '2.0',
      creationDate: IMPORTED_AT,
      epcisBody: { eventList },
    }),
  );
}
