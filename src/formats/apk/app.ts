/** What an app says of itself: its manifest with references into its resources followed. All of it is the app's word. */
import { FormatError, type Oddity, type Reading, type Source } from '../../bytes/index.ts';
import { openEntry, readZip, type ZipArchive } from '../archive/index.ts';
import { type ResourceTable, readResources, resolveResource, resourceFiles, resourceText, resourceTexts } from './arsc.ts';
import { type AxmlAttribute, type AxmlDocument, type AxmlElement, attributeOf, readAxml, VALUE_TYPE } from './axml.ts';
import { type ApkPorts, ApkRefusal } from './issue.ts';
import { ATTRIBUTE, minSdkOf, type ResolveLevel, targetSdkOf } from './sdk.ts';

/** Manifests of real apps reach 1 MB, resource tables of the framework 20 MB. */
const MANIFEST_MAX = 16 << 20;
const RESOURCES_MAX = 128 << 20;
const EXPORTED_BY_DEFAULT_BELOW = 31;

export type ComponentKind = 'activity' | 'activity-alias' | 'service' | 'receiver' | 'provider';
const KINDS: ReadonlySet<string> = new Set(['activity', 'activity-alias', 'service', 'receiver', 'provider']);

/** A component of the app. */
export interface Component {
  readonly kind: ComponentKind;
  /** The full class name. */
  readonly name: string;
  /** Whether other apps may call it: as stated, or by what the platform takes where nothing is stated. */
  readonly exported: boolean;
  /** Needed of the caller. */
  readonly permission: string | undefined;
  readonly actions: readonly string[];
}

/** A permission that the app defines. */
export interface DefinedPermission {
  readonly name: string;
  /** As the manifest has it: a number of flags. */
  readonly protectionLevel: number;
}

/** A native library in the archive. */
export interface NativeLibrary {
  readonly abi: string;
  readonly name: string;
  readonly size: number;
}

/** An app by its own account. */
export interface AppInfo {
  readonly packageName: string;
  readonly versionCode: number | undefined;
  readonly versionName: string | undefined;
  readonly label: string | undefined;
  readonly labels: readonly { readonly locale: string; readonly text: string }[];
  readonly icons: readonly { readonly density: number; readonly path: string }[];
  readonly minSdk: number | undefined;
  readonly targetSdk: number | undefined;
  readonly sharedUserId: string | undefined;
  readonly debuggable: boolean;
  readonly testOnly: boolean;
  readonly coreApp: boolean;
  /** Whether it may speak without TLS; undefined where it does not say: then up to API 27 it may. */
  readonly usesCleartextTraffic: boolean | undefined;
  readonly usesPermissions: readonly string[];
  readonly definesPermissions: readonly DefinedPermission[];
  readonly components: readonly Component[];
  readonly nativeLibraries: readonly NativeLibrary[];
  readonly dexFiles: readonly string[];
}

/** Reads what an APK says of itself. @throws FormatError when it is no archive, or has no manifest that can be read */
export async function readApp(source: Source, ports: Pick<ApkPorts, 'codec'>): Promise<Reading<AppInfo>> {
  const { value: archive, oddities: zipOddities } = await readZip(source);
  const oddities: Oddity[] = [...zipOddities];
  const member = async (name: string, ceiling: number) => {
    const entry = archive.entries.find((candidate) => candidate.name === name);
    return entry === undefined ? undefined : openEntry(source, entry, ports.codec, ceiling);
  };
  const manifestBytes = await member('AndroidManifest.xml', MANIFEST_MAX);
  if (manifestBytes === undefined) {
    throw new FormatError({ format: 'apk', field: 'AndroidManifest.xml', at: archive.centralAt }, 'bad-value', 'no AndroidManifest.xml');
  }
  const manifest = readAxml(manifestBytes);
  oddities.push(...manifest.oddities);
  let table: ResourceTable | undefined;
  try {
    const bytes = await member('resources.arsc', RESOURCES_MAX);
    if (bytes !== undefined) {
      const reading = readResources(bytes);
      table = reading.value;
      oddities.push(...reading.oddities);
    }
  } catch (error) {
    // The manifest stands without its resources; what is wrong with them is said.
    if (!(error instanceof FormatError)) throw error;
    oddities.push({ format: error.format, field: error.field, at: error.at, code: 'resources-unreadable', detail: error.message });
  }
  return { value: appOf(manifest.value, table, archive), oddities };
}

