import { factsOf } from '../../evidence/index.ts';
import { claimsOf, isSystemPath, natureOf } from '../boot/index.ts';
import { type Draft, defineCheck, failOrPass } from '../define.ts';

export const authorities = defineCheck({
  id: 'packages.added-authorities',
  axis: 'posture',
  title: 'Added certificate authorities',
  what: 'Certificate authorities that came with neither Android nor the maker.',
  why: 'Who holds an added authority can read traffic that apps believe to be secret.',
  benign: ['An employer’s or school’s network.', 'A developer’s or ad blocker’s proxy.'],
  confirm: 'Settings, Security, Trusted credentials, User.',
  strength: 'weak',
  standing: 'told',
  needs: ['authorities'],
  settledBy: 'the lists of certificate folders',
  group: 'authorities',
  causes: ['owner-settings', 'management', 'tool'],
  catches: undefined,
  spec: ['source.android.com/docs/core/ota/modular-system/conscrypt: trust store'],
  run(context) {
    const nature = natureOf(claimsOf(context));
    const findings = factsOf(context.facts, 'authorities').flatMap((fact) =>
      fact.value.map(
        ({ path, subject, sha256, place }): Draft => ({
          claimed: 'the authorities of Android and of the maker',
          observed: `${subject ?? sha256 ?? 'an authority'} at ${path}`,
          because: isSystemPath(path)
            ? 'It lies in the store of the system, where no owner can add one without root.'
            : 'Whoever holds its key can read the traffic of apps that trust added authorities.',
          standing: fact.standing,
          evidence: [place],
          ...(isSystemPath(path) ? { axis: 'software' as const, nature, causes: ['root', 'rom-flash'] as const } : {}),
        }),
      ),
    );
    return failOrPass(findings.slice(0, 50), 'told');
  },
});
