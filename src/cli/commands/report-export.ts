import { readFile, writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { nodeClock, nodeHash, nodeVerify, openSigner } from '../../platform/node/index.ts';
import {
  logEntryOf,
  parseBundle,
  parseLogPolicy,
  type SignPort,
  signReceipt,
  signTransparent,
  verifyTransparent,
} from '../../provenance/index.ts';
import { EXIT, UsageError } from '../exit.ts';
import { trustedSigner } from '../operators.ts';
import { callerPath } from '../paths.ts';

interface ExportFlags {
  readonly as: string;
  readonly out: string;
  readonly key?: string;
  readonly log?: string;
  readonly logKey?: string;
}

interface VerifyFlags {
  readonly key: readonly string[];
  readonly policy?: string;
  readonly withoutLog?: true;
}

/** `assay report export`: the same report for the tools of others. */
export function exportCommand(): Command {
  return new Command('export')
    .summary('a bundle as COSE with receipts of a log, or a report as STIX 2.1 sightings')
    .argument('<file>', 'cose: a bundle; stix: a report in JSON, made with --redact')
    .requiredOption('--as <form>', 'cose or stix')
    .requiredOption('--out <file>', 'where it is written')
    .option('--key <file>', 'cose: your private key in PKCS#8 PEM')
    .option('--log <folder>', 'cose: the log that holds the statement, for a receipt')
    .option('--log-key <file>', 'cose: the private key of the log, which signs the receipt')
    .action(exportAs);
}

/** `assay report verify-cose` */
export function verifyCoseCommand(): Command {
  return new Command('verify-cose')
    .summary('verify a statement in COSE and its receipts')
    .argument('<file>')
    .requiredOption('--key <file...>', 'public keys in PEM that you trust')
    .option('--policy <file>', 'the log policy (tlog-policy) that you trust; receipts have no witnesses, so its quorum must be none')
    .option('--without-log', 'do not ask for a receipt')
    .action(verify);
}

async function exportAs(path: string, flags: ExportFlags): Promise<void> {
  const bytes = await readFile(callerPath(path));
  if (flags.as === 'stix') {
    const [{ renderStix }, { reportSchema }] = await Promise.all([
      import('../../report/sightings/index.ts'),
      import('../../report/index.ts'),
    ]);
    const report = reportSchema.safeParse(JSON.parse(new TextDecoder().decode(bytes)));
    if (!report.success) throw new UsageError(`${path} is no report: ${report.error.issues[0]?.message ?? ''}`);
    return writeFile(callerPath(flags.out), renderStix(nodeHash, report.data, nodeClock.now()), { flag: 'wx' });
  }
  if (flags.as !== 'cose') throw new UsageError(`--as is cose or stix; this is "${flags.as}"`);
  if (flags.key === undefined) throw new UsageError('--as cose wants --key');
  if ((flags.log === undefined) !== (flags.logKey === undefined)) throw new UsageError('--log and --log-key go together');
  const { statement } = parseBundle(bytes);
  const receipts =
    flags.log === undefined || flags.logKey === undefined
      ? []
      : [await receiptOf(logEntryOf(nodeHash, statement), flags.log, await openSigner(callerPath(flags.logKey)))];
  const signer = await openSigner(callerPath(flags.key));
  await writeFile(callerPath(flags.out), await signTransparent(nodeHash, statement, signer, receipts), { flag: 'wx' });
}

async function receiptOf(entry: Uint8Array, folder: string, signer: SignPort): Promise<Uint8Array> {
  const { findEntry, logFetch, logKey, proveEntry, trustCheckpoint } = await import('../../store/index.ts');
  const fetch = logFetch(callerPath(folder));
  const note = await fetch('checkpoint');
  const [origin = ''] = new TextDecoder().decode(note).split('\n', 1);
  // The key must be the log's own: a receipt by another would be worth nothing.
  const checkpoint = await trustCheckpoint(note, {
    logs: [{ key: logKey(origin, signer), url: undefined }],
    witnesses: new Map(),
    groups: new Map(),
    quorum: 'none',
  });
  const index = await findEntry(fetch, checkpoint.size, entry);
  if (index === undefined) throw new Error(`the statement is not in ${origin}`);
  return signReceipt(nodeHash, { ...checkpoint, index, hashes: await proveEntry(fetch, checkpoint, index, entry) }, signer);
}

async function verify(path: string, flags: VerifyFlags): Promise<void> {
  if ((flags.policy === undefined) === (flags.withoutLog === undefined)) throw new UsageError('say either --policy FILE or --without-log');
  const [first, ...others] = await Promise.all(flags.key.map(trustedSigner));
  if (first === undefined) throw new UsageError('--key wants a file');
  const log =
    flags.policy === undefined ? ('not-asked' as const) : parseLogPolicy(nodeHash, await readFile(callerPath(flags.policy), 'utf8'));
  const bytes = new Uint8Array(await readFile(callerPath(path)));
  try {
    const found = await verifyTransparent(bytes, { signers: [first, ...others], log }, { hash: nodeHash, verify: nodeVerify });
    const { verdict, expires } = found.statement.predicate;
    console.log(`verified: signed by ${found.signedBy}; ${verdict.decision}, until ${expires}`);
    for (const { origin, index, size } of found.logs) console.log(`  receipt of ${origin}: entry ${index} of ${size}`);
  } catch (error) {
    console.log(`NOT verified: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = EXIT.reject;
  }
}
