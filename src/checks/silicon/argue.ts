/** What checks of this family share: whom the surfaces name, how that is said, and which bytes say it. */
import { type Place, type Standing, weaker } from '../../evidence/index.ts';
import { coreTypeOf, type ResolvedModel, type Soc, type SocVendor } from '../../knowledge/index.ts';
import type { CheckContext } from '../define.ts';
import type { JudgedSurface, SocInference } from './infer.ts';
import type { SurfaceGroup } from './surface.ts';

const VENDOR_NAMES: Readonly<Record<SocVendor, string>> = {
  qualcomm: 'Qualcomm',
  mediatek: 'MediaTek',
  samsung: 'Samsung Exynos',
  hisilicon: 'HiSilicon',
  unisoc: 'Unisoc',
  google: 'Google Tensor',
  nvidia: 'NVIDIA',
  intel: 'Intel',
  rockchip: 'Rockchip',
  allwinner: 'Allwinner',
  marvell: 'Marvell',
  xiaomi: 'Xiaomi',
  'texas-instruments': 'Texas Instruments',
  broadcom: 'Broadcom',
  leadcore: 'Leadcore',
  actions: 'Actions',
  'st-ericsson': 'ST-Ericsson',
  amlogic: 'Amlogic',
  nxp: 'NXP',
  apple: 'Apple',
};

export const vendorName = (vendor: SocVendor): string => VENDOR_NAMES[vendor];

/** As in `MediaTek MT6592`, or the vendor alone where the chip is not told. */
export function chipName({ vendor, family, familyProbability }: SocInference): string {
  return familyProbability < 0.6 || family.startsWith('unknown-')
    ? `a ${vendorName(vendor)} chip`
    : `${vendorName(vendor)} ${family.toUpperCase()}`;
}

/** Groups that an edit of property values does not reach. */
export const SILICON_GROUPS: readonly SurfaceGroup[] = [
  'cpuinfo',
  'cpu-sysfs',
  'soc-sysfs',
  'boot-log',
  'kernel-text',
  'gpu',
  'kernel-names',
  'partition-names',
  'boot-rom',
  'driver-names',
];

/** Groups in which nothing bought from another maker speaks: HALs and services of radios do so in `driver-names`. */
export const HARD_GROUPS: readonly SurfaceGroup[] = SILICON_GROUPS.filter((group) => group !== 'driver-names');

export interface Refutation {
  /** Groups that no chip of the allowed makers would make say this. */
  readonly byVendor: readonly SurfaceGroup[];
  /** Those, and groups that none of the allowed chips would. */
  readonly all: readonly SurfaceGroup[];
  /** Two groups, one of which the maker alone decides and which is of the silicon: our tables err about chips, not about makers. */
  readonly certain: boolean;
}

/**
 * The groups that refute every chip that is allowed; undefined where none does. Groups that agree with the claim do not weigh against this:
 * they are what a forger works on, and a phone's word never clears it.
 */
export function refutation(inference: SocInference, chips: readonly Soc[]): Refutation | undefined {
  const byVendor = inference.refuting(chips, 'vendor');
  const all = [...new Set([...byVendor, ...inference.refuting(chips, 'chip').filter((group) => HARD_GROUPS.includes(group))])];
  if (all.length === 0) return undefined;
  return { byVendor, all, certain: all.length > 1 && byVendor.some((group) => HARD_GROUPS.includes(group)) };
}

export interface Votes {
  readonly vendor: SocVendor;
  readonly groups: readonly SurfaceGroup[];
  /** Groups that vote for somebody who is allowed. */
  readonly others: readonly SurfaceGroup[];
}

/** The vendor for whom most groups vote among those that are not allowed; undefined where none does. */
export function votesAgainst(inference: SocInference, allowed: ReadonlySet<SocVendor>, among: readonly SurfaceGroup[]): Votes | undefined {
  const votes = [...inference.votes].filter(([group]) => among.includes(group));
  const against = Map.groupBy(
    votes.filter(([, vendor]) => !allowed.has(vendor)),
    ([, vendor]) => vendor,
  );
  const [most] = [...against].toSorted((a, b) => b[1].length - a[1].length);
  if (most === undefined) return undefined;
  return {
    vendor: most[0],
    groups: most[1].map(([group]) => group),
    others: votes.filter(([, vendor]) => allowed.has(vendor)).map(([group]) => group),
  };
}

/** Surfaces of the groups that speak for the vendor, the clearest first. */
export function speaking(inference: SocInference, groups: readonly SurfaceGroup[], vendor: SocVendor): readonly JudgedSurface[] {
  const of = inference.surfaces.filter(({ group }) => groups.includes(group));
  const clear = of.filter((surface) => surface.vendor === vendor);
  return clear.length > 0 ? clear : of;
}

