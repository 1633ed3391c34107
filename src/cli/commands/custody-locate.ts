import { statSync } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { isInstant } from '../../bytes/index.ts';
import { toolmarkName } from '../../evidence/index.ts';
import { nodeClock, nodeHash, nodeVerify } from '../../platform/node/index.ts';
import { BUNDLE_MAX, imeiUri, ownUri, parseBundle, parseLogPolicy, verifyBundle } from '../../provenance/index.ts';
import { type Flow, locate, parseFlow, publishLocation, seededRandom } from '../../provenance/locate/index.ts';
import { visible } from '../../report/index.ts';
import type { ProvenInspection, StoreFlow } from '../../store/index.ts';
import { EXIT, UsageError } from '../exit.ts';
import { trustedSigner } from '../operators.ts';
import { callerPath } from '../paths.ts';
import { toolmarksOf } from '../toolmarks.ts';
import { identityArgument, using } from './custody-store.ts';

interface LocateFlags {
  readonly json?: true;
  readonly html?: string;
  readonly workingPaper?: true;
  readonly batch: string;
  readonly seed: string;
  readonly sweeps: string;
  readonly threshold: string;
  readonly bundle?: readonly string[];
  readonly key?: readonly string[];
  readonly need: string;
  readonly policy?: string;
  readonly withoutLog?: true;
  readonly complaint?: readonly string[];
  readonly phones?: string;
}

/** Bytes of a flow: a million phones with paths of five fit. */
const FLOW_MAX = 1 << 30;

/** `assay custody locate STORE|FLOW` */
export function locateCommand(): Command {
  return new Command('locate')
    .summary('who in the chain would have altered the phones, and which phone to inspect next')
    .argument('<store>', 'the folder of a store, or a file with custodians, phones, paths and inspections (docs/formats/flow.schema.json)')
    .option('--json', 'print the result as one JSON document and nothing else')
    .option('--html <file>', 'write the page, with pictures')
    .option('--working-paper', 'name every custodian, also those that most likely did nothing: not to be passed on')
    .option('--batch <count>', 'phones in the proposed batch', '10')
    .option('--threshold <p>', 'probability from which a custodian is named, 0.9 at least', '0.95')
    .option('--seed <number>', 'seed of the sampler, where the exact method is too small', '1')
    .option('--sweeps <count>', 'how long it samples, where two samplers did not agree', '400')
    .option('--complaint <identity...>', 'store: phones that came because somebody noticed (an IMEI, or a URI)')
    .option('--bundle <file...>', 'store: signed reports of others that count too, where they verify')
    .option('--key <file...>', 'public keys in PEM whose bundles count')
    .option('--need <count>', 'how many of them must have signed each', '1')
    .option('--policy <file>', 'the log policy under which bundles have to be logged')
    .option('--without-log', 'bundles count without a log')
    .option('--phones <file>', 'store: write which number of the result is which phone there; it is for you alone')
    .action(async (path: string, flags: LocateFlags) => {
      process.exitCode = await run(path, flags);
    });
}

async function run(path: string, flags: LocateFlags): Promise<number> {
  const batch = wholeNumber('--batch', flags.batch, 100);
  const seed = wholeNumber('--seed', flags.seed, 2 ** 32 - 1);
  const sweeps = wholeNumber('--sweeps', flags.sweeps, 100_000);
  if (sweeps < 50) throw new UsageError('--sweeps is 50 at least');
  const threshold = Number(flags.threshold);
  // Naming at a coin's toss is not a setting.
  if (!(threshold >= 0.9 && threshold < 1))
    throw new UsageError(`--threshold wants a probability from 0.9 to below 1; this is "${flags.threshold}"`);
  const flow =
    statSync(callerPath(path), { throwIfNoEntry: false })?.isDirectory() === true ? await ofStore(path, flags) : await ofFile(path, flags);
  const location = locate(flow, { random: seededRandom(seed), batch, threshold, sweeps });
  const report = publishLocation(location, flow, { form: flags.workingPaper === true ? 'working-paper' : 'public' });
  if (flags.html !== undefined) {
    const { renderLocationHtml } = await import('../../report/location/index.ts');
    await writeFile(callerPath(flags.html), renderLocationHtml(report));
  }
  if (flags.json === true) console.log(JSON.stringify(report, null, 2));
  else {
    const { renderLocationTerminal } = await import('../../report/location/index.ts');
    const { stdout } = process;
    process.stdout.write(renderLocationTerminal(report, { width: stdout.columns ?? 100, colour: stdout.isTTY === true }));
  }
  return EXIT.done;
}

async function ofFile(path: string, flags: LocateFlags): Promise<Flow> {
  for (const name of ['bundle', 'complaint', 'phones'] as const)
    if (flags[name] !== undefined) throw new UsageError(`--${name} belongs to a store; ${path} is a file, which says that itself`);
  const file = callerPath(path);
  const { size } = await stat(file);
  if (size > FLOW_MAX) throw new UsageError(`${path} has ${size} bytes, and ${FLOW_MAX} is the most that is read`);
  return parseFlow(parseJson(await readFile(file, 'utf8'), path));
}

