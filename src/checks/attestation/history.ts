/** What earlier inspections saw of the secure world: keys under two brands, identities on two phones, and what went backwards. */
import type { AttestedSighting, Sighting } from '../../evidence/index.ts';
import { said } from '../boot/index.ts';
import { type CheckContext, defineCheck } from '../define.ts';
import { sameHouse } from '../identity/houses.ts';
import {
  type Attested,
  type AttestedDraft,
  attestedOf,
  bootKeyOf,
  compared,
  judgeAnswers,
  normalSerialNumber,
  nothingToCompare,
} from './attested.ts';
import { attestedImeis } from './identity.ts';
import { osVersionText } from './versions.ts';

const SETTLED = 'earlier inspections with an attestation (--store, --earlier)';
const MISSING = { because: 'no earlier inspection saw a secure world', settledBy: SETTLED };

/** Attested serial number and IMEIs, each with its kind, as they are remembered. */
const attestedIdsOf = (answer: Attested): readonly string[] => {
  const serial = answer.statement.hardwareEnforced.attestationIdSerial;
  return [
    ...(serial === undefined || serial === '' ? [] : [`serial ${normalSerialNumber(serial)}`]),
    ...attestedImeis(answer).map((imei) => `imei ${imei.replaceAll(/\D/g, '').slice(0, 14)}`),
  ];
};

/** What an inspection leaves for later ones: of authentic chains only. */
export function attestedSightings(context: Pick<CheckContext, 'attestations' | 'facts'>): readonly AttestedSighting[] {
  const brand = said(context, 'ro.product.brand')?.value;
  return attestedOf(context).flatMap((answer): readonly AttestedSighting[] => {
    const { statement, issuerKey } = answer;
    if (issuerKey === undefined) return [];
    const list = statement.hardwareEnforced;
    return [
      {
        issuerKey,
        brand: list.attestationIdBrand ?? brand,
        ids: attestedIdsOf(answer),
        securityLevel: statement.attestationSecurityLevel,
        attestationVersion: statement.attestationVersion,
        verifiedBootState: list.rootOfTrust?.verifiedBootState,
        verifiedBootKey: bootKeyOf(answer),
        osVersion: list.osVersion,
        osPatchLevel: list.osPatchLevel,
        vendorPatchLevel: list.vendorPatchLevel,
        bootPatchLevel: list.bootPatchLevel,
      },
    ];
  });
}

/** Challenges of ours that a secure world signed, each with the IDs it swore to beside it. */
export function answeredChallenges(
  context: Pick<CheckContext, 'attestations'>,
): readonly { readonly challenge: Uint8Array; readonly ids: readonly string[] }[] {
  return attestedOf(context)
    .filter(({ challenge }) => challenge === 'ours')
    .map((answer) => ({ challenge: answer.statement.attestationChallenge, ids: attestedIdsOf(answer) }));
}

interface Before {
  readonly seen: Sighting;
  readonly attested: AttestedSighting;
}

const before = ({ history }: Pick<CheckContext, 'history'>): readonly Before[] =>
  history.sightings.flatMap((seen) => (seen.attested ?? []).map((attested) => ({ seen, attested })));

/** Earlier answers under the same key, of another maker's phones. */
export function otherBrandsOf(context: Pick<CheckContext, 'history' | 'facts'>, { issuerKey, statement }: Attested): readonly Before[] {
  const own = statement.hardwareEnforced.attestationIdBrand ?? said(context, 'ro.product.brand')?.value;
  return before(context).filter(
    ({ attested }) =>
      issuerKey !== undefined &&
      attested.issuerKey === issuerKey &&
      own !== undefined &&
      attested.brand !== undefined &&
      !sameHouse(own, attested.brand),
  );
}

const where = ({ seen }: Before) => `in "${seen.source}" of ${seen.at.slice(0, 10)}`;

