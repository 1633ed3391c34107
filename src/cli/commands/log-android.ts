/** `assay log android list|copy|verify`: Google's own transparency logs of its apps, Mainline modules and Pixel images. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { Command } from 'commander';
import { readApp } from '../../formats/apk/index.ts';
import { nodeCodec, openFile } from '../../platform/node/index.ts';
import { ANDROID_LOGS, type AndroidLog, lookUpImage, lookUpPackages, type OpenAndroidLog } from '../../provenance/index.ts';
import { copyAndroidLog, openAndroidLogs, openLiveAndroidLog } from '../../store/index.ts';
import { EXIT, UsageError } from '../exit.ts';
import { callerPath } from '../paths.ts';

interface VerifyFlags {
  readonly from?: string;
  readonly log: readonly string[];
  readonly fingerprint?: string;
  readonly vbmetaDigest?: string;
  readonly json?: true;
}

/** What is asked of a log, and what it said. `outcome` `absent`: no log that was opened has it, in any version. */
interface Answer {
  readonly file: string;
  readonly outcome: 'logged' | 'other-bytes' | 'other-versions' | 'other-digest' | 'absent';
  readonly log: string | null;
  readonly treeSize: number | null;
  readonly index: number | null;
  readonly because: string;
}

const several = (value: string, before: readonly string[]) => [...before, value];

export function androidLogCommand(): Command {
  return new Command('android')
    .summary('Google’s own logs: of its apps, of Mainline modules, of Pixel images')
    .addCommand(
      new Command('list').summary('which logs there are, and where').action(() => {
        for (const { id, title, url } of ANDROID_LOGS) console.log(`${id.padEnd(20)} ${title.padEnd(30)} ${url}`);
      }),
    )
    .addCommand(
      new Command('copy')
        .summary('copy a log into a folder, so that it can be asked without a network')
        .argument('<log>', `one of ${ANDROID_LOGS.map(({ id }) => id).join(', ')}`)
        .requiredOption('--out <folder>', 'the folder of copies; a copy that is there goes on')
        .option('--url <address>', 'where it is served, in place of Google’s address')
        .action(copy),
    )
    .addCommand(
      new Command('verify')
        .summary('whether Google logged exactly these bytes, with the proof checked')
        .argument('[file...]', 'APK or APEX files')
        .option('--fingerprint <fingerprint>', 'a build of a Pixel, with --vbmeta-digest')
        .option('--vbmeta-digest <hex>', 'its vbmeta digest: firmware verify computes it, key attestation states it')
        .option('--from <folder>', 'copies of logs; without it the logs are asked where Google serves them')
        .option('--log <log>', 'only this log; may be given several times', several, [])
        .option('--json', 'print the result as one JSON document and nothing else')
        .action(async (files: readonly string[], flags: VerifyFlags) => {
          process.exitCode = await verify(files, flags);
        }),
    );
}

function logOf(id: string): AndroidLog {
  const log = ANDROID_LOGS.find((known) => known.id === id);
  if (log === undefined) throw new UsageError(`"${id}" is none of ${ANDROID_LOGS.map((known) => known.id).join(', ')}`);
  return log;
}

async function copy(id: string, flags: { readonly out: string; readonly url?: string }): Promise<void> {
  let shown = 0;
  const onFile = (done: number, of: number) => {
    if (done < of && done < shown + 256) return;
    shown = done;
    process.stderr.write(`assay: ${done} of ${of} files\n`);
  };
  const base = flags.url?.replace(/\/+$/, '');
  const { checkpoint } = await copyAndroidLog(logOf(id), callerPath(flags.out), { ...(base === undefined ? {} : { base }), onFile });
  console.log(`${checkpoint.origin} at ${checkpoint.size} entries`);
}