async function ofStore(path: string, flags: LocateFlags): Promise<Flow> {
  const { flowOfStore } = await import('../../store/index.ts');
  const { proven, refused } = await bundlesOf(flags);
  const complaints = (flags.complaint ?? []).map(identityArgument);
  const made: StoreFlow = await using(path, false, (store) => flowOfStore(store, { proven, complaints }));
  const { flow, phones, counted, marks, leftOut } = made;
  console.error(
    `assay: ${phones.length} phones of events; ${counted.own} inspections of this store and ${counted.proven} of verified bundles are about them`,
  );
  if (marks.used !== undefined)
    console.error(
      `assay: ${marks.used.phones.length} phones carry one toolmark, which counts as one hand’s: ${toolmarkName(marks.used.mark)}`,
    );
  for (const { mark, phones: carriers, because } of marks.leftOut)
    console.error(`assay: a toolmark of ${carriers.length} phones does not count, ${toolmarkName(mark)}: ${because}`);
  for (const [why, count] of Object.entries(leftOut)) console.error(`assay: left out, ${count} times: ${why}`);
  for (const { file, because } of refused) console.error(`assay: left out, ${visible(file, 200)}: ${visible(because, 300)}`);
  const missing =
    complaints.length > 0 && !flow.phones.some(({ inspections = [] }) => inspections.some(({ because }) => because === 'complaint'));
  if (missing) console.error('assay: no phone of --complaint was inspected and is named by events');
  if (flags.phones !== undefined)
    await writeFile(callerPath(flags.phones), `${JSON.stringify(phones, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  return flow;
}

/** What signed reports say, of those that verify: every other one is left out and named. */
async function bundlesOf({ bundle = [], key = [], need, policy, withoutLog }: LocateFlags) {
  const proven: ProvenInspection[] = [];
  const refused: { readonly file: string; readonly because: string }[] = [];
  if (bundle.length === 0) return { proven, refused };
  if ((policy === undefined) === (withoutLog === undefined))
    throw new UsageError('with --bundle, say either --policy FILE or --without-log');
  const [first, ...others] = await Promise.all(key.map(trustedSigner));
  if (first === undefined) throw new UsageError('--bundle wants --key: whose signatures count');
  const log = policy === undefined ? ('not-asked' as const) : parseLogPolicy(nodeHash, await readFile(callerPath(policy), 'utf8'));
  const signersNeeded = wholeNumber('--need', need, 99);
  if (signersNeeded < 1) throw new UsageError('--need is 1 at least');
  const { outcomeOf } = await import('../../store/index.ts');
  for (const file of bundle) {
    const leave = (because: string) => refused.push({ file, because });
    try {
      if ((await stat(callerPath(file))).size > BUNDLE_MAX) throw new Error(`it is longer than ${BUNDLE_MAX} bytes`);
      const parsed = parseBundle(await readFile(callerPath(file)));
      // That a report has expired since takes nothing from what was seen then.
      const at = nodeClock.now();
      const result = await verifyBundle(
        parsed,
        { signers: [first, ...others], signersNeeded, log, timestamps: 'not-asked', at, phone: undefined },
        { hash: nodeHash, verify: nodeVerify },
      );
      const failed = result.steps.filter(({ outcome, failure }) => outcome === 'fail' && failure !== 'expired');
      const { statement } = result;
      if (failed.length > 0 || statement === undefined)
        leave(failed.map(({ failure, because }) => `${failure}: ${because}`).join('; ') || 'not verified');
      else if (parsed.subject.identities === null) leave('subject-withheld: which phone it is about is kept back');
      else if (statement.predicate.kind !== 'phone') leave('it is about a recording, which is its bearer’s word');
      else {
        const digest = statement.subject.find(({ name }) => name === 'report')?.digest['sha256'];
        const identities = urisOf(parsed.subject.identities);
        const { judgedAsOf, verdict, findings } = statement.predicate;
        if (digest === undefined || identities.length === 0 || !isInstant(judgedAsOf))
          leave('it names its phone by nothing that events know: imei, serial with brand, attested-serial, attested-imei');
        else proven.push({ identities, at: judgedAsOf, outcome: outcomeOf(verdict), report: digest, toolmarks: toolmarksOf(findings) });
      }
    } catch (error) {
      leave(error instanceof Error ? error.message : String(error));
    }
  }
  return { proven, refused };
}

/** The identities of a bundle as events write them. */
function urisOf(identities: readonly { readonly kind: string; readonly value: string }[]): readonly string[] {
  const brand = identities.find(({ kind }) => kind === 'brand')?.value;
  return identities.flatMap(({ kind, value }): readonly string[] => {
    if (kind === 'imei' || kind === 'imei2') return /^\d{14,16}$/.test(value) ? [imeiUri(value)] : [];
    if (kind === 'serial') return brand === undefined ? [] : [ownUri('serial', brand, value)];
    if (kind === 'attested-serial') return [ownUri('attested', 'serial', value)];
    if (kind === 'attested-imei') return [ownUri('attested', 'imei', value.slice(0, 14))];
    return kind === 'epc' ? [value] : [];
  });
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${path} is no JSON`);
  }
}

function wholeNumber(flag: string, text: string, most: number): number {
  if (!/^\d{1,10}$/.test(text) || Number(text) > most)
    throw new UsageError(`${flag} wants a whole number up to ${most}; this is "${text}"`);
  return Number(text);
}
