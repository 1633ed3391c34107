import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { equalBytes, type Instant, isInstant, parseHex, toBase64, toHex } from '../../bytes/index.ts';
import { nodeClock, nodeHash, nodeVerify, openSigner } from '../../platform/node/index.ts';
import {
  BUNDLE_MAX,
  cosignEnvelope,
  discloseArtefact,
  envelopePayload,
  evidenceRoot,
  formatBundle,
  type Identity,
  logEntryOf,
  PAYLOAD_TYPE,
  parseBundle,
  parseLogPolicy,
  parseReportPart,
  parseStatement,
  SALT_SIZE,
  type SignPort,
  signEnvelope,
  signerKeyId,
  statementBytes,
  statementOf,
  summaryOf,
  timestampRoots,
  verifyBundle,
} from '../../provenance/index.ts';
import { EXIT, UsageError } from '../exit.ts';
import { logAndProve } from '../logged.ts';
import { trustedSigner } from '../operators.ts';
import { callerPath } from '../paths.ts';
import { signingTime } from '../signing-time.ts';
import { verifyTranscript } from '../transcript.ts';
import { exportCommand, verifyCoseCommand } from './report-export.ts';
import { labelCommand, verifyLabelCommand } from './report-label.ts';
import { timestampCommand } from './report-timestamp.ts';

interface SignFlags {
  readonly key: readonly string[];
  readonly identity?: readonly string[];
  readonly out: string;
  readonly secret: string;
  readonly log?: string;
  readonly logKey?: string;
  readonly logPolicy?: string;
}

interface VerifyFlags {
  readonly key: readonly string[];
  readonly need: string;
  readonly policy?: string;
  readonly withoutLog?: true;
  readonly tsa?: readonly string[];
  readonly at?: string;
  readonly phone?: readonly string[];
  readonly json?: true;
  readonly transcript?: string;
}

interface DiscloseFlags {
  readonly report: string;
  readonly secret: string;
  readonly artefact: readonly string[];
  readonly out: string;
}

/** `assay report sign|verify|disclose|cosign|timestamp|export|verify-cose|label|verify-label` */
export function reportCommand(): Command {
  const signing = new Command('sign')
    .summary('sign a report as a bundle')
    .argument('<report>', 'a report in JSON')
    .requiredOption('--key <file...>', 'private keys in PKCS#8 PEM, Ed25519 or ECDSA P-256')
    .option('--identity <kind=value...>', 'identities of the phone, as in imei=…')
    .requiredOption('--out <file>', 'where the bundle is written')
    .requiredOption('--secret <file>', 'where the secret is written that discloses single artefacts: it stays with you')
    .option('--log <folder>', 'log the statement there, and put the proof into the bundle')
    .option('--log-key <file>', 'the private key of the log')
    .option('--log-policy <file>', 'have its checkpoint cosigned by the witnesses of this policy, and satisfy it')
    .action(sign);
  const verifying = new Command('verify')
    .summary('verify a bundle')
    .argument('<bundle>', 'a bundle in JSON')
    .requiredOption('--key <file...>', 'public keys in PEM that you trust')
    .option('--need <count>', 'how many of them must have signed', '1')
    .option('--policy <file>', 'the log policy (tlog-policy) that you trust')
    .option('--without-log', 'do not ask for a log')
    .option('--tsa <file...>', 'certificates in PEM of time-stamping authorities that you trust: the bundle must have a token of one')
    .option('--at <time>', 'as of when, as in 2026-01-31T12:00:00Z; default: now')
    .option('--phone <kind=value...>', 'identities read off the phone in hand')
    .option(
      '--transcript <file>',
      'challenge.json or challenge-browser.json of the capture: must be disclosed in the bundle; every answer in it is recomputed',
    )
    .option('--json', 'print the result as one JSON document and nothing else')
    .action(async (path: string, flags: VerifyFlags) => {
      process.exitCode = await verify(path, flags);
    });
  const disclosing = new Command('disclose')
    .summary('add single artefacts, with their proofs, to a bundle')
    .argument('<bundle>', 'a bundle in JSON')
    .requiredOption('--report <file>', 'the report that was signed')
    .requiredOption('--secret <file>', 'what sign wrote')
    .requiredOption('--artefact <name...>', 'which to disclose')
    .requiredOption('--out <file>', 'where the new bundle is written')
    .action(disclose);
  const cosigning = new Command('cosign')
    .summary('add your signature to another’s bundle, as when a second lab agrees')
    .argument('<bundle>', 'a bundle in JSON')
    .requiredOption('--key <file...>', 'your private keys in PKCS#8 PEM')
    .requiredOption('--out <file>', 'where the new bundle is written')
    .action(cosign);
  return new Command('report')
    .description('Signs reports, and verifies them.')
    .addCommand(signing)
    .addCommand(verifying)
    .addCommand(disclosing)
    .addCommand(cosigning)
    .addCommand(timestampCommand())
    .addCommand(exportCommand())
    .addCommand(verifyCoseCommand())
    .addCommand(labelCommand())
    .addCommand(verifyLabelCommand());
}

