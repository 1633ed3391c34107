import { createReadStream } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { Command } from 'commander';
import { instantMs, parseHex, toHex } from '../../bytes/index.ts';
import { nodeHash, openCosigner, openSigner } from '../../platform/node/index.ts';
import { ENTRY_KINDS, type EntryKind, formatVerifierKey, type LogPolicy, logEntry, parseLogPolicy } from '../../provenance/index.ts';
import {
  askWitnesses,
  entryIndex,
  findEntry,
  initLog,
  logFetch,
  openLog,
  openStore,
  openWitness,
  proofOf,
  serveWitness,
  trustCheckpoint,
  verifyWholeLog,
  visitLog,
} from '../../store/index.ts';
import { because } from '../because.ts';
import { EXIT, UsageError } from '../exit.ts';
import { callerPath } from '../paths.ts';
import { signingTime } from '../signing-time.ts';
import { androidLogCommand } from './log-android.ts';

interface AppendFlags {
  readonly key: string;
  readonly kind: string;
  readonly digests?: true;
}

interface ReadFlags {
  readonly policy: string;
}

/** `assay log init|append|prove|verify|monitor|witness|cosign` */
export function logCommand(): Command {
  const policy = ['--policy <file>', 'the log policy (tlog-policy) that you trust'] as const;
  const kind = ['--kind <kind>', `what the file is: ${ENTRY_KINDS.join(', ')}`] as const;
  return new Command('log')
    .description(
      'A transparency log as files that any static host can serve (C2SP tlog-tiles). It holds digests, never the things themselves.',
    )
    .addCommand(
      new Command('init')
        .summary('make an empty log')
        .argument('<folder>')
        .requiredOption('--origin <name>', 'the name of the log, as in log.example.org/2026')
        .requiredOption('--key <file>', 'its private key: Ed25519, PKCS#8 PEM')
        .action(async (folder: string, flags: { readonly origin: string; readonly key: string }) => {
          const key = await initLog(callerPath(folder), flags.origin, await openSigner(callerPath(flags.key)));
          console.log(`log ${formatVerifierKey(key)}`);
        }),
    )
    .addCommand(
      new Command('append')
        .summary('append the digests of files; each index is printed once its entry is durable')
        .argument('<folder>')
        .argument('[file...]', 'files whose SHA-256 is logged')
        .requiredOption('--key <file>', 'the log’s private key')
        .requiredOption(...kind)
        .option('--digests', 'log the digests that standard input has, a line each, in hex')
        .action(append),
    )
    .addCommand(
      new Command('prove')
        .summary('write the proof that the digest of a file is in a log (tlog-proof)')
        .argument('<log>', 'folder or address')
        .argument('<file>')
        .requiredOption(...kind)
        .requiredOption(...policy)
        .requiredOption('--out <file>', 'where the proof is written')
        .option('--store <folder>', 'a store that follows the log, and knows where each digest stands')
        .action(prove),
    )
    .addCommand(
      new Command('verify')
        .summary('verify every entry and every tile of a log')
        .argument('<log>', 'folder or address')
        .requiredOption(...policy)
        .action(async (place: string, flags: ReadFlags) => {
          process.exitCode = await verify(place, flags);
        }),
    )
    .addCommand(
      new Command('monitor')
        .summary('visit a log, keep its checkpoint, and tell when two cannot be of one log')
        .argument('<log>', 'folder or address')
        .requiredOption(...policy)
        .requiredOption('--state <folder>', 'where checkpoints are kept')
        .action(async (place: string, flags: ReadFlags & { readonly state: string }) => {
          process.exitCode = await monitor(place, flags);
        }),
    )
    .addCommand(
      new Command('witness')
        .summary('be a witness: cosign over HTTP what only grew, until interrupted')
        .requiredOption(...policy)
        .requiredOption('--name <name>', 'the name of the witness, as in witness.example.org')
        .requiredOption('--key <file...>', 'its private key, or one of each kind: Ed25519 and ML-DSA-44, PKCS#8 PEM')
        .requiredOption('--state <folder>', 'where it keeps what it cosigned')
        .option('--port <port>', 'where it listens, on this machine only; 0 takes any', '7380')
        .action(witness),
    )
    .addCommand(
      new Command('cosign')
        .summary('have the newest checkpoint cosigned by every witness of the policy that has an address')
        .argument('<log>', 'folder or address')
        .requiredOption(...policy)
        .requiredOption('--out <file>', 'where the cosigned checkpoint is written')
        .action(cosign),
    )
    .addCommand(androidLogCommand());
}

