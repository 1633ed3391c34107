import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { instantMs, isInstant } from '../../bytes/index.ts';
import { nodeHash, nodeVerify, openSigner } from '../../platform/node/index.ts';
import {
  authorisationBytes,
  authorisationEntry,
  authorisedAt,
  type Channel,
  type ChannelAnswer,
  canonicalUri,
  envelopeSchema,
  PAYLOAD_TYPE,
  parseAuthorisation,
  parseDocument,
  signEnvelope,
  verifyAuthorisation,
} from '../../provenance/index.ts';
import { visible } from '../../report/index.ts';
import { EXIT, UsageError } from '../exit.ts';
import { logAndProve } from '../logged.ts';
import { trustedSigner } from '../operators.ts';
import { callerPath } from '../paths.ts';
import { readBounded, using } from './custody-store.ts';

/** What the proof of an envelope is called, beside it. */
const PROOF = '.tlog-proof';

/** `assay custody channels sign|trust|policy|add|ask` */
export function channelsCommand(): Command {
  const store = ['<store>', 'the folder of the store'] as const;
  return new Command('channels')
    .summary('whom brands authorised')
    .addCommand(
      new Command('sign')
        .summary('sign an authorisation or a withdrawal as the brand')
        .argument('<file>', 'an assay.authorisation/1 document')
        .requiredOption('--key <file>', 'the brand’s private key: Ed25519 or ECDSA P-256, PKCS#8 PEM')
        .requiredOption('--out <file>', `where the signed envelope is written; with --log, its proof beside it as FILE${PROOF}`)
        .option('--log <folder>', 'log it there')
        .option('--log-key <file>', 'the private key of the log')
        .option('--log-policy <file>', 'have its checkpoint cosigned by the witnesses of this policy, and satisfy it')
        .action(sign),
    )
    .addCommand(
      new Command('trust')
        .summary('trust a public key as a brand’s, in this store')
        .argument(...store)
        .argument('<brand>', 'the brand as a URI')
        .argument('<key>', 'its public key in PEM')
        .action((folder: string, brand: string, key: string) =>
          using(folder, true, async ({ folder: path }) => {
            const { trustBrand } = await import('../../store/index.ts');
            await trustBrand(path, brand, await trustedSigner(key));
          }),
        ),
    )
    .addCommand(
      new Command('policy')
        .summary('in which log authorisations have to stand, in this store: from then on only those count that are proven to')
        .argument(...store)
        .argument('<policy>', 'a tlog-policy file')
        .action((folder: string, file: string) =>
          using(folder, true, async ({ folder: path }) => {
            const { keepChannelPolicy } = await import('../../store/index.ts');
            await keepChannelPolicy(path, await readFile(callerPath(file), 'utf8'));
          }),
        ),
    )
    .addCommand(
      new Command('add')
        .summary('keep authorisations that a trusted brand signed, with their proofs')
        .argument(...store)
        .argument('<file...>', `signed envelopes; a proof is looked for beside each, as FILE${PROOF}`)
        .action(add),
    )
    .addCommand(
      new Command('ask')
        .summary('was a party authorised at a moment; exit 0 yes and logged, 20 no, 10 nobody said or nothing proves that it was logged')
        .argument(...store)
        .argument('<party>', 'as a URI')
        .requiredOption('--at <time>', 'as in 2026-01-31T12:00:00Z')
        .option('--place <uri>', 'where')
        .option('--product <gtin>', 'of what')
        .option('--without-log', 'answer by the brand’s signature alone')
        .option('--proof <file>', 'write what was signed for this party and its proofs there, for others to verify')
        .option('--json', 'print one JSON document and nothing else')
        .action(ask),
    );
}

interface SignFlags {
  readonly key: string;
  readonly out: string;
  readonly log?: string;
  readonly logKey?: string;
  readonly logPolicy?: string;
}

async function sign(file: string, { key, out, log, logKey, logPolicy }: SignFlags): Promise<void> {
  if ((log === undefined) !== (logKey === undefined)) throw new UsageError('--log and --log-key go together');
  if (log === undefined && logPolicy !== undefined) throw new UsageError('--log-policy belongs to --log');
  for (const path of [out, `${out}${PROOF}`])
    if (existsSync(callerPath(path))) throw new UsageError(`${path} is there already, and is not written over`);
  const bytes = authorisationBytes(nodeHash, parseAuthorisation(await readBounded(file)));
  const envelope = await signEnvelope(nodeHash, PAYLOAD_TYPE, bytes, [await openSigner(callerPath(key))]);
  if (log !== undefined && logKey !== undefined) {
    const logged = await logAndProve(authorisationEntry(nodeHash, envelope), { folder: log, keyFile: logKey, policy: logPolicy });
    await writeFile(callerPath(`${out}${PROOF}`), logged.proof, { flag: 'wx' });
    console.log(`logged as entry ${logged.index}; the proof is ${out}${PROOF}`);
  }
  await writeFile(callerPath(out), `${JSON.stringify(envelope, null, 2)}\n`, { flag: 'wx' });
}

