import { defineCheck } from '../define.ts';
import { type AttestedDraft, attestationsOf, compared, judgeAnswers } from './attested.ts';

const SETTLED = 'an attestation over this cable: inspect --attest';

export const attestationChain = defineCheck({
  id: 'attestation.chain',
  axis: 'software',
  title: 'The chain of the attestation',
  what: 'Signatures, names, dates, positions, root and revocation of every chain that the phone answered with, judged at the moment of its capture.',
  why: 'Only a key that secure hardware holds makes a statement that the phone’s software cannot write. A chain that does not hold together is somebody’s work.',
  benign: [
    'A root of a maker that publishes none (Huawei, some ODMs), or one that is newer than our table.',
    'Keys of a whole batch are revoked when one of them leaks; the other phones of the batch did nothing.',
    'Other systems answer with a software chain; emulators and unlocked phones of some makers do too.',
    'Known quirks: dates of 1970, patch levels in another form.',
  ],
  confirm: 'Read the rules that failed with assay attest verify, and ask the phone again under another nonce.',
  strength: 'weak',
  standing: 'told',
  needs: [],
  settledBy: SETTLED,
  group: 'attestation-chain',
  causes: ['root', 'rom-flash', 'engineering'],
  catches: undefined,
  spec: ['source.android.com/docs/security/features/keystore/attestation', 'RFC 5280, 6.1'],
  run: (context) =>
    judgeAnswers(context, attestationsOf(context), { because: 'no answer holds a chain', settledBy: SETTLED }, ({ result }) => {
      const { revocation, root } = result;
      const drafts: AttestedDraft[] = [];
      const failing = result.rules.filter(({ rule, outcome }) => outcome === 'fail' && rule !== 'revocation' && !REPORTED.has(rule));
      if (!result.trusted && failing.length > 0)
        drafts.push({
          claimed: 'a statement by a key that this phone’s secure hardware holds',
          observed: failing
            .slice(0, 3)
            .map(({ because }) => because)
            .join('; '),
          because: `${failing.length === 1 ? 'A rule' : `${failing.length} rules`} of the chain ${failing.length === 1 ? 'fails' : 'fail'}: nobody who could not be the phone’s own software vouches for it.`,
        });
      if (revocation.status === 'REVOKED' || revocation.status === 'SUSPENDED')
        drafts.push({
          claimed: `a chain to ${root?.name ?? 'a root'}`,
          observed: `certificate ${revocation.serial ?? ''} is ${revocation.status}${revocation.reason === null ? '' : ` (${revocation.reason})`}`,
          because: 'Its issuer took the key back: whoever has a copy of it writes such statements.',
        });
      return compared(...drafts);
    }),
});

/** Rules that speak of the phone, not of the chain; checks of their own judge them. */
const REPORTED: ReadonlySet<string> = new Set([
  'device-locked',
  'verified-boot',
  'verified-boot-key',
  'patch-levels',
  'knox-integrity',
  'encoding',
  'provisioning-info',
  'status-list-age',
]);
