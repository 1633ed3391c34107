/** A thread of the pool that verifies APKs, one after the other. */
import { parentPort } from 'node:worker_threads';
import type { VerifyJob } from './apk-pool.ts';
import { apkPorts, verifyFile } from './apk-verify.ts';

const port = parentPort;
if (port === null) throw new Error('this file is for a worker thread');

// No stretches: another thread for one file would take a core from the other files.
const { stretches: _stretches, ...ports } = apkPorts;

port.on('message', (job: VerifyJob) => {
  void verifyFile(job.file, job.range, { ports }).then((outcome) => port.postMessage(outcome));
});
