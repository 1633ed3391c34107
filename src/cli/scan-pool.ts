/** Many files scanned with the same rules: by threads where there is enough to do, each with an engine of its own. What is found does not depend on how many. */
import type { RuleScanner, RuleSource } from '../bytes/index.ts';
import { type ScannedFile, scanFile } from '../evidence/index.ts';
import { nodeCodec, openFile } from '../platform/node/index.ts';
import { because } from './because.ts';
import { inThreads, threadsFor } from './file-threads.ts';
import { callerPath } from './paths.ts';

/** What was found in a file, or why it could not be scanned. */
export type ScanOutcome = (ScannedFile & { readonly file: string }) | { readonly source: string; readonly error: string };

/** What a thread is given when it starts. */
export interface ScanThread {
  readonly rules: readonly RuleSource[];
}

/** The same rules, as text and compiled. */
export interface Rules {
  readonly rules: readonly RuleSource[];
  readonly scanner: RuleScanner;
}

/** Scans files. A bad file costs itself. `threads` is for measuring. */
export async function* scanFiles(files: readonly string[], { rules, scanner }: Rules, threads?: number): AsyncGenerator<ScanOutcome> {
  const count = threads ?? (await threadsFor(files));
  if (count < 2) {
    for (const file of files) yield scanOne(file, scanner);
    return;
  }
  const data: ScanThread = { rules };
  yield* inThreads<string, ScanOutcome>(files, { module: './scan-worker', data, count, failed: (source, error) => ({ source, error }) });
}

/** Scans one file; one that cannot be read is an answer too. */
export async function scanOne(file: string, scanner: RuleScanner): Promise<ScanOutcome> {
  try {
    const source = await openFile(callerPath(file));
    try {
      return { file, ...(await scanFile({ path: file, source, scanner, codec: nodeCodec })) };
    } finally {
      await source.close();
    }
  } catch (error) {
    return { source: file, error: because(error) };
  }
}
