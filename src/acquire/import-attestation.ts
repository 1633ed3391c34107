/** Carrier `imported`: a chain that another tool saved, as an artefact. Nobody of ours saw the phone answer: it never binds, and it is fresh only over a nonce of ours. */
import { bytesSource, FormatError, toBase64, toHex } from '../bytes/index.ts';
import type { Artefact } from '../evidence/index.ts';
import type { AttestationDocument } from '../evidence/own/index.ts';
import { readChainFile } from '../formats/x509/index.ts';

/** A chain's file is some kilobytes. */
const FILE_MAX = 1 << 20;

export interface ImportedFile {
  readonly bytes: Uint8Array;
  /** As the operator named it; for messages, never a path. */
  readonly label: string;
  /** The nonce that was given to the tool beforehand; undefined where it chose its own. */
  readonly nonce: Uint8Array | undefined;
}

/** The artefact, the `index`th of its kind. @throws FormatError where the file holds no chain, RangeError for a nonce that is too short to be one */
export function importedAttestation({ bytes, label, nonce }: ImportedFile, index: number): Artefact {
  if (bytes.length > FILE_MAX)
    throw new FormatError(
      { format: 'attestation/imported', field: 'file', at: 0 },
      'too-large',
      `${bytes.length} bytes, ${FILE_MAX} is the most`,
    );
  if (nonce !== undefined && (nonce.length < 16 || nonce.length > 128))
    throw new RangeError(`a nonce has 16 to 128 bytes; this has ${nonce.length}`);
  // Read here only so that what is no chain is refused at once; what is in it is read from the artefact.
  const { kind } = readChainFile(bytes).value;
  const document: AttestationDocument = {
    format: 'assay.attestation/1',
    carrier: 'imported',
    nonce: nonce === undefined ? null : toHex(nonce),
    idsAsked: [],
    request: `${kind}: ${label}`.slice(0, 300),
    program: null,
    askedAt: null,
    answeredAt: null,
    outcome: 'answered',
    exitStatus: null,
    answer: toBase64(bytes),
    complaint: '',
    note: null,
    page: null,
    leaves: [],
  };
  const name = index === 0 ? 'attestation-imported.json' : `attestation-imported-${index}.json`;
  return { name, kind: 'attestation/imported', origin: undefined, source: bytesSource(new TextEncoder().encode(JSON.stringify(document))) };
}
