/** Identifiers that no real unit has: IMEIs of the test range 00100x with a right check digit, MACs with the locally administered bit. */

/** The check digit of fourteen digits (Luhn, as 3GPP TS 23.003 annex B has it). */
export function luhn(digits: string): number {
  let sum = 0;
  for (const [i, digit] of [...digits].toReversed().entries()) {
    const value = Number(digit) * (i % 2 === 0 ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  }
  return (10 - (sum % 10)) % 10;
}

/** An IMEI of a test TAC. */
export function testImei(tac: `00100${number}`, serial: number): string {
  const digits = tac.padEnd(8, '0') + String(serial).padStart(6, '0');
  return digits + luhn(digits);
}
