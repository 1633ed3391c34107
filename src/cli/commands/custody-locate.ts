import { readFile, stat, writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { locate, parseFlow, publishLocation, seededRandom } from '../../provenance/locate/index.ts';
import { EXIT, UsageError } from '../exit.ts';
import { callerPath } from '../paths.ts';

interface LocateFlags {
  readonly json?: true;
  readonly html?: string;
  readonly workingPaper?: true;
  readonly batch: string;
  readonly seed: string;
  readonly threshold: string;
}

/** Bytes of a flow: a million phones with paths of five fit. */
const FLOW_MAX = 1 << 30;

/** `assay custody locate FILE` */
export function locateCommand(): Command {
  return new Command('locate')
    .summary('who in the chain would have altered the phones, and which phone to inspect next')
    .argument('<flow>', 'custodians, phones with their paths, and what inspections said (docs/formats/flow.schema.json)')
    .option('--json', 'print the result as one JSON document and nothing else')
    .option('--html <file>', 'write the page, with pictures')
    .option('--working-paper', 'name every custodian, also those that most likely did nothing: not to be passed on')
    .option('--batch <count>', 'phones in the proposed batch', '10')
    .option('--threshold <p>', 'probability from which a custodian is named, 0.9 at least', '0.95')
    .option('--seed <number>', 'seed of the sampler, where the exact method is too small', '1')
    .action(async (path: string, flags: LocateFlags) => {
      process.exitCode = await run(path, flags);
    });
}

async function run(path: string, flags: LocateFlags): Promise<number> {
  const batch = wholeNumber('--batch', flags.batch, 100);
  const seed = wholeNumber('--seed', flags.seed, 2 ** 32 - 1);
  const threshold = Number(flags.threshold);
  // Naming at a coin's toss is not a setting.
  if (!(threshold >= 0.9 && threshold < 1))
    throw new UsageError(`--threshold wants a probability from 0.9 to below 1; this is "${flags.threshold}"`);
  const file = callerPath(path);
  const { size } = await stat(file);
  if (size > FLOW_MAX) throw new UsageError(`${path} has ${size} bytes, and ${FLOW_MAX} is the most that is read`);
  const flow = parseFlow(parseJson(await readFile(file, 'utf8'), path));
  const location = locate(flow, { random: seededRandom(seed), batch, threshold });
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
