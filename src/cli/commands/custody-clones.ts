import { Command } from 'commander';
import { z } from 'zod/mini';
import { type Instant, isInstant, parseHex, toHex } from '../../bytes/index.ts';
import type { CloneFinding } from '../../evidence/index.ts';
import { nodeClock, nodeHash, openSigner } from '../../platform/node/index.ts';
import {
  canonicalIdentity,
  logEntry,
  type PoolEstimate,
  poolSize,
  serialRuns,
  type TailEntry,
  tailDigest,
} from '../../provenance/index.ts';
import { visible } from '../../report/index.ts';
import { EXIT, UsageError } from '../exit.ts';
import { callerPath } from '../paths.ts';
import { identityArgument, readBounded, readJson, using } from './custody-store.ts';

const STORE = ['<store>', 'the folder of the store'] as const;
const JSON_FLAG = ['--json', 'print one JSON document and nothing else'] as const;
const NUMBERS_MAX = 1_000_000;

interface ClonesFlags {
  readonly json?: true;
  readonly lot?: readonly string[];
  readonly tails?: readonly string[];
}

/** `assay custody clones STORE [IDENTITY…]` */
export function clonesCommand(): Command {
  return new Command('clones')
    .summary('what speaks for one identity being on two phones; exit 0 nothing, 10 only what bearers say, 20 something')
    .argument(...STORE)
    .argument('[identity...]', 'only of these: an IMEI, or a URI')
    .option('--lot <file...>', 'numbers of phones that lie here together, one a line: rows of numbers, and how many numbers they share')
    .option('--tails <file...>', 'tails of other stores (assay custody tail list)')
    .option(...JSON_FLAG)
    .action(async (folder: string, identities: readonly string[], flags: ClonesFlags) => {
      process.exitCode = await clones(folder, identities.map(identityArgument).map(canonicalIdentity), flags);
    });
}

async function clones(folder: string, wanted: readonly string[], flags: ClonesFlags): Promise<number> {
  const { clonesIn } = await import('../../store/index.ts');
  const others: TailEntry[] = [];
  for (const file of flags.tails ?? []) others.push(...parseTails(await readJson(file), file));
  const lots: { readonly file: string; readonly numbers: readonly string[] }[] = [];
  for (const file of flags.lot ?? []) lots.push({ file, numbers: numbersOf(new TextDecoder().decode(await readBounded(file)), file) });
  const found = await using(folder, false, (store) => clonesIn(store, others));
  const findings = [
    ...found.findings.filter(({ identity }) => wanted.length === 0 || wanted.includes(identity)),
    ...lots.flatMap(({ file, numbers }) => serialRuns({ at: nodeClock.now(), source: file, numbers })),
  ];
  const pools = [
    ...(found.pool === undefined ? [] : [{ of: 'counterfeits of this store', ...found.pool }]),
    ...lots.map(({ file, numbers }) => ({ of: file, ...poolSize(numbers) })),
  ];
  const { inspections, phones, unread } = found;
  if (flags.json === true) console.log(JSON.stringify({ inspections, phones, findings, pools: pools.map(finite), unread }, null, 2));
  else {
    console.log(`${inspections} inspections and ${phones} phones of events looked through: ${findings.length} signs of clones`);
    for (const finding of findings) console.log(findingText(finding));
    for (const pool of pools) console.log(poolText(pool));
    for (const { identity, because } of unread) console.log(`  not read  ${visible(identity, 200)}: ${visible(because, 300)}`);
  }
  if (findings.some(({ trust }) => trust !== 'bearer')) return EXIT.reject;
  return findings.length > 0 ? EXIT.hold : EXIT.done;
}

const findingText = ({ code, identity, at, observed, benign, trust, evidence }: CloneFinding): string =>
  [
    `  ${at.slice(0, 16).replace('T', ' ')}  ${code}  ${visible(identity, 200)}: ${visible(observed, 500)}`,
    ...(benign === undefined ? [] : [`      unless: ${visible(benign, 300)}`]),
    `      ${trust === 'bearer' ? 'by the word of whoever brought or told it' : 'by what was read here'}: ${visible(evidence.join(', '), 300)}`,
  ].join('\n');

type Pool = PoolEstimate & { readonly of: string };

const poolText = ({ of, phones, pairs, size, low, high }: Pool): string =>
  `  ${visible(of, 200)}: ${phones} phones, ${pairs} pairs with one number: ${
    pairs === 0
      ? `nothing says that they share numbers; if they do, it is out of ${Math.ceil(low)} or more`
      : `they share some ${Math.round(size)} numbers (${Math.floor(low)} to ${Math.ceil(high)} at 95 %)`
  }`;

/** JSON has no Infinity. */
const finite = ({ size, high, ...pool }: Pool) => ({
  ...pool,
  size: Number.isFinite(size) ? size : null,
  high: Number.isFinite(high) ? high : null,
});

/** Numbers, one a line. IMEIs lose their check digit, so that a row of them is one. */
function numbersOf(text: string, file: string): readonly string[] {
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  if (lines.length > NUMBERS_MAX) throw new UsageError(`${file} has ${lines.length} numbers, and ${NUMBERS_MAX} is the most`);
  return lines.map((line) => (/^\d{15,16}$/.test(line) ? line.slice(0, 14) : line.toLowerCase()));
}

