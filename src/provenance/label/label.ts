/**
 * The label that goes on a phone or its box: what a signed statement came to, small enough for a QR code, signed by the same lab.
 * Format: `assay.label/1`, docs/formats/label.md. It carries the end of one identity, so that it cannot be shown with another phone, and says whether that identity
 * was attested or fused; it repeats the verdict, and points at the statement by the digest that a log records.
 */
import { FormatError, type HashPort, type Instant, instantMs, instantOf, toHex, type VerifyPort } from '../../bytes/index.ts';
import { type CborValue, cborGet, isCborMap, readCbor, writeCbor } from '../../formats/x509/index.ts';
import { signCose, verifyCose } from '../cose/index.ts';
import type { SignPort } from '../sign.ts';
import type { Statement, TrustedSigner } from '../statement/index.ts';
import { parseBase45, toBase45 } from './base45.ts';

const FORMAT = 'label';
const CONTENT_TYPE = 'application/vnd.assay.label+cbor';
const PREFIX = 'ASSAY1:';
/** Characters of an identity that a person compares: enough to tell phones on a counter apart, too few to look a phone up by. */
const TAIL = 6;
const TEXT_MAX = 8 << 10;

const HARDWARE = ['genuine', 'counterfeit', 'unproven'] as const;
const SOFTWARE = ['genuine', 'altered', 'unproven'] as const;
const CUSTODY = ['authorised', 'broken', 'unproven'] as const;
const DECISIONS = ['accept', 'hold', 'reject'] as const;
/** Who vouches for the identity that the label carries. */
const VOUCHED = ['told', 'attested', 'fused'] as const;

export interface Label {
  /** SHA-256 of the statement's PAE: what a log records of it. */
  readonly statement: Uint8Array;
  readonly kind: 'phone' | 'recording';
  readonly issued: Instant;
  readonly expires: Instant;
  readonly verdict: {
    readonly hardware: (typeof HARDWARE)[number];
    readonly software: (typeof SOFTWARE)[number];
    readonly custody: (typeof CUSTODY)[number];
    readonly decision: (typeof DECISIONS)[number];
    readonly policy: string;
  };
  readonly identity: { readonly kind: string; readonly tail: string; readonly vouched: (typeof VOUCHED)[number] };
}

/** The end of an identity that a label shows, without what separates its digits. */
export const tailOf = (value: string): string =>
  value
    .replaceAll(/[\s:-]/g, '')
    .slice(-TAIL)
    .toUpperCase();

/** The label of a statement. */
export function labelOf(statement: Statement, digest: Uint8Array, identity: Label['identity']): Label {
  const { kind, issued, expires, verdict } = statement.predicate;
  const { hardware, software, custody, decision, policy } = verdict;
  return {
    statement: digest,
    kind,
    issued,
    expires,
    verdict: { hardware, software, custody, decision, policy: policy.slice(0, 64) },
    identity,
  };
}

/** Signs a label; answers the text of its QR code. */
export async function signLabel(hash: HashPort, label: Label, signer: SignPort): Promise<string> {
  const { statement, kind, issued, expires, verdict, identity } = label;
  const entries: readonly (readonly [number, CborValue])[] = [
    [1, statement],
    [2, kind === 'phone' ? 0 : 1],
    [3, instantMs(issued) / 1000],
    [4, instantMs(expires) / 1000],
    [
      5,
      [
        HARDWARE.indexOf(verdict.hardware),
        SOFTWARE.indexOf(verdict.software),
        CUSTODY.indexOf(verdict.custody),
        DECISIONS.indexOf(verdict.decision),
      ],
    ],
    [6, verdict.policy],
    [7, [identity.kind, identity.tail, VOUCHED.indexOf(identity.vouched)]],
  ];
  return `${PREFIX}${toBase45(await signCose(hash, writeCbor({ kind: 'map', entries }), CONTENT_TYPE, signer))}`;
}

