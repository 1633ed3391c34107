/**
 * `attestation-CARRIER.json`: what was asked of the secure world by one carrier, and the answer as it was received. Nothing in it is judged here.
 * The answer of carrier `adb` is text that our program on the phone prints; lines that are not of this form are noise and are kept only in the artefact:
 *
 *     ASSAY-ATTEST 1                      first
 *     TRY label                           begins an answer
 *     C base64                            a DER certificate, target first
 *     E text                              why there is no chain (several lines, the innermost cause last)
 *     K count crc32                       of the certificates: how many, and the CRC-32 over their DER end to end, in hex
 *     G yes | no | error                  whether the key is gone again
 *     L alias | error                     a key of an earlier run of ours was found and deleted; keys could not be listed (before the first TRY, after the last)
 *     END                                 last: without it the answer was cut short
 */
import * as z from 'zod/mini';
import { concatBytes, FormatError, type Instant, isInstant, parseBase64, parseHex } from '../../bytes/index.ts';
import { readChainFile } from '../../formats/x509/index.ts';
import type { AttestationCarrier } from '../capture.ts';
import { type ArtefactReader, type LoadedArtefact, makeFact, wholeOf } from '../reader.ts';
import type { AttestationAnswer, AttestedId } from '../values/index.ts';
import { parseDocument } from './json.ts';

const ANSWER_MAX = 1 << 20;
const CERTIFICATES_MAX = 32;
const ANSWERS_MAX = 16;
const NOTE_MAX = 2000;

const IDS = ['serial', 'imei', 'meid', 'properties'] as const satisfies readonly AttestedId[];

const text = (most: number) => z.string().check(z.maxLength(most));
const hex = (most: number) => z.string().check(z.regex(/^([0-9a-f]{2})*$/), z.maxLength(most));
const base64 = (most: number) => z.string().check(z.regex(/^[A-Za-z0-9+/]*={0,2}$/), z.maxLength(most));
const instant = z.string().check(z.refine(isInstant, 'not an RFC 3339 time in UTC'));

export const AttestationSchema = z.strictObject({
  format: z.literal('assay.attestation/1'),
  carrier: z.enum(['adb', 'browser', 'trade-in', 'imported']),
  /** Our nonce; null where the chain was made without us. */
  nonce: z.nullable(hex(256).check(z.minLength(32))),
  idsAsked: z.array(z.enum(IDS)).check(z.maxLength(4)),
  /** What was sent, exactly: a command, or what page was served. */
  request: text(16_384),
  /** SHA-256 in hex of the program that was pushed. */
  program: z.nullable(hex(64)),
  askedAt: z.nullable(instant),
  answeredAt: z.nullable(instant),
  outcome: z.enum(['answered', 'refused', 'timed out', 'flooded', 'cut', 'disconnected', 'stopped']),
  exitStatus: z.nullable(z.int()),
  /** Standard output or body, byte for byte; and what came on standard error. */
  answer: base64(2 * ANSWER_MAX),
  complaint: base64(2 * ANSWER_MAX),
  note: z.nullable(text(NOTE_MAX)),
  /** Of the browser. */
  page: z.nullable(z.strictObject({ origin: text(300), relyingParty: text(300) })),
  /** What is, or may be, left on the phone. */
  leaves: z.array(text(500)).check(z.maxLength(16)),
});
export type AttestationDocument = z.infer<typeof AttestationSchema>;

/** Whether a carrier can bind a chain to the phone in hand, and the real phones it was proven on: none today (docs/untried.md). */
export const CARRIERS: Readonly<Record<AttestationCarrier, { readonly canBind: boolean; readonly triedOn: readonly string[] }>> = {
  adb: { canBind: true, triedOn: [] },
  browser: { canBind: false, triedOn: [] },
  'trade-in': { canBind: false, triedOn: [] },
  // Another tool's file binds nothing: nobody of ours saw the phone answer.
  imported: { canBind: false, triedOn: [] },
};

