import { ed25519 } from '@noble/curves/ed25519.js';
import { p256 } from '@noble/curves/nist.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hash, verify } from '../../../test/support/ports.ts';
import { concatBytes, FormatError, type Instant } from '../../bytes/index.ts';
import { readCbor, writeCbor } from '../../formats/x509/index.ts';
import { signCose, verifyCose } from '../cose/index.ts';
import type { SignPort, TrustedSigner } from '../index.ts';
import { type Label, labelNumber, parseBase45, signLabel, tailOf, toBase45, verifyLabel } from './index.ts';

const secret = new Uint8Array(32).fill(9);
const ED = Uint8Array.of(0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00);
const P256 = Uint8Array.of(
  0x30,
  0x59,
  0x30,
  0x13,
  6,
  7,
  0x2a,
  0x86,
  0x48,
  0xce,
  0x3d,
  2,
  1,
  6,
  8,
  0x2a,
  0x86,
  0x48,
  0xce,
  0x3d,
  3,
  1,
  7,
  3,
  0x42,
  0,
);
const signers: Readonly<Record<'ed25519' | 'ecdsa', SignPort>> = {
  ed25519: {
    scheme: { kind: 'ed25519' },
    spki: concatBytes([ED, ed25519.getPublicKey(secret)]),
    sign: async (data) => ed25519.sign(data, secret),
  },
  ecdsa: {
    scheme: { kind: 'ecdsa', hash: 'sha256' },
    spki: concatBytes([P256, p256.getPublicKey(secret, false)]),
    sign: async (data) => p256.sign(data, secret, { format: 'der', prehash: true }),
  },
};
const trusted = ({ scheme, spki }: SignPort): readonly [TrustedSigner] => [{ name: 'lab', scheme, spki }];
const ports = { hash, verify };
const at: Instant = '2026-02-01T00:00:00Z';
const label: Label = {
  statement: new Uint8Array(32).fill(0xab),
  kind: 'phone',
  issued: '2026-01-31T12:00:00Z',
  expires: '2026-03-02T12:00:00Z',
  verdict: { hardware: 'genuine', software: 'unproven', custody: 'authorised', decision: 'hold', policy: 'owner' },
  identity: { kind: 'serial', tail: 'A1B2C3', vouched: 'attested' },
};

describe('base45', () => {
  // RFC 9285, section 4.3 and 4.4.
  test.each([
    ['AB', 'BB8'],
    ['Hello!!', '%69 VD92EX0'],
    ['base-45', 'UJCLQE7W581'],
    ['ietf!', 'QED8WEX0'],
    ['', ''],
  ])('%s is %s', (text, encoded) => {
    expect(toBase45(new TextEncoder().encode(text))).toBe(encoded);
    expect(new TextDecoder().decode(parseBase45(encoded))).toBe(text);
  });
  test.each([['A'], ['GGW0'], ['GGW'], [':::'], ['ab'], ['BB8é00']])('%s is refused', (text) =>
    expect(() => parseBase45(text)).toThrow(FormatError),
  );
  test('round trip', () =>
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 99 }), (bytes) => {
        expect(parseBase45(toBase45(bytes))).toEqual(bytes);
      }),
    ));
});

