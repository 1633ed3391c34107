/**
 * Clauses of Android's Compatibility Definition that a capture can decide, each a check of its own, so that the report says of each whether it holds.
 * Source: Android 4.4 to 13 as platform/docs/source.android.com (en/compatibility) and platform/compatibility/cdd have them (Apache-2.0). Those up to 7.1 do
 * not number their clauses. A release whose definition is not known here is judged by none.
 * What a clause finds is context (`note`): a genuine phone may break a clause, and then its maker's claim is wrong, not the phone. It is held against that claim.
 */
import type { Place, Standing } from '../../evidence/index.ts';
import { said } from '../boot/index.ts';
import { type Check, type CheckContext, defineCheck, failOrPass, notApplicable, notChecked } from '../define.ts';

/** Definitions whose clauses are known here, oldest first. */
const KNOWN = ['4.4', '5.0', '5.1', '6.0', '7.0', '7.1', '8.0', '8.1', '9', '10', '11', '12', '13'] as const;
/** Those whose text could not be read, of which a clause is known by a page of its own. Clauses apply to them by name only. */
const IN_PART = ['14', '15'] as const;
const DEFINITIONS = [...KNOWN, ...IN_PART] as const;
export type Definition = (typeof DEFINITIONS)[number];

/** Those that number nothing. */
const UNNUMBERED = ['4.4', '5.0', '5.1', '6.0', '7.0', '7.1'] as const;
type Unnumbered = (typeof UNNUMBERED)[number];

/** What a definition without numbers says: where, and what it demands, where that differs from later ones. */
interface UnnumberedClause {
  readonly section?: string;
  readonly demands?: string;
}

/** What a clause found: nothing, that it is broken, or that it cannot be told. */
export type Decided =
  | { readonly holds: true; readonly standing: Standing }
  | { readonly broken: string; readonly standing: Standing; readonly evidence: readonly [Place, ...Place[]] }
  | { readonly open: string };

export interface Clause {
  /** `compatibility.` and this. */
  readonly id: string;
  /** Section, as in `9.7`. */
  readonly section: string;
  /** The clause's id in each definition that has it; one text where it is the same in all that are known whole. */
  readonly clause: string | Readonly<Partial<Record<Definition, string>>>;
  /** Definitions without numbers that demand it, or what came before it. */
  readonly unnumbered?: Readonly<Partial<Record<Unnumbered, UnnumberedClause>>>;
  /** What it demands, in our words. */
  readonly demands: string;
  readonly why: string;
  readonly benign: readonly string[];
  /** The one clause that says for all that a release is not covered. */
  readonly speaksForAll?: true;
  readonly settledBy: string;
  readonly decide: (context: CheckContext, release: Definition) => Decided;
}

/** A clause that every definition without numbers has as the later ones do. */
export const ALL_UNNUMBERED: NonNullable<Clause['unnumbered']> = Object.fromEntries(UNNUMBERED.map((definition) => [definition, {}]));

/** The definition that a release is judged by; undefined for one that none here covers. */
export function definitionOf(release: string): Definition | undefined {
  const [, major = '', minor] = /^(\d{1,2})(?:\.(\d))?/.exec(release.trim()) ?? [];
  const named = (name: string) => DEFINITIONS.find((definition) => definition === name);
  return named(`${major}.${minor ?? '0'}`) ?? named(major);
}

/** What a definition says of a clause. Undefined where it says nothing of the sort. */
function clauseIn(
  clause: Clause,
  definition: Definition,
): { readonly id: string; readonly section: string; readonly demands: string } | undefined {
  const { section, demands, unnumbered } = clause;
  const without = UNNUMBERED.find((one) => one === definition);
  if (without !== undefined) {
    const said = unnumbered?.[without];
    return said === undefined ? undefined : { id: 'unnumbered', section, demands, ...said };
  }
  const isWhole = KNOWN.some((one) => one === definition);
  const id = typeof clause.clause !== 'string' ? clause.clause[definition] : isWhole ? clause.clause : undefined;
  return id === undefined ? undefined : { id, section, demands };
}

/** The level from which on a phone is held to encryption and verified boot: what was launched before is exempt for ever. */
const LAUNCHED_FROM = 23;
const FIRST_DEMANDED: ReadonlySet<Definition> = new Set(['6.0', '7.0', '7.1']);

/** Why a phone of Android 6 or 7 may be exempt from what was new in 6; undefined where it says that it was launched with it. */
export function beforeLaunchDemand(context: CheckContext, release: Definition): string | undefined {
  if (!FIRST_DEMANDED.has(release)) return undefined;
  const first = said(context, 'ro.product.first_api_level');
  if (first === undefined)
    return 'phones that were launched before Android 6 are exempt, and this one does not say with which Android it was';
  return Number(first.value) >= LAUNCHED_FROM
    ? undefined
    : 'phones that were launched before Android 6 are exempt, and this one says that it was';
}

/** The definitions that have a clause, oldest and newest. */
function span(clause: Clause): string {
  const those = DEFINITIONS.filter((definition) => clauseIn(clause, definition) !== undefined);
  return `${those[0]} to ${those.at(-1)}`;
}

/** Makes the check of a clause. */
export function defineClause(clause: Clause): Check {
  const { section, demands, settledBy } = clause;
  return defineCheck({
    id: `compatibility.${clause.id}`,
    axis: 'posture',
    title: `CDD ${section}: ${demands}`,
    what: `Clause ${section} ${typeof clause.clause === 'string' ? clause.clause : [...new Set(Object.values(clause.clause))].join(' or ')} of the Compatibility Definition of the Android that the phone states.`,
    why: clause.why,
    benign: [...clause.benign, 'A maker may break a clause: then its claim to be compatible is wrong, and the phone may still be its own.'],
    confirm: `Read ${section} of the definition of that Android, and the value on the phone.`,
    strength: 'note',
    standing: 'told',
    needs: ['properties'],
    settledBy,
    group: 'cdd',
    causes: ['engineering', 'rom-flash', 'owner-settings'],
    catches: undefined,
    spec: [`CDD ${section} (platform/compatibility/cdd, Android ${span(clause)})`],
    run(context) {
      const release = said(context, 'ro.build.version.release');
      if (release === undefined) return notChecked('the phone does not say which Android it runs', 'getprop');
      const definition = definitionOf(release.value);
      const found = definition === undefined ? undefined : clauseIn(clause, definition);
      if (definition === undefined || found === undefined) {
        const isCovered = KNOWN.some((one) => one === definition);
        if (isCovered || clause.speaksForAll !== true) return notApplicable;
        return notChecked(
          `the clauses that are known here are those of Android ${KNOWN[0]} to ${KNOWN.at(-1)}, and the phone states ${release.value.slice(0, 20)}`,
          'the definition of that Android',
        );
      }
      const decided = clause.decide(context, definition);
      if ('open' in decided) return notChecked(decided.open, settledBy);
      if ('holds' in decided) return failOrPass([], decided.standing);
      return failOrPass(
        [
          {
            claimed: `Android ${release.value}, compatible`,
            observed: decided.broken,
            because: `The Compatibility Definition of Android ${definition} demands in ${found.section} [${found.id}]: ${found.demands}.`,
            standing: decided.standing,
            evidence: decided.evidence,
          },
        ],
        decided.standing,
      );
    },
  });
}
