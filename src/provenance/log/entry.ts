/** What our logs hold: digests, and of what kind the thing is. Never the thing, never an identifier of a phone. Format: `assay.entry/1`, docs/formats/log.md. */
import { FormatError, toHex } from '../../bytes/index.ts';

/** `reference`: a manifest of an official build; `report`: the PAE of a signed statement; `authorisation`: of a sales channel; `correction`: of an earlier entry; `event`: of custody; `case`: the PAE of a case's entry; `tail`: what an inspection leaves for the next. */
export const ENTRY_KINDS = ['reference', 'report', 'authorisation', 'correction', 'event', 'case', 'tail'] as const;
export type EntryKind = (typeof ENTRY_KINDS)[number];

/** The bytes of an entry. `digest` is a SHA-256. */
export function logEntry(kind: EntryKind, digest: Uint8Array): Uint8Array {
  if (digest.length !== 32) throw new RangeError(`a digest of ${digest.length} bytes; SHA-256 has 32`);
  return new TextEncoder().encode(`assay.entry/1\n${kind}\n${toHex(digest)}\n`);
}

/** @throws FormatError where the bytes are no entry of ours */
export function parseLogEntry(bytes: Uint8Array): { readonly kind: EntryKind; readonly sha256: string } {
  const [, word, sha256 = ''] = /^assay\.entry\/1\n([a-z]+)\n([0-9a-f]{64})\n$/.exec(new TextDecoder().decode(bytes)) ?? [];
  const kind = ENTRY_KINDS.find((known) => known === word);
  if (kind === undefined)
    throw new FormatError({ format: 'log entry', field: 'text', at: 0 }, 'bad-value', 'no assay.entry/1 of a known kind');
  return { kind, sha256 };
}
