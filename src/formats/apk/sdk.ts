/**
 * What an APK's manifest says of API levels and of the signature it needs, read as Android's verifier library reads it.
 * Spec: AOSP tools/apksig ApkUtils (2023-04): `minSdkVersion` may be a codename, `targetSdkVersion` and `targetSandboxVersion` are numbers.
 */
import { type AxmlDocument, type AxmlElement, VALUE_TYPE } from './axml.ts';
import { ApkRefusal } from './issue.ts';

/** Ids of the framework's attributes. */
export const ATTRIBUTE = {
  label: 0x01010001,
  icon: 0x01010002,
  name: 0x01010003,
  permission: 0x01010006,
  sharedUserId: 0x0101000b,
  exported: 0x01010010,
  debuggable: 0x0101000f,
  testOnly: 0x01010272,
  authorities: 0x01010018,
  process: 0x01010011,
  versionCode: 0x0101021b,
  versionName: 0x0101021c,
  minSdkVersion: 0x0101020c,
  targetSdkVersion: 0x01010270,
  targetSandboxVersion: 0x0101054c,
  protectionLevel: 0x01010009,
  allowBackup: 0x01010280,
  extractNativeLibs: 0x010104ea,
  versionCodeMajor: 0x01010576,
  compileSdkVersion: 0x01010572,
  usesCleartextTraffic: 0x010104ec,
  targetPackage: 0x01010021,
  maxSdkVersion: 0x01010271,
  enabled: 0x0101000e,
  priority: 0x0101001c,
} as const;

/**
 * Levels at which platforms with a codename of this first letter were built: those before their release. The library's table ends here, and counts one more a letter from there
 * on: a level too low for P and later, so that a platform more is asked about.
 */
const CODENAMES: readonly (readonly [letter: string, level: number])[] = [
  ['C', 2],
  ['D', 3],
  ['E', 4],
  ['F', 7],
  ['G', 8],
  ['H', 10],
  ['I', 13],
  ['J', 15],
  ['K', 18],
  ['L', 20],
  ['M', 22],
  ['N', 23],
  ['O', 25],
];

/** The API level that a codename stands for: that of the release before, as it runs on nothing older. */
export function levelOfCodename(codename: string): number | undefined {
  const letter = codename.charAt(0);
  if (letter < 'A' || letter > 'Z') return undefined;
  let last: readonly [string, number] | undefined;
  for (const entry of CODENAMES) {
    if (entry[0] === letter) return entry[1];
    if (entry[0] < letter) last = entry;
  }
  return last === undefined ? 1 : last[1] + (letter.charCodeAt(0) - last[0].charCodeAt(0));
}

/** Resolves a reference into resources, where there are any. */
export type ResolveLevel = (resourceId: number) => number | string | undefined;

/** The lowest level the APK says it runs on. @throws ApkRefusal where Android's library cannot tell */
export function minSdkOf(document: AxmlDocument, resolve: ResolveLevel = () => undefined): number {
  let result = 1;
  for (const element of usesSdk(document)) {
    const stated = element.attributes.find(({ resourceId }) => resourceId === ATTRIBUTE.minSdkVersion);
    if (stated !== undefined) result = Math.max(result, levelOf(stated.value, stated.text, resolve));
  }
  return result;
}

function levelOf(value: { readonly type: number; readonly data: number }, text: string | undefined, resolve: ResolveLevel): number {
  let known: number | string | undefined;
  if (value.type === VALUE_TYPE.intDec || value.type === VALUE_TYPE.intHex) known = value.data | 0;
  else if (value.type === VALUE_TYPE.string) known = text ?? '';
  else if (value.type === VALUE_TYPE.reference) known = resolve(value.data);
  const level = typeof known === 'string' ? levelOfCodename(known) : known;
  if (level === undefined)
    throw new ApkRefusal('MinSdkVersionException', `minSdkVersion is neither a number nor a codename: ${text ?? ''}`);
  return level;
}

/** The level the APK says it was made for; without one, its lowest. @throws ApkRefusal */
export function targetSdkOf(document: AxmlDocument, resolve: ResolveLevel = () => undefined): number {
  const target = numberOf(document, { element: 'uses-sdk', id: ATTRIBUTE.targetSdkVersion }, resolve);
  return target ?? minSdkOf(document, resolve);
}

/**
 * The level that decides which scheme an app must be signed with: a number, or a reference to one; anything else counts as if it were not there, and then the lowest level stands
 * for it. Never throws: a manifest that says neither demands nothing. As ApkUtils.getTargetSdkVersionFromBinaryAndroidManifest.
 */
export function schemeTargetOf(document: AxmlDocument, resolve: ResolveLevel): number {
  const target = plainNumberOf(document, { element: 'uses-sdk', id: ATTRIBUTE.targetSdkVersion }, resolve);
  if (target !== undefined) return target;
  try {
    return minSdkOf(document, resolve);
  } catch (error) {
    if (error instanceof ApkRefusal) return 1;
    throw error;
  }
}

/** The sandbox version asked for, 1 without or where it is no number. As ApkUtils.getTargetSandboxVersionFromBinaryAndroidManifest. */
export function targetSandboxVersionOf(document: AxmlDocument): number {
  return plainNumberOf(document, { element: 'manifest', id: ATTRIBUTE.targetSandboxVersion }, () => undefined) ?? 1;
}

interface NumberAt {
  readonly element: string;
  readonly id: number;
}

/** The first such attribute, where it is a number. */
function plainNumberOf(document: AxmlDocument, { element: name, id }: NumberAt, resolve: ResolveLevel): number | undefined {
  for (const element of document.elements) {
    if (element.name !== name) continue;
    const found = element.attributes.find(({ resourceId }) => resourceId === id);
    if (found === undefined) continue;
    const { type, data } = found.value;
    const known =
      type === VALUE_TYPE.reference ? resolve(data) : type === VALUE_TYPE.intDec || type === VALUE_TYPE.intHex ? data | 0 : undefined;
    return typeof known === 'number' ? known : undefined;
  }
  return undefined;
}

function numberOf(document: AxmlDocument, { element: name, id }: NumberAt, resolve: ResolveLevel): number | undefined {
  for (const element of document.elements) {
    if (element.name !== name || (element.namespace ?? '') !== '') continue;
    for (const { resourceId, value, text } of element.attributes) {
      if (resourceId !== id) continue;
      if (isInteger(value.type)) return value.data | 0;
      const known = value.type === VALUE_TYPE.string ? (text ?? '') : value.type === VALUE_TYPE.reference ? resolve(value.data) : undefined;
      if (typeof known === 'number') return known;
      // A codename stands here too, in APKs built against a preview.
      const level = known === undefined ? undefined : /^\d{1,9}$/.test(known) ? Number(known) : levelOfCodename(known);
      if (level === undefined)
        throw new ApkRefusal('ApkFormatException', `${name} holds a value of type ${value.type} where a number belongs`);
      return level;
    }
  }
  return undefined;
}

const isInteger = (type: number) => type >= VALUE_TYPE.intDec && type <= 31;

function usesSdk(document: AxmlDocument): readonly AxmlElement[] {
  return document.elements.filter(({ depth, name, namespace }) => depth === 2 && name === 'uses-sdk' && (namespace ?? '') === '');
}
