import { describe, expect, test } from 'vitest';
import { PIXEL_8A } from '../../../test/support/webauthn-vectors.ts';
import { concatBytes, parseBase64, toBase64 } from '../../bytes/index.ts';
import { crc32 } from '../../formats/codec/index.ts';
import { readAttestationObject } from '../../formats/x509/index.ts';
import type { AttestationAnswer } from '../values/index.ts';
import { type AttestationDocument, attestationReader, parseAttestFrame } from './attestation.ts';

const utf8 = new TextEncoder();
const CHAIN = [Uint8Array.of(0x30, 1, 1), Uint8Array.of(0x30, 1, 2)];
const sum = crc32(concatBytes(CHAIN)).toString(16);
const certs = CHAIN.map((der) => `C ${toBase64(der)}`);
const frame = (...lines: readonly string[]) => utf8.encode(['ASSAY-ATTEST 1', ...lines, 'END', ''].join('\n'));

const document = (change: Partial<AttestationDocument> = {}): AttestationDocument => ({
  format: 'assay.attestation/1',
  carrier: 'adb',
  nonce: 'ab'.repeat(32),
  idsAsked: ['serial', 'imei', 'properties'],
  request: 'CLASSPATH=…',
  program: 'cd'.repeat(32),
  askedAt: '2026-01-31T12:00:00Z',
  answeredAt: '2026-01-31T12:00:02Z',
  outcome: 'answered',
  exitStatus: 0,
  answer: toBase64(frame('TRY serial', ...certs, `K 2 ${sum}`, 'G yes')),
  complaint: '',
  note: null,
  page: null,
  leaves: [],
  ...change,
});

function answers(change: Partial<AttestationDocument>): readonly AttestationAnswer[] {
  const value = document(change);
  const bytes = utf8.encode(JSON.stringify(value));
  const { facts } = attestationReader.read({ name: 'a', kind: `attestation/${value.carrier}`, origin: undefined, bytes });
  return facts.map((fact) => {
    if (fact.kind !== 'attestation') throw new Error(fact.kind);
    // The kind was just looked at.
    return fact.value as AttestationAnswer;
  });
}

describe('what the program prints', () => {
  test('a refusal with its causes, then a chain', () => {
    const read = parseAttestFrame(frame('TRY serial+imei', 'E a: b', 'E c: d', 'G yes', 'TRY plain', ...certs, `K 2 ${sum}`, 'G no'));
    expect(read).toEqual([
      { label: 'serial+imei', chain: [], refusal: 'a: b; caused by c: d', keyGone: true },
      { label: 'plain', chain: CHAIN, refusal: undefined, keyGone: false },
    ]);
  });

  test('a warning of the runtime before it, and a terminal’s line ends, change nothing', () => {
    const text = new TextDecoder().decode(frame('TRY plain', ...certs, `K 2 ${sum}`)).replaceAll('\n', '\r\n');
    expect(parseAttestFrame(utf8.encode(`WARNING: linker: E x\r\nC ?\r\n${text}`))[0]?.chain).toEqual(CHAIN);
  });

  test.each([
    ['nothing of the program', utf8.encode('sh: app_process: not found\n'), 'said nothing of its own'],
    ['another version', utf8.encode('ASSAY-ATTEST 2\nEND\n'), 'version 2 is not known'],
    ['cut before its end', frame('TRY plain', ...certs).subarray(0, -4), 'cut short'],
    [
      'a certificate changed on the way',
      frame('TRY plain', `C ${toBase64(Uint8Array.of(0x30, 1, 9))}`, certs[1] ?? '', `K 2 ${sum}`),
      'sum',
    ],
    ['a certificate that is missing', frame('TRY plain', certs[0] ?? '', `K 2 ${sum}`), 'sum'],
    ['no sum', frame('TRY plain', ...certs), 'sum'],
    ['no base64', frame('TRY plain', 'C !!', `K 1 0`), 'no base64'],
    ['33 certificates', frame('TRY plain', ...Array.from({ length: 33 }, () => 'C MAEB')), 'more than 32'],
    ['17 answers', frame(...Array.from({ length: 17 }, () => 'TRY plain')), 'more than 16'],
    ['a megabyte and more', new Uint8Array((1 << 20) + 1), 'is the most'],
  ])('%s is refused', (_name, bytes, because) => {
    expect(() => parseAttestFrame(bytes)).toThrow(because);
  });

  test('cut at every byte: refused, or the whole', () => {
    const whole = frame('TRY plain', ...certs, `K 2 ${sum}`, 'G yes');
    for (let length = 0; length < whole.length - 1; length++) expect(() => parseAttestFrame(whole.subarray(0, length))).toThrow();
  });
});

