import type { Instant } from '../../src/bytes/index.ts';
import type { KeptInspection } from '../../src/store/index.ts';

const at = '2026-03-01T10:00:00Z' as Instant; // A literal of the type's form.

/** An inspection of a made-up phone: one of ten IMEIs, its own serial. */
export const keptInspection = (name: string, i: number): KeptInspection => ({
  report: new TextEncoder().encode(JSON.stringify({ name, i })),
  capture: undefined,
  judgedAsOf: at,
  verdict: { hardware: 'unproven', software: 'genuine', custody: 'unproven', decision: 'hold' },
  sighting: {
    at,
    source: `${name}-${i}`,
    trust: 'live',
    imeis: [`00000000000000${i % 10}`],
    serials: [`${name}${i}`],
    brand: 'Example',
    model: undefined,
    fingerprint: undefined,
  },
});
