/** Verifying one APK file for the command line: what its own thread does, and the threads of the pool. */
import type { Oddity } from '../bytes/index.ts';
import {
  ANY_SDK,
  type ApkPorts,
  type ApkVerification,
  type SdkRange,
  type Trick,
  type VerifyApkOptions,
  verifyApk,
} from '../formats/apk/index.ts';
import { type FileSource, nodeCodec, nodeHash, nodeInflate, nodeStretches, nodeVerify, openFile } from '../platform/node/index.ts';
import { because } from './because.ts';
import { callerPath } from './paths.ts';

/** What reading APKs needs of Node; small members are inflated at once. */
export const apkPorts: ApkPorts = { hash: nodeHash, verify: nodeVerify, codec: nodeCodec, inflate: nodeInflate, stretches: nodeStretches };

/** What `apk verify --json` prints for one file. */
export interface VerifyReport {
  readonly file: string;
  readonly verified: boolean;
  readonly schemes: readonly string[];
  readonly signers: readonly string[];
  readonly issues: readonly string[];
  readonly oddities: readonly (Oddity | OddTrick)[];
  readonly warnings: readonly string[];
  readonly lineage: ApkVerification['lineage'];
  readonly sourceStamp: { readonly verified: boolean; readonly signer: string | null; readonly timestamp: number | null } | null;
  readonly range: { readonly minSdk: number; readonly maxSdk: number | null };
}

/** A trick among the oddities: what several of them together are for. */
interface OddTrick {
  readonly code: string;
  readonly trick: true;
  readonly detail: string;
}

export interface Unreadable {
  readonly source: string;
  readonly error: string;
}

export type VerifyOutcome = VerifyReport | Unreadable;
export type LevelRange = Pick<VerifyApkOptions, 'minSdk' | 'maxSdk'>;

interface VerifyWith {
  readonly ports: ApkPorts;
  readonly idsigFile?: string | undefined;
}

/** Verifies a file; one that cannot be read is an answer too. `ports` without stretches where every thread has a file of its own. */
export async function verifyFile(file: string, range: LevelRange, { ports, idsigFile }: VerifyWith): Promise<VerifyOutcome> {
  try {
    return await withFile(file, async (source) => {
      if (idsigFile === undefined) return reportOf(file, await verifyApk(source, ports, range));
      return withFile(idsigFile, async (idsig) => reportOf(file, await verifyApk(source, ports, { ...range, idsig })));
    });
  } catch (error) {
    return { source: file, error: because(error) };
  }
}

export async function withFile<T>(path: string, run: (source: FileSource) => Promise<T>): Promise<T> {
  const source = await openFile(callerPath(path));
  try {
    return await run(source);
  } finally {
    await source.close();
  }
}

export function reportOf(file: string, result: ApkVerification): VerifyReport {
  const { refusal, stamp } = result;
  const names = (issues: ApkVerification['issues']) => [...new Set(issues.map(({ name }) => name))];
  return {
    file,
    verified: result.verified,
    schemes: result.schemes,
    signers: result.signers,
    issues: [...names(result.issues), ...(refusal === undefined ? [] : [refusal.exception])],
    oddities: withTricks(result.oddities, result.tricks),
    warnings: names(result.warnings),
    lineage: result.lineage,
    sourceStamp:
      stamp === undefined ? null : { verified: stamp.verified, signer: stamp.signer ?? null, timestamp: stamp.timestamp ?? null },
    range: rangeReport(result.range),
  };
}

const rangeReport = ({ minSdk, maxSdk }: SdkRange) => ({ minSdk, maxSdk: maxSdk === ANY_SDK ? null : maxSdk });

export function withTricks(oddities: readonly Oddity[], tricks: readonly Trick[]): readonly (Oddity | OddTrick)[] {
  return [...tricks.map(({ name, because }) => ({ code: name, trick: true as const, detail: because })), ...oddities];
}
