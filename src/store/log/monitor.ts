/** The monitor: keeps every checkpoint that it saw of a log, and tells when two of them cannot be of one log. */
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { equalBytes, FormatError, hashOf, toHex } from '../../bytes/index.ts';
import { nodeHash } from '../../platform/node/index.ts';
import { type LogPolicy, parseCheckpoint, parseNote, type TileFetch, verifyConsistency } from '../../provenance/index.ts';
import { writeDurably } from './files.ts';
import { lockFolder } from './lock.ts';
import { growthProof, trustCheckpoint } from './read-log.ts';

/** What a visit found. Only `same` and `grown` are good. */
export type Visit = 'first' | 'same' | 'grown' | 'shrunk' | 'split-view' | 'no-proof';

export interface Monitored {
  readonly visit: Visit;
  readonly origin: string;
  readonly size: number;
  readonly because: string;
  /** The two notes that contradict each other, where they do: together they are the evidence, whoever shows them. */
  readonly evidence: readonly string[];
}

/**
 * Visits a log once. What is seen is kept before it is judged, so that a log that forks leaves its own signature on both views.
 * @throws Error where no trusted log signed the checkpoint
 */
export async function visitLog(fetch: TileFetch, policy: LogPolicy, state: string): Promise<Monitored> {
  const seen = await trustCheckpoint(await fetch('checkpoint'), policy);
  const folder = join(state, toHex(hashOf(nodeHash, 'sha256', new TextEncoder().encode(seen.origin))));
  await mkdir(folder, { recursive: true });
  const lock = lockFolder(folder);
  try {
    const kept = await keptIn(folder);
    const name = `${String(seen.size).padStart(16, '0')}-${toHex(seen.root)}`;
    if (!kept.some((other) => other.name === name))
      await writeDurably(folder, [{ path: name, bytes: new TextEncoder().encode(seen.note) }]);
    const answer = (visit: Visit, because: string, evidence: readonly string[] = []): Monitored => ({
      visit,
      origin: seen.origin,
      size: seen.size,
      because,
      evidence,
    });
    // Two roots for one size need no proof: the log signed both.
    const twin = kept.find(({ size, root }) => size === seen.size && !equalBytes(root, seen.root));
    if (twin !== undefined) return answer('split-view', `two roots were signed for ${seen.size} entries`, [twin.note, seen.note]);
    const last = kept.at(-1);
    if (last === undefined) return answer('first', 'nothing was seen of this log before');
    if (last.size === seen.size) return answer('same', 'as at the last visit');
    if (last.size > seen.size) return answer('shrunk', `it had ${last.size} entries and shows ${seen.size}`, [last.note, seen.note]);
    if (last.size === 0) return answer('grown', 'from nothing');
    let hashes: readonly Uint8Array[];
    try {
      hashes = await growthProof(fetch, last.size, seen.size);
    } catch (error) {
      return answer('no-proof', error instanceof Error ? error.message : String(error));
    }
    const grew = verifyConsistency(nodeHash, { oldSize: last.size, newSize: seen.size, oldRoot: last.root, newRoot: seen.root }, hashes);
    return grew
      ? answer('grown', `from ${last.size} entries`)
      : answer('split-view', `its tiles do not lead from the ${last.size} entries that it signed to these ${seen.size}`, [
          last.note,
          seen.note,
        ]);
  } finally {
    lock.release();
  }
}

async function keptIn(folder: string) {
  const kept = [];
  for (const name of (await readdir(folder)).toSorted()) {
    if (!/^\d{16}-[0-9a-f]{64}$/.test(name)) continue;
    const bytes = new Uint8Array(await readFile(join(folder, name)));
    try {
      const { size, root } = parseCheckpoint(parseNote(bytes).text);
      kept.push({ name, size, root, note: new TextDecoder().decode(bytes) });
    } catch (error) {
      // Half a file, of a visit that was killed before it was flushed: it vouched for nothing.
      if (!(error instanceof FormatError)) throw error;
    }
  }
  return kept;
}
