import { FormatError } from '../../bytes/index.ts';
import { locate, parseFlow, publishLocation, seededRandom } from './index.ts';

export const name = 'flow';

const inspections = [{ outcome: 'altered', because: 'complaint', subject: 'phone', after: 1, signature: 'x' }];
export const seeds: readonly Uint8Array[] = [
  new TextEncoder().encode(
    JSON.stringify({
      format: 'assay.flow/1',
      custodians: [{ id: 'a', role: 'maker' }, { id: 'b', authorised: false }, { id: 'c' }],
      phones: [
        { id: '1', path: [{ custodian: 'a', from: '2026-01-01T00:00:00Z' }, { custodian: 'b' }], inspections },
        { id: '2', path: [{ custodian: 'a' }, { gap: true }, { custodian: 'c' }], inspections },
      ],
    }),
  ),
];

/** Locates on hostile documents: anything but a FormatError, a hang, or a number that is none is a finding. */
export function run(bytes: Uint8Array): void {
  try {
    const flow = parseFlow(JSON.parse(new TextDecoder().decode(bytes)));
    const location = locate(flow, { random: seededRandom(1), sweeps: 20 });
    for (const p of location.posteriors.values()) if (!(p >= 0 && p <= 1 + 1e-9)) throw new Error(`a probability of ${p}`);
    publishLocation(location, flow, { form: 'public' });
  } catch (error) {
    if (!(error instanceof FormatError) && !(error instanceof SyntaxError)) throw error;
  }
}