describe.each(['ed25519', 'ecdsa'] as const)('COSE_Sign1 with %s', (kind) => {
  const signer = signers[kind];
  const sign = () => signCose(hash, Uint8Array.of(1, 2, 3), 'x/y', signer);
  test('is what RFC 9052 says: tag 18, four parts, and a signature over the Sig_structure', async () => {
    const { value } = readCbor(await sign(), 'test');
    expect(value).toMatchObject({ kind: 'tag', tag: 18 });
    const [header, , payload, signature] = (value as { readonly value: readonly Uint8Array[] }).value;
    if (header === undefined || payload === undefined || signature === undefined) throw new Error('not four parts');
    expect(signature).toHaveLength(64);
    // [ "Signature1", protected, h'', payload ], written by hand: 0x84, a text of ten, two byte strings and an empty one between.
    const structure = concatBytes([
      Uint8Array.of(0x84, 0x6a),
      new TextEncoder().encode('Signature1'),
      Uint8Array.of(...(header.length < 24 ? [0x40 + header.length] : [0x58, header.length])),
      header,
      Uint8Array.of(0x40, 0x43),
      payload,
    ]);
    const good =
      kind === 'ed25519'
        ? ed25519.verify(signature, structure, ed25519.getPublicKey(secret))
        : p256.verify(signature, structure, p256.getPublicKey(secret, false), { prehash: true, lowS: false });
    expect(good).toBe(true);
  });
  test('a trusted key gives the payload; another, another type, and any changed byte give nothing', async () => {
    const bytes = await sign();
    expect(await verifyCose(bytes, 'x/y', trusted(signer), ports)).toEqual({ payload: Uint8Array.of(1, 2, 3), signedBy: 'lab' });
    await expect(verifyCose(bytes, 'x/z', trusted(signer), ports)).rejects.toThrow(/something else/);
    await expect(verifyCose(bytes, 'x/y', trusted(signers[kind === 'ed25519' ? 'ecdsa' : 'ed25519']), ports)).rejects.toThrow(
      /no trusted key/,
    );
    for (let i = 0; i < bytes.length; i++)
      await expect(verifyCose(bytes.with(i, (bytes[i] ?? 0) ^ 1), 'x/y', trusted(signer), ports), `byte ${i}`).rejects.toThrow(FormatError);
    for (let i = 0; i < bytes.length; i += 7)
      await expect(verifyCose(bytes.subarray(0, i), 'x/y', trusted(signer), ports)).rejects.toThrow(FormatError);
  });
  test('a header that nobody signed is refused', async () => {
    const { value } = readCbor(await sign(), 'test');
    const [header, , payload, signature] = (value as { readonly value: readonly Uint8Array[] }).value;
    const added = writeCbor({ kind: 'tag', tag: 18, value: [header, { kind: 'map', entries: [[99, 1]] }, payload, signature] });
    await expect(verifyCose(added, 'x/y', trusted(signer), ports)).rejects.toThrow(/nobody signed/);
  });
});

describe('a label', () => {
  const verified = async (text: string, identity?: string, when = at) =>
    verifyLabel(text, { signers: trusted(signers.ed25519), at: when, identity }, ports);
  test('says what was signed, in fewer than 400 characters of a QR code’s alphabet', async () => {
    const text = await signLabel(hash, label, signers.ed25519);
    expect(text.length).toBeLessThan(400);
    expect(text).toMatch(/^ASSAY1:[0-9A-Z $%*+\-./:]+$/);
    expect(await verified(text)).toEqual({ label, signedBy: 'lab', time: 'valid', isThisPhone: undefined });
  });
  test('shown with another phone', async () => {
    const text = await signLabel(hash, label, signers.ed25519);
    expect((await verified(text, 'x9-a1 b2:c3')).isThisPhone).toBe(true);
    expect((await verified(text, 'A1B2C4')).isThisPhone).toBe(false);
    expect((await verified(text, '')).isThisPhone).toBe(false);
    expect(
      (await verified(await signLabel(hash, { ...label, identity: { ...label.identity, tail: '' } }, signers.ed25519), '')).isThisPhone,
    ).toBe(false);
  });
  test('before its issue and at its expiry it is not valid', async () => {
    const text = await signLabel(hash, label, signers.ed25519);
    expect((await verified(text, undefined, '2026-01-31T11:59:59Z')).time).toBe('not-yet-valid');
    expect((await verified(text, undefined, label.expires)).time).toBe('expired');
  });
  test.each([[''], ['ASSAY1:'], ['ASSAY2:BB8'], ['https://example.org/'], ['ASSAY1:BB8'], [`ASSAY1:${'0'.repeat(9000)}`]])(
    '%.20s is refused',
    async (text) => expect(verified(text)).rejects.toThrow(FormatError),
  );
  test('a good signature over what is no label is refused', async () => {
    for (const payload of [
      new Uint8Array(0),
      writeCbor(7),
      writeCbor({ kind: 'map', entries: [1, 2, 3, 4, 5, 6, 7].map((key) => [key, 'x'] as const) }),
    ]) {
      const signed = await signCose(hash, payload, 'application/vnd.assay.label+cbor', signers.ed25519);
      await expect(verified(`ASSAY1:${toBase45(signed)}`)).rejects.toThrow(FormatError);
    }
  });
  test('the number that people compare', () => expect(labelNumber(label)).toBe('ABAB ABAB ABAB'));
  test('the end of an identity', () => expect(['35-209900 176148-1', 'abc', ''].map(tailOf)).toEqual(['761481', 'ABC', '']));
});
