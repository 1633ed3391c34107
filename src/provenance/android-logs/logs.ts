/**
 * The transparency logs that Google runs of its own Android software: which there are, where, under which keys, in which layout.
 * Source: android/android-binary-transparency, verifier_tools/verify (cmd/verifier/verifier.go and its keys, as of July 2026).
 * They are not witnessed: a split view would not show in one reading, so keep what you fetched and fetch again.
 */
import { FormatError, type HashPort, parseBase64 } from '../../bytes/index.ts';
import { c2spLayout, ecdsaNoteKey, type NoteKey, parseVerifierKey, sumdbLayout, type TileLayout } from '../log/index.ts';

/** `image`: fingerprint and vbmeta digest of a Pixel build; `code`: the code-transparency file inside an APK; `package`: a whole APK or APEX. */
export type AndroidLogHolds = 'image' | 'code' | 'package';

export interface AndroidLog {
  /** Our name for it: a folder of this name holds its copy. */
  readonly id: string;
  readonly title: string;
  readonly holds: AndroidLogHolds;
  /** Where Google serves it. */
  readonly url: string;
  /** The first line of its checkpoint. */
  readonly origin: string;
  /** DER SubjectPublicKeyInfo in base64 with the name its notes carry, or a verifier key of signed-note. */
  readonly key: { readonly name: string; readonly spki: string } | { readonly vkey: string };
  readonly checkpoint: string;
  readonly layout: TileLayout;
  /** Files that list every entry with its index, newest first; undefined where the entries are tiles. */
  readonly lists: readonly string[] | undefined;
}

const PIXEL =
  'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEU83uXNUiTYE53c2TfdWmqpW20bBXy4KEf5Ff8dV8GLKlVAXKHyjw3Lp9J3E0yCRJ/39XKeuAAMF7KzSvhD248A==';
const SYSTEM_APK =
  'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqH3GLlYoP5bFsCH8DHy5NtpjJbRQw3fJNSATSmo8OlXUMp0oe12qRwHHtdP7k9XHlJsCYp8jj0dQaY+N9ftfLw==';
const PRODUCT_APK =
  'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaP7xodTP5/teDOUYFAUHF0MqvOXt+jamtcDYWxTjY99hyYczpB/cF2fxHhIqEznNpLcI2Vorl+iEchWhZ0y3Mg==';
const MAINLINE =
  'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEr6nPds8eKCYU42avidXNM1GDCtQ/66GjGuIpUcZjqQNngwRFVCFZDpWuvDnqXzhJRxqccL9lbeEVVZGpa4x6pg==';

const GSTATIC = 'https://www.gstatic.com/android/binary_transparency';
const DEVELOPERS = 'https://developers.google.com/android/binary_transparency';

/** The files of Google's first generation of logs: sumdb tiles, a checkpoint in a text file, entries in a list. */
const listed = (height: number, lists: readonly string[]) => ({ checkpoint: 'checkpoint.txt', layout: sumdbLayout(height), lists });
/** The second generation: C2SP tlog-tiles with entry bundles. */
const tiled = { checkpoint: 'checkpoint', layout: c2spLayout, lists: undefined };

export const ANDROID_LOGS: readonly [AndroidLog, ...AndroidLog[]] = [
  {
    id: 'pixel',
    title: 'Pixel factory images',
    holds: 'image',
    url: DEVELOPERS,
    origin: 'developers.google.com/android/binary_transparency/0',
    key: { name: 'pixel_transparency_log', spki: PIXEL },
    ...listed(1, ['image_info.txt']),
  },
  {
    id: 'system-apk-legacy',
    title: 'Google system apps, first log',
    holds: 'code',
    url: `${DEVELOPERS}/google1p`,
    origin: 'developers.google.com/android/binary_transparency/google1p/0',
    key: { name: 'developers.google.com/android/binary_transparency/google1p/0', spki: SYSTEM_APK },
    ...listed(1, ['package_info.txt']),
  },
  {
    id: 'system-apk-2026-01',
    title: 'Google system apps, 2026/01',
    holds: 'code',
    url: `${GSTATIC}/google1p/jwt/2026/01`,
    origin: 'gstatic.com/android/binary_transparency/google1p/jwt/0',
    key: { name: 'gstatic.com/android/binary_transparency/google1p/jwt/0', spki: SYSTEM_APK },
    ...listed(8, ['package_info.txt']),
  },
  {
    id: 'product-apk-2026-01',
    title: 'Google product apps, 2026/01',
    holds: 'package',
    url: `${GSTATIC}/google1p/apk/2026/01`,
    origin: 'gstatic.com/android/binary_transparency/google1p/apk/2026/0',
    key: { name: 'gstatic.com/android/binary_transparency/google1p/apk/2026/0', spki: PRODUCT_APK },
    ...listed(8, ['package_info2.txt', 'package_info.txt']),
  },
  {
    id: 'product-apk-2026-02',
    title: 'Google product apps, 2026/02',
    holds: 'package',
    url: `${GSTATIC}/google1p/apk/2026/02`,
    origin: 'android.transparency.goog/google1p/apk/2026/1',
    key: { vkey: 'android.transparency.goog/google1p/apk/2026/1+fc654374+ATr9NQE0gvOtVfj5cCStUzdlflEp3oZoNHD8pImzPj5O' },
    ...tiled,
  },
  {
    id: 'mainline-2026-01',
    title: 'Mainline modules, 2026/01',
    holds: 'package',
    url: `${GSTATIC}/mainline/2026/01`,
    origin: 'gstatic.com/android/binary_transparency/mainline/modules/2026/0',
    key: { name: 'gstatic.com/android/binary_transparency/mainline/modules/2026/0', spki: MAINLINE },
    ...listed(8, ['module_info.txt']),
  },
  {
    id: 'mainline-2026-02',
    title: 'Mainline modules, 2026/02',
    holds: 'package',
    url: `${GSTATIC}/mainline/2026/02`,
    origin: 'android.transparency.goog/mainline/modules/2026/1',
    key: { vkey: 'android.transparency.goog/mainline/modules/2026/1+1a8e4064+AfwnHm59rNQTJICchMd7a2W5PQa7nC5h2gTEfq3fhCEI' },
    ...tiled,
  },
];

/** The key that signs a log's checkpoints. @throws FormatError where the row is no key */
export function androidLogKey(hash: HashPort, { key }: Pick<AndroidLog, 'key'>): NoteKey {
  if ('vkey' in key) return parseVerifierKey(hash, key.vkey);
  const spki = parseBase64(key.spki);
  if (spki === undefined)
    throw new FormatError({ format: 'android log', field: 'key', at: 0 }, 'bad-value', `the key of ${key.name} is no base64`);
  return ecdsaNoteKey(hash, key.name, spki);
}
