/** A challenge's transcript, verified beside a bundle by anybody, without the phone: it is the artefact that was signed for, and every answer in it is recomputed. */
import { readFile, stat } from 'node:fs/promises';
import { bytesSource, hashOf, toHex } from '../bytes/index.ts';
import { readBrowserTranscript, readTranscript } from '../checks/index.ts';
import { readFacts } from '../evidence/index.ts';
import { nodeHash } from '../platform/node/index.ts';
import type { Bundle } from '../provenance/index.ts';
import { UsageError } from './exit.ts';
import { callerPath } from './paths.ts';

const TRANSCRIPT_MAX = 64 * 1024 * 1024;
/** How the transcript of a page begins. */
const BROWSER = /^\s*\{\s*"format"\s*:\s*"assay\.browser-challenge\//;

export interface TranscriptResult {
  readonly outcome: 'pass' | 'fail';
  readonly because: string;
}

/** Whether the file is what the bundle discloses, and what recomputing it gives. The bundle's own proofs are verified elsewhere. */
export async function verifyTranscript(path: string, { disclosed }: Pick<Bundle, 'disclosed'>): Promise<TranscriptResult> {
  const file = callerPath(path);
  if ((await stat(file)).size > TRANSCRIPT_MAX) throw new UsageError(`${path} is longer than ${TRANSCRIPT_MAX} bytes`);
  const bytes = new Uint8Array(await readFile(file));
  const sha256 = toHex(hashOf(nodeHash, 'sha256', bytes));
  const known = disclosed.find((artefact) => artefact.sha256 === sha256 && artefact.bytes === bytes.length);
  if (known === undefined) return { outcome: 'fail', because: `no disclosed artefact has the SHA-256 ${sha256} of ${path}` };
  const isOfBrowser = BROWSER.test(new TextDecoder().decode(bytes.subarray(0, 64)));
  const facts = await readFacts({
    trust: 'bearer',
    origin: 'bundle',
    takenAt: undefined,
    artefacts: [
      { name: known.artefact, kind: isOfBrowser ? 'challenge-browser' : 'challenge', origin: undefined, source: bytesSource(bytes) },
    ],
    items: [],
    changes: [],
    claims: {},
    unused: [],
  });
  const read = isOfBrowser ? readBrowserTranscript(facts) : readTranscript(facts);
  if (read === undefined)
    return { outcome: 'fail', because: facts.unread.map(({ because }) => because).join('; ') || 'it is no transcript' };
  // A program that the phone refused to start said nothing: that is no fault of the transcript.
  const because = [read.measured, ...read.wrong, ...read.silent].filter((text) => text !== '').join('; ');
  return { outcome: read.measured === '' || read.wrong.length > 0 ? 'fail' : 'pass', because };
}