/** The app that a manifest describes. */
export function appOf(document: AxmlDocument, table: ResourceTable | undefined, archive: ZipArchive): AppInfo {
  const root = document.elements[0];
  const application = document.elements.find(({ name, parent }) => name === 'application' && parent === 0);
  const read = attributeReader(table);
  const packageName = root?.attributes.find(({ name, resourceId }) => name === 'package' && resourceId === 0)?.text ?? '';
  const level = (run: (document: AxmlDocument, resolve: ResolveLevel) => number): number | undefined => {
    try {
      return run(document, (id) => levelOf(table, id));
    } catch (error) {
      if (error instanceof ApkRefusal) return undefined;
      throw error;
    }
  };
  const targetSdk = level(targetSdkOf);
  const major = read.number(root, ATTRIBUTE.versionCodeMajor, 'versionCodeMajor') ?? 0;
  const minor = read.number(root, ATTRIBUTE.versionCode, 'versionCode');
  const labelId = application === undefined ? undefined : referenceOf(attributeOf(application, ATTRIBUTE.label, 'label'));
  const iconId = application === undefined ? undefined : referenceOf(attributeOf(application, ATTRIBUTE.icon, 'icon'));
  return {
    packageName,
    versionCode: minor === undefined ? undefined : major * 2 ** 32 + minor,
    versionName: read.text(root, ATTRIBUTE.versionName, 'versionName'),
    label: read.text(application, ATTRIBUTE.label, 'label'),
    labels:
      labelId === undefined || table === undefined
        ? []
        : resourceTexts(table, labelId).map(({ config, text }) => ({ locale: localeOf(config), text })),
    icons: iconId === undefined || table === undefined ? [] : resourceFiles(table, iconId),
    minSdk: level(minSdkOf),
    targetSdk,
    sharedUserId: read.text(root, ATTRIBUTE.sharedUserId, 'sharedUserId'),
    debuggable: read.boolean(application, ATTRIBUTE.debuggable, 'debuggable') ?? false,
    testOnly: read.boolean(application, ATTRIBUTE.testOnly, 'testOnly') ?? false,
    coreApp: root?.attributes.find(({ name }) => name === 'coreApp')?.value.data === NONZERO,
    usesCleartextTraffic: read.boolean(application, ATTRIBUTE.usesCleartextTraffic, 'usesCleartextTraffic'),
    usesPermissions: namesOf(document, /^uses-permission(?:-sdk-23|-sdk-m)?$/, read),
    definesPermissions: definedPermissions(document, read),
    components: componentsOf(document, { packageName, targetSdk: targetSdk ?? 1, read }),
    nativeLibraries: nativeLibrariesOf(archive),
    dexFiles: archive.entries.map(({ name }) => name).filter((name) => /^classes\d*\.dex$/.test(name)),
  };
}

/** A boolean's true in compiled XML. */
const NONZERO = 0xffffffff;

const localeOf = ({ language, region }: { readonly language: string; readonly region: string }) =>
  region === '' ? language : `${language}-${region}`;

interface AttributeReader {
  text(element: AxmlElement | undefined, id: number, name: string): string | undefined;
  number(element: AxmlElement | undefined, id: number, name: string): number | undefined;
  boolean(element: AxmlElement | undefined, id: number, name: string): boolean | undefined;
}

