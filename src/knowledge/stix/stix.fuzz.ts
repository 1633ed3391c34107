import { FormatError } from '../../bytes/index.ts';
import { matchPattern, parsePattern, readStixBundle } from './index.ts';

export const name = 'stix';

const pattern =
  "[app:id = 'a' AND (file:path LIKE '/%' OR app:cert.'SHA-256' IN ('b', 'c'))] FOLLOWEDBY ([x:y[0].z NOT MATCHES '.*'] WITHIN 5 SECONDS)";
export const seeds: readonly Uint8Array[] = [
  new TextEncoder().encode(pattern),
  new TextEncoder().encode(JSON.stringify({ type: 'bundle', objects: [{ type: 'indicator', id: 'i', pattern }] })),
];

/** Reads hostile bytes: anything but a FormatError, a hang or too much memory is a finding. */
export async function run(bytes: Uint8Array): Promise<void> {
  for (const read of [
    () => readStixBundle(bytes),
    () => matchPattern(parsePattern(new TextDecoder().decode(bytes)), [{ values: new Map([['app:id', ['a']]]) }]),
  ])
    try {
      read();
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
    }
}
