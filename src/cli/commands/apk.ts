import { Command } from 'commander';
import type { Oddity } from '../../bytes/index.ts';
import {
  ANY_SDK,
  type ApkPorts,
  type ApkVerification,
  type SdkRange,
  type Trick,
  type VerifyApkOptions,
  verifyApk,
} from '../../formats/apk/index.ts';
import { type FileSource, nodeCodec, nodeHash, nodeInflate, nodeStretches, nodeVerify, openFile } from '../../platform/node/index.ts';
import { because } from '../because.ts';
import { EXIT, UsageError } from '../exit.ts';
import { callerPath } from '../paths.ts';
import { apkScanCommand } from './apk-scan.ts';

/** What reading APKs needs of Node; small members are inflated at once. */
export const apkPorts: ApkPorts = { hash: nodeHash, verify: nodeVerify, codec: nodeCodec, inflate: nodeInflate, stretches: nodeStretches };
/** Files open at the same time: hashing and inflating happen outside the main thread. */
const TOGETHER = 4;

interface VerifyFlags {
  readonly json?: true;
  readonly api?: string;
  readonly minSdk?: string;
  readonly maxSdk?: string;
  readonly idsig?: string;
}

interface InfoFlags {
  readonly json?: true;
}

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

interface Unreadable {
  readonly source: string;
  readonly error: string;
}

/** `assay apk verify FILE…` and `assay apk info FILE…` */
export function apkCommand(): Command {
  const verify = new Command('verify')
    .summary('verify signatures as Android does')
    .argument('<file...>', 'APK files')
    .option('--json', 'print the result as one JSON document and nothing else')
    .option('--api <level>', 'the verdict of Android of this API level alone')
    .option('--min-sdk <level>', 'verify on every level from this one; default: the lowest that the manifest names; 1 is "on any Android"')
    .option('--max-sdk <level>', 'verify on every level up to this one; default: no upper end')
    .option('--idsig <file>', 'the v4 signature beside the APK (one APK only)')
    .action(async (files: readonly string[], flags: VerifyFlags) => {
      process.exitCode = await runVerify(files, flags);
    });
  const info = new Command('info')
    .summary('describe an app: package, version, signer, permissions, exported components, native code')
    .argument('<file...>', 'APK files')
    .option('--json', 'print the result as one JSON document and nothing else')
    .action(async (files: readonly string[], flags: InfoFlags) => {
      process.exitCode = await (await import('./apk-info.ts')).runInfo(files, flags.json === true);
    });
  return new Command('apk')
    .description('Reads and verifies Android packages.')
    .addCommand(verify)
    .addCommand(info)
    .addCommand(apkScanCommand());
}

async function runVerify(files: readonly string[], flags: VerifyFlags): Promise<number> {
  const range = rangeOf(flags);
  if (flags.idsig !== undefined && files.length > 1) throw new UsageError('--idsig belongs to one APK');
  const outcomes: (VerifyReport | Unreadable)[] = [];
  for (let at = 0; at < files.length; at += TOGETHER) {
    outcomes.push(...(await Promise.all(files.slice(at, at + TOGETHER).map((file) => verifyFile(file, range, flags.idsig)))));
  }
  if (flags.json === true) console.log(JSON.stringify(outcomes.length === 1 ? outcomes[0] : outcomes, null, 2));
  else for (const outcome of outcomes) console.log(describe(outcome));
  if (outcomes.some((outcome) => 'error' in outcome)) return EXIT.couldNot;
  return outcomes.every((outcome) => 'verified' in outcome && outcome.verified) ? EXIT.done : EXIT.reject;
}

function rangeOf({ api, minSdk, maxSdk }: VerifyFlags): Pick<VerifyApkOptions, 'minSdk' | 'maxSdk'> {
  if (api !== undefined && (minSdk !== undefined || maxSdk !== undefined))
    throw new UsageError('--api and --min-sdk or --max-sdk exclude each other');
  const level = api === undefined ? undefined : levelOf('--api', api);
  const range = {
    minSdk: level ?? (minSdk === undefined ? undefined : levelOf('--min-sdk', minSdk)),
    maxSdk: level ?? (maxSdk === undefined ? undefined : levelOf('--max-sdk', maxSdk)),
  };
  if (range.minSdk !== undefined && range.maxSdk !== undefined && range.minSdk > range.maxSdk) {
    throw new UsageError(`--min-sdk ${range.minSdk} is above --max-sdk ${range.maxSdk}`);
  }
  return range;
}

function levelOf(option: string, text: string): number {
  const level = Number(text);
  if (!/^\d{1,5}$/.test(text) || level < 1) throw new UsageError(`${option} wants an API level, 1 or above; this is "${text}"`);
  return level;
}

async function verifyFile(
  file: string,
  range: Pick<VerifyApkOptions, 'minSdk' | 'maxSdk'>,
  idsigFile: string | undefined,
): Promise<VerifyReport | Unreadable> {
  try {
    return await withFile(file, async (source) => {
      if (idsigFile === undefined) return reportOf(file, await verifyApk(source, apkPorts, range));
      return withFile(idsigFile, async (idsig) => reportOf(file, await verifyApk(source, apkPorts, { ...range, idsig })));
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

/** Text from an APK goes to a terminal: without control characters. */
export const plain = (text: string) => text.replaceAll(/[^\P{Cc}\n]/gu, '\ufffd');

function describe(outcome: VerifyReport | Unreadable): string {
  if ('error' in outcome) return plain(`${outcome.source}:\n  could not be read: ${outcome.error}`);
  const { range, schemes, signers, lineage } = outcome;
  const levels =
    range.maxSdk === range.minSdk
      ? `API ${range.minSdk}`
      : `API ${range.minSdk} ${range.maxSdk === null ? 'and later' : `to ${range.maxSdk}`}`;
  const lines = [
    `${outcome.file}:`,
    `  ${outcome.verified ? 'verified' : 'NOT verified'} on ${levels}${schemes.length > 0 ? `, ${schemes.join(', ')}` : ''}`,
  ];
  for (const signer of signers) lines.push(`  signer   ${signer}`);
  if (lineage.length > 0) lines.push(...lineage.map(({ sha256, capabilities }) => `  lineage  ${sha256} ${capabilities.join(', ')}`));
  if (outcome.sourceStamp !== null)
    lines.push(`  stamp    ${outcome.sourceStamp.verified ? 'verified' : 'NOT verified'} ${outcome.sourceStamp.signer ?? ''}`);
  for (const issue of outcome.issues) lines.push(`  issue    ${issue}`);
  for (const warning of outcome.warnings) lines.push(`  warning  ${warning}`);
  for (const oddity of outcome.oddities) lines.push(`  ${'trick' in oddity ? 'trick ' : 'oddity'}   ${oddity.code}: ${oddity.detail}`);
  return plain(lines.join('\n'));
}