export interface FramedAnswer {
  readonly label: string;
  readonly chain: readonly Uint8Array[];
  readonly refusal: string | undefined;
  /** Whether the program says that its key is gone again. */
  readonly keyGone: boolean;
}

/** Parses what the program prints. @throws FormatError where it is cut short, or a sum does not fit */
export function parseAttestFrame(bytes: Uint8Array, format = 'attestation/adb'): readonly FramedAnswer[] {
  if (bytes.length > ANSWER_MAX)
    throw new FormatError({ format, field: 'answer', at: 0 }, 'too-large', `${bytes.length} bytes, ${ANSWER_MAX} is the most`);
  const answers: { label: string; chain: Uint8Array[]; errors: string[]; sum: string | undefined; keyGone: boolean }[] = [];
  let started = false;
  let ended = false;
  let at = 0;
  const fail = (field: string, code: 'bad-value' | 'too-large' | 'short-read', detail: string) =>
    new FormatError({ format, field, at }, code, detail);
  for (const line of new TextDecoder().decode(bytes).split('\n')) {
    const match = /^(ASSAY-ATTEST|TRY|C|E|K|G|END)(?: (.*?))?\r?$/.exec(line);
    const [, word = '', rest = ''] = match ?? [];
    const now = answers.at(-1);
    if (word === 'ASSAY-ATTEST') {
      if (rest !== '1') throw fail('version', 'bad-value', `version ${rest.slice(0, 20)} is not known`);
      started = true;
    } else if (!started || ended) {
      // Noise before the first line, or after the last.
    } else if (word === 'TRY') {
      if (answers.length === ANSWERS_MAX) throw fail('TRY', 'too-large', `more than ${ANSWERS_MAX} answers`);
      answers.push({ label: rest.slice(0, 40), chain: [], errors: [], sum: undefined, keyGone: false });
    } else if (word === 'END') ended = true;
    else if (now !== undefined && word === 'C') {
      const der = parseBase64(rest);
      if (der === undefined) throw fail('C', 'bad-value', 'no base64');
      if (now.chain.push(der) > CERTIFICATES_MAX) throw fail('C', 'too-large', `more than ${CERTIFICATES_MAX} certificates`);
    } else if (now !== undefined && word === 'E') now.errors.push(rest.slice(0, 500));
    else if (now !== undefined && word === 'K') now.sum = rest;
    else if (now !== undefined && word === 'G') now.keyGone = rest === 'yes';
    at += line.length + 1;
  }
  if (!started) throw fail('answer', 'bad-value', 'the program said nothing of its own');
  if (!ended) throw fail('END', 'short-read', 'the answer is cut short');
  return answers.map(({ label, chain, errors, sum, keyGone }) => {
    const want = `${chain.length} ${crc32(concatBytes(chain)).toString(16)}`;
    if (chain.length > 0 && sum !== want)
      throw fail('K', 'bad-value', `the sum of ${label} is ${JSON.stringify(sum)}, and its certificates give ${want}`);
    const refusal = errors.join('; caused by ').slice(0, NOTE_MAX);
    return { label, chain, refusal: refusal === '' ? (chain.length > 0 ? undefined : 'it gave no certificate') : refusal, keyGone };
  });
}

/** CRC-32 (IEEE) of a few kilobytes. Not that of `formats/codec`, whose face brings every codec into every inspection. */
function crc32(bytes: Uint8Array): number {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum >>> 0;
}

/** Client data and attestation object as the page sends them: base64url, in one JSON object. */
const PageAnswer = z.object({ clientDataJSON: text(ANSWER_MAX), attestationObject: text(ANSWER_MAX) });

/** Why an answer that came is not examined. */
const UNPUBLISHED = 'the form of this answer is published by nobody: it is kept, and not examined until a real one is known';

