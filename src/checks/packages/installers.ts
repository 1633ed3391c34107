import { FREE_STORE_INSTALLERS, HAND_INSTALLERS, STORE_INSTALLERS } from '../../knowledge/packages/index.ts';
import { type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';
import { type Installed, packagesOnce, placesOfPackages, someNames } from './inventory.ts';

type Origin = 'store' | 'free-store' | 'hand' | 'none' | 'other';

function originOf({ installer }: Installed): Origin {
  if (installer === null) return 'none';
  if (installer === undefined || STORE_INSTALLERS.includes(installer)) return 'store';
  if (FREE_STORE_INSTALLERS.includes(installer)) return 'free-store';
  return HAND_INSTALLERS.includes(installer) ? 'hand' : 'other';
}

const SAYS: readonly (readonly [origin: Origin, observed: string, because: string, strength: 'weak' | 'note'])[] = [
  ['none', 'without an installer', 'They came over a cable, with the image, or by another way that leaves no installer.', 'weak'],
  ['hand', 'installed from files', 'Somebody opened an APK file and confirmed it.', 'weak'],
  ['other', 'installed by other apps', 'Another app than a known store installed them.', 'weak'],
  ['free-store', 'from a free store', 'Their store is not the maker’s, and is an owner’s choice.', 'note'],
];

export const installers = defineCheck({
  id: 'packages.installers',
  axis: 'posture',
  title: 'Where apps came from',
  what: 'The installer of every package that does not lie in the system.',
  why: 'Apps that came by no store were not looked at by anybody; on a phone sold as new there is no reason for any.',
  benign: ['An owner or developer who installs files.', 'Setup tools of carriers and makers, and app backups.'],
  confirm: 'Ask who installed them; pull and scan them.',
  strength: 'weak',
  standing: 'told',
  needs: ['packages'],
  settledBy: 'pm list packages -i',
  group: 'installers',
  causes: ['owner-settings', 'tool', 'retailer-apps'],
  catches: undefined,
  spec: ['mvt-project/mvt: androidqf packages module'],
  run(context) {
    const items = packagesOnce(context).filter(
      ({ inSystem, installer, uninstalled, system }) => !inSystem && system !== true && installer !== undefined && uninstalled !== true,
    );
    if (items.length === 0) return notChecked('no installer of an added package was read', 'pm list packages -i');
    const findings = SAYS.flatMap(([origin, observed, because, strength]): Draft[] => {
      const found = items.filter((item) => originOf(item) === origin);
      const evidence = placesOfPackages(found);
      if (evidence === undefined) return [];
      const names = found.map(({ name, installer }) => (origin === 'other' ? `${name} (${installer})` : name));
      return [
        {
          claimed: 'apps from known stores',
          observed: `${found.length} ${observed}: ${someNames(names)}`,
          because,
          standing: 'told',
          evidence,
          strength,
        },
      ];
    });
    return failOrPass(findings, 'told');
  },
});
