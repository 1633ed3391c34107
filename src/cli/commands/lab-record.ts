/** `assay lab record` and `assay lab envelope`: what only hardware can show, from owners who give it. */
import { readFile, writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { envelopesOf, type PhoneRecord, type RecordedRun, RecordSchema, readRun, recordOf } from '../../challenges/index.ts';
import { type Capture, factsOf, property, readFacts } from '../../evidence/index.ts';
import { nodeHash, nodeVerify, openSigner } from '../../platform/node/index.ts';
import { envelopePayload, envelopeSchema, signEnvelope, type TrustedSigner, verifyEnvelope } from '../../provenance/index.ts';
import { askForYes } from '../consent.ts';
import { EXIT, UsageError } from '../exit.ts';
import { trustedSigner } from '../operators.ts';
import { callerPath, packageVersion } from '../paths.ts';

const RECORD_TYPE = 'application/vnd.assay.record+json';
const ENVELOPE_TYPE = 'application/vnd.assay.envelope+json';
const WORDS =
  'This runs small programs of ours on the phone, times them for some ten seconds and removes them. The file holds model, build, kernel release and figures of the silicon; no serial number, IMEI, address or account.';

export function recordCommand(): Command {
  return new Command('record')
    .summary('measure a phone of your own, for the population of genuine ones')
    .argument('[phone]', 'serial, HOST:PORT or usb; none: the phone that is plugged in')
    .requiredOption('--key <file>', 'your private key in PKCS#8 PEM, Ed25519 or ECDSA P-256')
    .requiredOption('--out <file>', 'where the signed record is written')
    .option('--yes', 'the owner says yes')
    .action(async (phone: string | undefined, flags: { readonly key: string; readonly out: string; readonly yes?: true }) => {
      process.exitCode = await record(phone, flags);
    });
}

export function envelopeCommand(): Command {
  return new Command('envelope')
    .summary('make envelopes (least, middle, most) of the models of which five records are there')
    .argument('<record...>', 'signed records')
    .requiredOption('--trust <file...>', 'public keys in PEM whose records you believe')
    .requiredOption('--key <file>', 'your private key, which signs the envelopes')
    .requiredOption('--out <file>', 'where the signed envelopes are written')
    .action(async (files: readonly string[], flags: { readonly trust: readonly string[]; readonly key: string; readonly out: string }) => {
      process.exitCode = await envelope(files, flags);
    });
}

const sealed = async (type: string, value: unknown, key: string): Promise<string> =>
  `${JSON.stringify(await signEnvelope(nodeHash, type, new TextEncoder().encode(JSON.stringify(value)), [await openSigner(callerPath(key))]))}\n`;

async function record(
  phone: string | undefined,
  flags: { readonly key: string; readonly out: string; readonly yes?: true },
): Promise<number> {
  await askForYes(WORDS, flags.yes === true);
  const { acquireLive } = await import('../../platform/node/adb/index.ts');
  const capture = await acquireLive({ address: phone, depth: 'quick', tool: `assay ${packageVersion()}`, challenge: 'timed' });
  const made = await recordOfCapture(capture);
  if (made.programs.length === 0) throw new Error('no program of ours ran on the phone: there is nothing to record');
  await writeFile(callerPath(flags.out), await sealed(RECORD_TYPE, made, flags.key), { flag: 'wx' });
  console.error(`${flags.out}: ${made.model}, ${made.programs.length} programs, ${Object.keys(made.figures).length} figures`);
  return EXIT.done;
}

/** The record of what a capture holds. Only what is named here leaves it. */
async function recordOfCapture(capture: Capture): Promise<PhoneRecord> {
  const facts = await readFacts(capture);
  const said = (...keys: readonly string[]): string => {
    for (const { value } of factsOf(facts, 'properties'))
      for (const key of keys) {
        const found = property(value, key)?.value;
        if (found !== undefined && found !== '') return found.slice(0, 300);
      }
    return '';
  };
  const runs: RecordedRun[] = factsOf(facts, 'challenges')
    .flatMap(({ value }) => value)
    .flatMap((run) => {
      if (run.exchanges.length === 0) return [];
      const read = readRun(run);
      return 'problem' in read ? [] : [{ kind: run.kind, outcome: run.outcome, nonce: run.nonce, ...read }];
    });
  const [kernel] = factsOf(facts, 'kernel');
  return recordOf(
    {
      model: said('ro.product.model', 'ro.product.vendor.model'),
      brand: said('ro.product.brand', 'ro.product.vendor.brand'),
      platform: said('ro.soc.model', 'ro.board.platform'),
      fingerprint: said('ro.build.fingerprint', 'ro.vendor.build.fingerprint'),
      // The release alone: the rest of the line names who built it and where.
      kernel: kernel?.value.release ?? '',
    },
    runs,
  );
}

async function envelope(
  files: readonly string[],
  flags: { readonly trust: readonly string[]; readonly key: string; readonly out: string },
): Promise<number> {
  const trusted = await Promise.all(flags.trust.map(trustedSigner));
  const records = await Promise.all(files.map((file) => readRecord(file, trusted)));
  const { envelopes, tooFew } = envelopesOf(records);
  for (const { model, units } of tooFew) console.error(`${model}: ${units} units, and five are wanted`);
  if (envelopes.length === 0) return EXIT.couldNot;
  await writeFile(callerPath(flags.out), await sealed(ENVELOPE_TYPE, envelopes, flags.key), { flag: 'wx' });
  console.error(`${flags.out}: ${envelopes.map(({ model, units }) => `${model} of ${units} units`).join(', ')}`);
  return EXIT.done;
}

async function readRecord(file: string, trusted: readonly TrustedSigner[]): Promise<PhoneRecord> {
  const parsed = envelopeSchema.safeParse(JSON.parse(await readFile(callerPath(file), 'utf8')));
  if (!parsed.success || parsed.data.payloadType !== RECORD_TYPE) throw new UsageError(`${file} is no signed record`);
  const { signedBy } = await verifyEnvelope(parsed.data, trusted, { hash: nodeHash, verify: nodeVerify });
  if (signedBy.length === 0) throw new UsageError(`${file} is signed by nobody whom you trust`);
  const record = RecordSchema.safeParse(JSON.parse(new TextDecoder().decode(envelopePayload(parsed.data))));
  if (!record.success) throw new UsageError(`${file} is no assay.record/1`);
  return record.data;
}