const placeOf = (place: string) => (/^https?:\/\//.test(place) ? place : callerPath(place));
const policyOf = async ({ policy }: ReadFlags): Promise<LogPolicy> => parseLogPolicy(nodeHash, await readFile(callerPath(policy), 'utf8'));

function kindOf(word: string): EntryKind {
  const kind = ENTRY_KINDS.find((known) => known === word);
  if (kind === undefined) throw new UsageError(`--kind is one of ${ENTRY_KINDS.join(', ')}; "${word}" is none`);
  return kind;
}

async function digestOf(path: string): Promise<Uint8Array> {
  const hasher = nodeHash('sha256');
  for await (const part of createReadStream(callerPath(path))) hasher.update(part as Uint8Array); // A stream without encoding gives bytes.
  return hasher.digest();
}

async function append(folder: string, files: readonly string[], flags: AppendFlags): Promise<void> {
  const kind = kindOf(flags.kind);
  if (files.length > 0 === (flags.digests === true)) throw new UsageError('say either files or --digests');
  const log = await openLog(callerPath(folder), await openSigner(callerPath(flags.key)), { everyMs: 0 });
  try {
    const add = async (digest: Uint8Array, name: string) => console.log(`${await log.append(logEntry(kind, digest))} ${name}`);
    if (flags.digests !== true) {
      // All are hashed before one is appended, so that a name that is wrong leaves nothing behind.
      const digests = await Promise.all(files.map(digestOf));
      await Promise.all(digests.map((digest, i) => add(digest, files[i] ?? '')));
      return;
    }
    const waiting: Promise<void>[] = [];
    for await (const line of createInterface({ input: process.stdin })) {
      const digest = parseHex(line.trim());
      if (digest?.length !== 32) throw new UsageError(`"${line.slice(0, 80)}" is no SHA-256 in hex`);
      waiting.push(add(digest, line.trim()));
      // Bounded by what a batch holds, whatever comes in.
      if (waiting.length === 10_000) await Promise.all(waiting.splice(0));
    }
    await Promise.all(waiting);
  } finally {
    await log.close();
  }
}

interface ProveFlags extends ReadFlags {
  readonly kind: string;
  readonly out: string;
  readonly store?: string;
}

async function prove(place: string, file: string, flags: ProveFlags): Promise<void> {
  const fetch = logFetch(placeOf(place));
  const checkpoint = await trustCheckpoint(await fetch('checkpoint'), await policyOf(flags));
  const kind = kindOf(flags.kind);
  const digest = await digestOf(file);
  const index =
    flags.store === undefined
      ? await findEntry(fetch, checkpoint.size, logEntry(kind, digest))
      : await indexInStore(flags.store, checkpoint.origin, kind, digest);
  if (index === undefined || index >= checkpoint.size)
    throw new Error(`${file} is not in ${checkpoint.origin} as ${flags.kind}, of ${checkpoint.size} entries`);
  // Read from the tiles and compared, so a store that is wrong gives no wrong proof.
  await writeFile(callerPath(flags.out), await proofOf(fetch, checkpoint, index, logEntry(kind, digest)), { flag: 'wx' });
  console.log(`entry ${index} of ${checkpoint.size}`);
}

async function indexInStore(folder: string, origin: string, kind: EntryKind, digest: Uint8Array): Promise<number | undefined> {
  const store = await openStore(callerPath(folder), process.env['DATABASE_URL']);
  try {
    return await entryIndex(store, origin, kind, toHex(digest));
  } finally {
    await store.close();
  }
}

async function verify(place: string, flags: ReadFlags): Promise<number> {
  const fetch = logFetch(placeOf(place));
  const policy = await policyOf(flags);
  try {
    const checkpoint = await trustCheckpoint(await fetch('checkpoint'), policy);
    await verifyWholeLog(fetch, checkpoint);
    console.log(`${checkpoint.origin}: ${checkpoint.size} entries, every tile and the signed root agree`);
    return EXIT.done;
  } catch (error) {
    console.log(`NOT verified: ${because(error)}`);
    return EXIT.reject;
  }
}

async function monitor(place: string, flags: ReadFlags & { readonly state: string }): Promise<number> {
  const { visit, origin, size, because, evidence } = await visitLog(
    logFetch(placeOf(place)),
    await policyOf(flags),
    callerPath(flags.state),
  );
  const isGood = visit === 'first' || visit === 'same' || visit === 'grown';
  console.log(`${isGood ? '' : 'ALARM '}${visit}: ${origin} at ${size} entries, ${because}`);
  for (const note of evidence) console.log(`\n${note}`);
  return isGood ? EXIT.done : EXIT.reject;
}

interface WitnessFlags extends ReadFlags {
  readonly name: string;
  readonly key: readonly string[];
  readonly state: string;
  readonly port: string;
}

async function witness(flags: WitnessFlags): Promise<void> {
  if (!/^\d{1,5}$/.test(flags.port)) throw new UsageError(`--port wants a number; this is "${flags.port}"`);
  const [first = '', ...others] = flags.key;
  signingTime();
  const opened = await openWitness({
    name: flags.name,
    signers: [await openCosigner(callerPath(first)), ...(await Promise.all(others.map((file) => openCosigner(callerPath(file)))))],
    state: callerPath(flags.state),
    policy: await policyOf(flags),
    now: () => Math.floor(instantMs(signingTime()) / 1000),
  });
  const server = serveWitness(opened);
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(Number(flags.port), '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // A server on TCP has an address of this type.
  // A line for each key, as a policy wants them; which of them a quorum needs is the reader's choice.
  const lines = opened.keys.map(
    (key, i) => `witness ${flags.name}${i === 0 ? '' : `-${i + 1}`} ${formatVerifierKey(key)} http://127.0.0.1:${port}`,
  );
  console.log(lines.join('\n'));
  await new Promise<void>((resolve) => process.once('SIGINT', resolve).once('SIGTERM', resolve));
  server.close();
  server.closeAllConnections();
  opened.close();
}

async function cosign(place: string, flags: ReadFlags & { readonly out: string }): Promise<void> {
  const fetch = logFetch(placeOf(place));
  const policy = await policyOf(flags);
  const note = await askWitnesses(policy, new TextDecoder().decode(await fetch('checkpoint')), fetch);
  // The quorum is judged at the end, by the same rule as every reader's.
  await trustCheckpoint(new TextEncoder().encode(note), policy);
  await writeFile(callerPath(flags.out), note, { flag: 'wx' });
}
