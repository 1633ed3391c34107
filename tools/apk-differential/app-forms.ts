/** Entries of apps whose manifests and archives are written in unusual ways. */
import { concatBytes } from '../../src/bytes/index.ts';
import { forgeApp, forgeManifest } from '../../src/forge/apk.ts';
import {
  ATTRIBUTE,
  type AxmlAttributePart,
  type AxmlPart,
  booleanValue,
  intValue,
  VALUE_TYPE,
  writeAxml,
} from '../../src/formats/apk/index.ts';
import { deflateRaw, type WriteZipOptions, type ZipPart } from '../../src/formats/archive/index.ts';
import { nodeHash } from '../../src/platform/node/index.ts';
import type { Roll } from './mutate.ts';

const pick = <T>(roll: Roll, values: readonly T[]): T => values[roll(values.length)] as T; // never empty
const seldom = (roll: Roll) => roll(12) === 0;

type Value = AxmlAttributePart['value'];

/** Levels as manifests state them: numbers, codenames, and what is neither. No references: the library does not follow them, Android does. */
const LEVELS: readonly Value[] = [
  ...[1, 8, 17, 18, 23, 24, 28, 30, 33, 36, 10_000, 0, -1, 0x7fffffff].map(intValue),
  { type: VALUE_TYPE.intHex, data: 24 },
  'Q',
  'S',
  'Tiramisu',
  'UpsideDownCake',
  'VanillaIceCream',
  'Baklava',
  'KeyLimePie',
  'A',
  'Z',
  '24',
  '',
  'lower',
  ' R',
  '1Q',
  'É',
  booleanValue(true),
  { type: VALUE_TYPE.float, data: 0x41c00000 },
  { type: 0, data: 0 },
];

const attribute = (name: keyof typeof ATTRIBUTE, value: Value): AxmlAttributePart => ({ name, resourceId: ATTRIBUTE[name], value });

function usesSdk(roll: Roll): AxmlPart {
  const attributes: AxmlAttributePart[] = [];
  if (roll(4) > 0) attributes.push(attribute('minSdkVersion', pick(roll, LEVELS)));
  if (roll(2) > 0) attributes.push(attribute('targetSdkVersion', pick(roll, LEVELS)));
  if (seldom(roll)) attributes.push(attribute('maxSdkVersion', pick(roll, LEVELS)));
  return { name: 'uses-sdk', attributes, children: seldom(roll) ? [{ name: 'uses-sdk', attributes, children: [] }] : [] };
}

/** A manifest that says its levels in unusual ways. */
function oddManifest(manifest: AxmlPart, roll: Roll): AxmlPart {
  const others = manifest.children.filter(({ name }) => name !== 'uses-sdk');
  const sdks = Array.from({ length: pick(roll, [0, 1, 1, 1, 2]) }, () => usesSdk(roll));
  const attributes = [...manifest.attributes];
  if (roll(4) === 0) attributes.push(attribute('targetSandboxVersion', pick(roll, LEVELS.slice(0, seldom(roll) ? LEVELS.length : 2))));
  const name = seldom(roll) && roll(3) === 0 ? 'manifesto' : manifest.name;
  const whole = { name, attributes, children: roll(2) === 0 ? [...sdks, ...others] : [...others, ...sdks] };
  return seldom(roll) && roll(3) === 0 ? { name: 'manifest', attributes: [], children: [whole] } : whole;
}

/** The entries of an app, each with something of its own. */
export function oddContents(roll: Roll): readonly ZipPart[] {
  const minSdk = [undefined, 1, 8, 16, 17, 18, 21, 24, 28, 30][roll(10)];
  const names = (index: number) => [
    `assets/${index}`,
    `assets/${'long'.repeat(20)}${index}`,
    `assets/é ${index}`,
    `dir${index}/`,
    `a:b${index}`,
    `assets/\u{1f4f1}${index}`,
    `meta-inf/${index}.SF`,
    `META-INF/sub/${index}.RSA`,
    `META-INF${index}`,
    `assets/\r\n${index}`,
    `\0${index}`,
    ` ${index} `,
  ];
  const files = Array.from({ length: roll(6) }, (_, index): ZipPart => {
    const data = new Uint8Array(roll(3000)).fill(roll(256));
    const name = pick(roll, names(index).slice(0, seldom(roll) ? 12 : 6));
    return seldom(roll) ? described({ name, data }, roll) : { name, data, deflate: roll(2) === 0, align: pick(roll, [4096, 4, 4]) };
  });
  const app = {
    packageName: 'com.example.made',
    versionCode: 1,
    targetSdk: pick(roll, [16, 26, 29, 30, 33]),
    debuggable: roll(2) === 0,
    files,
    ...(minSdk === undefined ? {} : { minSdk }),
  };
  const parts = forgeApp(app, nodeHash);
  if (roll(5) > 0) return parts;
  if (seldom(roll)) return parts.filter(({ name }) => name !== 'AndroidManifest.xml');
  const data = writeAxml(oddManifest(forgeManifest(app), roll), roll(2) === 0);
  const cut = seldom(roll) && roll(3) === 0 ? data.subarray(0, roll(data.length)) : data;
  return parts.map((part) => (part.name === 'AndroidManifest.xml' ? { ...part, data: cut } : part));
}

/** An entry whose sizes stand behind its data. */
function described(part: ZipPart, roll: Roll): ZipPart {
  const body = roll(2) === 0 ? deflateRaw(part.data) : part.data;
  const method = body === part.data ? 0 : 8;
  const descriptor = new Uint8Array(pick(roll, [12, 16])).fill(7);
  const compressedSize = body.length;
  return {
    ...part,
    packed: concatBytes([body, descriptor]),
    local: { flags: 8, method, crc32: 0, compressedSize: roll(2) * compressedSize, size: 0 },
    central: { flags: 8, method, compressedSize },
  };
}

/** What may stand around the entries. */
export function oddSurroundings(roll: Roll): WriteZipOptions {
  if (!seldom(roll)) return {};
  return pick<WriteZipOptions>(roll, [
    { comment: new Uint8Array(roll(300)).fill(0x50) },
    { comment: new Uint8Array(65_535) },
    { comment: Uint8Array.of(0x50, 0x4b, 5, 6, ...new Uint8Array(18)) },
    { prefix: new Uint8Array(roll(100)) },
    { beforeCentral: new Uint8Array(roll(5000)) },
    { beforeCentral: new TextEncoder().encode('APK Sig Block 42') },
    { zip64: true },
  ]);
}
