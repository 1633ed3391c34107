/** Runs in Chromium for bench/log.ts: makes proofs from tiles that are at hand, verifies them, and says how long each took, in milliseconds. */
import { parseBase64 } from '../../src/bytes/index.ts';
import { webHash } from '../../src/platform/web/hash.ts';
import { webVerify } from '../../src/platform/web/verify.ts';
import {
  leafHash,
  parseCheckpoint,
  parseNote,
  parseVerifierKey,
  proveInclusion,
  tileRangeRoot,
  verifyInclusion,
  verifyNoteSignatures,
} from '../../src/provenance/log/index.ts';

export interface BrowserJob {
  readonly vkey: string;
  readonly note: string;
  readonly proofs: readonly { readonly index: number; readonly entry: string; readonly tiles: Readonly<Record<string, string>> }[];
}

async function measure({ vkey, note, proofs }: BrowserJob): Promise<{ made: number[]; verified: number[]; signed: number[] }> {
  const times = { made: [] as number[], verified: [] as number[], signed: [] as number[] };
  const key = parseVerifierKey(webHash, vkey);
  const bytesOf = (text: string) => parseBase64(text) ?? new Uint8Array(0);
  for (const { index, entry, tiles } of proofs) {
    const files = new Map(Object.entries(tiles).map(([path, text]) => [path, bytesOf(text)]));
    const { size, root } = parseCheckpoint(parseNote(new TextEncoder().encode(note)).text);
    const t0 = performance.now();
    const range = tileRangeRoot(webHash, async (path) => files.get(path) ?? Promise.reject(new Error(path)), { size });
    const hashes = await proveInclusion(range, index, size);
    const t1 = performance.now();
    const isIn = verifyInclusion(webHash, { index, size, leaf: leafHash(webHash, bytesOf(entry)), root }, hashes);
    const t2 = performance.now();
    const isSigned = (await verifyNoteSignatures(parseNote(new TextEncoder().encode(note)), [key], webVerify)).length === 1;
    const t3 = performance.now();
    if (!isIn || !isSigned) throw new Error(`the proof of ${index} does not verify`);
    times.made.push(t1 - t0);
    times.verified.push(t2 - t1);
    times.signed.push(t3 - t2);
  }
  return times;
}

Object.assign(globalThis, { measure });