export interface VerifiedLabel {
  readonly label: Label;
  readonly signedBy: string;
  /** `expired` and `not-yet-valid` are said of a good label: it is not to be relied on. */
  readonly time: 'valid' | 'expired' | 'not-yet-valid';
  /** Whether the phone in hand ends as the label says; undefined where no phone was compared. */
  readonly isThisPhone: boolean | undefined;
}

/**
 * Verifies the text of a label's QR code. Time and the phone in hand are arguments: `identity` is what a person reads off the phone, of the label's kind.
 * @throws FormatError where it is no label that a trusted key signed
 */
export async function verifyLabel(
  text: string,
  trust: { readonly signers: readonly [TrustedSigner, ...TrustedSigner[]]; readonly at: Instant; readonly identity: string | undefined },
  ports: { readonly hash: HashPort; readonly verify: VerifyPort },
): Promise<VerifiedLabel> {
  if (!text.startsWith(PREFIX) || text.length > TEXT_MAX)
    throw new FormatError({ format: FORMAT, field: 'prefix', at: 0 }, 'bad-magic', `it does not begin with ${PREFIX}`);
  const { payload, signedBy } = await verifyCose(parseBase45(text.slice(PREFIX.length)), CONTENT_TYPE, trust.signers, ports);
  const label = readLabel(payload);
  const now = instantMs(trust.at);
  const time = now < instantMs(label.issued) ? 'not-yet-valid' : now >= instantMs(label.expires) ? 'expired' : 'valid';
  const isThisPhone =
    trust.identity === undefined ? undefined : label.identity.tail !== '' && tailOf(trust.identity) === label.identity.tail;
  return { label, signedBy, time, isThisPhone };
}

function readLabel(payload: Uint8Array): Label {
  const refuse = (field: string, detail: string) => new FormatError({ format: FORMAT, field, at: 0 }, 'bad-value', detail);
  const { value: map } = readCbor(payload, FORMAT);
  if (!isCborMap(map) || map.entries.length !== 7) throw refuse('map', 'not seven entries');
  const list = (key: number, length: number): readonly CborValue[] => {
    const value = cborGet(map, key);
    if (!Array.isArray(value) || value.length !== length) throw refuse(String(key), `no list of ${length}`);
    return value as readonly CborValue[]; // Array.isArray forgets what a CborValue list holds
  };
  const text = (field: string, value: CborValue): string => {
    if (typeof value !== 'string' || value.length > 64) throw refuse(field, 'no short text');
    return value;
  };
  const word = <T extends string>(field: string, words: readonly T[], value: CborValue): T => {
    const found = typeof value === 'number' ? words[value] : undefined;
    if (found === undefined) throw refuse(field, 'no word of its list');
    return found;
  };
  const time = (key: number): Instant => {
    const value = cborGet(map, key);
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0 || value > 1e11) throw refuse(String(key), 'no time');
    return instantOf(value * 1000);
  };
  const statement = cborGet(map, 1);
  if (!(statement instanceof Uint8Array) || statement.length !== 32) throw refuse('1', 'no SHA-256');
  const [hardware, software, custody, decision] = list(5, 4);
  const [kind, tail, vouched] = list(7, 3);
  return {
    statement,
    kind: word('2', ['phone', 'recording'], cborGet(map, 2)),
    issued: time(3),
    expires: time(4),
    verdict: {
      hardware: word('5.hardware', HARDWARE, hardware),
      software: word('5.software', SOFTWARE, software),
      custody: word('5.custody', CUSTODY, custody),
      decision: word('5.decision', DECISIONS, decision),
      policy: text('6', cborGet(map, 6)),
    },
    identity: { kind: text('7.kind', kind), tail: text('7.tail', tail), vouched: word('7.vouched', VOUCHED, vouched) },
  };
}

/** The number of a report that people compare: the beginning of its statement's digest. */
export const labelNumber = ({ statement }: Pick<Label, 'statement'>): string =>
  toHex(statement.subarray(0, 6))
    .toUpperCase()
    .replace(/(.{4})(?=.)/g, '$1 ');
