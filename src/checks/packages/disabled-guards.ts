import { SECURITY_PACKAGES, UPDATE_PACKAGES } from '../../knowledge/packages/index.ts';
import { type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';
import { inventory } from './inventory.ts';

export const disabledGuards = defineCheck({
  id: 'packages.disabled-guards',
  axis: 'posture',
  title: 'Disabled guards and updaters',
  what: 'Packages that guard or update the phone: whether they are disabled or removed for a user.',
  why: 'A phone that gets no updates stays as vulnerable as it is; retailers’ ROMs turn updates off, because an update would undo them.',
  benign: ['An owner who cleans out what the maker pre-installed.', 'A managed phone whose employer updates it by other means.'],
  confirm: 'Enable the package in Settings, Apps, and look for updates.',
  strength: 'weak',
  standing: 'told',
  needs: ['packages'],
  settledBy: 'pm list packages -d, and -u',
  group: 'disabled-packages',
  causes: ['owner-settings', 'management', 'retailer-apps'],
  catches: undefined,
  spec: ['mvt-project/mvt: utils.py, names'],
  run(context) {
    const items = inventory(context);
    if (!items.some(({ enabled, uninstalled }) => enabled !== undefined || uninstalled !== undefined))
      return notChecked('whether packages are enabled was not read', 'pm list packages -d, and -u');
    const findings = items.flatMap((item): Draft[] => {
      const guard = SECURITY_PACKAGES.includes(item.name);
      if ((!guard && !UPDATE_PACKAGES.includes(item.name)) || (item.enabled !== false && item.uninstalled !== true)) return [];
      return [
        {
          claimed: guard ? 'a guarded phone' : 'a phone that updates itself',
          observed: `${item.name} is ${item.enabled === false ? 'disabled' : 'removed'} for user ${item.user}`,
          because: guard ? 'It watches for harmful changes.' : 'It brings updates.',
          standing: item.standing,
          evidence: [item.place],
        },
      ];
    });
    return failOrPass(findings, 'told');
  },
});
