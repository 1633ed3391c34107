export { copyAndroidLog, openAndroidLogs, openLiveAndroidLog } from './android.ts';
export { type DiskLog, initLog, logKey, openLog } from './disk-log.ts';
export { type Monitored, type Visit, visitLog } from './monitor.ts';
export {
  findEntry,
  growthProof,
  logFetch,
  proofOf,
  proveEntry,
  type TrustedCheckpoint,
  trustCheckpoint,
  unverifiedEntries,
  verifyWholeLog,
} from './read-log.ts';
export { askWitness, askWitnesses, openWitness, serveWitness, type Witness, witnessKey } from './witness.ts';
