import { MESSENGERS_IN_SYSTEM } from '../../knowledge/packages/index.ts';
import { claimsOf, natureOf } from '../boot/index.ts';
import { type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';
import { packagesOnce } from './inventory.ts';

export const repackaged = defineCheck({
  id: 'packages.repackaged',
  axis: 'software',
  title: 'Known apps under another’s key',
  what: 'The signers of apps whose developers’ certificates are published against those certificates; consumer apps in system folders.',
  why: 'In 2025 messengers with a built-in thief were found in the system of new phones. The developer’s key is what they could not take along.',
  benign: [
    'Some developers sign their website’s copy with another key than the store’s.',
    'Patched clients that an owner chose.',
    'Makers do pre-install messengers, unchanged.',
  ],
  confirm: 'Pull the APK, read its signer, and compare it with the developer’s published certificate.',
  strength: 'conclusive',
  impossible:
    'A pre-installed app of another developer is updated over that developer’s signature, so makers leave it. Under a key whose private half is published, in the system of a certified maker’s release build, the app was changed and signed again.',
  standing: 'told',
  needs: ['packages'],
  settledBy: 'the APKs, pulled from the phone',
  group: 'package-signatures',
  causes: ['retailer-apps', 'rom-flash'],
  catches: undefined,
  spec: ['soupslurpr/AppVerifier', 'Doctor Web, 2025-04'],
  run(context) {
    const claims = claimsOf(context);
    const { signers } = context.knowledge;
    const items = packagesOnce(context);
    if (items.length === 0) return notChecked('no packages were read', 'the package list');
    let compared = false;
    const findings = items.flatMap((item): Draft[] => {
      const own = signers.filter(({ role, packages, owner }) => role === 'app' && owner !== 'Google' && packages.includes(item.name));
      const odd = item.inSystem && (MESSENGERS_IN_SYSTEM.includes(item.name) || item.name.startsWith('com.example.'));
      if (own.length > 0 && item.signers.length > 0) {
        compared = true;
        if (own.some(({ sha256 }) => item.signers.includes(sha256))) return [];
        const test = signers.find(({ role, sha256 }) => role === 'test' && item.signers.includes(sha256));
        return [
          {
            claimed: `${item.name} of ${own[0]?.owner}`,
            observed: `signed by ${test?.owner ?? `${item.signers[0]?.slice(0, 16)}…`}${item.inSystem ? ', in the system' : ''}`,
            because: 'Its developer signs with other keys: this copy was made or changed by somebody else.',
            standing: item.standing,
            evidence: [item.place],
            nature: natureOf(claims),
            names: item.name,
            ...(test !== undefined && item.inSystem && claims.consumer ? {} : { strength: 'weak' as const }),
            ...(item.inSystem ? {} : { axis: 'posture' as const }),
          },
        ];
      }
      if (!odd) return [];
      compared = true;
      return [
        {
          claimed: 'the maker’s own system',
          observed: `${item.name} lies in the system (${item.paths[0] ?? 'path not read'}), its signer was not compared`,
          because: item.name.startsWith('com.example.')
            ? 'Its name is the template of development tools, which no release carries.'
            : 'Messengers changed into thieves were placed so; whether this one is its developer’s own, its signer would tell.',
          standing: item.standing,
          evidence: [item.place],
          nature: natureOf(claims),
          strength: item.name.startsWith('com.example.') ? ('weak' as const) : ('note' as const),
        },
      ];
    });
    return compared
      ? failOrPass(findings, 'told')
      : notChecked(
          'none of the apps whose developers’ certificates are known is installed with its signer read',
          'the APKs, pulled from the phone',
        );
  },
});
