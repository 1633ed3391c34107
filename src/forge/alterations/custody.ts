/** Alterations of the custody axis (story: master table row 14): identities that are not the phone's own. */
import type { Alteration, VirtualPhone } from '../phone.ts';
import type { AlterationEntry } from './catalogue.ts';

const withImeis =
  (...imeis: readonly string[]): Alteration =>
  (phone) => ({ ...phone, identifiers: { ...phone.identifiers, imeis } });

const hasImei = (phone: VirtualPhone) => phone.identifiers.imeis.length > 0;

/** The Luhn digit of fourteen digits (ISO/IEC 7812-1). */
function luhn(digits: string): string {
  let sum = 0;
  for (const [index, digit] of digits.split('').toReversed().entries()) {
    const doubled = index % 2 === 0 ? Number(digit) * 2 : Number(digit);
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return String((10 - (sum % 10)) % 10);
}

/** The IMEI of a genuine ASUS phone by its type allocation; the serial part is made up. */
export const CLONED_IMEI = `35779807417263${luhn('35779807417263')}`;

export const custodyAlterations: readonly AlterationEntry[] = [
  {
    id: 'imei-not-luhn',
    title: 'An IMEI whose check digit is wrong',
    level: 'framework',
    axis: 'custody',
    fits: hasImei,
    apply: withImeis('490154203237519'),
  },
  {
    id: 'imei-placeholder',
    title: 'A factory’s placeholder IMEI',
    level: 'framework',
    axis: 'custody',
    fits: hasImei,
    apply: withImeis('000000000000000'),
  },
  {
    id: 'imei-counting',
    title: 'An IMEI of counting digits',
    level: 'framework',
    axis: 'custody',
    fits: hasImei,
    apply: withImeis(`12345678901234${luhn('12345678901234')}`),
  },
  {
    id: 'imei-cloned',
    title: 'The IMEI of another maker’s phone',
    level: 'framework',
    axis: 'custody',
    fits: hasImei,
    apply: withImeis(CLONED_IMEI),
  },
  {
    id: 'serial-edited',
    title: 'A serial in the properties that USB and bootloader do not know',
    level: 'framework',
    axis: 'custody',
    wantsBootloader: true,
    apply: (phone) => ({ ...phone, properties: { ...phone.properties, 'ro.serialno': 'EDITED0042', 'ro.boot.serialno': 'EDITED0042' } }),
  },
];
