/** A thread that scans files, one after the other, with an engine of its own. */
import { parentPort, workerData } from 'node:worker_threads';
import { nodeRules } from '../platform/node/index.ts';
import { type ScanThread, scanOne } from './scan-pool.ts';

const port = parentPort;
if (port === null) throw new Error('this file is for a worker thread');

// The cast is what `scan-pool.ts` starts this thread with.
const { rules } = workerData as ScanThread;
const scanner = nodeRules(rules).then((compiled) => {
  if (compiled === undefined) throw new Error('there is no YARA engine for this machine');
  return compiled;
});

port.on('message', (file: string) => {
  void scanner.then((compiled) => scanOne(file, compiled)).then((outcome) => port.postMessage(outcome));
});
