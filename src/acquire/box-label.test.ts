import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hasLuhn } from '../evidence/index.ts';
import { readBoxLabel } from './index.ts';

/** An IMEI with its check digit, from a test allocation. */
const imei = (serial: string): string => {
  const body = `00440100${serial}`;
  return `${body}${[...'0123456789'].find((digit) => hasLuhn(body + digit))}`;
};
const A = imei('000001');
const B = imei('000002');
const code = (text: string, format = 'Code128') => ({ format, text });

describe('the codes of a box', () => {
  test('two IMEIs, a serial and a product, each alone', () =>
    expect(readBoxLabel([code(A), code('690123456789', 'UPCA'), code(B), code('1234/A1B2C3')])).toEqual({
      claims: { imei: A, imei2: B, serial: '1234/A1B2C3' },
      gtin: '00690123456789',
      couldBeSerial: [],
    }));
  test('named fields in one code', () =>
    expect(readBoxLabel([code(`IMEI1:${A};IMEI2:${B};SN:XY00A1B2C3`, 'QRCode')]).claims).toEqual({
      imei: A,
      imei2: B,
      serial: 'XY00A1B2C3',
    }));
  test('a named serial counts above codes without a name', () =>
    expect(readBoxLabel([code('SOMECODE1'), code('S/N: XY00A1B2C3')]).claims).toEqual({ serial: 'XY00A1B2C3' }));
  test('several that could be the serial are asked, not guessed', () => {
    const { claims, couldBeSerial } = readBoxLabel([code('ABCDEF12'), code('GHIJKL34')]);
    expect(claims).toEqual({});
    expect(couldBeSerial).toEqual(['ABCDEF12', 'GHIJKL34']);
  });
  test('fifteen digits that fail the check are no IMEI, and no serial', () => {
    const wrong = `${A.slice(0, 14)}${(Number(A[14]) + 1) % 10}`;
    expect(readBoxLabel([code(wrong)])).toEqual({ claims: {}, gtin: undefined, couldBeSerial: [] });
  });
  test('the same code twice, nothing, and hostile texts', () => {
    expect(readBoxLabel([code(A), code(A)]).claims).toEqual({ imei: A });
    expect(readBoxLabel([])).toEqual({ claims: {}, gtin: undefined, couldBeSerial: [] });
    expect(
      readBoxLabel([code('$(reboot)'), code('\u202e123456'), code('x'.repeat(5000)), code('https://example.org/?sn=1')]).claims,
    ).toEqual({});
  });
  test('whatever the texts, claims are of their forms', () =>
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 40 }), { maxLength: 8 }), (texts) => {
        const { claims } = readBoxLabel(texts.map((text) => code(text)));
        if (claims.imei !== undefined) expect(claims.imei).toMatch(/^\d{15}$/);
        if (claims.serial !== undefined) expect(claims.serial).toMatch(/^[A-Za-z0-9/-]{6,24}$/);
      }),
    ));
});
