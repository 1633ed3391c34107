/** Findings to the answers of the three axes (design: The verdict). */
import { ADVERSARIES, type Adversary, type CheckResults, type Finding, type Nature, type Passed } from '../checks/index.ts';

export interface AxisResult<A extends string> {
  readonly answer: A;
  /** The findings that decided, strongest first; empty unless the axis is against the phone. */
  readonly decidedBy: readonly Finding[];
  /** Where the axis is unproven: the strongest adversary that the checks made would have caught; null where none would have caught anything. */
  readonly reach: Adversary | null;
}

export interface Axes {
  readonly hardware: AxisResult<'genuine' | 'counterfeit' | 'unproven'>;
  readonly software: AxisResult<'genuine' | 'altered' | 'unproven'>;
  readonly custody: AxisResult<'authorised' | 'broken' | 'unproven'>;
  /** How the software is altered, where it is. */
  readonly nature: Nature | null;
}

type JudgedAxis = 'hardware' | 'software' | 'custody';

/** Answers each axis: against the phone by findings, for it only by clearances, `unproven` with its reach otherwise. Starts unproven. */
export function answerAxes(results: CheckResults): Axes {
  const hardware = axisOf(results, 'hardware', 'counterfeit', 'genuine');
  const software = axisOf(results, 'software', 'altered', 'genuine');
  const custody = axisOf(results, 'custody', 'broken', 'authorised');
  return { hardware, software, custody, nature: software.answer === 'altered' ? natureOf(software.decidedBy) : null };
}

function axisOf<Against extends string, For extends string>(
  results: CheckResults,
  axis: JudgedAxis,
  against: Against,
  inFavour: For,
): AxisResult<Against | For | 'unproven'> {
  const decidedBy = deciding(results.findings.filter((finding) => finding.axis === axis));
  if (decidedBy.length > 0) return { answer: against, decidedBy, reach: null };
  const cleared = results.passed.some((passed) => passed.clears?.axis === axis);
  // One strong finding does not decide against, but it does stand in the way of a clearance.
  const doubted = results.findings.some((finding) => finding.axis === axis && finding.strength === 'strong');
  if (cleared && !doubted) return { answer: inFavour, decidedBy: [], reach: null };
  return { answer: 'unproven', decidedBy: [], reach: reachOf(results.passed, axis) };
}

/** The findings that decide an axis: every conclusive one, or two strong ones that no single event explains; none otherwise. */
export function deciding(findings: readonly Finding[]): readonly Finding[] {
  const conclusive = findings.filter((finding) => finding.strength === 'conclusive');
  const strong = findings.filter((finding) => finding.strength === 'strong');
  if (conclusive.length > 0) return [...conclusive, ...strong];
  const corroborated = strong.filter((finding) => strong.some((other) => independent(finding, other)));
  return corroborated;
}

/** Whether no single edit, update, variant or repair explains both findings, and they rest on different surfaces. */
export function independent(a: Finding, b: Finding): boolean {
  return a.group !== b.group && !a.causes.some((cause) => b.causes.includes(cause));
}

/** The strongest adversary that any check that passed would have caught. */
function reachOf(passed: readonly Passed[], axis: JudgedAxis): Adversary | null {
  let best = -1;
  for (const check of passed)
    if (check.axis === axis && check.catches !== undefined) best = Math.max(best, ADVERSARIES.indexOf(check.catches));
  return ADVERSARIES[best] ?? null;
}

/**
 * A foreign ROM says what it is, so it comes first: an owner's LineageOS also differs from the maker's build in every file.
 * Mixed and downgraded are said of parts that are all official; any other change is a modification.
 */
function natureOf(decidedBy: readonly Finding[]): Nature {
  const natures = decidedBy.map((finding) => finding.nature).filter((nature) => nature !== undefined);
  for (const nature of ['foreign', 'modified', 'mixed', 'downgraded'] as const) if (natures.includes(nature)) return nature;
  return 'modified';
}
