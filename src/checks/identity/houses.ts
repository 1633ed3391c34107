import { normalName } from '../../knowledge/index.ts';

/** Brands that one maker's allocations name by turns. */
const HOUSES: readonly (readonly string[])[] = [
  ['xiaomi', 'redmi', 'poco', 'blackshark'],
  ['huawei', 'honor'],
  ['oppo', 'realme', 'oneplus', 'bbk', 'vivo'],
  ['lg', 'lge', 'lgelectronics'],
  ['motorola', 'lenovo', 'motorolamobility'],
  ['nokia', 'hmd', 'hmdglobal', 'microsoft'],
  ['sony', 'sonyericsson', 'semc'],
  ['tecno', 'infinix', 'itel', 'transsion'],
  ['tcl', 'alcatel', 'tct', 'blackberry'],
  ['zte', 'nubia', 'blade'],
];

/** Whether two brands are one maker's. */
export function sameHouse(a: string, b: string): boolean {
  const [one, other] = [normalName(a), normalName(b)];
  return (
    one === other || one.includes(other) || other.includes(one) || HOUSES.some((house) => house.includes(one) && house.includes(other))
  );
}

/** Who made Google's phones. They share allocations with Google, not with each other. */
const GOOGLE_MAKERS = ['google', 'lg', 'lge', 'huawei', 'htc', 'samsung', 'motorola', 'asus', 'foxconn'];

/** Whether phones of two brands can have type allocations of one maker. */
export function sharesAllocations(a: string, b: string): boolean {
  const names = [normalName(a), normalName(b)];
  return sameHouse(a, b) || (names.includes('google') && names.every((name) => GOOGLE_MAKERS.includes(name)));
}
