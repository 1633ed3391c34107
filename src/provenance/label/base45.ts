/** Base45 (RFC 9285): bytes in the characters that a QR code packs most densely besides digits. */
import { FormatError } from '../../bytes/index.ts';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';

export function toBase45(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 2) {
    const second = bytes[at + 1];
    let value = second === undefined ? (bytes[at] ?? 0) : (bytes[at] ?? 0) * 256 + second;
    for (let digit = 0; digit < (second === undefined ? 2 : 3); digit++) {
      text += ALPHABET[value % 45];
      value = Math.floor(value / 45);
    }
  }
  return text;
}

/** @throws FormatError at the first character or group that is none */
export function parseBase45(text: string): Uint8Array {
  const refuse = (at: number, detail: string) => new FormatError({ format: 'base45', field: 'text', at }, 'bad-value', detail);
  if (text.length % 3 === 1) throw refuse(text.length, 'a lone character at its end');
  const bytes: number[] = [];
  for (let at = 0; at < text.length; at += 3) {
    const digits = Array.from(text.slice(at, at + 3), (character) => ALPHABET.indexOf(character));
    if (digits.includes(-1)) throw refuse(at, 'a character of another alphabet');
    const value = digits.reduce((sum, digit, i) => sum + digit * 45 ** i, 0);
    if (value > (digits.length === 3 ? 0xffff : 0xff)) throw refuse(at, 'a group beyond its bytes');
    if (digits.length === 3) bytes.push(value >> 8);
    bytes.push(value & 0xff);
  }
  return Uint8Array.from(bytes);
}
