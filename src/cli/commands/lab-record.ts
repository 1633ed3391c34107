/** `assay lab record`: what only hardware can show, from owners who give it. */
import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { type PhoneRecord, parseCircumstances, type RecordedRun, readRun, recordOf } from '../../challenges/index.ts';
import { type Capture, factsOf, property, readFacts } from '../../evidence/index.ts';
import { nodeHash, openSigner } from '../../platform/node/index.ts';
import { signEnvelope } from '../../provenance/index.ts';
import { askForYes } from '../consent.ts';
import { EXIT } from '../exit.ts';
import { callerPath, packageVersion } from '../paths.ts';

export const RECORD_TYPE = 'application/vnd.assay.record+json';
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

const sealed = async (value: PhoneRecord, key: string): Promise<string> =>
  `${JSON.stringify(await signEnvelope(nodeHash, RECORD_TYPE, new TextEncoder().encode(JSON.stringify(value)), [await openSigner(callerPath(key))]))}\n`;

async function record(
  phone: string | undefined,
  flags: { readonly key: string; readonly out: string; readonly yes?: true },
): Promise<number> {
  await askForYes(WORDS, flags.yes === true);
  const { acquireLive } = await import('../../platform/node/adb/index.ts');
  const capture = await acquireLive({ address: phone, depth: 'quick', tool: `assay ${packageVersion()}`, challenge: 'timed' });
  const made = await recordOfCapture(capture);
  if (made.programs.length === 0) throw new Error('no program of ours ran on the phone: there is nothing to record');
  await writeFile(callerPath(flags.out), await sealed(made, flags.key), { flag: 'wx' });
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
  const all = factsOf(facts, 'challenges').flatMap(({ value }) => value);
  const runs: RecordedRun[] = all.flatMap((run) => {
    if (run.exchanges.length === 0) return [];
    const read = readRun(run);
    return 'problem' in read ? [] : [{ kind: run.kind, outcome: run.outcome, nonce: run.nonce, ...read }];
  });
  const [kernel] = factsOf(facts, 'kernel');
  const { governors, batteryCelsius, load } = parseCircumstances(all[0]?.circumstances ?? '');
  return recordOf(
    {
      model: said('ro.product.model', 'ro.product.vendor.model'),
      brand: said('ro.product.brand', 'ro.product.vendor.brand'),
      platform: said('ro.soc.model', 'ro.board.platform'),
      fingerprint: said('ro.build.fingerprint', 'ro.vendor.build.fingerprint'),
      // The release alone: the rest of the line names who built it and where.
      kernel: kernel?.value.release ?? '',
      circumstances: { governors: [...governors], batteryCelsius: batteryCelsius ?? null, load: load ?? null },
    },
    runs,
  );
}
