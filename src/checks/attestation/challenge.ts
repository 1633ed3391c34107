import { toHex } from '../../bytes/index.ts';
import { defineCheck } from '../define.ts';
import { attestationsOf, compared, judgeAnswers, nothingToCompare } from './attested.ts';

const SETTLED = 'an attestation that we asked for ourselves: inspect --attest';

export const attestationChallenge = defineCheck({
  id: 'attestation.challenge',
  axis: 'software',
  title: 'Our challenge in the attestation',
  what: 'The challenge inside the statement against the nonce that was sent.',
  why: 'A statement that was made before, or for somebody else, holds another challenge. Replaying one is the simplest forgery.',
  benign: [],
  confirm: 'Ask again: another nonce must come back in another statement.',
  strength: 'conclusive',
  impossible:
    'The keystore puts the challenge of the request into the statement, and the secure world signs it (KeyMint, ATTESTATION_CHALLENGE). We sent a fresh random one in this conversation; a statement with another was not made for it, so something between us and the secure world put it there.',
  standing: 'told',
  needs: [],
  settledBy: SETTLED,
  group: 'attestation-challenge',
  causes: ['root', 'rom-flash'],
  catches: 'app',
  spec: ['AOSP hardware/interfaces/security/keymint: Tag.aidl, ATTESTATION_CHALLENGE'],
  run: (context) =>
    judgeAnswers(context, attestationsOf(context), { because: 'no chain answers a challenge of ours', settledBy: SETTLED }, (answer) => {
      const { challenge, statement, fact } = answer;
      if (challenge === 'none' || statement === undefined) return nothingToCompare;
      if (challenge === 'ours') return compared();
      return compared({
        claimed: `an answer to the challenge ${toHex((fact.value.nonce ?? new Uint8Array(0)).subarray(0, 8))}…`,
        observed: `a statement for the challenge ${toHex(statement.attestationChallenge.subarray(0, 8)) || 'of no bytes'}…`,
        because: 'The statement was made for another question and brought here.',
        nature: 'modified',
        // What a recording holds as nonce its bearer may have chosen.
        ...(context.trust === 'bearer' ? { strength: 'weak' as const } : {}),
      });
    }),
});
