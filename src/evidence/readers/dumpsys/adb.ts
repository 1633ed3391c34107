/**
 * Keys of hosts that the phone trusts, from `dumpsys adb`: `user_keys=` with a key a line, and a key store as XML or as Android binary XML with the time of the last connection.
 * Source: AOSP AdbDebuggingManager.dump, AdbKeyStore; a key is base64 of the RSA structure, a blank, and `user@host`. Its fingerprint is the MD5 of those bytes, as the phone's own dialog shows it.
 */
import { FormatError, parseBase64, toHex } from '../../../bytes/index.ts';
import { type ArtefactReader, eachLineIn, makeFact, unreadable, wholeOf } from '../../reader.ts';
import type { TrustedAdbKey } from '../../values/index.ts';
import { isAbx, readAbx } from './abx.ts';
import { md5 } from './md5.ts';

const KEYS_MAX = 10_000;
/** Bytes of a real key: a 2048-bit modulus and its helper value. */
const KEY_BYTES = 524;

export const adbDumpReader: ArtefactReader = {
  kinds: ['dumpsys/adb'],
  read(artefact) {
    const keys = new Map<string, TrustedAdbKey>();
    const add = (text: string, lastConnection: string | undefined) => {
      const key = keyOf(text, lastConnection);
      const known = keys.get(text);
      if (keys.size < KEYS_MAX && (known === undefined || known.lastConnection === undefined)) keys.set(text, key);
    };
    let found = false;
    let inKeys = false;
    const stores: number[] = [];
    for (const line of eachLineIn(artefact)) {
      const text = line.text.trim();
      if (text.startsWith('debugging_manager={') || text.startsWith('ADB MANAGER STATE')) found = true;
      const first = /^user_keys=(.*)$/s.exec(text)?.[1];
      if (first !== undefined) {
        found = true;
        inKeys = true;
        if (first !== '') add(first, undefined);
      } else if (inKeys) {
        if (text === '' || text.includes('=<') || text.startsWith('keystore=') || text === '}') inKeys = false;
        else if (/^[A-Za-z0-9+/=]{16,}( |$)/.test(text)) add(text, undefined);
      }
      if (text.startsWith('keystore=ABX')) stores.push(line.at - (artefact.base ?? 0) + line.text.indexOf('ABX'));
      const [, key, time] = /<adbKey key="([^"]*)" lastConnection="(\d*)"/.exec(text) ?? [];
      if (key !== undefined) add(unescaped(key), time);
    }
    const unread: string[] = [];
    for (const at of stores) {
      const store = keysInAbx(artefact.bytes.subarray(at), (artefact.base ?? 0) + at);
      for (const [key, time] of store.keys) add(key, time);
      unread.push(...store.unread);
    }
    if (!found) return unreadable('it is no dump of the adb service');
    return { facts: [makeFact('adb-keys', [...keys.values()], { standing: 'told', place: wholeOf(artefact) })], unread };
  },
};

function keyOf(text: string, lastConnection: string | undefined): TrustedAdbKey {
  const blank = text.indexOf(' ');
  const bytes = parseBase64(blank < 0 ? text : text.slice(0, blank));
  return {
    fingerprintMd5: bytes === undefined ? undefined : toHex(md5(bytes)),
    user: blank < 0 ? undefined : text.slice(blank + 1).trim(),
    lastConnection,
    valid: bytes !== undefined && bytes.length === KEY_BYTES,
  };
}

interface KeyStore {
  readonly keys: readonly (readonly [key: string, time: string | undefined])[];
  readonly unread: readonly string[];
}

function keysInAbx(bytes: Uint8Array, base: number): KeyStore {
  if (!isAbx(bytes)) return { keys: [], unread: [] };
  try {
    const keys = readAbx(bytes, base).flatMap(({ name, attributes }) => {
      const key = name === 'adbKey' ? attributes.get('key') : undefined;
      return key === undefined ? [] : [[key, attributes.get('lastConnection')] as const];
    });
    return { keys, unread: [] };
  } catch (error) {
    // The dump's text may have mangled the store's bytes; the keys listed as text still count.
    if (error instanceof FormatError) return { keys: [], unread: [`the key store: ${error.message}`] };
    throw error;
  }
}

const unescaped = (text: string) =>
  text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&#10;', '\n')
    .replaceAll('&amp;', '&');
