/** What checks ask of verified answers: which may be argued from, and what ties them to the phone in hand. */
import { toHex } from '../../bytes/index.ts';
import { type Fact, factsOf, type Standing } from '../../evidence/index.ts';
import type { KeyDescription } from '../../formats/x509/index.ts';
import type { CheckContext, Draft, NotExamined, Outcome } from '../define.ts';
import type { VerifiedAnswer } from './types.ts';

/** An answer whose chain is authentic and that states something. */
export interface Attested extends VerifiedAnswer {
  readonly statement: KeyDescription;
}

export const attestationsOf = ({ attestations }: Pick<CheckContext, 'attestations'>): readonly VerifiedAnswer[] => attestations ?? [];

/** Answers of authentic chains, those under our own challenge first: what another phone may have said long ago is argued from last. */
export function attestedOf(context: Pick<CheckContext, 'attestations'>): readonly Attested[] {
  const rank = { ours: 0, none: 1, other: 2 } as const;
  return attestationsOf(context)
    .filter((answer): answer is Attested => answer.result.trusted && answer.statement !== undefined)
    .toSorted((a, b) => rank[a.challenge] - rank[b.challenge]);
}

/** Whether anything of a secure world was asked or brought. */
export const wasAsked = ({ facts }: Pick<CheckContext, 'facts'>): boolean => factsOf(facts, 'attestation').length > 0;

/** Over our nonce, in this conversation: a recording's bearer chose the nonce. */
export const isFresh = ({ trust }: Pick<CheckContext, 'trust'>, { challenge }: VerifiedAnswer): boolean =>
  trust !== 'bearer' && challenge === 'ours';

/** Serial numbers that were seen outside Android: from the bootloader, never fastbootd, and from the descriptors of any other mode. */
export function serialsOutside({
  facts,
}: Pick<CheckContext, 'facts'>): readonly { readonly value: string; readonly place: Fact['place'] }[] {
  const bootloaders = factsOf(facts, 'fastboot').flatMap(({ value, place }) =>
    value.userspace === true
      ? []
      : value.variables.filter(([name, serial]) => name === 'serialno' && serial !== '').map(([, serial]) => ({ value: serial, place })),
  );
  const descriptors = factsOf(facts, 'usb').flatMap(({ value, place }) =>
    ['android', 'recovery', 'sideload'].includes(value.mode) || value.serial === undefined ? [] : [{ value: value.serial, place }],
  );
  return [...bootloaders, ...descriptors];
}

/** Serial numbers compare without case and leading zeros. */
export const normalSerialNumber = (text: string): string =>
  text
    .trim()
    .toLowerCase()
    .replace(/^0+(?=.)/, '');

/** Whether the secure world signed, under our nonce, an ID that was also seen outside Android over our cable. */
export function isBound(context: Pick<CheckContext, 'facts' | 'trust'>, answer: Attested): boolean {
  const serial = answer.statement.hardwareEnforced.attestationIdSerial;
  if (!isFresh(context, answer) || !answer.fact.value.canBind || serial === undefined) return false;
  return serialsOutside(context).some(({ value }) => normalSerialNumber(value) === normalSerialNumber(serial));
}

/** The lock state that bootloaders answer, never fastbootd, which has it from the running system. */
export function locksOutside({
  facts,
}: Pick<CheckContext, 'facts'>): readonly { readonly unlocked: boolean; readonly fact: Fact<'fastboot'> }[] {
  return factsOf(facts, 'fastboot').flatMap((fact) => {
    if (fact.value.userspace === true) return [];
    const said = fact.value.variables
      .find(([name]) => name.toLowerCase() === 'unlocked')?.[1]
      .trim()
      .toLowerCase();
    return said === 'yes' || said === 'no' ? [{ unlocked: said === 'yes', fact }] : [];
  });
}

/** Attested boot key and hash in hex. */
export const bootKeyOf = ({ statement }: Attested): string | undefined => {
  const root = statement.hardwareEnforced.rootOfTrust;
  return root === undefined ? undefined : toHex(root.verifiedBootKey);
};
export const bootHashOf = ({ statement }: Attested): string | undefined => {
  const hash = statement.hardwareEnforced.rootOfTrust?.verifiedBootHash;
  return hash === undefined || hash.every((byte) => byte === 0) ? undefined : toHex(hash);
};

/** A draft without what the answer itself gives. */
export type AttestedDraft = Omit<Draft, 'standing' | 'evidence'> & {
  readonly evidence?: readonly Fact['place'][];
  readonly standing?: Standing;
};

/** What one answer came to in one check. */
export interface AnswerOutcome {
  /** False: there was nothing to compare with. */
  readonly compared: boolean;
  readonly drafts: readonly AttestedDraft[];
}

export const nothingToCompare: AnswerOutcome = { compared: false, drafts: [] };
export const compared = (...drafts: readonly AttestedDraft[]): AnswerOutcome => ({ compared: true, drafts });

const UNTRIED = ' This carrier was never tried on a real phone, so the finding is weak whatever it shows.';

/**
 * The one place where an untried carrier is capped: what it brings neither clears nor convicts beyond weak, so every check of this family goes through here.
 * A pass counts for reach only where the answer is proven, fresh and bound: an unbound one says that some genuine phone answered.
 */
export function judgeAnswers<A extends VerifiedAnswer>(
  context: CheckContext,
  answers: readonly A[],
  missing: Omit<NotExamined, 'what'>,
  judge: (answer: A) => AnswerOutcome,
): Outcome {
  if (!wasAsked(context)) return { outcome: 'not-applicable' };
  const drafts: Draft[] = [];
  let hasCompared = false;
  let standing: Standing = 'told';
  for (const answer of answers) {
    const { compared: done, drafts: found } = judge(answer);
    if (!done) continue;
    hasCompared = true;
    if (answer.proven && isAttested(answer) && isBound(context, answer)) standing = 'signed';
    for (const draft of found) {
      const own: Draft = {
        ...draft,
        standing: draft.standing ?? (answer.result.trusted ? answer.fact.standing : 'told'),
        evidence: [answer.fact.place, ...(draft.evidence ?? [])],
      };
      drafts.push(answer.proven ? own : { ...own, strength: own.strength === 'note' ? 'note' : 'weak', because: own.because + UNTRIED });
    }
  }
  const [first, ...rest] = drafts;
  if (first !== undefined) return { outcome: 'fail', findings: [first, ...rest] };
  return hasCompared ? { outcome: 'pass', standing } : { outcome: 'not-checked', ...missing };
}

const isAttested = (answer: VerifiedAnswer): answer is Attested => answer.result.trusted && answer.statement !== undefined;
