const DIGITS = '0123456789abcdef';
/** Characters made at once. */
const PIECE = 4096;

/** Lower-case hex, two digits a byte. In one piece: a text that grew digit by digit is kept as the tree of its pieces, ten times as large (measured). */
export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (let from = 0; from < bytes.length; from += PIECE / 2) {
    const codes: number[] = [];
    for (const byte of bytes.subarray(from, from + PIECE / 2)) codes.push(DIGITS.charCodeAt(byte >> 4), DIGITS.charCodeAt(byte & 15));
    text += String.fromCharCode(...codes);
  }
  return text;
}

/** Bytes of a hex text, or undefined where it is not an even number of hex digits. */
export function parseHex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) return undefined;
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

/** Bytes of a base64 text (standard or URL alphabet, padding optional), or undefined where it is none. */
export function parseBase64(text: string): Uint8Array | undefined {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const bytes = new Uint8Array(((text.length - padding) * 3) >> 2);
  let bits = 0;
  let at = 0;
  for (let i = 0; i < text.length - padding; i++) {
    const value = BASE64[text.charCodeAt(i)] ?? NONE;
    // What is no plain base64 is looked at again, more slowly.
    if (value === NONE) return parseOddBase64(text);
    bits = ((bits << 6) | value) & 0xffffff;
    const phase = i & 3;
    if (phase > 0) bytes[at++] = bits >> (6 - 2 * phase);
  }
  return (text.length - padding) % 4 === 1 ? undefined : bytes;
}

const NONE = 255;
const BASE64 = new Uint8Array(128).fill(NONE);
for (const [value, letter] of [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'].entries())
  BASE64[letter.charCodeAt(0)] = value;

function parseOddBase64(text: string): Uint8Array | undefined {
  const plain = text.replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '');
  if (!/^[A-Za-z0-9+/]*$/.test(plain) || plain.length % 4 === 1) return undefined;
  const raw = atob(plain);
  const bytes = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
  return bytes;
}

/** Standard base64 with padding. */
export function toBase64(bytes: Uint8Array): string {
  let raw = '';
  for (let i = 0; i < bytes.length; i += 0x8000) raw += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return btoa(raw);
}
