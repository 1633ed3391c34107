/** What the comparison with the build that the phone names comes to: made once, shared by the checks of this family. */
import { type Facts, factOf } from '../../evidence/index.ts';
import { PUBLIC_BOOT_KEYS } from '../../knowledge/attestation/index.ts';
import type { Knowledge } from '../../knowledge/index.ts';
import {
  type ForeignComponent,
  foreignComponents,
  type Group,
  homeOf,
  tallyComponents,
  type WeightId,
  type Yardstick,
  yardsticksOf,
} from '../../references/compare/index.ts';
import type { ComponentName } from '../../references/shelf/index.ts';
import { claimsOf, natureOf, type SaidProperty, said } from '../boot/claims.ts';
import type { CheckContext, Nature } from '../define.ts';

export interface Account {
  /** What the phone calls its build. */
  readonly fingerprint: SaidProperty | undefined;
  readonly yardsticks: readonly Yardstick[];
  /** The build that the phone names; undefined where none of the references is. */
  readonly named: Yardstick | undefined;
  /** Its differences that nothing expects, without those of components that are wholly another build's. */
  readonly groups: readonly Group[];
  readonly foreignParts: readonly ForeignComponent[];
  readonly nature: Nature;
  /** Hardly a file of the system is that build's: another system under its name. */
  readonly isOtherSystem: boolean;
  /** Every file that differs occurs at its place in another official build of this shelf: elsewhere, somebody put it there. */
  readonly isAllOfficial: boolean;
  /** It is an image, and intact under the key that signs the named build: its maker made both, under one fingerprint. */
  readonly isSignedAsNamed: boolean;
}

/** What is said where a difference is the maker's own by its signature. */
export const SIGNED_AS_NAMED =
  ' Its vbmeta is signed with the key that signs that build, so that both are its maker’s, under one fingerprint.';

/** Of so many files of the system seen with digest, fewer than this share are the build's: it is another system, not one with changes. */
const OTHER_SYSTEM_SHARE = 0.2;
const OTHER_SYSTEM_SEEN = 40;

const cache = new WeakMap<Facts, { readonly references: CheckContext['references']; readonly account: Account }>();

/** The account of a context. */
export function accountOf(context: Pick<CheckContext, 'facts' | 'claims' | 'references' | 'elsewhere' | 'knowledge'>): Account {
  const known = cache.get(context.facts);
  if (known?.references === context.references) return known.account;
  const account = makeAccount(context);
  cache.set(context.facts, { references: context.references, account });
  return account;
}

function makeAccount(context: Pick<CheckContext, 'facts' | 'claims' | 'references' | 'elsewhere' | 'knowledge'>): Account {
  const { facts, claims, references, elsewhere, knowledge } = context;
  const fingerprint = said(context, 'ro.system.build.fingerprint') ?? said(context, 'ro.build.fingerprint');
  const yardsticks = references.length === 0 ? [] : yardsticksOf(facts, claims, references, { signerName: signerName(knowledge) });
  const named =
    yardsticks.find(({ reasons }) => reasons.includes('said')) ?? yardsticks.find(({ reasons }) => reasons.includes('spelling'));
  const nature = natureOf(claimsOf(context));
  if (named === undefined)
    return {
      fingerprint,
      yardsticks,
      named,
      groups: [],
      foreignParts: [],
      nature,
      isOtherSystem: false,
      isAllOfficial: false,
      isSignedAsNamed: false,
    };
  const tallies = tallyComponents(facts, references);
  const foreignParts = foreignComponents(tallies, named.reference);
  const system = tallies.find(({ reference, component }) => reference === named.reference && component === 'system');
  const seen = (system?.same ?? 0) + (system?.different ?? 0);
  const isOtherSystem = seen >= OTHER_SYSTEM_SEEN && (system?.same ?? 0) < seen * OTHER_SYSTEM_SHARE;
  const components = new Set(foreignParts.map(({ component }) => component));
  const home = components.size === 0 ? () => undefined : homeOf(named.reference.manifest);
  const groups = named.comparison.groups.filter((group) => group.expected === undefined && !isOfParts(group, components, home));
  const contents = groups.flatMap(({ differences }) => differences).filter(({ change }) => change !== 'removed');
  const isAllOfficial =
    contents.length > 0 &&
    contents.every(({ after, path }) => {
      const found = after?.sha256 ? elsewhere?.get(after.sha256) : undefined;
      return after?.type === 'directory' || (found?.isOfficial === true && found.path === path);
    });
  return {
    fingerprint,
    yardsticks,
    named,
    groups,
    foreignParts,
    nature: isOtherSystem && nature === 'modified' ? 'foreign' : nature,
    isOtherSystem,
    isAllOfficial,
    isSignedAsNamed: isSignedAs(facts, named.reference),
  };
}

/** Whether an image's whole verified-boot chain holds, and begins with a key that signs a build which is vouched for. A key that everybody has is nobody's. */
function isSignedAs(facts: Facts, { vouched, manifest }: Yardstick['reference']): boolean {
  const image = factOf(facts, 'image')?.value;
  if (image === undefined || vouched === 'nobody') return false;
  const own = new Map(manifest.partitions.flatMap(({ name, avb }) => (avb?.keySha256 == null ? [] : [[name, avb.keySha256] as const])));
  const root = image.partitions.find(({ avb }) => avb?.by === 'root')?.name;
  return (
    root !== undefined &&
    own.has(root) &&
    image.partitions.every(
      ({ name, kind, avb }) =>
        (kind === null || (avb?.outcome === 'intact' && !/turn (?:verification|dm-verity) off/.test(avb.because))) &&
        (avb?.keySha256 == null || ((own.get(name) ?? avb.keySha256) === avb.keySha256 && !PUBLIC_BOOT_KEYS.has(avb.keySha256))),
    )
  );
}

/** Whose a signing certificate is, in a reader’s words; undefined where nothing here knows. */
export const signerName =
  ({ signers }: Knowledge) =>
  (sha256: string): string | undefined => {
    const found = signers.find((signer) => signer.sha256 === sha256);
    return found === undefined ? undefined : `${found.owner}’s ${found.role} key${found.role === 'test' ? ', which everybody has' : ''}`;
  };

/** Whether all of a group lies in components that are another build's. */
function isOfParts(group: Group, components: ReadonlySet<ComponentName>, home: (path: string) => ComponentName | undefined): boolean {
  return (
    group.differences.length > 0 &&
    group.differences.every(({ path }) => {
      const component = home(path);
      return component !== undefined && components.has(component);
    })
  );
}

/** Weights that a check of their own tells of. */
export const OWN_CHECKS: ReadonlySet<WeightId> = new Set<WeightId>(['update-keys', 'updater', 'trust', 'names', 'keys-and-input']);
