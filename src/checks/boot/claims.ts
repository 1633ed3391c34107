/** What a phone says of its own build, as far as checks of this family and of the packages argue from it. Every word of it is a claim. */
import { type Fact, factsOf, type Place, type Properties, property, type Standing, weaker } from '../../evidence/index.ts';
import { CERTIFIED_BRANDS } from '../../knowledge/packages/index.ts';
import type { CheckContext, Nature } from '../define.ts';

/** One property with who says it. */
export interface SaidProperty {
  readonly key: string;
  readonly value: string;
  readonly place: Place;
  readonly standing: Standing;
}

export interface BuildClaims {
  /** `ro.build.type`, as in `user`. */
  readonly type: SaidProperty | undefined;
  readonly tags: SaidProperty | undefined;
  readonly sdk: number | undefined;
  /** The certified house whose phone this is sold or speaks as, as in `xiaomi`; undefined where the brand is none that we know to be certified. */
  readonly house: string | undefined;
  /** Another project's system that says so. */
  readonly foreign: { readonly name: string; readonly said: SaidProperty } | undefined;
  /**
   * Whether it says it is a certified maker's consumer build: what Google's compatibility tests forbid cannot be on such a build.
   * Never of engineering builds, of foreign systems, of Xiaomi's developer ROM (which carries root by design), or in a factory's test mode.
   */
  readonly consumer: boolean;
  /** The lock state that its properties claim; undefined where they say nothing or contradict each other. */
  readonly locked: boolean | undefined;
  /** `ro.boot.verifiedbootstate`, lower case: makers write it in both. */
  readonly verifiedBootState: string | undefined;
}

/** The value of a property: of the running system first, of a file otherwise. An empty value says nothing. */
export function said(context: Pick<CheckContext, 'facts'>, key: string): SaidProperty | undefined {
  const facts = factsOf(context.facts, 'properties');
  const order = [...facts.filter(isRuntime), ...facts.filter((fact) => !isRuntime(fact))];
  for (const fact of order) {
    const found = property(fact.value, key);
    if (found !== undefined && found.value !== '') return { key, value: found.value, place: found.place, standing: fact.standing };
  }
  return undefined;
}

const isRuntime = (fact: { readonly value: Properties }) => fact.value.layer === 'runtime';

/** Versions that projects write into their builds, and how they call themselves. */
const PROJECT_KEYS: readonly (readonly [key: string, name: string])[] = [
  ['ro.lineage.version', 'LineageOS'],
  ['ro.lineage.build.version', 'LineageOS'],
  ['ro.cm.version', 'CyanogenMod'],
  ['ro.cm.build.version', 'CyanogenMod'],
  ['ro.omni.version', 'OmniROM'],
  ['ro.crdroid.version', 'crDroid'],
  ['ro.havoc.version', 'Havoc-OS'],
  ['ro.aospa.version', 'Paranoid Android'],
  ['ro.rr.version', 'Resurrection Remix'],
  ['ro.carbon.version', 'CarbonROM'],
  ['ro.slim.version', 'SlimRoms'],
  ['ro.modversion', 'a custom ROM'],
];
const FLAVORS: readonly (readonly [start: string, name: string])[] = [
  ['lineage_', 'LineageOS'],
  ['cm_', 'CyanogenMod'],
  ['omni_', 'OmniROM'],
  ['gsi_', 'a generic system image'],
];
/** Makers sold these with Cyanogen OS: there it is the maker's own. Source: press of 2014 and 2015. */
const CYANOGEN_DEVICES: readonly string[] = [
  'bacon',
  'a0001',
  'n1',
  'ham',
  'tomato',
  'lettuce',
  'crackling',
  'kipper',
  'porridge',
  'z1',
  'ham2',
];
/** Modes of factories and workshops, in which daemons are open on purpose. */
const FACTORY_MODES = /^(ftm|factory|factory2|ffbm.*|meta|diag|pif.*|mot-factory|ate|recovery|charger)$/i;

