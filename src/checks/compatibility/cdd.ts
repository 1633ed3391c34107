/**
 * Clauses of Android's Compatibility Definition that a capture can decide, each a check of its own, so that the report says of each whether it holds.
 * Source: platform/compatibility/cdd (Apache-2.0), Android 7.1 to 13, of which 7.1 does not number its clauses. A release whose
 * definition is not known here is judged by none.
 * What a clause finds is context (`note`): a genuine phone may break a clause, and then its maker's claim is wrong, not the phone. It is held against that claim.
 */
import type { Place, Standing } from '../../evidence/index.ts';
import { said } from '../boot/index.ts';
import { type Check, type CheckContext, defineCheck, failOrPass, notApplicable, notChecked } from '../define.ts';

/** Definitions whose clauses are known here, oldest first. */
const DEFINITIONS = ['7.1', '8.1', '9', '10', '11', '12', '13'] as const;
export type Definition = (typeof DEFINITIONS)[number];

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
  /** The clause's id in each definition that has it; one text where it is the same in all. */
  readonly clause: string | Readonly<Partial<Record<Definition, string>>>;
  /** Whether the definition of Android 7.1, which numbers nothing, demands the same of every phone in the same section. */
  readonly unnumberedToo?: true;
  /** What it demands, in our words. */
  readonly demands: string;
  readonly why: string;
  readonly benign: readonly string[];
  /** The one clause that says for all that a release is not covered. */
  readonly speaksForAll?: true;
  readonly settledBy: string;
  readonly decide: (context: CheckContext, release: Definition) => Decided;
}

/** The definition that a release is judged by; undefined for one that none here covers. */
export function definitionOf(release: string): Definition | undefined {
  const [, major, minor] = /^(\d{1,2})(?:\.(\d))?/.exec(release.trim()) ?? [];
  if (major === '7' || major === '8') return minor === '1' ? `${major}.1` : undefined;
  return DEFINITIONS.find((definition) => definition === major);
}

/** What a definition calls a clause; undefined where it has none of the sort. */
function idIn({ clause, unnumberedToo }: Clause, definition: Definition): string | undefined {
  if (definition === '7.1') return unnumberedToo === true ? 'unnumbered' : undefined;
  return typeof clause === 'string' ? clause : clause[definition];
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
    spec: [`CDD ${section} (platform/compatibility/cdd, Android ${clause.unnumberedToo === true ? '7.1' : '8.1'} to 13)`],
    run(context) {
      const release = said(context, 'ro.build.version.release');
      if (release === undefined) return notChecked('the phone does not say which Android it runs', 'getprop');
      const definition = definitionOf(release.value);
      if (definition === undefined)
        return clause.speaksForAll !== true
          ? notApplicable
          : notChecked(
              `the clauses that are known here are those of Android 7.1 to 13, and the phone states ${release.value.slice(0, 20)}`,
              'the definition of that Android',
            );
      const id = idIn(clause, definition);
      if (id === undefined) return notApplicable;
      const decided = clause.decide(context, definition);
      if ('open' in decided) return notChecked(decided.open, settledBy);
      if ('holds' in decided) return failOrPass([], decided.standing);
      return failOrPass(
        [
          {
            claimed: `Android ${release.value}, compatible`,
            observed: decided.broken,
            because: `The Compatibility Definition of Android ${definition} demands in ${section} [${id}]: ${demands}.`,
            standing: decided.standing,
            evidence: decided.evidence,
          },
        ],
        decided.standing,
      );
    },
  });
}
