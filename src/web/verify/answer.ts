/** What was dropped, verified under what the page trusts: a bundle, or the text of a label's code. Everything happens here; nothing is sent anywhere. */
import type { Instant } from '../../bytes/index.ts';
import { webHash, webVerify } from '../../platform/web/index.ts';
import {
  type LogPolicy,
  labelNumber,
  parseBundle,
  parseLogPolicy,
  type TrustedSigner,
  timestampRoots,
  verifyBundle,
  verifyLabel,
} from '../../provenance/index.ts';
import { trustedKeys } from './keys.ts';

export interface Inputs {
  /** PEM of the keys that are trusted. */
  readonly keys: string;
  /** A tlog-policy; empty: no log is asked for. */
  readonly policy: string;
  /** Certificates in PEM of time-stamping authorities; empty: none is asked. */
  readonly authorities: string;
  /** The identity that is read off the phone in hand, as `imei=…` for a bundle, or alone for a label; empty: none is compared. */
  readonly identity: string;
  readonly at: Instant;
}

export interface Answer {
  readonly verified: boolean;
  /** What a glance should tell: an authentic report of a rejected phone is nothing green. */
  readonly tone: 'good' | 'open' | 'bad';
  readonly headline: string;
  readonly rows: readonly (readonly [what: string, outcome: 'pass' | 'fail' | 'not-checked', because: string])[];
}

const TONES = { accept: 'good', hold: 'open', reject: 'bad' } as const;
const SAYS = { accept: 'accepted', hold: 'on hold', reject: 'rejected' } as const;

const ports = { hash: webHash, verify: webVerify };
const refused = (because: string): Answer => ({
  verified: false,
  tone: 'bad',
  headline: 'Not verified',
  rows: [['input', 'fail', because]],
});

/** Never throws: what cannot be read is refused with its reason. */
export async function answerOf(dropped: { readonly bundle: Uint8Array } | { readonly label: string }, inputs: Inputs): Promise<Answer> {
  try {
    const keys = trustedKeys(inputs.keys);
    const [first, ...others] = keys.filter((key) => key !== undefined);
    if (first === undefined) return refused('Paste the public key of whoever signed it: without one nothing can be verified.');
    if (keys.includes(undefined)) return refused('One of the keys is neither Ed25519 nor ECDSA P-256.');
    return 'label' in dropped
      ? await aboutLabel(dropped.label, [first, ...others], inputs)
      : await aboutBundle(dropped.bundle, [first, ...others], inputs);
  } catch (error) {
    return refused(error instanceof Error ? error.message : String(error));
  }
}

type Signers = readonly [TrustedSigner, ...TrustedSigner[]];

async function aboutBundle(bytes: Uint8Array, signers: Signers, { policy, authorities, identity, at }: Inputs): Promise<Answer> {
  const timestamps = authorities.trim() === '' ? ('not-asked' as const) : timestampRoots(authorities);
  const log: LogPolicy | 'not-asked' = policy.trim() === '' ? 'not-asked' : parseLogPolicy(webHash, policy);
  const [, kind, value] = /^\s*([a-z-]+)\s*=\s*(.+?)\s*$/i.exec(identity) ?? [];
  if (identity.trim() !== '' && (kind === undefined || value === undefined))
    return refused('The identity of the phone in hand is written as imei=… or serial=…');
  const phone = kind === undefined || value === undefined ? undefined : [{ kind, value }];
  const { verified, steps, statement } = await verifyBundle(
    parseBundle(bytes),
    { signers, signersNeeded: 1, log, timestamps, at, phone },
    ports,
  );
  const verdict = statement?.predicate.verdict;
  return {
    verified,
    tone: verified && verdict !== undefined ? TONES[verdict.decision] : 'bad',
    headline: verified && verdict !== undefined ? `Authentic report: ${SAYS[verdict.decision]}` : 'Not verified',
    rows: [
      ...(verdict === undefined
        ? []
        : ([
            [
              'verdict',
              'pass',
              `${verdict.reason} (hardware ${verdict.hardware}, software ${verdict.software}, custody ${verdict.custody}; policy ${verdict.policy})`,
            ],
          ] as const)),
      ...steps.map(
        ({ step, outcome, failure, because }) => [step, outcome, failure === undefined ? because : `${failure}: ${because}`] as const,
      ),
    ],
  };
}

async function aboutLabel(text: string, signers: Signers, { identity, at }: Inputs): Promise<Answer> {
  const value = identity.replace(/^\s*[a-z-]+\s*=/i, '').trim();
  const { label, signedBy, time, isThisPhone } = await verifyLabel(
    text.trim(),
    { signers, at, identity: value === '' ? undefined : value },
    ports,
  );
  const { verdict, identity: shown } = label;
  const verified = time === 'valid' && isThisPhone !== false;
  return {
    verified,
    tone: verified ? TONES[verdict.decision] : 'bad',
    headline: verified ? `Authentic label: ${SAYS[verdict.decision]}` : 'Not verified',
    rows: [
      [
        'verdict',
        'pass',
        `${verdict.decision}: hardware ${verdict.hardware}, software ${verdict.software}, custody ${verdict.custody} (policy ${verdict.policy})`,
      ],
      ['signature', 'pass', `signed by ${signedBy}`],
      ['time', time === 'valid' ? 'pass' : 'fail', `${time}; from ${label.issued} until ${label.expires}`],
      [
        'phone',
        isThisPhone === undefined ? 'not-checked' : isThisPhone ? 'pass' : 'fail',
        isThisPhone === false
          ? 'the phone in hand is another one'
          : `the ${shown.kind} of the phone must end in ${shown.tail} (${shown.vouched})`,
      ],
      ['report', 'not-checked', `number ${labelNumber(label)}: ask its bearer for the whole report`],
    ],
  };
}
