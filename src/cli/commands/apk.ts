import { Command } from 'commander';
import { ANY_SDK } from '../../formats/apk/index.ts';
import { verifyFiles } from '../apk-pool.ts';
import { apkPorts, type LevelRange, type VerifyOutcome, verifyFile } from '../apk-verify.ts';
import { EXIT, UsageError } from '../exit.ts';
import type { ScanFlags } from './apk-scan.ts';

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
  const scan = new Command('scan')
    .summary('look for code of known families in apps and libraries')
    .argument('<file...>', 'APKs and libraries')
    .option('--knowledge <folder>', 'packs with rules, in place of your own folder of imported packs')
    .option('--json', 'print the result as one JSON document and nothing else')
    .action(async (files: readonly string[], flags: ScanFlags) => {
      process.exitCode = await (await import('./apk-scan.ts')).runScan(files, flags);
    });
  return new Command('apk').description('Reads and verifies Android packages.').addCommand(verify).addCommand(info).addCommand(scan);
}

async function runVerify(files: readonly string[], flags: VerifyFlags): Promise<number> {
  const range = rangeOf(flags);
  if (flags.idsig !== undefined && files.length > 1) throw new UsageError('--idsig belongs to one APK');
  const outcomes: VerifyOutcome[] = [];
  const one = { ports: apkPorts, idsigFile: flags.idsig };
  const verified = flags.idsig === undefined ? verifyFiles(files, range) : files.map((file) => verifyFile(file, range, one));
  for await (const outcome of verified) {
    outcomes.push(outcome);
    if (flags.json !== true) console.log(describe(outcome));
  }
  if (flags.json === true) console.log(JSON.stringify(outcomes.length === 1 ? outcomes[0] : outcomes, null, 2));
  if (outcomes.some((outcome) => 'error' in outcome)) return EXIT.couldNot;
  return outcomes.every((outcome) => 'verified' in outcome && outcome.verified) ? EXIT.done : EXIT.reject;
}

function rangeOf({ api, minSdk, maxSdk }: VerifyFlags): LevelRange {
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
  // Up to what Android's own tools take for "no upper end".
  if (!/^\d{1,10}$/.test(text) || level < 1 || level > ANY_SDK)
    throw new UsageError(`${option} wants an API level, 1 or above; this is "${text}"`);
  return level;
}

/** Text from an APK goes to a terminal: without control characters. */
export const plain = (text: string) => text.replaceAll(/[^\P{Cc}\n]/gu, '\ufffd');

function describe(outcome: VerifyOutcome): string {
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
