import { FormatError } from '../../bytes/index.ts';
import { envelopePayload, parseStatement } from '../statement/index.ts';
import { formatBundle, parseBundle } from './bundle.ts';

export const name = 'bundle';

const envelope = { payloadType: 'application/vnd.in-toto+json', payload: 'e30=', signatures: [{ keyid: '00', sig: 'AA==' }] };

export const seeds: readonly Uint8Array[] = [
  new TextEncoder().encode(
    formatBundle({
      format: 'assay.bundle/1',
      statement: envelope,
      summary: envelope,
      subject: { salt: 'AA==', identities: [{ kind: 'imei', value: '1' }] },
      logProof: null,
      policy: null,
      disclosed: [],
    }),
  ),
];

/** Reads hostile bytes: anything but a FormatError, a hang or too much memory is a finding. */
export async function run(bytes: Uint8Array): Promise<void> {
  try {
    parseStatement(envelopePayload(parseBundle(bytes).statement));
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
}
