import { factsOf } from '../../evidence/index.ts';
import { defineCheck } from '../define.ts';
import { type Attested, type AttestedDraft, attestedOf, compared, judgeAnswers, normalSerialNumber, nothingToCompare } from './attested.ts';

const SETTLED = 'an attestation over ADB (inspect --attest) of a phone whose StrongBox answers';

/** Whether an answer is to a question for StrongBox. */
const isOfStrongBox = ({ fact }: Pick<Attested, 'fact'>): boolean => fact.value.label.startsWith('strongbox');

/** What both have from one bootloader and one factory. Boot keys are left out: the two hash them in different ways on some genuine phones (Pixel 3a). */
const stated = ({ statement: { hardwareEnforced: list } }: Attested): Readonly<Record<string, string | undefined>> => ({
  lock: list.rootOfTrust === undefined ? undefined : list.rootOfTrust.deviceLocked ? 'locked' : 'unlocked',
  'boot state': list.rootOfTrust?.verifiedBootState,
  'system patch level': list.osPatchLevel === undefined ? undefined : String(list.osPatchLevel).slice(0, 6),
  'serial number': normalSerialNumber(list.attestationIdSerial ?? '') || undefined,
  IMEI: list.attestationIdImei || undefined,
});

export const attestedStrongBox = defineCheck({
  id: 'attestation.strongbox',
  axis: 'software',
  title: 'StrongBox beside the trusted environment',
  what: 'Lock, boot state, system patch level, serial number and IMEI that StrongBox swears to against those of the trusted environment, both asked under nonces of ours in one inspection.',
  why: 'Both have them from one bootloader and one factory. Where they differ, one of the two was made to lie, or is another phone’s: a leaked key of a trusted environment signs nothing for StrongBox.',
  benign: [
    'Some secure elements keep a patch level of their own.',
    'A maker may have provisioned identifiers in one of the two only: what is missing is not compared.',
  ],
  confirm: 'Ask again; read the lock in the bootloader.',
  strength: 'weak',
  standing: 'told',
  needs: [],
  settledBy: SETTLED,
  group: 'attested-strongbox',
  causes: ['root', 'rom-flash', 'clone'],
  catches: undefined,
  spec: ['AOSP android.hardware.strongbox_keystore; KeyGenParameterSpec.Builder.setIsStrongBoxBacked', 'Android CDD 9.11.2'],
  run(context) {
    const asked = factsOf(context.facts, 'attestation').filter(({ value }) => value.label.startsWith('strongbox'));
    if (asked.length === 0) return { outcome: 'not-applicable' };
    const answers = attestedOf(context);
    const others = answers.filter((answer) => !isOfStrongBox(answer) && answer.challenge === 'ours');
    const refusal = asked.find(({ value }) => value.refusal !== undefined)?.value.refusal;
    const because = `StrongBox gave no authentic statement that the trusted environment’s could be held against${refusal === undefined ? '' : ` (${refusal.slice(0, 200)})`}`;
    return judgeAnswers(context, answers.filter(isOfStrongBox), { because, settledBy: SETTLED }, (answer) => {
      const drafts: AttestedDraft[] = [];
      const level = answer.statement.attestationSecurityLevel;
      if (level !== 'STRONG_BOX')
        drafts.push({
          claimed: 'an answer of StrongBox, which the phone says that it has',
          observed: `a statement made at ${level}`,
          because: 'The keystore refuses a key for StrongBox where it has none; this one answered with another’s word.',
        });
      const own = stated(answer);
      for (const other of others) {
        for (const [what, value] of Object.entries(stated(other))) {
          const here = own[what];
          if (value === undefined || here === undefined || value === here) continue;
          drafts.push({
            claimed: `${what} ${value} by the trusted environment’s word`,
            observed: `${here} by StrongBox’s`,
            because: 'Both have it from one bootloader and one factory.',
            evidence: [other.fact.place],
          });
        }
      }
      return others.length === 0 && drafts.length === 0 ? nothingToCompare : compared(...drafts);
    });
  },
});