/** `cpu/possible says 8 cores; GLES says ARM, Mali-450`. */
export const sayings = (surfaces: readonly JudgedSurface[]): string =>
  onePerGroup(surfaces)
    .slice(0, 5)
    .map(({ surface, text }) => `${surface} says ${text}`)
    .join('; ');

/** The first surface of each group, what kernel and drivers print before what properties say: a reader wants kinds of evidence, not five properties. */
function onePerGroup(surfaces: readonly JudgedSurface[]): readonly JudgedSurface[] {
  const firsts = surfaces.filter(({ group }, index) => surfaces.findIndex((other) => other.group === group) === index);
  return firsts.toSorted((a, b) => Number(SILICON_GROUPS.includes(b.group)) - Number(SILICON_GROUPS.includes(a.group)));
}

export function placesOfSurfaces(first: JudgedSurface, rest: readonly JudgedSurface[]): readonly [Place, ...Place[]] {
  return [first.place, ...rest.slice(0, 9).map(({ place }) => place)];
}

export const standingOf = (surfaces: readonly JudgedSurface[]): Standing =>
  surfaces.reduce<Standing>((weakest, { standing }) => weaker(weakest, standing), 'signed');

/** The chips that some variant of the model was sold with; those that the table lacks are left out. */
export function chipsOf({ skus }: ResolvedModel, { knowledge }: Pick<CheckContext, 'knowledge'>): readonly Soc[] {
  const ids = new Set(skus.flatMap(({ socs }) => socs));
  return knowledge.socs.filter(({ id }) => ids.has(id));
}

/** Whether every chip that the model was sold with is in the table: without that nothing can be said. */
export function allChipsKnown({ skus }: ResolvedModel, { knowledge }: Pick<CheckContext, 'knowledge'>): boolean {
  return skus.length > 0 && skus.every(({ socs }) => socs.length > 0 && socs.every((id) => knowledge.socs.some((soc) => soc.id === id)));
}

/** As in `Qualcomm MSM8974AC (four Krait cores, Adreno 330)`, joined by `or`; the details only of one or two. */
export const chipList = (chips: readonly Soc[]): string =>
  chips.map((soc) => `${vendorName(soc.vendor)} ${soc.id}${chips.length > 2 ? '' : detailsOf(soc)}`).join(' or ');

function detailsOf({ cores, gpu }: Soc): string {
  const parts = [
    ...cores.map(({ name, count }) => `${inWords(count)} ${name} core${count === 1 ? '' : 's'}`),
    ...(gpu === undefined ? [] : [gpu]),
  ];
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

const NUMBERS = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve'];
const inWords = (count: number): string => NUMBERS[count] ?? String(count);

/**
 * As in `six of eight surfaces say MediaTek MT6592`: of those that name a chip, tell a maker by themselves or disagree with the chip found, how many name that chip's maker.
 * A surface that several artefacts show counts once.
 */
export function tallied(all: SocInference, found: SocInference): string {
  const telling = new Map<string, boolean>();
  for (const { surface, named, vendor, disagrees } of all.surfaces) {
    const says = named?.vendor ?? vendor;
    if (says === undefined && !disagrees) continue;
    telling.set(surface, (telling.get(surface) ?? true) && says === found.vendor);
  }
  const agreeing = [...telling.values()].filter((agrees) => agrees).length;
  return `${inWords(agreeing)} of ${inWords(telling.size)} surfaces ${agreeing === 1 ? 'says' : 'say'} ${chipName(found)}`;
}

const GENERATIONS = ['armv6', 'armv7', 'armv8.0', 'armv8.2', 'armv9.0', 'armv9.2'] as const;
const generationOf = (isa: string | undefined): number => GENERATIONS.map(String).indexOf(isa ?? '');

/**
 * Whether the best of these cores is of an earlier architecture than the best core of every chip: no variant of a chip is that much older than itself.
 * Core types within a generation are told apart too, but tables err about them. False wherever a core or a chip is not known.
 */
export function isOlderGeneration(parts: readonly (readonly [implementer: number, part: number])[], chips: readonly Soc[]): boolean {
  const own = parts.map(([implementer, part]) => generationOf(coreTypeOf(implementer, part)?.isa));
  const chipBests = chips.map(({ cores }) =>
    Math.max(-1, ...cores.map((core) => generationOf(coreTypeOf(core.implementer, core.part)?.isa))),
  );
  if (own.length === 0 || own.includes(-1) || chipBests.length === 0 || chipBests.includes(-1)) return false;
  return chipBests.every((best) => Math.max(...own) < best);
}
