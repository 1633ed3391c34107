import { FormatError } from '../../bytes/index.ts';
import { parseCheckpoint } from './checkpoint.ts';
import { formatNote, parseNote } from './note.ts';
import { formatLogProof, parseLogProof } from './proof.ts';

export const name = 'note';

const note = formatNote(`log.example\n0\n${'A'.repeat(43)}=\n`, [{ name: 'k', id: new Uint8Array(4), signature: new Uint8Array(64) }]);

export const seeds: readonly Uint8Array[] = [
  new TextEncoder().encode(note),
  new TextEncoder().encode(formatLogProof({ index: 0, hashes: [new Uint8Array(32)], extra: new Uint8Array(3), checkpoint: note })),
];

/** Reads hostile bytes as a note with its checkpoint, and as a proof: anything but a FormatError, a hang or too much memory is a finding. */
export async function run(bytes: Uint8Array): Promise<void> {
  const readers = [
    () => parseCheckpoint(parseNote(bytes).text),
    () => parseNote(new TextEncoder().encode(parseLogProof(new TextDecoder().decode(bytes)).checkpoint)),
  ];
  for (const read of readers) {
    try {
      read();
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
    }
  }
}