/** Reads attributes with references followed. */
function attributeReader(table: ResourceTable | undefined): AttributeReader {
  const find = (element: AxmlElement | undefined, id: number, name: string) =>
    element === undefined ? undefined : attributeOf(element, id, name);
  const resolve = (attribute: AxmlAttribute | undefined) => {
    const id = referenceOf(attribute);
    if (id === undefined) return attribute?.value;
    return table === undefined ? undefined : resolveResource(table, id);
  };
  return {
    text(element, id, name) {
      const attribute = find(element, id, name);
      if (attribute === undefined || referenceOf(attribute) === undefined) return attribute?.text;
      return table === undefined ? undefined : resourceText(table, resolve(attribute));
    },
    number(element, id, name) {
      const attribute = find(element, id, name);
      const value = resolve(attribute);
      if (value === undefined || value.type < VALUE_TYPE.intDec) {
        return attribute?.text !== undefined && /^\d{1,15}$/.test(attribute.text) ? Number(attribute.text) : undefined;
      }
      return value.data;
    },
    boolean(element, id, name) {
      const value = resolve(find(element, id, name));
      return value === undefined || value.type < VALUE_TYPE.intDec ? undefined : value.data !== 0;
    },
  };
}

function referenceOf(attribute: AxmlAttribute | undefined): number | undefined {
  const value = attribute?.value;
  return value?.type === VALUE_TYPE.reference || value?.type === VALUE_TYPE.dynamicReference ? value.data : undefined;
}

function levelOf(table: ResourceTable | undefined, id: number): number | string | undefined {
  if (table === undefined) return undefined;
  const value = resolveResource(table, id);
  return value === undefined ? undefined : (resourceText(table, value) ?? value.data | 0);
}

function namesOf(document: AxmlDocument, elements: RegExp, read: AttributeReader): readonly string[] {
  const found = document.elements.filter(({ name, parent }) => parent === 0 && elements.test(name));
  return [...new Set(found.flatMap((element) => read.text(element, ATTRIBUTE.name, 'name') ?? []))];
}

function definedPermissions(document: AxmlDocument, read: AttributeReader): readonly DefinedPermission[] {
  return document.elements
    .filter(({ name, parent }) => parent === 0 && name === 'permission')
    .flatMap((element) => {
      const name = read.text(element, ATTRIBUTE.name, 'name');
      return name === undefined ? [] : [{ name, protectionLevel: read.number(element, ATTRIBUTE.protectionLevel, 'protectionLevel') ?? 0 }];
    });
}

interface ComponentContext {
  readonly packageName: string;
  readonly targetSdk: number;
  readonly read: AttributeReader;
}

function componentsOf(document: AxmlDocument, { packageName, targetSdk, read }: ComponentContext): readonly Component[] {
  const actions = new Map<number, string[]>();
  const filtered = new Set<number>();
  for (const element of document.elements) {
    if (element.name === 'intent-filter') filtered.add(element.parent);
    if (element.name !== 'action') continue;
    const owner = document.elements[element.parent]?.parent ?? -1;
    const name = read.text(element, ATTRIBUTE.name, 'name');
    if (name !== undefined) actions.set(owner, [...(actions.get(owner) ?? []).slice(0, 255), name]);
  }
  return document.elements.flatMap((element, index) => {
    if (!KINDS.has(element.name) || document.elements[element.parent]?.name !== 'application') return [];
    // The set just said that it is one.
    const kind = element.name as ComponentKind;
    const stated = read.boolean(element, ATTRIBUTE.exported, 'exported');
    // Without a word an intent filter exports it; a provider was open to all until API 17.
    const byDefault = kind === 'provider' ? targetSdk < 17 : filtered.has(index) && targetSdk < EXPORTED_BY_DEFAULT_BELOW;
    return [
      {
        kind,
        name: fullName(packageName, read.text(element, ATTRIBUTE.name, 'name') ?? ''),
        exported: stated ?? byDefault,
        permission: read.text(element, ATTRIBUTE.permission, 'permission'),
        actions: actions.get(index) ?? [],
      },
    ];
  });
}

/** The platform's rule: a name that begins with a dot, or has none, is in the package. */
function fullName(packageName: string, name: string): string {
  if (name.startsWith('.')) return packageName + name;
  return name === '' || name.includes('.') ? name : `${packageName}.${name}`;
}

function nativeLibrariesOf({ entries }: ZipArchive): readonly NativeLibrary[] {
  return entries.flatMap(({ name, size }) => {
    const [, abi, file] = /^lib\/([^/]+)\/([^/]+\.so)$/.exec(name) ?? [];
    return abi === undefined || file === undefined ? [] : [{ abi, name: file, size }];
  });
}
