/** `assay attest unpack`: the chain inside a message that Auditor shows as a QR code, as PEM, which every other command takes. */
import { readFile, writeFile } from 'node:fs/promises';
import { inflateRawSync } from 'node:zlib';
import { Command } from 'commander';
import {
  AUDITOR_CHAIN_MAX,
  type AuditorMessage,
  readAuditorChain,
  readAuditorMessage,
  readCertificate,
  writePem,
} from '../../formats/x509/index.ts';
import { readBounded } from '../attestation-trust.ts';
import { because } from '../because.ts';
import { UsageError } from '../exit.ts';
import { callerPath } from '../paths.ts';

interface Flags {
  readonly dictionary: string;
  readonly out: string;
}

export function unpackCommand(): Command {
  return new Command('unpack')
    .summary('the chain inside a message of Auditor’s, as PEM')
    .description(
      'Auditor shows its attestation as a QR code whose chain is deflated with a dictionary of its own. Give the content of the code as a file, and the dictionary from Auditor’s public sources: app/src/main/res/raw/deflate_dictionary_N.bin of the version that showed the code. The challenge in such a chain was the other Auditor’s, so nothing here is fresh.',
    )
    .argument('<message>', 'the content of the code: its bytes, or the text that a scanner makes of them')
    .requiredOption('--dictionary <file>', 'Auditor’s dictionary')
    .requiredOption('--out <file>', 'the PEM that is written')
    .action(unpack);
}

async function unpack(path: string, flags: Flags): Promise<void> {
  const message = readScanned(await readBounded(callerPath(path)));
  const dictionary = await readFile(callerPath(flags.dictionary));
  let bytes: Uint8Array;
  try {
    bytes = inflateRawSync(message.compressedChain, { dictionary, maxOutputLength: AUDITOR_CHAIN_MAX });
  } catch (error) {
    throw new UsageError(`the chain does not inflate with this dictionary: ${because(error)}`);
  }
  let chain: readonly Uint8Array[];
  try {
    chain = readAuditorChain(bytes);
    for (const der of chain) readCertificate(der);
  } catch (error) {
    // DEFLATE has no sum: another dictionary gives other bytes, lengths of certificates among them.
    throw new UsageError(`what inflates is no chain, so this is likely another version’s dictionary: ${because(error)}`);
  }
  const pem = chain.map((der) => writePem('CERTIFICATE', der));
  await writeFile(callerPath(flags.out), pem.join(''), { flag: 'wx' });
  console.log(`${flags.out}: ${chain.length} certificates of a message of version ${message.version}; assay attest verify ${flags.out}`);
}

/** Auditor writes bytes as ISO 8859-1; a scanner that shows text makes UTF-8 of it, which compressed bytes never are by chance. @throws FormatError */
function readScanned(bytes: Uint8Array): AuditorMessage {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return readAuditorMessage(bytes);
  }
  return readAuditorMessage(Buffer.from(text.replace(/\r?\n$/, ''), 'latin1'));
}
