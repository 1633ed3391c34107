/**
 * Which builds a phone is held against. The phone names one itself, what is claimed of it may call for another, and its files may be nearest to a third:
 * the accused does not choose the yardstick alone, and where the three differ that is said.
 */
import { type Claims, type Facts, factsOf } from '../../evidence/index.ts';
import type { Reference } from '../provenance.ts';
import { type ComparePhoneOptions, comparePhone, type PhoneComparison } from './phone.ts';
import { phoneTree } from './phone-tree.ts';

/** Why a build is a yardstick. `said`: the phone names it. `spelling`: the phone names this build, its fingerprint spelled otherwise. `claimed`: box or seller call for it. `nearest`: its files are the likest. `given`: the operator named it. */
export const YARDSTICK_REASONS = ['said', 'spelling', 'claimed', 'nearest', 'given'] as const;
export type YardstickReason = (typeof YARDSTICK_REASONS)[number];

export interface Yardstick {
  readonly reference: Reference;
  readonly reasons: readonly YardstickReason[];
  readonly comparison: PhoneComparison;
}

/** Builds that are compared, most. */
const YARDSTICKS_MAX = 8;

/** The yardsticks in the order in which they count: what the phone says, what is claimed, what is nearest, what was given besides. */
export function yardsticksOf(
  facts: Facts,
  claims: Claims,
  references: readonly Reference[],
  options: ComparePhoneOptions = {},
): readonly Yardstick[] {
  const said = namedFingerprints(facts);
  const found = references.slice(0, YARDSTICKS_MAX).map((reference) => {
    const reasons: YardstickReason[] = [];
    const own = ownFingerprints(reference);
    if (said.some((fingerprint) => own.includes(fingerprint))) reasons.push('said');
    else if (said.some((fingerprint) => isSameBuild(fingerprint, reference))) reasons.push('spelling');
    if (isClaimed(claims, reference)) reasons.push('claimed');
    return { reference, reasons, comparison: comparePhone(facts, reference.manifest, { ...options, made: reference.provenance?.made }) };
  });
  const nearest = found.toSorted((a, b) => likeness(b.comparison) - likeness(a.comparison))[0];
  return found
    .map((one): Yardstick => {
      const near = one === nearest && one.comparison.same > 0 ? (['nearest'] as const) : [];
      const reasons = [...one.reasons, ...near];
      return { ...one, reasons: reasons.length === 0 ? ['given'] : reasons };
    })
    .toSorted((a, b) => rankOf(a) - rankOf(b) || likeness(b.comparison) - likeness(a.comparison));
}

const rankOf = ({ reasons }: Yardstick): number => Math.min(...reasons.map((reason) => YARDSTICK_REASONS.indexOf(reason)));
const likeness = ({ same, differences }: PhoneComparison): number => same / Math.max(1, same + differences.length);

const FINGERPRINT = /^(?:ro\.(?:(?:system|system_ext|product|vendor|odm)\.)?build\.fingerprint|ro\.bootimage\.build\.fingerprint)$/;

/** Every fingerprint that the phone's properties state, the running system's first. */
export function fingerprintsOf(facts: Facts): readonly string[] {
  const properties = factsOf(facts, 'properties');
  const order = [
    ...properties.filter(({ value }) => value.layer === 'runtime'),
    ...properties.filter(({ value }) => value.layer !== 'runtime'),
  ];
  const all = order.flatMap(({ value }) => value.entries.filter(({ key, value: text }) => FINGERPRINT.test(key) && text !== ''));
  const rank = (key: string) => (key === 'ro.build.fingerprint' ? 0 : key === 'ro.system.build.fingerprint' ? 1 : 2);
  return [...new Set(all.toSorted((a, b) => rank(a.key) - rank(b.key)).map(({ value }) => value))];
}

