import { type Instant, instantMs, instantOf } from '../bytes/index.ts';
import {
  ADVERSARIES,
  type Adversary,
  type CheckResults,
  type Finding,
  isForOperator,
  isMissingPiece,
  type SubjectTrust,
} from '../checks/index.ts';
import { type Axes, answerAxes } from './axes.ts';
import type { Decision, Policy, PolicyCondition } from './policy.ts';

export interface Verdict {
  readonly axes: Axes;
  readonly decision: Decision;
  readonly policy: string;
  /** One sentence that a clerk understands. */
  readonly reason: string;
  /** What to do next. */
  readonly nextStep: string;
  readonly expires: Instant;
}

/** What the decision depends on besides findings. */
export interface Circumstances {
  readonly trust: SubjectTrust;
  readonly asOf: Instant;
  /** Whether the model claimed was launched with hardware key attestation; undefined where the model is not known. */
  readonly attests: boolean | undefined;
  /** Whether the secure world was asked, or an answer of one was brought. */
  readonly isAsked: boolean;
  /** What box or seller call the phone, else what it calls itself. */
  readonly claimedModel: string | undefined;
}

/** What the sentences are made of. */
interface Weighed {
  readonly results: CheckResults;
  readonly axes: Axes;
  readonly malware: readonly Finding[];
  readonly circumstances: Circumstances;
}

/** Weighs findings into the verdict. Pure: the same results, policy and circumstances give the same verdict. */
export function decide(results: CheckResults, policy: Policy, circumstances: Circumstances): Verdict {
  const axes = answerAxes(results);
  const malware = results.findings.filter((finding) => finding.flag === 'malware' && isStrong(finding));
  const weighed: Weighed = { results, axes, malware, circumstances };
  const { decision, because } = decisionOf(weighed, policy);
  return {
    axes,
    decision,
    policy: policy.name,
    reason: reasonOf(weighed, decision, because),
    nextStep: nextStepOf(weighed, decision),
    expires: instantOf(instantMs(circumstances.asOf) + policy.validDays * 86_400_000),
  };
}

const isStrong = ({ strength }: Finding) => strength === 'conclusive' || strength === 'strong';

function decisionOf(weighed: Weighed, policy: Policy): { readonly decision: Decision; readonly because: string } {
  // Rule 7: a recording is its bearer's word.
  if (weighed.circumstances.trust === 'bearer')
    return { decision: 'hold', because: 'this is a recording, and a recording alone never accepts or rejects a phone' };
  if (weighed.circumstances.trust === 'image') return imageDecision(weighed, policy);
  const rule = policy.rules.find(({ when }) => holds(when, weighed));
  if (rule === undefined) return { decision: 'hold', because: 'what was examined neither clears nor convicts it' };
  // No policy accepts malware.
  if (weighed.malware.length > 0 && rule.decide === 'accept') return { decision: 'hold', because: 'it carries known malware' };
  return { decision: rule.decide, because: rule.because };
}

const DIFFERS = 'it differs from the build that it was held against, which nobody here vouches for or which it does not name';

/** An image has no hardware and no custody: a policy's rules against altered software hold, and only the maker's own bytes are accepted. */
function imageDecision(weighed: Weighed, policy: Policy): { readonly decision: Decision; readonly because: string } {
  const { axes, malware, results } = weighed;
  const against = policy.rules.find(
    ({ when, decide: decision }) => decision !== 'accept' && when.software !== undefined && holds(when, weighed),
  );
  if (against !== undefined) return { decision: against.decide, because: against.because };
  if (malware.length > 0) return { decision: 'hold', because: 'it carries known malware' };
  return axes.software.answer === 'genuine'
    ? { decision: 'accept', because: 'every partition is its maker’s own, byte for byte' }
    : {
        decision: 'hold',
        because: results.findings.some(({ group }) => group === 'system-files') ? DIFFERS : 'nothing here shows whose build it is',
      };
}

function holds(when: PolicyCondition, { results, axes, circumstances }: Weighed): boolean {
  if (when.hardware !== undefined && !when.hardware.includes(axes.hardware.answer)) return false;
  if (when.software !== undefined && !when.software.includes(axes.software.answer)) return false;
  if (when.custody !== undefined && !when.custody.includes(axes.custody.answer)) return false;
  if (when.nature !== undefined && (axes.nature === null || !when.nature.includes(axes.nature))) return false;
  if (when.softwareReach !== undefined && axes.software.answer === 'unproven' && !reachesFar(axes.software.reach, when.softwareReach))
    return false;
  if (when.hardwareReach !== undefined && axes.hardware.answer === 'unproven' && !reachesFar(axes.hardware.reach, when.hardwareReach))
    return false;
  if (when.strongFinding === false && results.findings.some(isStrong)) return false;
  // A model that is not known is not known to be old.
  return when.beforeAttestation !== true || circumstances.attests === false;
}

const reachesFar = (reach: Adversary | null, wanted: Adversary) =>
  reach !== null && ADVERSARIES.indexOf(reach) >= ADVERSARIES.indexOf(wanted);

