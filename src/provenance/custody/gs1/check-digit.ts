/** GS1 General Specifications 7.9: the digits from the right weigh 3, 1, 3, …; the check digit brings the sum to a multiple of ten. */
export function gs1CheckDigit(digits: string): string {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) sum += Number(digits[digits.length - 1 - i]) * (i % 2 === 0 ? 3 : 1);
  return String((10 - (sum % 10)) % 10);
}

/** The digits with their check digit. */
export const withCheckDigit = (digits: string): string => digits + gs1CheckDigit(digits);