/** What the whole calls itself; the vendor's fingerprint is often an older build's on genuine phones, so it only counts where nothing else is said. */
function namedFingerprints(facts: Facts): readonly string[] {
  const whole = factsOf(facts, 'properties').flatMap(({ value }) =>
    value.entries.flatMap(({ key, value: text }) => (/^ro\.(?:system\.)?build\.fingerprint$/.test(key) && text !== '' ? [text] : [])),
  );
  return whole.length > 0 ? [...new Set(whole)] : fingerprintsOf(facts);
}

/** Fingerprints by which a build is named: those of parts that outlive it are not. */
const ownFingerprints = ({ manifest: { identity } }: Reference): readonly string[] =>
  Object.entries(identity).flatMap(([key, value]) => (/^(?:vendor|odm|vendor_dlkm|odm_dlkm|bootimage)\./.test(key) ? [] : [value]));

/** `brand/product/device:release/id/incremental:type/tags`. Source: Android CDD 3.2.2, Build.FINGERPRINT. */
export function partsOf(fingerprint: string) {
  const [, brand, product, device, release, id, incremental, type, tags] =
    /^([^/:]*)\/([^/:]*)\/([^/:]*):([^/:]*)\/([^/:]*)\/([^/:]*):([^/:]*)\/([^/:]*)$/.exec(fingerprint) ?? [];
  return brand === undefined ? undefined : { brand, product, device, release, id, incremental, type, tags };
}

/** Whether a fingerprint names a reference's build although it is spelled otherwise: id, release and incremental agree, and the maker's name. Carriers' and regions' variants differ in product and device. */
function isSameBuild(fingerprint: string, { manifest }: Reference): boolean {
  const said = partsOf(fingerprint);
  if (said === undefined || said.incremental === '' || said.id === '') return false;
  return Object.entries(manifest.identity).some(([key, value]) => {
    const own = /^(?:(?:system|product)\.)?build\.fingerprint$/.test(key) ? partsOf(value) : undefined;
    return (
      own !== undefined &&
      own.incremental === said.incremental &&
      own.id === said.id &&
      own.release === said.release &&
      own.brand?.toLowerCase() === said.brand?.toLowerCase()
    );
  });
}

const plain = (text: string) => text.toLowerCase().replaceAll(/[^a-z0-9]+/g, '');

/** Whether what is claimed calls for this build: the build itself, or else its model. */
function isClaimed({ build, model }: Claims, { manifest: { identity } }: Reference): boolean {
  const values = (pattern: RegExp) => Object.entries(identity).flatMap(([key, value]) => (pattern.test(key) ? [value] : []));
  if (build !== undefined) return values(/fingerprint$|incremental$|display\.id$|^build\.id$/).some((value) => value === build);
  return (
    model !== undefined &&
    values(/^product\..*(?:model|device|name)$|^product\.(?:model|device|name)$/).some((value) => plain(value) === plain(model))
  );
}

/** The digests of files that a phone showed, by path: what a shelf is asked with. */
export function digestsOf(facts: Facts): ReadonlyMap<string, string> {
  const digests = new Map<string, string>();
  for (const [path, { sha256 }] of phoneTree(facts).rows) if (sha256 && /^[0-9a-f]{64}$/.test(sha256)) digests.set(path, sha256);
  return digests;
}

/** What a build is called: its fingerprint, else what its identity says first. */
export function buildName({ identity }: Pick<Reference['manifest'], 'identity'>): string {
  const named = [
    'build.fingerprint',
    'system.build.fingerprint',
    'product.build.fingerprint',
    'vendor.build.fingerprint',
    'build.display.id',
    'build.id',
  ];
  return named.map((key) => identity[key]).find((value) => value !== undefined && value !== '') ?? 'a build that does not name itself';
}

/** Where else a content occurs: what a shelf answered of a file that is not the named build's. */
export interface ElsewhereFile {
  /** The first build it occurs in, by name. */
  readonly build: string;
  readonly path: string;
  /** Whether the maker's signature or an official list vouches for that build. */
  readonly isOfficial: boolean;
}
