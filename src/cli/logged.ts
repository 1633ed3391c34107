import { readFile } from 'node:fs/promises';
import { nodeHash, openSigner } from '../platform/node/index.ts';
import { formatVerifierKey, parseLogPolicy } from '../provenance/index.ts';
import { callerPath } from './paths.ts';

/**
 * Appends an entry to a log, and proves it there. Without a policy the log alone is asked for, and witnesses are the reader's to ask for;
 * with one, its witnesses cosign the very checkpoint that the proof is under.
 */
export async function logAndProve(
  entry: Uint8Array,
  where: { readonly folder: string; readonly keyFile: string; readonly policy: string | undefined },
): Promise<{ readonly index: number; readonly policy: string; readonly proof: string }> {
  const { askWitnesses, logFetch, openLog, proofOf, trustCheckpoint } = await import('../store/index.ts');
  const place = callerPath(where.folder);
  const log = await openLog(place, await openSigner(callerPath(where.keyFile)), { everyMs: 0 });
  try {
    const text =
      where.policy === undefined ? `log ${formatVerifierKey(log.key)}\nquorum none\n` : await readFile(callerPath(where.policy), 'utf8');
    const policy = parseLogPolicy(nodeHash, text);
    const index = await log.append(entry);
    const fetch = logFetch(place);
    const note = await askWitnesses(policy, new TextDecoder().decode(await fetch('checkpoint')), fetch);
    const checkpoint = await trustCheckpoint(new TextEncoder().encode(note), policy);
    return { index, policy: text, proof: await proofOf(fetch, checkpoint, index) };
  } finally {
    await log.close();
  }
}
