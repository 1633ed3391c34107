import { randomBytes } from 'node:crypto';
import { Command } from 'commander';
import { type Instant, isInstant, parseHex, toBase64, toHex } from '../../bytes/index.ts';
import { type AttestationResult, builtinAnchors, bundledStatusList } from '../../checks/attestation/index.ts';
import { nodeClock } from '../../platform/node/index.ts';
import { verifySource } from '../attest-source.ts';
import { readBounded, rootsOf, statusOf } from '../attestation-trust.ts';
import { because } from '../because.ts';
import { EXIT, UsageError } from '../exit.ts';
import { callerPath } from '../paths.ts';
import { serveCommand } from './attest-serve.ts';
import { unpackCommand } from './attest-unpack.ts';

interface Flags {
  readonly json?: true;
  readonly challenge?: string;
  readonly at?: string;
  readonly roots?: string;
  readonly status?: string;
  readonly origin?: string;
}

type Outcome = AttestationResult | { readonly source: string; readonly error: string };

/** `assay attest verify CHAIN…` */
export function attestCommand(): Command {
  const verify = new Command('verify')
    .summary('verify key attestation chains')
    .argument('<chain...>', 'chains in PEM, DER, PKCS#7 or JSON, WebAuthn responses, or attestation-….json out of a capture')
    .option('--json', 'print the result as one JSON document and nothing else')
    .option('--challenge <hex>', 'the challenge that the phone was asked to attest')
    .option('--origin <url>', 'WebAuthn: where the page that asked was served, as in http://localhost:8000')
    .option('--at <time>', 'when the chain was captured (2026-01-31T12:00:00Z or 2026-01-31); default: now')
    .option('--roots <file>', 'trust these roots (PEM, or a JSON array of PEM) instead of those that are built in')
    .option(
      '--status <file>',
      "Google's revocation list, its date in its name (status-2026-01-31.json); default: the one that ships with assay, which is old and says so",
    )
    .action(async (chains: readonly string[], flags: Flags) => {
      process.exitCode = await run(chains, flags);
    });
  const challenge = new Command('challenge')
    .summary('make a nonce to give to a tool that asks for an attestation')
    .option('--json', 'print it as one JSON document and nothing else')
    .action(({ json }: { readonly json?: true }) => {
      console.log(describeChallenge(randomBytes(CHALLENGE_BYTES), json === true));
    });
  return new Command('attest')
    .description('Verifies what the secure world of a phone swears to, and asks a phone without a cable.')
    .addCommand(verify)
    .addCommand(challenge)
    .addCommand(serveCommand())
    .addCommand(unpackCommand());
}

const CHALLENGE_BYTES = 32;

/** A nonce in the forms that tools take. A chain over it is fresh; a chain that somebody saved before is not. */
function describeChallenge(nonce: Uint8Array, json: boolean): string {
  const [hex, base64] = [toHex(nonce), toBase64(nonce)];
  const base64url = base64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  if (json) return JSON.stringify({ hex, base64, base64url }, null, 2);
  return [
    `hex:       ${hex}`,
    `base64:    ${base64}`,
    `base64url: ${base64url}`,
    `Give it to a tool that lets you choose the challenge, then: assay attest verify CHAIN --challenge ${hex}`,
  ].join('\n');
}

async function run(chains: readonly string[], flags: Flags): Promise<number> {
  const challenge = flags.challenge === undefined ? undefined : parseHex(flags.challenge);
  if (flags.challenge !== undefined && challenge === undefined) throw new UsageError(`--challenge wants hex; this is "${flags.challenge}"`);
  const at = flags.at === undefined ? nodeClock.now() : timeOf(flags.at);
  const roots = flags.roots === undefined ? builtinAnchors() : await rootsOf(flags.roots);
  const status = flags.status === undefined ? bundledStatusList() : await statusOf(flags.status);
  const outcomes: Outcome[] = [];
  for (const source of chains) {
    try {
      outcomes.push(await verifySource(await readBounded(callerPath(source)), { roots, status, at, challenge, origin: flags.origin }));
    } catch (error) {
      outcomes.push({ source, error: because(error) });
    }
  }
  if (flags.json === true) console.log(JSON.stringify(outcomes.length === 1 ? outcomes[0] : outcomes, null, 2));
  else for (const [index, outcome] of outcomes.entries()) console.log(describe(chains[index] ?? '', outcome));
  if (outcomes.some((outcome) => 'error' in outcome)) return EXIT.couldNot;
  return outcomes.every((outcome) => 'trusted' in outcome && outcome.trusted) ? EXIT.done : EXIT.reject;
}

function timeOf(text: string): Instant {
  const full = /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text;
  if (!isInstant(full)) throw new UsageError(`--at wants a time as 2026-01-31T12:00:00Z; this is "${text}"`);
  return full;
}

const MARKS = { pass: 'ok  ', fail: 'FAIL', 'not-checked': '--  ' } as const;

/** For people: the conclusion first, then every rule. Text from the chain is shown without control characters. */
function describe(source: string, outcome: Outcome): string {
  const lines = [`${source}:`];
  if ('error' in outcome) lines.push(`  could not be read: ${outcome.error}`);
  else {
    const { rootOfTrust: root } = outcome;
    lines.push(`  ${outcome.trusted ? 'The chain is authentic.' : 'The chain is NOT to be trusted.'}`);
    if (root !== null) {
      lines.push(
        `  ${outcome.trusted ? 'It says' : 'It claims'}: boot state ${root.verifiedBootState}, ${root.deviceLocked ? 'locked' : 'UNLOCKED'}, ${outcome.securityLevel}`,
      );
    }
    lines.push(...outcome.rules.map(({ rule, outcome: result, because }) => `  ${MARKS[result]}  ${rule}: ${because}`));
  }
  return lines.join('\n').replaceAll(/[^\P{Cc}\n]/gu, '\ufffd');
}
