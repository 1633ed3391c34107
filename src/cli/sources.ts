import { existsSync } from 'node:fs';
import { callerPath } from './paths.ts';

/** What a word on the command line names: a recording that somebody brought, or a phone. */
export type NamedThing =
  | { readonly kind: 'recording'; readonly path: string }
  /** `HOST:PORT`, `usb:SERIAL`, `browser:[ADDRESS]`, or the serial number that an adb server lists. */
  | { readonly kind: 'phone'; readonly address: string };

/** A file or folder of that name wins; what cannot be a path's name is a phone's. */
export function namedThing(word: string): NamedThing {
  const path = callerPath(word);
  if (existsSync(path)) return { kind: 'recording', path };
  // Serial numbers have no slash and no ending; a word with one is a file that is not there.
  const looksLikeFile = /[/\\]/.test(word) || /\.[A-Za-z]{1,5}$/.test(word);
  const isAddress = /^\[?[\w.:-]+\]?:\d{1,5}$/.test(word) || word.startsWith('usb:') || word.startsWith('browser:');
  return isAddress || !looksLikeFile ? { kind: 'phone', address: word } : { kind: 'recording', path };
}

/** The address of a page that is served beside a phone: `-` lets this machine choose. */
export const browserAddress = (word: string): string => `browser:${word === '-' ? '' : word.replace(/^browser:/, '')}`;