async function verify(files: readonly string[], flags: VerifyFlags): Promise<number> {
  const { fingerprint, vbmetaDigest } = flags;
  if ((fingerprint === undefined) !== (vbmetaDigest === undefined)) throw new UsageError('--fingerprint and --vbmeta-digest go together');
  if (vbmetaDigest !== undefined && !/^[0-9a-f]{64}$/i.test(vbmetaDigest)) throw new UsageError('--vbmeta-digest wants 64 hex digits');
  if (files.length === 0 && fingerprint === undefined)
    throw new UsageError('name files, or a build with --fingerprint and --vbmeta-digest');
  const holds = (log: AndroidLog) => (log.holds === 'package' && files.length > 0) || (log.holds === 'image' && fingerprint !== undefined);
  const chosen = flags.log.map(logOf);
  const wanted = (log: AndroidLog) => holds(log) && (chosen.length === 0 || chosen.includes(log));
  const logs =
    flags.from === undefined
      ? await Promise.all(ANDROID_LOGS.filter(wanted).map((log) => openLiveAndroidLog(log)))
      : (await openAndroidLogs(callerPath(flags.from), ANDROID_LOGS)).filter(({ log }) => wanted(log));
  if (logs.length === 0) throw new UsageError('no log that was opened holds what is asked');
  const answers = [
    ...(files.length === 0 ? [] : await aboutFiles(files, logs)),
    ...(fingerprint === undefined || vbmetaDigest === undefined ? [] : await aboutImage({ fingerprint, vbmetaDigest }, logs)),
  ];
  if (flags.json) process.stdout.write(`${JSON.stringify(answers.length === 1 ? answers[0] : answers, null, 2)}\n`);
  else for (const { file, outcome, because } of answers) console.log(`${file}: ${outcome}: ${because}`);
  return answers.every(({ outcome }) => outcome === 'logged') ? EXIT.done : EXIT.reject;
}

async function aboutFiles(files: readonly string[], logs: readonly OpenAndroidLog[]): Promise<readonly Answer[]> {
  const questions = await Promise.all(files.map(questionOf));
  const answers = await lookUpPackages(logs, questions);
  return questions.map(({ path, package: name, versionCode }, i): Answer => {
    const about = answers.filter((answer) => answer.path === path);
    const best = (['logged', 'other-bytes', 'other-versions'] as const)
      .map((outcome) => about.find((answer) => answer.outcome === outcome))
      .find((answer) => answer !== undefined);
    const file = basename(files[i] ?? path);
    const what = `${name} version ${versionCode ?? 'unknown'}`;
    if (best === undefined)
      return {
        file,
        outcome: 'absent',
        log: null,
        treeSize: null,
        index: null,
        because: `${what} is in no log that was asked: nothing follows from that`,
      };
    const because = {
      logged: `entry ${best.index} of ${best.treeSize} in ${best.log}, as ${best.as?.package} version ${best.as?.versionCode}`,
      'other-bytes': `${best.log} has ${what} with other bytes (${best.others.length} proven), and not with these`,
      'other-versions': `${best.log} has ${name}, and not in this version: nothing follows from that`,
    }[best.outcome];
    return { file, outcome: best.outcome, log: best.log, treeSize: best.treeSize, index: best.index ?? null, because };
  });
}

async function aboutImage(
  image: { readonly fingerprint: string; readonly vbmetaDigest: string },
  logs: readonly OpenAndroidLog[],
): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  for (const open of logs.filter(({ log }) => log.holds === 'image')) {
    const { outcome, index, log, treeSize, vbmetaDigests } = await lookUpImage(open, image);
    const because = {
      logged: `entry ${index} of ${treeSize} in ${log}`,
      'other-digest': `${log} has this build with the digest ${vbmetaDigests[0]}, and not with this one`,
      absent: `${log} does not have this build: nothing follows from that`,
    }[outcome];
    answers.push({ file: image.fingerprint, outcome, log, treeSize, index: index ?? null, because });
  }
  return answers;
}

/** Package, version and digest of a file. An APEX states its name in its manifest as an APK does. */
async function questionOf(word: string) {
  const path = callerPath(word);
  const hasher = createHash('sha256');
  for await (const piece of createReadStream(path)) hasher.update(piece);
  const source = await openFile(path);
  try {
    const { value } = await readApp(source, { codec: nodeCodec });
    return { path, package: value.packageName, versionCode: value.versionCode, sha256: hasher.digest('hex') };
  } finally {
    await source.close();
  }
}