async function sign(path: string, flags: SignFlags): Promise<void> {
  if ((flags.log === undefined) !== (flags.logKey === undefined)) throw new UsageError('--log and --log-key go together');
  // Neither file is ever written over (a lost secret discloses nothing any more), and a log keeps an entry for ever: so before anything is logged.
  for (const file of [flags.out, flags.secret])
    if (existsSync(callerPath(file))) throw new UsageError(`${file} is there already, and is not written over`);
  const bytes = await readBounded(path);
  const identities = identitiesOf(flags.identity ?? []);
  const [first, ...others] = await Promise.all(flags.key.map((file) => openSigner(callerPath(file))));
  if (first === undefined) throw new UsageError('--key wants a file');
  const signers: readonly [SignPort, ...SignPort[]] = [first, ...others];
  const salt = new Uint8Array(randomBytes(SALT_SIZE));
  const secret = new Uint8Array(randomBytes(SALT_SIZE));
  const evidence = evidenceRoot(nodeHash, secret, parseReportPart(bytes).evidence);
  const statement = statementOf(bytes, { hash: nodeHash, issued: signingTime(), salt, identities, evidence });
  const envelope = await signEnvelope(nodeHash, PAYLOAD_TYPE, statementBytes(statement), signers);
  const logged =
    flags.log === undefined || flags.logKey === undefined
      ? undefined
      : await logAndProve(logEntryOf(nodeHash, envelope), { folder: flags.log, keyFile: flags.logKey, policy: flags.logPolicy });
  const text = formatBundle({
    format: 'assay.bundle/1',
    statement: envelope,
    summary: await signEnvelope(nodeHash, PAYLOAD_TYPE, statementBytes(summaryOf(statement)), signers),
    subject: { salt: toBase64(salt), identities: [...identities] },
    logProof: logged?.proof ?? null,
    policy: logged?.policy ?? null,
    disclosed: [],
  });
  await writeFile(callerPath(flags.secret), `${toHex(secret)}\n`, { mode: 0o600, flag: 'wx' });
  await writeFile(callerPath(flags.out), text, { flag: 'wx' });
}

/** Adds signatures over the same statement and summary. What was signed stays as it was, and so does its place in a log. */
async function cosign(path: string, flags: { readonly key: readonly string[]; readonly out: string }): Promise<void> {
  let { statement, summary, ...rest } = parseBundle(await readBounded(path));
  // Whoever signs vouches for what follows from it too: a summary that does not is not signed.
  if (!equalBytes(envelopePayload(summary), statementBytes(summaryOf(parseStatement(envelopePayload(statement))))))
    throw new Error('the summary of this bundle does not follow from its statement');
  for (const file of flags.key) {
    const signer = await openSigner(callerPath(file));
    if (statement.signatures.some(({ keyid }) => keyid === signerKeyId(nodeHash, signer.spki)))
      throw new UsageError(`${file} has signed it already`);
    statement = await cosignEnvelope(nodeHash, statement, signer);
    summary = await cosignEnvelope(nodeHash, summary, signer);
  }
  await writeFile(callerPath(flags.out), formatBundle({ ...rest, statement, summary }), { flag: 'wx' });
}