type Rest = Pick<AttestationAnswer, 'label' | 'chain' | 'refusal' | 'webauthn' | 'unexamined'> &
  Partial<Pick<AttestationAnswer, 'idsAsked' | 'nonce'>>;

/** The IDs that a question of our program names, as in `serial+imei`; none in `plain`. */
const idsOf = (label: string): readonly AttestedId[] => IDS.filter((id) => label.split('+').includes(id));
const NONE: Omit<Rest, 'label'> = { chain: [], refusal: undefined, webauthn: undefined, unexamined: undefined };

function answersOf(document: AttestationDocument, bytes: Uint8Array): readonly Rest[] {
  if (document.outcome !== 'answered') {
    const said = new TextDecoder().decode(bytes).trim().slice(0, 500);
    return [{ ...NONE, label: 'none', refusal: [document.outcome, document.note ?? said].filter((part) => part !== '').join(': ') }];
  }
  switch (document.carrier) {
    case 'adb':
      return parseAttestFrame(bytes).map(({ label, chain, refusal }) => ({ ...NONE, label, chain, refusal, idsAsked: idsOf(label) }));
    case 'browser':
      return [{ ...NONE, label: 'credential', webauthn: webauthnOf(document, bytes) }];
    case 'trade-in':
      return [{ ...NONE, label: 'getstatus', unexamined: bytes, refusal: UNPUBLISHED }];
    case 'imported': {
      const { certificates, webauthn } = readChainFile(bytes).value;
      const answer = { ...NONE, label: 'file', chain: certificates.map((certificate) => certificate.bytes) };
      // A browser's credential holds a nonce in its client data, never in its chain: without both the nonce is nobody's.
      return [webauthn === undefined ? answer : { ...answer, nonce: undefined }];
    }
  }
}

function webauthnOf({ page }: AttestationDocument, bytes: Uint8Array): NonNullable<AttestationAnswer['webauthn']> {
  const place = { format: 'attestation/browser', field: 'answer', at: 0 };
  const fail = (detail: string) => new FormatError(place, 'bad-value', detail);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw fail('not JSON');
  }
  const read = z.safeParse(PageAnswer, value);
  if (!read.success) throw fail('no answer of our page');
  const clientData = parseBase64(read.data.clientDataJSON);
  const attestationObject = parseBase64(read.data.attestationObject);
  if (clientData === undefined || attestationObject === undefined) throw fail('no base64');
  if (page === null) throw new FormatError({ ...place, field: 'page' }, 'bad-value', 'the page that asked is not said');
  return { attestationObject, clientData, origin: page.origin, relyingParty: page.relyingParty };
}

export const attestationReader: ArtefactReader = {
  kinds: ['attestation/adb', 'attestation/browser', 'attestation/trade-in', 'attestation/imported'],
  read(artefact: LoadedArtefact) {
    const place = wholeOf(artefact);
    const document = parseDocument(artefact, AttestationSchema);
    const bytes = parseBase64(document.answer) ?? new Uint8Array(0);
    const { carrier, nonce, idsAsked, askedAt, answeredAt, leaves } = document;
    const common = {
      carrier,
      nonce: nonce === null ? undefined : parseHex(nonce),
      idsAsked,
      // The schema checked their form.
      askedAt: (askedAt ?? undefined) as Instant | undefined,
      answeredAt: (answeredAt ?? undefined) as Instant | undefined,
      leaves,
      // Never from the document: whoever brings a recording would say that its carrier is proven.
      ...CARRIERS[carrier],
      place,
    };
    // `signed` is what a chain is if its signatures verify, which the checks do; a recording's is lowered when facts are gathered.
    const answers = answersOf(document, bytes);
    const facts = answers.map((rest) => makeFact('attestation', { ...common, ...rest }, { standing: 'signed', place }));
    return { facts, unread: answers.some(({ unexamined }) => unexamined !== undefined) ? [UNPUBLISHED] : [] };
  },
};