async function add(folder: string, files: readonly string[]): Promise<void> {
  const { channelPolicy, keepAuthorisation, loggedIn, trustedBrands } = await import('../../store/index.ts');
  await using(folder, false, async (store) => {
    const [first, ...others] = await trustedBrands(store.folder);
    if (first === undefined) throw new UsageError('no brand’s key is trusted in this store: assay custody channels trust');
    const policy = await channelPolicy(store.folder);
    for (const file of files) {
      const envelope = parseDocument('envelope', envelopeSchema, await readBounded(file));
      const verified = await verifyAuthorisation(envelope, [first, ...others], { hash: nodeHash, verify: nodeVerify });
      const refuse = (because: string) => {
        console.log(`refused  ${visible(file, 200)}: ${visible(because, 300)}`);
        process.exitCode = EXIT.reject;
      };
      if ('refused' in verified) {
        refuse(verified.refused);
        continue;
      }
      const beside = callerPath(`${file}${PROOF}`);
      const proof = existsSync(beside) ? new TextDecoder().decode(await readBounded(`${file}${PROOF}`)) : undefined;
      const logged = proof === undefined || policy === undefined ? undefined : await loggedIn(envelope, proof, policy);
      if (logged !== undefined && 'refused' in logged) {
        refuse(`its proof: ${logged.refused}`);
        continue;
      }
      const words =
        proof === undefined
          ? 'without proof of a log'
          : logged === undefined
            ? 'with a proof that nobody judged: there is no policy'
            : `entry ${logged.index} of ${logged.origin}`;
      console.log(`kept  ${visible(file, 200)}: ${await keepAuthorisation(store, envelope, verified, proof)} (${visible(words, 200)})`);
    }
  });
}

interface AskFlags {
  readonly at: string;
  readonly place?: string;
  readonly product?: string;
  readonly withoutLog?: true;
  readonly proof?: string;
  readonly json?: true;
}

async function ask(folder: string, party: string, flags: AskFlags): Promise<void> {
  const { channelOf, channelPolicyText, envelopesOf, trustedBrands } = await import('../../store/index.ts');
  const { at } = flags;
  if (!isInstant(at)) throw new UsageError(`--at wants a time as 2026-01-31T12:00:00Z; this is "${at}"`);
  await using(folder, false, async (store) => {
    const channel = await channelOf(store, await trustedBrands(store.folder));
    const place = flags.place === undefined ? undefined : canonicalUri(flags.place);
    const question = { party: canonicalUri(party), place, at, product: flags.product?.padStart(14, '0') };
    const answer = answered(
      channel,
      authorisedAt({ ...channel, log: flags.withoutLog === true ? 'not-asked' : 'asked' }, question),
      at,
      flags,
    );
    process.exitCode = { authorised: EXIT.done, unauthorised: EXIT.reject, unproven: EXIT.hold, unknown: EXIT.hold }[answer.standing];
    if (flags.proof !== undefined) {
      const papers = {
        format: 'assay.channel-papers/1',
        policy: (await channelPolicyText(store.folder)) ?? null,
        papers: await envelopesOf(store, party),
      };
      await writeFile(callerPath(flags.proof), `${JSON.stringify(papers, null, 2)}\n`, { flag: 'wx' });
    }
    if (flags.json === true) console.log(JSON.stringify(answer, null, 2));
    else
      console.log(`${answer.standing}: ${visible(answer.because, 500)}${answer.log === undefined ? '' : `; ${visible(answer.log, 300)}`}`);
  });
}

/** The answer with what the log has to do with it, in words. */
function answered(channel: Channel, answer: ChannelAnswer, at: `${number}-${number}-${number}T${string}Z`, { withoutLog }: AskFlags) {
  const { by } = answer;
  if (answer.standing === 'unknown' && by !== undefined)
    return {
      ...answer,
      standing: 'unproven' as const,
      log: channel.log === 'asked' ? undefined : 'no log is trusted in this store (custody channels policy)',
    };
  if (answer.standing !== 'authorised' || by === undefined) return { ...answer, log: undefined };
  if (withoutLog === true) return { ...answer, log: 'by the brand’s signature; no log was asked' };
  const { logged } = by;
  if (logged === undefined) throw new RangeError('an authorisation that counts without its proof');
  const entry = `entry ${logged.index} of ${logged.origin}`;
  if (logged.by === undefined) return { ...answer, log: `${entry}; no witness says since when` };
  // The proof may be younger than the entry: that it was there in time is shown only by a checkpoint that a witness saw before.
  const isBefore = instantMs(logged.by) <= instantMs(at);
  return {
    ...answer,
    log: `${entry}, where a witness saw it by ${logged.by}${isBefore ? ', before the moment asked about' : '; whether it was there at the moment asked about, an earlier checkpoint would show'}`,
  };
}
