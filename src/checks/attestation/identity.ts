import { factsOf, type Place } from '../../evidence/index.ts';
import { said } from '../boot/index.ts';
import { type CheckContext, defineCheck } from '../define.ts';
import {
  type Attested,
  type AttestedDraft,
  attestedOf,
  compared,
  judgeAnswers,
  normalSerialNumber,
  nothingToCompare,
  serialsOutside,
} from './attested.ts';

const SETTLED = 'an attestation of serial number and IMEI (inspect --attest), and the phone’s own word and its bootloader’s beside it';

interface Stated {
  readonly value: string;
  readonly surface: string;
  readonly place: Place | undefined;
}

/** Digits of an IMEI without its check digit, which some surfaces state as 0. */
const imeiDigits = (text: string): string => text.replaceAll(/\D/g, '').slice(0, 14);

/** Attested IMEIs, both of a phone with two. */
export const attestedImeis = ({ statement }: Attested): readonly string[] =>
  [statement.hardwareEnforced.attestationIdImei, statement.hardwareEnforced.attestationIdSecondImei].filter(
    (imei) => imei !== undefined && imei !== '',
  ) as string[];

function statedImeis({ facts, claims }: CheckContext): readonly Stated[] {
  const own = factsOf(facts, 'identifiers').flatMap(({ value }) =>
    value.filter(({ type }) => type === 'imei').map(({ value: imei, surface, place }): Stated => ({ value: imei, surface, place })),
  );
  const box = [claims.imei, claims.imei2].flatMap((imei): readonly Stated[] =>
    imei === undefined ? [] : [{ value: imei, surface: 'box', place: undefined }],
  );
  return [...own, ...box].filter(({ value }) => imeiDigits(value).length === 14);
}

export const attestedIdentity = defineCheck({
  id: 'attestation.identity',
  axis: 'custody',
  title: 'The identity that the secure world swears to',
  what: 'Attested serial number and IMEIs against ro.serialno, the bootloader’s serial number, the phone’s own IMEIs, and the box.',
  why: 'They were written into the secure world in the factory. A phone that shows others carries another phone’s identity, or answers with another phone’s secure world.',
  benign: [
    'A workshop may have written other numbers into a new mainboard; ask for the papers.',
    'The box is another phone’s.',
    'One of two IMEIs is attested where a phone has two.',
  ],
  confirm: 'Read the serial number in the bootloader, the IMEI by *#06#, and both on the box.',
  strength: 'conclusive',
  impossible:
    'The system asks the secure world to attest the numbers that it has itself, and the secure world refuses whatever it was not provisioned with (KeyMint, CANNOT_ATTEST_IDS). A signed number that differs from the phone’s own cannot come from an unmodified system and its own secure world. A box that differs is weak: people made it.',
  standing: 'told',
  needs: [],
  settledBy: SETTLED,
  group: 'attested-identity',
  causes: ['clone', 'root', 'repair'],
  catches: 'bootloader',
  spec: [
    'AOSP hardware/interfaces/security/keymint: ErrorCode.aidl, CANNOT_ATTEST_IDS',
    'source.android.com/docs/security/features/keystore/attestation: ID attestation',
  ],
  run: (context) =>
    judgeAnswers(
      context,
      attestedOf(context),
      { because: 'the secure world attested no serial number and no IMEI', settledBy: SETTLED },
      (answer) => {
        const drafts: AttestedDraft[] = [];
        const serial = answer.statement.hardwareEnforced.attestationIdSerial;
        const imeis = attestedImeis(answer);
        if ((serial === undefined || serial === '') && imeis.length === 0) return nothingToCompare;
        let any = false;
        const differ = (attested: string, { value, surface, place }: Stated): void => {
          drafts.push({
            claimed: `${surface}: ${value}`,
            observed: `${attested} by the secure world’s word`,
            because: 'The secure world attests only the numbers that it was given in the factory.',
            ...(place === undefined ? {} : { evidence: [place] }),
            ...(surface === 'box' ? { strength: 'weak' as const } : {}),
          });
        };
        if (serial !== undefined && serial !== '')
          for (const stated of statedSerials(context)) {
            any = true;
            if (normalSerialNumber(stated.value) !== normalSerialNumber(serial)) differ(`serial number ${serial}`, stated);
          }
        if (imeis.length > 0)
          for (const stated of statedImeis(context)) {
            any = true;
            // Where one of two is attested the other is not wrong for it: only a phone none of whose numbers is attested is.
            const [first] = imeis;
            const isNone = !statedImeis(context).some(
              ({ value, surface }) => surface === stated.surface && imeis.some((imei) => imeiDigits(imei) === imeiDigits(value)),
            );
            if (isNone && first !== undefined) differ(`IMEI ${first}`, stated);
          }
        return any ? compared(...drafts) : nothingToCompare;
      },
    ),
});

function statedSerials(context: CheckContext): readonly Stated[] {
  const own = said(context, 'ro.serialno');
  const outside = serialsOutside(context).map(({ value, place }): Stated => ({ value, surface: 'outside Android', place }));
  const box: readonly Stated[] =
    context.claims.serial === undefined ? [] : [{ value: context.claims.serial, surface: 'box', place: undefined }];
  return [...(own === undefined ? [] : [{ value: own.value, surface: 'ro.serialno', place: own.place }]), ...outside, ...box];
}