/** Reads what the phone claims of its build. */
export function claimsOf(context: Pick<CheckContext, 'facts' | 'claims'>): BuildClaims {
  const type = said(context, 'ro.build.type');
  const tags = said(context, 'ro.build.tags');
  const house = houseOf(context);
  const foreign = foreignOf(context);
  const mode = said(context, 'ro.bootmode') ?? said(context, 'ro.boot.mode');
  const sdk = Number(said(context, 'ro.build.version.sdk')?.value ?? Number.NaN);
  const incremental = said(context, 'ro.build.version.incremental')?.value ?? '';
  const developerRom = house === 'xiaomi' && /^\d{1,2}\.\d{1,2}\.\d{1,2}$/.test(incremental);
  return {
    type,
    tags,
    sdk: Number.isInteger(sdk) ? sdk : undefined,
    house,
    foreign,
    consumer:
      house !== undefined &&
      foreign === undefined &&
      type?.value === 'user' &&
      (tags === undefined || /release-keys|ota-rel-keys/.test(tags.value)) &&
      !developerRom &&
      !(mode !== undefined && FACTORY_MODES.test(mode.value)),
    locked: lockedOf(context),
    verifiedBootState: said(context, 'ro.boot.verifiedbootstate')?.value.toLowerCase(),
  };
}

function houseOf(context: Pick<CheckContext, 'facts' | 'claims'>): string | undefined {
  const names = [context.claims.brand, said(context, 'ro.product.brand')?.value, said(context, 'ro.product.manufacturer')?.value];
  for (const name of names) {
    const house = name === undefined ? undefined : CERTIFIED_BRANDS.get(name.trim().toLowerCase());
    if (house !== undefined) return house;
  }
  return undefined;
}

function foreignOf(context: Pick<CheckContext, 'facts'>): BuildClaims['foreign'] {
  const device = said(context, 'ro.product.device')?.value.toLowerCase() ?? '';
  const cyanogen = CYANOGEN_DEVICES.includes(device);
  for (const [key, name] of PROJECT_KEYS) {
    const found = said(context, key);
    if (found === undefined || (cyanogen && key.startsWith('ro.cm.'))) continue;
    return { name: `${name} ${found.value}`.slice(0, 80), said: found };
  }
  const dsu = said(context, 'ro.gsid.image_running');
  if (dsu?.value === '1') return { name: 'a system image that runs beside the installed one (DSU)', said: dsu };
  for (const key of ['ro.build.flavor', 'ro.product.system.name', 'ro.product.name']) {
    const found = said(context, key);
    const name = FLAVORS.find(([start]) => found?.value.startsWith(start))?.[1];
    if (found !== undefined && name !== undefined && !(cyanogen && name === 'CyanogenMod')) return { name, said: found };
  }
  const builder = said(context, 'ro.build.user');
  if (builder?.value === 'grapheneos') return { name: 'GrapheneOS', said: builder };
  return undefined;
}

function lockedOf(context: Pick<CheckContext, 'facts'>): boolean | undefined {
  const words = [lockWord(said(context, 'ro.boot.vbmeta.device_state')?.value), lockWord(said(context, 'ro.boot.flash.locked')?.value)];
  if (words.includes(true) && words.includes(false)) return undefined;
  return words.find((word) => word !== undefined);
}

function lockWord(value: string | undefined): boolean | undefined {
  if (value === 'locked' || value === '1') return true;
  if (value === 'unlocked' || value === '0') return false;
  return undefined;
}

/** How an alteration of this build is to be called: an owner's LineageOS is foreign, whatever else is found on it. */
export const natureOf = (claims: BuildClaims): Nature => (claims.foreign === undefined ? 'modified' : 'foreign');

/** The words for `claimed`: what the build says it is. */
export function buildWords({ type, tags, foreign }: BuildClaims): string {
  if (foreign !== undefined) return foreign.name;
  return type === undefined
    ? 'a build that does not say its type'
    : `a ${type.value} build${tags === undefined ? '' : ` with ${tags.value}`}`;
}

/** The weakest standing of several sources: what a conclusion from all of them is worth. */
export const weakest = (first: Standing, ...rest: readonly (Standing | undefined)[]): Standing =>
  rest.reduce<Standing>((least, next) => (next === undefined ? least : weaker(least, next)), first);

/** The places of what was said, for `evidence`. */
export function evidenceOf(first: Place, ...rest: readonly ({ readonly place: Place } | undefined)[]): readonly [Place, ...Place[]] {
  return [first, ...rest.flatMap((item) => (item === undefined ? [] : [item.place]))];
}

/** Whether any fact of a kind was read. */
export const has = (context: Pick<CheckContext, 'facts'>, kind: Fact['kind']): boolean => factsOf(context.facts, kind).length > 0;
