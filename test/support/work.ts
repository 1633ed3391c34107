// A process that takes one job from a queue, says its key and attempt, and never ends it: node work.ts FOLDER LEASE [DATABASE_URL]
import { writeSync } from 'node:fs';
import { openQueue } from '../../src/jobs/index.ts';

const [folder = '', lease = '', databaseUrl] = process.argv.slice(2);
const queue = await openQueue({ folder, databaseUrl }, { leaseSeconds: Number(lease), pollMs: 20 });
await queue.work('hang', ({ key, attempt }) => {
  writeSync(1, `${key} ${attempt}\n`);
  return new Promise(() => {});
});
