import { factsOf } from '../../evidence/index.ts';
import { type Draft, defineCheck, failOrPass } from '../define.ts';

export const trustedAdbKeys = defineCheck({
  id: 'boot.trusted-adb-keys',
  axis: 'posture',
  title: 'Computers that the phone trusts',
  what: 'The keys that may debug this phone without asking.',
  why: 'Each key is a computer that can read and command the phone over a cable or Wi-Fi. On a phone sold as new there is no reason for any but the inspector’s.',
  benign: ['A developer or a repair shop that the owner allowed.', "The inspector's own key, where it was confirmed for this inspection."],
  confirm: 'Revoke USB debugging authorisations in the developer settings.',
  strength: 'weak',
  standing: 'told',
  needs: ['adb-keys'],
  settledBy: 'dumpsys adb',
  group: 'adb-keys',
  causes: ['tool', 'owner-settings'],
  catches: undefined,
  spec: ['AOSP AdbDebuggingManager (adb_keys, adb_temp_keys.xml)'],
  run({ facts }) {
    const findings: Draft[] = [];
    for (const fact of factsOf(facts, 'adb-keys')) {
      const [key, ...others] = fact.value;
      if (key === undefined) continue;
      const broken = fact.value.filter(({ valid }) => !valid).length;
      const names = [key, ...others].map(({ user, fingerprintMd5 }) => user ?? fingerprintMd5 ?? 'a key without a name').slice(0, 5);
      findings.push({
        claimed: 'only its owner commands this phone',
        observed: `${fact.value.length} trusted ${fact.value.length === 1 ? 'computer' : 'computers'}: ${names.join(', ')}${broken === 0 ? '' : `; ${broken} not readable as a key`}`,
        because:
          broken === 0
            ? 'Whoever holds one of these keys may debug the phone without asking.'
            : 'Some entries are no keys that the platform writes; somebody else wrote to the key store.',
        standing: fact.standing,
        evidence: [fact.place],
        ...(broken === 0 ? { strength: 'note' as const } : {}),
      });
    }
    return failOrPass(findings, 'told');
  },
});
