/** Which published holes a phone's claims leave open. */
import { type Facts, factsOf, type Place } from '../../evidence/index.ts';
import {
  affectsVersion,
  bulletins,
  compareVersions,
  isOfNamedChip,
  isOfNamedKernel,
  namedVulnerabilities,
  type Vulnerability,
  type VulnerablePart,
  versionNumbers,
} from '../../knowledge/index.ts';
import { said } from '../boot/index.ts';
import type { CheckContext } from '../define.ts';
import { publishedOn } from '../properties/index.ts';
import { inferSoc } from '../silicon/index.ts';

/**
 * `fixed`: claimed, or not younger than the build. `missing`: the build is older than the first fix. `not claimed`: no level or version of the phone claims the fix.
 * `inconclusive`: what is known does not decide it, as of a driver's hole that no device with this chip is said to have. `not affected`: another version, or another maker's part.
 */
export type HoleState = 'fixed' | 'missing' | 'not claimed' | 'inconclusive' | 'not affected';

export interface JudgedHole {
  readonly hole: Vulnerability;
  readonly state: HoleState;
}

/** What a phone says that decides which holes it has. */
export interface PatchClaims {
  readonly release: string;
  readonly level: string | undefined;
  /** `2014-08-19`, from ro.build.date.utc. */
  readonly builtOn: string | undefined;
  readonly kernel: { readonly version: string; readonly builtOn: string | undefined } | undefined;
  readonly parts: ReadonlySet<VulnerablePart>;
  /** Family of the chip, as `msm8974`, where the surfaces tell it. */
  readonly chip: string | undefined;
  readonly places: readonly [Place, ...Place[]];
}

/** Reads the claims; undefined where the phone does not even say its version. */
export function patchClaims(context: CheckContext): PatchClaims | undefined {
  const release = said(context, 'ro.build.version.release');
  if (release === undefined || versionNumbers(release.value) === undefined) return undefined;
  const level = said(context, 'ro.build.version.security_patch');
  const date = said(context, 'ro.build.date.utc');
  const seconds = date !== undefined && /^\d{9,10}$/.test(date.value.trim()) ? Number(date.value.trim()) : undefined;
  return {
    release: release.value.trim(),
    level: level !== undefined && /^20\d\d-\d\d-\d\d$/.test(level.value.trim()) ? level.value.trim() : undefined,
    builtOn: seconds === undefined ? undefined : dayOf(seconds),
    kernel: kernelOf(context.facts),
    ...insideOf(context),
    places: [release.place, ...(level === undefined ? [] : [level.place])],
  };
}