async function verify(path: string, flags: VerifyFlags): Promise<number> {
  if ((flags.policy === undefined) === (flags.withoutLog === undefined)) throw new UsageError('say either --policy FILE or --without-log');
  const signersNeeded = Number(flags.need);
  if (!/^[1-9]\d?$/.test(flags.need)) throw new UsageError(`--need wants a count from 1; this is "${flags.need}"`);
  const [first, ...others] = await Promise.all(flags.key.map(trustedSigner));
  if (first === undefined) throw new UsageError('--key wants a file');
  const log = flags.policy === undefined ? 'not-asked' : parseLogPolicy(nodeHash, await readFile(callerPath(flags.policy), 'utf8'));
  const timestamps =
    flags.tsa === undefined
      ? ('not-asked' as const)
      : timestampRoots((await Promise.all(flags.tsa.map((file) => readFile(callerPath(file), 'utf8')))).join('\n'));
  const at = flags.at === undefined ? nodeClock.now() : timeOf(flags.at);
  const phone = flags.phone === undefined ? undefined : identitiesOf(flags.phone);
  const bundle = parseBundle(await readBounded(path));
  const result = await verifyBundle(
    bundle,
    { signers: [first, ...others], signersNeeded, log, timestamps, at, phone },
    { hash: nodeHash, verify: nodeVerify },
  );
  const transcript = flags.transcript === undefined ? undefined : await verifyTranscript(flags.transcript, bundle);
  const verified = result.verified && transcript?.outcome !== 'fail';
  if (flags.json === true)
    console.log(JSON.stringify({ ...result, verified, ...(transcript === undefined ? {} : { transcript }) }, null, 2));
  else {
    const lines = result.steps.map(({ step, outcome, failure, because }) => `  ${outcome}  ${step}: ${failure ?? ''} ${because}`);
    if (transcript !== undefined) lines.push(`  ${transcript.outcome}  transcript: ${transcript.because}`);
    const text = [verified ? 'The bundle is verified.' : 'The bundle is NOT verified.', ...lines].join('\n');
    console.log(text.replaceAll(/[^\P{Cc}\n]/gu, '\ufffd'));
  }
  return verified ? EXIT.done : EXIT.reject;
}

async function disclose(path: string, flags: DiscloseFlags): Promise<void> {
  const bundle = parseBundle(await readBounded(path));
  const { evidence } = parseReportPart(await readBounded(flags.report));
  const secret = parseHex((await readFile(callerPath(flags.secret), 'utf8')).trim());
  if (secret === undefined) throw new UsageError(`${flags.secret} is no secret that sign wrote`);
  const disclosed = [...bundle.disclosed];
  for (const name of flags.artefact) {
    const index = evidence.findIndex(({ artefact }) => artefact === name);
    if (index < 0) throw new UsageError(`the report has no artefact "${name}"`);
    disclosed.push(await discloseArtefact(nodeHash, secret, evidence, index));
  }
  await writeFile(callerPath(flags.out), formatBundle({ ...bundle, disclosed }), { flag: 'wx' });
}

function identitiesOf(texts: readonly string[]): readonly Identity[] {
  return texts.map((text) => {
    const [, kind, value] = /^([a-z-]+)=(.+)$/.exec(text) ?? [];
    if (kind === undefined || value === undefined) throw new UsageError(`an identity is kind=value; this is "${text}"`);
    return { kind, value };
  });
}

function timeOf(text: string): Instant {
  if (!isInstant(text)) throw new UsageError(`--at wants a time as 2026-01-31T12:00:00Z; this is "${text}"`);
  return text;
}

async function readBounded(path: string): Promise<Uint8Array> {
  const file = callerPath(path);
  const { size } = await stat(file);
  if (size > BUNDLE_MAX) throw new UsageError(`${path} has ${size} bytes, and ${BUNDLE_MAX} is the most that is read`);
  return readFile(file);
}
