import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concatBytes } from '../../bytes/index.ts';
import { readAuditorChain, readAuditorMessage, writeAuditorChain, writeAuditorMessage } from './auditor.ts';

const TAIL = new Uint8Array(32 + 4 + 70);
const message = writeAuditorMessage({ version: 5, compressedChain: Uint8Array.of(1, 2, 3) }, TAIL);

test('a message and a chain read back as they were written', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 4, max: 31 }),
      (chain, version) => {
        expect(readAuditorChain(writeAuditorChain(chain))).toEqual(chain.map((der) => Uint8Array.from(der)));
        const compressedChain = writeAuditorChain(chain).subarray(0, 1000);
        expect(readAuditorMessage(writeAuditorMessage({ version, compressedChain }, TAIL))).toEqual({ version, compressedChain });
      },
    ),
    { numRuns: 50 },
  );
});

/** By hand, from the comment in Auditor's source. */
test('the layout: version, length of the chain big endian, chain, and what belongs to a pairing', () => {
  expect([...message.subarray(0, 6)]).toEqual([5, 0, 3, 1, 2, 3]);
  expect([...writeAuditorChain([new Uint8Array(258)]).subarray(0, 3)]).toEqual([1, 2, 0]);
});

describe('malformed', () => {
  test.each([
    ['nothing', new Uint8Array(0), 'version'],
    ['a version that has no dictionary', Uint8Array.of(3, ...message.subarray(1)), 'version 3'],
    ['a version beyond those that are known', Uint8Array.of(32, ...message.subarray(1)), 'version 32'],
    ['a chain that runs past the end', Uint8Array.of(5, 0xff, 0xff, 1), 'compressedChain'],
    ['no chain', writeAuditorMessage({ version: 5, compressedChain: new Uint8Array(0) }, TAIL), 'fingerprint'],
    ['nothing behind the chain', message.subarray(0, 6), 'fingerprint'],
    ['longer than a QR code', new Uint8Array(3000), 'is the most'],
  ])('%s is refused', (_name, bytes, because) => expect(() => readAuditorMessage(bytes)).toThrow(because));

  test.each([
    ['nothing', new Uint8Array(0), 'no certificate'],
    ['a certificate that runs past the end', Uint8Array.of(0, 9, 1), 'encodedCertificate[0]'],
    ['half a length', Uint8Array.of(0, 1, 7, 0), 'encodedCertificateLength[1]'],
    ['more than Auditor takes', new Uint8Array(5001), 'is the most'],
    ['hundreds of empty certificates', new Uint8Array(1000), 'more than 24'],
  ])('a chain: %s is refused', (_name, bytes, because) => expect(() => readAuditorChain(bytes)).toThrow(because));

  test('cut anywhere: refused, or the same chain', () => {
    for (let end = 0; end < message.length; end++) {
      try {
        expect(readAuditorMessage(message.subarray(0, end)).compressedChain).toEqual(Uint8Array.of(1, 2, 3));
      } catch (error) {
        expect(error).toMatchObject({ format: 'auditor message' });
      }
    }
    expect(readAuditorMessage(concatBytes([message, new Uint8Array(10)])).version).toBe(5);
  });
});