export const sharedIssuer = defineCheck({
  id: 'attestation.issuer-brands',
  axis: 'software',
  title: 'One attestation key under two brands',
  what: 'The key that signed the statement against those of earlier inspections, with the brand of the phone that it signed for.',
  why: 'A batch key lies in the secure hardware of one maker’s phones. Under two makers’ names it was taken out and is used to forge. Many phones of one maker under one key are the rule (CDD 9.11, C-1-4).',
  benign: ['A contract maker may build phones of two brands with one batch: none is known.'],
  confirm: 'Compare the chains of both inspections, and look the certificate up in the newest revocation list.',
  strength: 'strong',
  standing: 'told',
  needs: [],
  settledBy: SETTLED,
  group: 'attestation-issuer',
  causes: ['root', 'rom-flash', 'sku'],
  catches: undefined,
  spec: ['Android CDD 9.11, C-1-4'],
  run: (context) =>
    judgeAnswers(context, attestedOf(context), MISSING, (answer) => {
      if (before(context).length === 0 || answer.issuerKey === undefined) return nothingToCompare;
      const [other] = otherBrandsOf(context, answer);
      if (other === undefined) return compared();
      return compared({
        claimed: `a phone of ${answer.statement.hardwareEnforced.attestationIdBrand ?? said(context, 'ro.product.brand')?.value ?? ''}`,
        observed: `${where(other)} the same key (${answer.issuerKey.slice(0, 16)}…) signed for a phone of ${other.attested.brand ?? ''}`,
        because: 'One maker’s secure hardware holds this key; somebody uses a copy of it.',
        nature: 'modified',
        ...(other.seen.trust === 'bearer' ? { strength: 'weak' as const } : {}),
      });
    }),
});

/** Identities compare within their kind; a phone with an attested ID in common is, or claims to be, the same. */
const sameIds = (ids: readonly string[], { attested }: Before): boolean => attested.ids.some((id) => ids.includes(id));

/** What the phone says of itself that tells two units apart: one attested identity beside two of these is a clone. */
function otherUnit(context: CheckContext, { seen }: Before): string | undefined {
  const model = said(context, 'ro.product.model')?.value;
  const brand = said(context, 'ro.product.brand')?.value;
  if (brand !== undefined && seen.brand !== undefined && !sameHouse(brand, seen.brand)) return `${seen.brand} ${seen.model ?? ''}`.trim();
  const serial = said(context, 'ro.serialno')?.value;
  if (serial !== undefined && seen.serials.length > 0 && !seen.serials.includes(normalSerialNumber(serial)))
    return `${seen.model ?? model ?? 'a phone'} with another serial number`;
  return undefined;
}

export const attestedClone = defineCheck({
  id: 'attestation.clone',
  axis: 'custody',
  title: 'One attested identity on two phones',
  what: 'Attested serial number and IMEIs against those of earlier inspections, with brand, model and serial number that stood beside them there.',
  why: 'An identity is provisioned into one secure world. Two phones that answer with one are a phone and its clone, whoever of the two is here.',
  benign: ['The earlier inspection was of the clone, and this is the genuine phone.'],
  confirm: 'Hold both phones side by side, radios off, and ask each again.',
  strength: 'conclusive',
  impossible:
    'The secure world attests only the serial number and IMEI that were written into it once. Two units of different makers, or with different serial numbers of their own, cannot both have them; one of them answers with the other’s secure world.',
  standing: 'told',
  needs: [],
  settledBy: SETTLED,
  group: 'attested-clone',
  causes: ['clone', 'repair'],
  catches: 'bootloader',
  spec: ['source.android.com/docs/security/features/keystore/attestation: ID attestation'],
  run: (context) =>
    judgeAnswers(context, attestedOf(context), MISSING, (answer) => {
      const ids = attestedIdsOf(answer);
      const earlier = before(context);
      if (ids.length === 0 || earlier.length === 0) return nothingToCompare;
      const drafts = earlier.flatMap((one): readonly AttestedDraft[] => {
        const unit = sameIds(ids, one) ? otherUnit(context, one) : undefined;
        if (unit === undefined) return [];
        return [
          {
            claimed: `${ids.join(', ')} is this phone’s own`,
            observed: `${where(one)} it was attested by ${unit}`,
            because: 'One attested identity answered for two phones.',
            ...(one.seen.trust === 'bearer' ? { strength: 'weak' as const } : {}),
          },
        ];
      });
      return compared(...drafts);
    }),
});

const LEVELS = ['SOFTWARE', 'TRUSTED_ENVIRONMENT', 'STRONG_BOX'] as const;

