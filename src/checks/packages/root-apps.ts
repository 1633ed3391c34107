import { claimsOf, natureOf } from '../boot/index.ts';
import { type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';
import { namesPackage } from './indicator-index.ts';
import { packagesOnce } from './inventory.ts';

export const rootApps = defineCheck({
  id: 'packages.root-apps',
  axis: 'posture',
  title: 'Apps that manage root or hook others',
  what: 'Names of packages against those of root managers, root hiders, app patchers and hooking frameworks.',
  why: 'Their presence says that somebody had, or wanted, root on this phone. The app alone gives none.',
  benign: ['An owner who rooted the own phone, or tried to.', 'Leftovers after root was removed.'],
  confirm: 'Open the app: it says whether root is there. Look at the traces that root leaves.',
  strength: 'weak',
  standing: 'told',
  needs: ['packages'],
  settledBy: 'the package list',
  group: 'root-apps',
  causes: ['root', 'owner-settings'],
  catches: undefined,
  spec: ['mvt-project/mvt: utils.py, names'],
  run(context) {
    const items = packagesOnce(context);
    if (items.length === 0) return notChecked('no packages were read', 'the package list');
    const claims = claimsOf(context);
    const rows = context.knowledge.indicators.filter((row) => row.class === 'root' || row.class === 'hooking');
    const findings = items.flatMap((item): Draft[] => {
      const row = rows.find((candidate) => namesPackage(candidate, item.name));
      if (row === undefined) return [];
      return [
        {
          claimed: 'a phone without root',
          observed: `${item.name} (${row.family})${item.inSystem ? ', in the system' : ''}`,
          because: item.inSystem
            ? 'It lies in the system, where it comes only with root or with the image.'
            : 'Its name is that of such an app.',
          standing: item.standing,
          evidence: [item.place],
          ...(item.inSystem ? { axis: 'software' as const, nature: natureOf(claims) } : {}),
        },
      ];
    });
    return failOrPass(findings, 'told');
  },
});
