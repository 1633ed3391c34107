/** How fast things travel. Nothing goes from one shop to another faster than an aeroplane with its airports; clocks of trade differ by minutes. */
import type { Place } from './channel.ts';

/** A passenger jet's cruise, without check-in: generous, so that whoever is named was not on a fast day. */
const FASTEST_KMH = 1000;
/** What clocks and hand-written times may differ by. */
const CLOCKS_MS = 30 * 60_000;
/** Below this, two places are one town: scanners of one yard differ by more than their positions. */
const NEAR_KM = 50;
const EARTH_KM = 6371;

export interface Seen {
  readonly place: Pick<Place, 'uri' | 'latitude' | 'longitude'>;
  readonly atMs: number;
}

/** Kilometres along the great circle; undefined where a position is not known. */
export function distanceKm(a: Seen['place'], b: Seen['place']): number | undefined {
  if (a.latitude === undefined || a.longitude === undefined || b.latitude === undefined || b.longitude === undefined) return undefined;
  const radians = Math.PI / 180;
  const [latitude, longitude] = [(b.latitude - a.latitude) * radians, (b.longitude - a.longitude) * radians];
  const h = Math.sin(latitude / 2) ** 2 + Math.cos(a.latitude * radians) * Math.cos(b.latitude * radians) * Math.sin(longitude / 2) ** 2;
  return 2 * EARTH_KM * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** Why one thing cannot have been at both; undefined where it can, or where positions are not known. */
export function tooFast(a: Seen, b: Seen): string | undefined {
  const km = distanceKm(a.place, b.place);
  if (km === undefined || km < NEAR_KM) return undefined;
  const ms = Math.abs(b.atMs - a.atMs) + CLOCKS_MS;
  const kmh = km / (ms / 3_600_000);
  if (kmh <= FASTEST_KMH) return undefined;
  return `it was at ${a.place.uri} and at ${b.place.uri}, ${Math.round(km)} km apart, within ${Math.round((ms - CLOCKS_MS) / 60_000)} minutes`;
}
