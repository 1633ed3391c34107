/** `assay report label|verify-label`: what a signed report came to, on the box, and checked at the counter. */
import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { hashOf, isInstant } from '../../bytes/index.ts';
import { nodeClock, nodeHash, nodeVerify, openSigner } from '../../platform/node/index.ts';
import {
  envelopePayload,
  labelNumber,
  labelOf,
  parseBundle,
  parseStatement,
  preAuthEncoding,
  signLabel,
  tailOf,
  verifyEnvelope,
  verifyLabel,
} from '../../provenance/index.ts';
import { renderLabel } from '../../report/label/index.ts';
import { because } from '../because.ts';
import { EXIT, UsageError } from '../exit.ts';
import { readDocument } from '../knowledge.ts';
import { trustedSigner } from '../operators.ts';
import { callerPath } from '../paths.ts';

interface LabelFlags {
  readonly key: string;
  readonly show: string;
  readonly vouched: string;
  readonly out: string;
}

interface VerifyFlags {
  readonly key: readonly string[];
  readonly at?: string;
  readonly identity?: string;
  readonly json?: true;
}

const VOUCHED = ['told', 'attested', 'fused'] as const;

export function labelCommand(): Command {
  return new Command('label')
    .summary('a label to print, with a signed code that a camera reads')
    .argument('<bundle>', 'a bundle that this key signed')
    .requiredOption('--key <file>', 'the private key that signed the bundle: PKCS#8 PEM, Ed25519 or ECDSA P-256')
    .requiredOption('--show <kind>', 'which identity of the bundle ends the label, as in serial')
    .option('--vouched <how>', 'who vouches for that identity: told (the phone), attested, fused', 'told')
    .requiredOption('--out <file>', 'the SVG that is written; the text of the code is printed')
    .action(label);
}

export function verifyLabelCommand(): Command {
  return new Command('verify-label')
    .summary('verify the text of a label’s code')
    .argument('<text>', 'what the camera read, beginning with ASSAY1:')
    .requiredOption('--key <file...>', 'public keys in PEM that you trust')
    .option('--identity <value>', 'the identity that the label names, read off the phone in hand')
    .option('--at <time>', 'as of when; default: now')
    .option('--json', 'print the result as one JSON document and nothing else')
    .action(async (text: string, flags: VerifyFlags) => {
      process.exitCode = await verify(text, flags);
    });
}

async function label(path: string, flags: LabelFlags): Promise<void> {
  const vouched = VOUCHED.find((how) => how === flags.vouched);
  if (vouched === undefined) throw new UsageError(`--vouched is one of ${VOUCHED.join(', ')}; "${flags.vouched}" is none`);
  const bundle = parseBundle(await readDocument(path));
  const signer = await openSigner(callerPath(flags.key));
  // A label says what its signer signed: one of another's bundle would lend it this key's name.
  const own = { name: 'this key', scheme: signer.scheme, spki: signer.spki };
  const { signedBy } = await verifyEnvelope(bundle.statement, [own], { hash: nodeHash, verify: nodeVerify });
  if (signedBy.length === 0) throw new UsageError('the bundle is not signed by this key');
  const identities = (bundle.subject.identities ?? []).filter(({ kind }) => kind === flags.show);
  const [identity, second] = identities;
  if (identity === undefined) throw new UsageError(`the bundle has no identity of the kind ${flags.show}`);
  if (second !== undefined) throw new UsageError(`the bundle has ${identities.length} of the kind ${flags.show}; a label shows one`);
  const payload = envelopePayload(bundle.statement);
  const digest = hashOf(nodeHash, 'sha256', preAuthEncoding(bundle.statement.payloadType, payload));
  const made = labelOf(parseStatement(payload), digest, { kind: identity.kind, tail: tailOf(identity.value), vouched });
  const code = await signLabel(nodeHash, made, signer);
  await writeFile(callerPath(flags.out), renderLabel(made, code), { flag: 'wx' });
  console.log(code);
}

async function verify(text: string, flags: VerifyFlags): Promise<number> {
  const at = flags.at ?? nodeClock.now();
  if (!isInstant(at)) throw new UsageError(`--at wants a time as 2026-01-31T12:00:00Z; this is "${at}"`);
  const [first, ...others] = await Promise.all(flags.key.map(trustedSigner));
  if (first === undefined) throw new UsageError('--key wants a file');
  let result: Awaited<ReturnType<typeof verifyLabel>>;
  try {
    result = await verifyLabel(
      text.trim(),
      { signers: [first, ...others], at, identity: flags.identity },
      { hash: nodeHash, verify: nodeVerify },
    );
  } catch (error) {
    const why = because(error);
    if (flags.json === true) console.log(JSON.stringify({ verified: false, because: why }, null, 2));
    else console.log(`The label is NOT verified: ${why}`);
    return EXIT.reject;
  }
  const { label: found, signedBy, time, isThisPhone } = result;
  const verified = time === 'valid' && isThisPhone !== false;
  if (flags.json === true)
    console.log(
      JSON.stringify(
        { verified, signedBy, time, isThisPhone: isThisPhone ?? null, label: { ...found, statement: labelNumber(found) } },
        null,
        2,
      ),
    );
  else {
    const { verdict, identity, expires } = found;
    const phone =
      isThisPhone === undefined
        ? `compare: its ${identity.kind} must end in ${identity.tail} (${identity.vouched})`
        : isThisPhone
          ? 'the phone in hand ends as it says'
          : 'the phone in hand is ANOTHER one';
    console.log(
      `${verified ? 'The label is verified.' : 'The label is NOT verified.'}\n  signed by ${signedBy}\n  ${time}, until ${expires}\n  ${verdict.decision}: hardware ${verdict.hardware}, software ${verdict.software}, custody ${verdict.custody} (policy ${verdict.policy})\n  ${phone}\n  report ${labelNumber(found)}`.replaceAll(
        /[^\P{Cc}\n]/gu,
        '\ufffd',
      ),
    );
  }
  return verified ? EXIT.done : EXIT.reject;
}
