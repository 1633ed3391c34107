/**
 * X.501 names, as certificates carry them for issuer and subject.
 * Spec: RFC 5280 4.1.2.4. Does not read: what an attribute means; all values are text, a value that is none is kept as hex with an oddity.
 *
 *   Name ::= SEQUENCE OF SET OF SEQUENCE { type OBJECT IDENTIFIER, value ANY }
 */
import { FormatError, toHex } from '../../bytes/index.ts';
import { DER_TAG, type DerElement, derBody, derBytes, derChildren, derExpect, derFields, derOddity } from './der.ts';
import { readDerOid, readDerText } from './der-values.ts';
import { writeDerOid, writeDerSequence, writeDerSet, writeDerText } from './der-write.ts';

/** One `CN=…` of a name. */
export interface NameAttribute {
  readonly oid: string;
  readonly value: string;
}

export interface DistinguishedName {
  /** In the order of the bytes. */
  readonly attributes: readonly NameAttribute[];
  /** The DER: what is compared. */
  readonly bytes: Uint8Array;
}

/** Short names of the attributes seen in attestation chains and app signers. */
const SHORT_NAMES: ReadonlyMap<string, string> = new Map([
  ['2.5.4.3', 'CN'],
  ['2.5.4.5', 'serialNumber'],
  ['2.5.4.6', 'C'],
  ['2.5.4.7', 'L'],
  ['2.5.4.8', 'ST'],
  ['2.5.4.10', 'O'],
  ['2.5.4.11', 'OU'],
  ['2.5.4.12', 'title'],
  ['1.2.840.113549.1.9.1', 'emailAddress'],
  ['0.9.2342.19200300.100.1.25', 'DC'],
]);

export const NAME_OID = { commonName: '2.5.4.3', serialNumber: '2.5.4.5', organization: '2.5.4.10', title: '2.5.4.12' } as const;

/** Reads a Name. @throws FormatError */
export function readName(element: DerElement, field: string): DistinguishedName {
  const attributes = derChildren(derExpect(element, field, DER_TAG.sequence), field).flatMap((set) =>
    derChildren(derExpect(set, field, DER_TAG.set), field).map((pair) => {
      const fields = derFields(derExpect(pair, field, DER_TAG.sequence), field);
      const oid = readDerOid(fields.next('type'), field);
      return { oid, value: tolerantText(fields.next('value'), field) };
    }),
  );
  return { attributes, bytes: derBytes(element) };
}

function tolerantText(element: DerElement, field: string): string {
  try {
    return readDerText(element, field);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    derOddity(element.trail, element.start, field, { code: 'name-not-text', detail: error.message });
    return `#${toHex(derBody(element).subarray(0, 256))}`;
  }
}

/** The first value of an attribute, undefined where the name has none. */
export function nameValue(name: DistinguishedName, oid: string): string | undefined {
  return name.attributes.find((attribute) => attribute.oid === oid)?.value;
}

/** For people: `CN=Droid CA2, O=Google LLC`. Control characters are shown as U+FFFD. */
export function nameText(name: DistinguishedName): string {
  let text = '';
  for (const { oid, value } of name.attributes) text += `${text === '' ? '' : ', '}${SHORT_NAMES.get(oid) ?? oid}=${value}`;
  return CONTROL.test(text) ? text.replaceAll(/\p{Cc}/gu, '\ufffd') : text;
}

const CONTROL = /\p{Cc}/u;

/**
 * Whether two names are the same: the same attributes with the same values in the same order.
 * The type of string may differ, as RFC 5280 7.1 allows; case and spaces may not: no genuine chain needs it.
 */
export function sameName(a: DistinguishedName, b: DistinguishedName): boolean {
  return (
    a.attributes.length === b.attributes.length &&
    a.attributes.every(({ oid, value }, index) => oid === b.attributes[index]?.oid && value === b.attributes[index]?.value)
  );
}

/** Writes a Name with one attribute a set. Countries and serial numbers are PrintableString, as their definitions want. */
export function writeName(attributes: readonly NameAttribute[]): Uint8Array {
  return writeDerSequence(
    attributes.map(({ oid, value }) => {
      const printable = oid === NAME_OID.serialNumber || oid === '2.5.4.6';
      return writeDerSet([
        writeDerSequence([writeDerOid(oid), writeDerText(value, printable ? DER_TAG.printableString : DER_TAG.utf8String)]),
      ]);
    }),
  );
}
