/** Many APKs verified: by threads where there is enough to do. */
import { apkPorts, type LevelRange, type VerifyOutcome, verifyFile } from './apk-verify.ts';
import { inThreads, threadsFor } from './file-threads.ts';

/** What a thread is asked. */
export interface VerifyJob {
  readonly file: string;
  readonly range: LevelRange;
}

/** Verifies files. A bad file costs itself. `threads` is for measuring. */
export async function* verifyFiles(files: readonly string[], range: LevelRange, threads?: number): AsyncGenerator<VerifyOutcome> {
  const count = threads ?? (await threadsFor(files));
  if (count < 2) {
    for (const file of files) yield verifyFile(file, range, { ports: apkPorts });
    return;
  }
  const jobs = files.map((file): VerifyJob => ({ file, range }));
  yield* inThreads<VerifyJob, VerifyOutcome>(jobs, {
    module: './apk-worker',
    count,
    failed: ({ file }, error) => ({ source: file, error }),
  });
}