function reasonOf({ axes, malware, circumstances }: Weighed, decision: Decision, because: string): string {
  const recording = circumstances.trust === 'bearer';
  const image = circumstances.trust === 'image';
  const subject = recording ? 'The phone in this recording' : image ? 'This image' : 'This phone';
  const parts: string[] = [];
  if (axes.hardware.answer === 'counterfeit') {
    const found = named(axes.hardware.decidedBy);
    parts.push(
      `is not ${circumstances.claimedModel === undefined ? 'what it is sold as' : `the ${circumstances.claimedModel} that it is said to be`}${found === undefined ? '' : ` (its silicon is ${found})`}`,
    );
  }
  if (axes.software.answer === 'altered') parts.push(image ? alteredImagePart(axes) : alteredPart(axes));
  if (axes.custody.answer === 'broken') parts.push('carries an identity, or has a path, that contradicts itself');
  if (malware.length > 0)
    parts.push(
      `carries known malware (${[...new Set(malware.map((finding) => finding.names ?? finding.observed))].slice(0, 3).join(', ')})`,
    );
  if (recording && parts.length === 0)
    return 'Nothing that counts was found in this recording; a recording alone neither accepts nor rejects a phone.';
  if (parts.length > 0) return `${subject} ${joined(parts)}${recording ? '; a recording alone never rejects a phone' : ''}.`;
  return decision === 'accept' ? `${subject} may be accepted: ${because}.` : `${subject} is on hold: ${because}.`;
}

function alteredPart(axes: Axes): string {
  const found = named(axes.software.decidedBy.filter(({ nature }) => nature === 'foreign'));
  switch (axes.nature) {
    case 'foreign':
      return `runs another system than its maker's${found === undefined ? '' : ` (${found})`}`;
    case 'mixed':
      return 'runs parts of several builds that its maker never combined';
    case 'downgraded':
      return 'runs an older system than it did before';
    case 'modified':
    case null:
      return "runs its maker's software with changes that the maker did not make";
  }
}

function alteredImagePart(axes: Axes): string {
  const found = named(axes.software.decidedBy.filter(({ nature }) => nature === 'foreign'));
  switch (axes.nature) {
    case 'foreign':
      return `is another system than the maker's${found === undefined ? '' : ` (${found})`}`;
    case 'mixed':
      return 'is put together of parts of several builds that the maker never combined';
    case 'downgraded':
      return 'is an older build under a newer name';
    case 'modified':
    case null:
      return "is a maker's build with changes that the maker did not make";
  }
}

const named = (findings: readonly Finding[]) => findings.find((finding) => finding.names !== undefined)?.names;
const joined = (parts: readonly string[]) => (parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`);

function nextStepOf({ results, axes, malware, circumstances }: Weighed, decision: Decision): string {
  if (circumstances.trust === 'bearer') return 'Inspect the phone itself over a cable: a recording can be edited by whoever brings it.';
  if (circumstances.trust === 'image') return imageNextStep(axes, malware.length > 0, decision);
  if (axes.hardware.answer === 'counterfeit')
    return 'Do not buy or resell it. Keep it and its packaging as evidence, and ask the maker to confirm with this report.';
  if (axes.custody.answer === 'broken')
    return 'Compare box, invoice and phone, and ask the seller for the repair or ownership papers that would explain the contradiction.';
  if (axes.software.answer === 'altered' && axes.nature === 'foreign') {
    return "Ask who installed this system. To go back, flash the maker's own firmware from its official site and inspect again.";
  }
  if (axes.software.answer === 'altered' || malware.length > 0) {
    return "Do not enter accounts or payment data. Flash the maker's own firmware from its official site, then inspect again.";
  }
  if (decision === 'accept') return 'Keep this report, and inspect again after it expires.';
  const pieces = results.notExamined.filter(isMissingPiece);
  // What the operator can bring comes first; asking again brings nothing that asking did not.
  const piece = pieces.find(isForOperator) ?? pieces[0];
  if (piece !== undefined)
    return `The secure world answered; ${pieces.length === 1 ? 'one piece is' : `${pieces.length} pieces are`} missing to call the phone genuine. ${pieces.length === 1 ? 'It is' : 'First'}: ${piece.settledBy}.`;
  if (circumstances.attests === false) {
    return 'A phone of this age cannot prove its own software. For certainty, flash the maker’s own firmware from its official site, or have its storage read through the mask ROM and compared.';
  }
  if (circumstances.isAsked)
    return 'The secure world was asked, and no authentic statement came: this report says why. Inspect again with a reference of the maker’s build.';
  if (circumstances.attests === true)
    return 'Ask the secure world: inspect again with a key attestation over this cable, and compare with a reference of the maker’s build.';
  const [first] = results.notExamined;
  return first === undefined
    ? "Inspect again with a reference of the maker's build."
    : `Inspect again with a reference of the maker's build, and with ${first.settledBy}.`;
}

function imageNextStep(axes: Axes, isMalware: boolean, decision: Decision): string {
  if (axes.software.answer === 'altered' || isMalware)
    return "Do not install it. Get the package from the maker's own site, and ask whoever offers this one where it comes from.";
  if (decision === 'accept') return 'It may be installed. Keep this report with it.';
  return "Inspect it again with the maker's own package as a reference, from the maker's own site.";
}
