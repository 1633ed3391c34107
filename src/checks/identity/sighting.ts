import { type AttestedSighting, type Capture, type Facts, factsOf, property, type Sighting } from '../../evidence/index.ts';
import { rollbackIndexesOf } from '../boot/rollback-indexes.ts';
import { imeiFault, imeisOf, isMasked, PLACEHOLDER_SERIALS, PLACEHOLDERS, serialsOf } from './identifiers.ts';

/** IMEIs that could be a unit's own: of the right form, nobody's default, not masked. */
export const ownImeis = (facts: Facts): readonly string[] => [
  ...new Set(
    imeisOf(facts)
      .map(({ value }) => value)
      .filter((imei) => !isMasked(imei) && !PLACEHOLDERS.has(imei) && ['spare digit', undefined].includes(imeiFault(imei)))
      // Without the check digit, which some surfaces state as 0, and the software version.
      .map((imei) => imei.slice(0, 14)),
  ),
];

/** Serials that could be a unit's own, in lower case without leading zeros. */
export const ownSerials = (facts: Facts): readonly string[] => [
  ...new Set(
    serialsOf(facts)
      .map(({ value }) => value.trim())
      .filter((serial) => !PLACEHOLDER_SERIALS.test(serial))
      .map((serial) => serial.toLowerCase().replace(/^0+(?=.)/, '')),
  ),
];

/** What an inspection leaves for later ones; `attested` where its chains were verified. */
export function sightingOf(
  facts: Facts,
  capture: Pick<Capture, 'trust'>,
  seen: Pick<Sighting, 'at' | 'source'>,
  attested: readonly AttestedSighting[] = [],
): Sighting {
  const says = (key: string): string | undefined => {
    for (const { value } of factsOf(facts, 'properties')) {
      const found = property(value, key)?.value;
      if (found !== undefined && found !== '') return found;
    }
    return undefined;
  };
  const rollback = rollbackIndexesOf(facts).map(({ name, value }) => [name, String(value)] as const);
  return {
    ...seen,
    trust: capture.trust,
    imeis: ownImeis(facts),
    serials: ownSerials(facts),
    brand: says('ro.product.brand'),
    model: says('ro.product.model'),
    fingerprint: says('ro.build.fingerprint'),
    ...(rollback.length === 0 ? {} : { rollback }),
    ...(attested.length === 0 ? {} : { attested }),
  };
}
