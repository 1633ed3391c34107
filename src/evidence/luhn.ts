/** The check digit of 14 digits by Luhn (3GPP TS 23.003, Annex B). */
export function luhnDigit(fourteen: string): number {
  let sum = 0;
  for (let at = 0; at < 14; at++) {
    const digit = Number(fourteen[at]);
    const doubled = at % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return (10 - (sum % 10)) % 10;
}

/** Whether fifteen digits end in their check digit. */
export const hasLuhn = (digits: string): boolean => /^\d{15}$/.test(digits) && luhnDigit(digits) === Number(digits[14]);