/** What went backwards, or changed, since an earlier inspection of the same phone. */
function regressions(
  { statement }: Attested,
  key: string | undefined,
  { attested }: Before,
): readonly (readonly [claimed: string, observed: string])[] {
  const list = statement.hardwareEnforced;
  const found: (readonly [string, string])[] = [];
  const lower = (what: string, now: number | undefined, then: number | undefined, text: (level: number) => string = String) => {
    if (now !== undefined && then !== undefined && then !== 0 && now < then) found.push([`${what} ${text(then)}`, text(now)]);
  };
  // A level in another form is an oddity of the phone, no step back: only levels of one form compare.
  const level = (what: string, now: number | undefined, then: number | undefined) => {
    if (now !== undefined && then !== undefined && String(now).length === String(then).length) lower(what, now, then);
  };
  lower('Android', list.osVersion, attested.osVersion, osVersionText);
  level('system patch level', list.osPatchLevel, attested.osPatchLevel);
  level('vendor patch level', list.vendorPatchLevel, attested.vendorPatchLevel);
  level('boot patch level', list.bootPatchLevel, attested.bootPatchLevel);
  if (key !== undefined && attested.verifiedBootKey !== undefined && key !== attested.verifiedBootKey)
    found.push([`boot key ${attested.verifiedBootKey.slice(0, 16)}…`, `${key.slice(0, 16)}…`]);
  return found;
}

export const attestedPinning = defineCheck({
  id: 'attestation.pinning',
  axis: 'software',
  title: 'What the secure world swore to before',
  what: 'Version, patch levels, boot key, attestation version and security level against those that earlier inspections of the same phone saw, StrongBox with StrongBox and the trusted environment with its like.',
  why: 'They only ever rise on a phone whose owner installs updates, and the key stays. A step back is an older, weaker system, another system, or another phone’s answer.',
  benign: ['An owner may flash an older official build where the maker allows it, or another system.', 'A repair with another board.'],
  confirm: 'Compare both reports; ask the owner what was installed between them.',
  strength: 'weak',
  standing: 'told',
  needs: [],
  settledBy: SETTLED,
  group: 'attested-pinning',
  causes: ['rom-flash', 'root', 'repair', 'owner-settings'],
  catches: undefined,
  spec: ['GrapheneOS Auditor: pinning', 'AOSP KeyMint: version binding'],
  run: (context) =>
    judgeAnswers(context, attestedOf(context), MISSING, (answer) => {
      const ids = attestedIdsOf(answer);
      const serial = said(context, 'ro.serialno')?.value;
      const same = before(context).filter(
        (one) => sameIds(ids, one) || (serial !== undefined && one.seen.serials.includes(normalSerialNumber(serial))),
      );
      const level = answer.statement.attestationSecurityLevel;
      const alike = same.filter(({ attested }) => attested.securityLevel === level);
      if (same.length === 0) return nothingToCompare;
      const drafts = alike.flatMap((one) =>
        regressions(answer, bootKeyOf(answer), one).map(
          ([claimed, observed]): AttestedDraft => ({
            claimed: `${where(one)}: ${claimed}`,
            observed,
            because: 'The secure world of one phone swore to more before.',
            nature: 'downgraded',
          }),
        ),
      );
      const [higher] = same.filter(({ attested }) => LEVELS.indexOf(attested.securityLevel) > LEVELS.indexOf(level));
      const isHigherNow = attestedOf(context).some(
        ({ statement }) =>
          higher !== undefined && LEVELS.indexOf(statement.attestationSecurityLevel) >= LEVELS.indexOf(higher.attested.securityLevel),
      );
      // StrongBox may refuse what it granted before, so StrongBox before and not now is no step back; software is.
      if (higher !== undefined && !isHigherNow && level === 'SOFTWARE')
        drafts.push({
          claimed: `${where(higher)}: ${higher.attested.securityLevel}`,
          observed: level,
          because: 'The phone answered from its secure hardware before.',
          nature: 'downgraded',
        });
      const newer = alike.find(({ attested }) => attested.attestationVersion > answer.statement.attestationVersion);
      if (newer !== undefined)
        drafts.push({
          claimed: `${where(newer)}: attestation version ${newer.attested.attestationVersion}`,
          observed: String(answer.statement.attestationVersion),
          because: 'A secure world does not go back to an older protocol.',
          nature: 'downgraded',
        });
      return compared(...drafts);
    }),
});
