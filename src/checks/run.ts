import { type Fact, factsOf, type Place, reaches, type Standing, type Toolmark, toolmarkName, weaker } from '../evidence/index.ts';
import {
  ADVERSARIES,
  type Adversary,
  type Axis,
  type Cause,
  type Check,
  type CheckContext,
  type Clearance,
  type Nature,
  type NotExamined,
  type Strength,
} from './define.ts';
import { type Rate, rateOf } from './rates.ts';

/** What a check found, with all that a reader of the report needs. */
export interface Finding {
  readonly check: string;
  readonly title: string;
  readonly axis: Axis;
  readonly strength: Strength;
  readonly standing: Standing;
  readonly claimed: string;
  readonly observed: string;
  readonly because: string;
  readonly evidence: readonly Place[];
  readonly benign: readonly string[];
  readonly falsePositiveRate: Rate;
  readonly confirm: string;
  readonly group: string;
  readonly causes: readonly Cause[];
  readonly nature: Nature | undefined;
  readonly flag: 'malware' | undefined;
  readonly names: string | undefined;
  /** What the same hand would leave on other phones. */
  readonly toolmarks: readonly Toolmark[];
}

export interface Passed {
  readonly check: string;
  readonly axis: Axis;
  readonly standing: Standing;
  readonly catches: Check['catches'];
  readonly clears: Clearance | undefined;
}

export interface CheckResults {
  readonly findings: readonly Finding[];
  readonly passed: readonly Passed[];
  readonly notExamined: readonly NotExamined[];
}

const STRENGTHS: readonly Strength[] = ['conclusive', 'strong', 'weak', 'note'];

/** Runs every check. A check that throws is not examined, with its error: it never passes and never stops the others. */
export function runChecks(checks: readonly Check[], context: CheckContext): CheckResults {
  const findings: Finding[] = [];
  const passed: Passed[] = [];
  const notExamined: NotExamined[] = [];
  for (const check of checks) {
    const missing = check.needs.filter((kind) => !hasFact(context, kind, check.standing));
    if (missing.length > 0) {
      notExamined.push({ what: check.title, because: `nothing was read of: ${missing.join(', ')}`, settledBy: check.settledBy });
      continue;
    }
    const outcome = attempt(check, context);
    if (outcome.outcome === 'not-applicable') continue;
    if (outcome.outcome === 'not-checked') notExamined.push({ what: check.title, because: outcome.because, settledBy: outcome.settledBy });
    else if (outcome.outcome === 'incomplete') notExamined.push(...outcome.missing);
    else if (outcome.outcome === 'pass') {
      notExamined.push(...(outcome.beyond ?? []));
      // Rule 7: what a recording says is told, whatever the check took it for.
      const standing = context.trust === 'bearer' ? weaker(outcome.standing, 'told') : outcome.standing;
      passed.push({
        check: check.id,
        axis: check.axis,
        standing,
        catches: reachOf(check.catches, standing),
        clears: clearance(outcome, context),
      });
    } else {
      for (const draft of outcome.findings) {
        const strength = weakest(check.strength, draft.strength ?? check.strength);
        findings.push({
          check: check.id,
          title: check.title,
          axis: draft.axis ?? check.axis,
          strength,
          // Rule 7 of the design: a recording's facts are at most told, whatever a check says of them.
          standing: context.trust === 'bearer' ? weaker(draft.standing, 'told') : draft.standing,
          claimed: draft.claimed,
          observed: draft.observed,
          because: draft.because,
          evidence: draft.evidence,
          benign: check.benign,
          falsePositiveRate: rateOf(check.id),
          confirm: check.confirm,
          group: check.group,
          causes: draft.causes ?? check.causes,
          nature: draft.nature,
          flag: draft.flag,
          names: draft.names,
          // What may be a maker's own is nobody's mark.
          toolmarks: strength === 'conclusive' || strength === 'strong' ? (draft.toolmarks ?? []) : [],
        });
      }
    }
  }
  return { findings: merged(findings), passed, notExamined };
}

/** What several artefacts show in the same words is one finding with the evidence of all: its standing is that of the strongest. */
function merged(findings: readonly Finding[]): readonly Finding[] {
  const byWords = new Map<string, Finding>();
  for (const finding of findings) {
    const key = JSON.stringify([finding.check, finding.axis, finding.strength, finding.claimed, finding.observed, finding.because]);
    const found = byWords.get(key);
    if (found === undefined) byWords.set(key, finding);
    else
      byWords.set(key, {
        ...found,
        evidence: [...found.evidence, ...finding.evidence],
        toolmarks: [...new Map([...found.toolmarks, ...finding.toolmarks].map((mark) => [toolmarkName(mark), mark])).values()],
        standing: reaches(found.standing, finding.standing) ? found.standing : finding.standing,
      });
  }
  return [...byWords.values()];
}

function hasFact(context: CheckContext, kind: Fact['kind'], standing: Standing): boolean {
  // A recording's facts are all told: its checks run on what there is, and the verdict is capped instead.
  return factsOf(context.facts, kind).some((fact) => context.trust === 'bearer' || reaches(fact.standing, standing));
}

function attempt(check: Check, context: CheckContext) {
  try {
    return check.run(context);
  } catch (error) {
    const because = `the check stopped with an error: ${error instanceof Error ? error.message : String(error)}`;
    return { outcome: 'not-checked', because, settledBy: 'a version of assay without this fault; please report it' } as const;
  }
}

/** A clearance counts only with evidence that cannot be faked by software, from a phone that is here; an image that is here can be the maker's own build, and nothing else. */
function clearance(outcome: { readonly standing: Standing; readonly clears?: Clearance }, context: CheckContext): Clearance | undefined {
  const isHere = context.trust === 'live' || (context.trust === 'image' && outcome.clears?.axis === 'software');
  return isHere && reaches(outcome.standing, 'measured') ? outcome.clears : undefined;
}

/** An edited string hides from whoever reads strings, so what is told never reaches above an app; only what software cannot fake reaches above the kernel. */
const REACH_MAX: Readonly<Record<Standing, Adversary>> = { told: 'app', shown: 'kernel', measured: 'bootloader', signed: 'bootloader' };

function reachOf(catches: Adversary | undefined, standing: Standing): Adversary | undefined {
  if (catches === undefined) return undefined;
  const most = REACH_MAX[standing];
  return ADVERSARIES.indexOf(catches) > ADVERSARIES.indexOf(most) ? most : catches;
}

function weakest(a: Strength, b: Strength): Strength {
  return STRENGTHS.indexOf(a) > STRENGTHS.indexOf(b) ? a : b;
}