/** `assay custody allocations STORE FILE` */
export function allocationsCommand(): Command {
  return new Command('allocations')
    .summary('keep which blocks of numbers makers gave to which product (assay.allocations/1), in place of those kept before')
    .argument(...STORE)
    .argument('<file>')
    .action(async (folder: string, file: string) => {
      const { keepAllocations, parseAllocations } = await import('../../store/index.ts');
      const json = await readJson(file);
      let blocks: ReturnType<typeof parseAllocations>;
      try {
        blocks = parseAllocations(json);
      } catch (error) {
        throw new UsageError(`${file} is no assay.allocations/1: ${error instanceof Error ? error.message.slice(0, 500) : String(error)}`);
      }
      await using(folder, true, (store) => keepAllocations(store.folder, blocks));
      console.log(`${blocks.length} blocks kept`);
    });
}

const hexNonce = z.string().check(z.regex(/^[0-9a-f]{64}$/));
const tailsSchema = z.strictObject({
  format: z.literal('assay.tails/1'),
  tails: z
    .array(
      z.strictObject({
        identity: z.string().check(z.maxLength(300)),
        at: z.custom<Instant>((value) => typeof value === 'string' && isInstant(value)),
        source: z.string().check(z.maxLength(1000)),
        nonce: hexNonce,
        answers: z.nullable(hexNonce),
      }),
    )
    .check(z.maxLength(NUMBERS_MAX)),
});

function parseTails(json: unknown, file: string): readonly TailEntry[] {
  const parsed = z.safeParse(tailsSchema, json);
  if (!parsed.success) throw new UsageError(`${file} is no assay.tails/1`);
  const bytes = (text: string) => parseHex(text) ?? new Uint8Array();
  return parsed.data.tails.map(({ identity, nonce, answers, ...tail }) => ({
    ...tail,
    identity: canonicalIdentity(identity),
    nonce: bytes(nonce),
    answers: answers === null ? undefined : bytes(answers),
  }));
}

/** `assay custody tail ask|list|log` */
export function tailCommand(): Command {
  const asking = new Command('ask')
    .summary('make the challenge by which a phone answers for the inspection before: give it to inspect --attestation-challenge')
    .argument(...STORE)
    .argument('<identity>', 'its attested ID, as in urn:x-assay:attested:serial:…')
    .option(...JSON_FLAG)
    .action(async (folder: string, identity: string, flags: { readonly json?: true }) => {
      const { askTail } = await import('../../store/index.ts');
      const { challenge, answersFor } = await using(folder, true, (store) => askTail(store, identity));
      if (flags.json === true) console.log(JSON.stringify({ challenge, answersFor: answersFor?.source ?? null }, null, 2));
      else {
        console.log(challenge);
        console.error(
          answersFor === undefined
            ? 'assay: the first of this phone: it answers for none'
            : `assay: answers for "${visible(answersFor.source, 200)}" of ${answersFor.at}`,
        );
      }
    });
  const listing = new Command('list')
    .summary('every tail of the store, for others to compare with theirs: it names phones by attested ID')
    .argument(...STORE)
    .action(async (folder: string) => {
      const tails = await tailsOfStore(folder);
      console.log(
        JSON.stringify(
          {
            format: 'assay.tails/1',
            tails: tails.map(({ nonce, answers, ...tail }) => ({
              ...tail,
              nonce: toHex(nonce),
              answers: answers === undefined ? null : toHex(answers),
            })),
          },
          null,
          2,
        ),
      );
    });
  const logging = new Command('log')
    .summary('log every tail that the log has not yet')
    .argument(...STORE)
    .requiredOption('--log <folder>', 'the log')
    .requiredOption('--log-key <file>', 'its private key')
    .action(logTails);
  return new Command('tail')
    .summary(
      'every inspection leaves a nonce that the next one of the same phone answers for: two phones of one identity make the chain fork',
    )
    .addCommand(asking)
    .addCommand(listing)
    .addCommand(logging);
}

async function tailsOfStore(folder: string): Promise<readonly TailEntry[]> {
  const { inspectionRecords, tailsIn } = await import('../../store/index.ts');
  return using(folder, false, async (store) => tailsIn(await inspectionRecords(store)));
}

async function logTails(folder: string, flags: { readonly log: string; readonly logKey: string }): Promise<void> {
  const { logFetch, openLog, unverifiedEntries } = await import('../../store/index.ts');
  const tails = await tailsOfStore(folder);
  const place = callerPath(flags.log);
  const log = await openLog(place, await openSigner(callerPath(flags.logKey)), { everyMs: 0 });
  try {
    const decoder = new TextDecoder();
    const known = new Set<string>();
    // Our own log: what it says of itself is enough to not log twice.
    for await (const entry of unverifiedEntries(logFetch(place), log.size())) known.add(decoder.decode(entry));
    const missing = tails.map((tail) => logEntry('tail', tailDigest(nodeHash, tail))).filter((entry) => !known.has(decoder.decode(entry)));
    for (const entry of missing) await log.append(entry);
    console.log(`${missing.length} tails logged, ${tails.length - missing.length} were there`);
  } finally {
    await log.close();
  }
}
