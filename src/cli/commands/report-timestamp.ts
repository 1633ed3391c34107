import { readFile, writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { equalBytes, toBase64 } from '../../bytes/index.ts';
import { readTimestampToken, tokenOf, writeTimestampRequest } from '../../formats/x509/index.ts';
import { nodeHash } from '../../platform/node/index.ts';
import { formatBundle, parseBundle, statementDigest } from '../../provenance/index.ts';
import { UsageError } from '../exit.ts';
import { callerPath } from '../paths.ts';

interface Flags {
  readonly request?: string;
  readonly token?: string;
  readonly out?: string;
}

/** `assay report timestamp`: asks a time-stamping authority nothing itself; the request is carried there, and the answer back, by whoever has a network. */
export function timestampCommand(): Command {
  return new Command('timestamp')
    .summary('have the time of a bundle confirmed by an authority (RFC 3161): write the request, put in the answer')
    .argument('<bundle>', 'a bundle in JSON')
    .option('--request <file>', 'where the request is written (.tsq), for the authority')
    .option('--token <file>', 'what the authority answered (.tsr), or its token')
    .option('--out <file>', 'where the bundle with the token is written')
    .action(timestamp);
}

async function timestamp(path: string, { request, token, out }: Flags): Promise<void> {
  if ((request === undefined) === (token === undefined)) throw new UsageError('say either --request FILE or --token FILE');
  if ((token === undefined) !== (out === undefined)) throw new UsageError('--token and --out go together');
  const bundle = parseBundle(await readFile(callerPath(path)));
  const digest = statementDigest(nodeHash, bundle.statement);
  if (request !== undefined) return writeFile(callerPath(request), writeTimestampRequest(digest), { flag: 'wx' });
  if (token === undefined || out === undefined) return;
  const bytes = tokenOf(await readFile(callerPath(token)));
  const { imprint, at } = readTimestampToken(bytes);
  // Whether the authority is to be trusted is each verifier's business; that it stamped this statement is ours.
  if (imprint.algorithm !== 'sha256' || !equalBytes(imprint.digest, digest))
    throw new Error(`${token} is over something else than this bundle`);
  await writeFile(callerPath(out), formatBundle({ ...bundle, timestamp: toBase64(bytes) }), { flag: 'wx' });
  console.log(`stamped ${at}`);
}