/** Seconds since 1970 as a day, without a clock: the civil calendar of Howard Hinnant's `civil_from_days`. */
function dayOf(seconds: number): string {
  const days = Math.floor(seconds / 86_400) + 719_468;
  const era = Math.floor(days / 146_097);
  const ofEra = days - era * 146_097;
  const year = Math.floor((ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365);
  const ofYear = ofEra - (365 * year + Math.floor(year / 4) - Math.floor(year / 100));
  const shifted = Math.floor((5 * ofYear + 2) / 153);
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  const day = ofYear - Math.floor((153 * shifted + 2) / 5) + 1;
  const two = (value: number) => String(value).padStart(2, '0');
  return `${year + era * 400 + (month <= 2 ? 1 : 0)}-${two(month)}-${two(day)}`;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** The kernel's version, and the day in its banner: `#1 SMP PREEMPT Mon Aug 18 21:11:48 CST 2014`. */
function kernelOf(facts: Facts): PatchClaims['kernel'] {
  for (const { value } of factsOf(facts, 'kernel')) {
    if (value.version === undefined) continue;
    const [, month, day, year] =
      /\b([A-Z][a-z]{2}) {1,2}(\d{1,2}) \d\d:\d\d:\d\d (?:\S{2,6} )?(20\d\d)\b/.exec(value.text.slice(0, 1000)) ?? [];
    const at = MONTHS.indexOf(month ?? '') + 1;
    const builtOn = at === 0 || year === undefined ? undefined : `${year}-${String(at).padStart(2, '0')}-${(day ?? '').padStart(2, '0')}`;
    return { version: value.version, builtOn };
  }
  return undefined;
}

/** A chip, or who made it, is told where this much of the probability is one's. */
const TOLD = 0.9;

/** Whose parts are inside: the chip's maker by the surfaces together, others by their drivers' names. */
function insideOf({ facts, knowledge }: CheckContext): Pick<PatchClaims, 'parts' | 'chip'> {
  const parts = new Set<VulnerablePart>(['platform', 'kernel']);
  const soc = inferSoc(facts, knowledge);
  const vendor = soc !== undefined && soc.vendorProbability >= TOLD ? soc.vendor : undefined;
  if (vendor === 'qualcomm' || vendor === 'mediatek' || vendor === 'nvidia') parts.add(vendor);
  for (const { value } of factsOf(facts, 'driver-names'))
    for (const { value: name } of value.names) {
      if (/^(?:bcmdhd|dhd|wl_event|brcm)/i.test(name)) parts.add('broadcom');
      if (/synaptics/i.test(name)) parts.add('synaptics');
    }
  return { parts, chip: soc !== undefined && vendor !== undefined && soc.familyProbability >= TOLD ? soc.family : undefined };
}

/** Every hole that is known, with its state on this phone; `imported`: those of packs. */
export function judgeHoles(claims: PatchClaims, imported: readonly Vulnerability[]): readonly JudgedHole[] {
  const keyOf = ({ id, part }: Vulnerability) => `${id}\0${part}`;
  const named = new Set(namedVulnerabilities.map(keyOf));
  const builtin = bulletins().filter((hole) => !named.has(keyOf(hole)));
  // What a pack says again of a built-in hole adds nothing: the built-in level is exact.
  const known = new Set([...named, ...builtin.map(keyOf)]);
  return [...namedVulnerabilities, ...builtin, ...imported.filter((hole) => !known.has(keyOf(hole)))].map((hole) => ({
    hole,
    state: stateOf(hole, claims),
  }));
}

/** Days that partners have a fix before it is published; a build of that time may hold it. */
const EMBARGO_DAYS = 45;

function stateOf(hole: Vulnerability, claims: PatchClaims): HoleState {
  if (!claims.parts.has(hole.part)) return 'not affected';
  if (hole.fixedInKernel !== undefined) return kernelState(hole, hole.fixedInKernel, claims);
  if (hole.fixedInStreams !== undefined) return streamState(hole.fixedInStreams, claims);
  // Versions of kernels stand in some rows of the kernel: they say nothing of Android's.
  const affected = hole.part === 'platform' ? affectsVersion(hole.versions, claims.release) : undefined;
  if (affected === false) return 'not affected';
  if (hole.level !== undefined && claims.level !== undefined && claims.level >= hole.level) return 'fixed';
  if (hole.part === 'platform' && isBeforeSource(hole, claims)) return 'fixed';
  // A bulletin that names versions, and only later ones, is silent about this one.
  if (!isTied(hole, claims) || (hole.part === 'platform' && affected === undefined && hole.versions !== '')) return 'inconclusive';
  if (hole.level !== undefined && claims.level !== undefined) return isOlder(claims.builtOn, hole) ? 'missing' : 'not claimed';
  if (hole.level === undefined && affected === undefined) return 'inconclusive';
  // No level is claimed: a platform row must be about this version, the drivers' rows are about all.
  if (hole.part === 'platform' && affected !== true) return 'inconclusive';
  if (claims.level !== undefined) return 'fixed'; // a hole of before there were levels, on a phone that has one
  return isOlder(claims.builtOn, hole) ? 'missing' : 'not claimed';
}

/** Whether a hole was fixed before the source of this version was published: then it has the fix from the start. */
function isBeforeSource({ level }: Vulnerability, { release }: PatchClaims): boolean {
  const published = publishedOn(release);
  return level !== undefined && published !== undefined && level.slice(0, 7) < published;
}

/** Peripherals, whose drivers are there or not; the others are parts of a chip. */
const PERIPHERAL: ReadonlySet<VulnerablePart> = new Set(['broadcom', 'synaptics']);

/**
 * Whether a hole is known to be in what this phone has: in Android, in a driver that is there, or in the chip or kernel of a device that the bulletin names.
 * A bulletin's row of "Qualcomm components" without a device may be about any chip since or before.
 */
function isTied({ part, devices = [] }: Vulnerability, { chip, kernel }: PatchClaims): boolean {
  if (part === 'platform' || PERIPHERAL.has(part)) return true;
  if (part !== 'kernel') return chip !== undefined && isOfNamedChip(devices, chip);
  const own = versionNumbers(kernel?.version ?? '');
  return own !== undefined && isOfNamedKernel(devices, `${own[0]}.${own[1]}`);
}

/** Holes of drivers and of the kernel that nothing claims to be fixed, and that nothing ties to this phone. */
export const isUntied = ({ hole, state }: JudgedHole, claims: PatchClaims): boolean =>
  state === 'inconclusive' &&
  hole.part !== 'platform' &&
  hole.fixedInStreams === undefined &&
  hole.level !== undefined &&
  (claims.level === undefined ? !isBeforeSource(hole, claims) : claims.level < hole.level);

/** By the kernel's own stream. A level that the phone claims says nothing of them: the table knows no levels. */
function streamState(fixedIn: Readonly<Record<string, string>>, { kernel }: PatchClaims): HoleState {
  const own = versionNumbers(kernel?.version ?? '');
  const fixed = versionNumbers(fixedIn[`${own?.[0]}.${own?.[1]}`] ?? '');
  if (own === undefined || fixed === undefined) return 'inconclusive';
  return compareVersions(own, fixed) >= 0 ? 'fixed' : 'not claimed';
}

function kernelState(hole: Vulnerability, fixedIn: string, { kernel, level }: PatchClaims): HoleState {
  // Levels began after the fixes of those without one, and every level claims them.
  if (level !== undefined && (hole.level === undefined || level >= hole.level)) return 'fixed';
  const [own, fixed] = [versionNumbers(kernel?.version ?? ''), versionNumbers(fixedIn)];
  if (own === undefined || fixed === undefined) return 'inconclusive';
  if (compareVersions(own, fixed) >= 0) return 'not affected';
  const inStream = versionNumbers(hole.fixedInStreams?.[`${own[0]}.${own[1]}`] ?? '');
  if (inStream !== undefined && compareVersions(own, inStream) >= 0) return 'fixed';
  if (isOlder(kernel?.builtOn, hole)) return 'missing';
  if (inStream !== undefined) return 'not claimed';
  // Older streams got the fix in releases of their own, which are not known here. A kernel without a point release took none of them.
  const isOwnStream = own[0] === fixed[0] && own[1] === fixed[1];
  return isOwnStream || own[2] === 0 ? 'not claimed' : 'inconclusive';
}

/** Whether something was built before anybody had the fix. */
function isOlder(builtOn: string | undefined, { fixedOn }: Vulnerability): boolean {
  return builtOn !== undefined && fixedOn !== '' && dayNumber(builtOn) < dayNumber(fixedOn) - EMBARGO_DAYS;
}

/** Days on a common scale; only differences count. */
function dayNumber(day: string): number {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return year * 365.25 + (month - 1) * 30.44 + date;
}