describe('the reader', () => {
  test('gives what was asked beside what came, and judges nothing', () => {
    expect(answers({})).toMatchObject([
      { carrier: 'adb', label: 'serial', idsAsked: ['serial'], chain: CHAIN, canBind: true, triedOn: [], refusal: undefined },
    ]);
  });

  test('a document cannot say that its carrier was proven', () => {
    const bytes = utf8.encode(JSON.stringify({ ...document(), triedOn: ['Pixel 8'] }));
    expect(() => attestationReader.read({ name: 'a', kind: 'attestation/adb', origin: undefined, bytes })).toThrow();
  });

  test('a phone that refuses says why', () => {
    const [answer] = answers({ outcome: 'refused', answer: '', note: 'app_process: not found' });
    expect(answer).toMatchObject({ chain: [], refusal: 'refused: app_process: not found' });
  });

  test('the answer of Trade-in Mode is kept and not examined', () => {
    const [answer] = answers({ carrier: 'trade-in', answer: toBase64(utf8.encode('{}')) });
    expect(answer).toMatchObject({ chain: [], canBind: false, unexamined: utf8.encode('{}') });
    expect(answer?.refusal).toContain('not examined');
    const bytes = utf8.encode(JSON.stringify(document({ carrier: 'trade-in', answer: toBase64(utf8.encode('{}')) })));
    const { unread } = attestationReader.read({ name: 'a', kind: 'attestation/trade-in', origin: undefined, bytes });
    expect(unread).toEqual([expect.stringContaining('not examined')]);
  });

  test('a chain that another tool saved binds nothing, and holds our nonce only where it was given beforehand', () => {
    const { x5c } = readAttestationObject(parseBase64(PIXEL_8A.attestationObject) ?? new Uint8Array(0)).value;
    const answer = toBase64(concatBytes(x5c));
    const [imported] = answers({ carrier: 'imported', nonce: null, askedAt: null, answeredAt: null, idsAsked: [], answer });
    expect(imported).toMatchObject({ label: 'file', canBind: false, nonce: undefined, chain: x5c });
    expect(answers({ carrier: 'imported', answer })[0]?.nonce).toHaveLength(32);
  });

  test('a browser’s credential that another tool saved has no client data here: its nonce is nobody’s', () => {
    const { attestationObject } = PIXEL_8A;
    const [imported] = answers({ carrier: 'imported', answer: toBase64(utf8.encode(JSON.stringify({ response: { attestationObject } }))) });
    expect([imported?.nonce, imported?.chain.length]).toEqual([undefined, 5]);
  });

  test('the browser’s answer is bytes beside the origin that asked; it never binds', () => {
    const sent = JSON.stringify({ clientDataJSON: 'e30', attestationObject: 'oA' });
    const page = { origin: 'http://localhost:8080', relyingParty: 'localhost' };
    const [answer] = answers({ carrier: 'browser', answer: toBase64(utf8.encode(sent)), page });
    expect(answer).toMatchObject({
      canBind: false,
      webauthn: { ...page, clientData: utf8.encode('{}'), attestationObject: Uint8Array.of(0xa0) },
    });
  });

  test.each([
    ['no JSON', 'x', 'not JSON'],
    ['another object', '{"a":1}', 'no answer of our page'],
    ['no base64', '{"clientDataJSON":"!","attestationObject":""}', 'no base64'],
  ])('a browser’s answer that is %s is refused', (_name, sent, because) => {
    const page = { origin: 'http://localhost:1', relyingParty: 'localhost' };
    expect(() => answers({ carrier: 'browser', answer: toBase64(utf8.encode(sent)), page })).toThrow(because);
  });
});
