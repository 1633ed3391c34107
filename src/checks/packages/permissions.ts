import { DANGEROUS_PERMISSIONS, PRIVILEGED_PERMISSIONS } from '../../knowledge/packages/index.ts';
import { type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';
import { packagesOnce, platformSigners } from './inventory.ts';

/** An app that holds this many of the listed permissions sees most of a life. The figure is MVT's. */
const MANY = 10;

export const permissions = defineCheck({
  id: 'packages.permissions',
  axis: 'posture',
  title: 'Granted permissions',
  what: 'Privileged permissions in the hands of added apps, and apps that hold many dangerous ones.',
  why: 'Installing apps in silence, or erasing the phone, is granted to parts of the system only; pre-granted dangerous permissions are how pre-installed spyware starts.',
  benign: [
    'Makers who let owners remove parts of the system by keeping them in the data partition.',
    'Messengers and phone apps, which need many permissions.',
  ],
  confirm: 'Settings, Apps, Permissions; dumpsys package NAME.',
  strength: 'weak',
  standing: 'told',
  needs: ['packages'],
  settledBy: 'dumpsys package',
  group: 'permissions',
  causes: ['owner-settings', 'retailer-apps', 'root'],
  catches: undefined,
  spec: ['AOSP core/res/AndroidManifest.xml: protection levels'],
  run(context) {
    const items = packagesOnce(context).filter(({ granted }) => granted.length > 0);
    if (items.length === 0) return notChecked('no granted permissions were read', 'dumpsys package');
    const platform = new Set(platformSigners(context).map(({ sha256 }) => sha256));
    const findings = items.flatMap((item): Draft[] => {
      const privileged = item.granted.filter((name) => PRIVILEGED_PERMISSIONS.includes(name));
      const added = !item.inSystem && item.system !== true;
      const draft = (observed: string, because: string, strength: 'weak' | 'note'): Draft => ({
        claimed: added ? 'an app that was added' : 'a part of the system',
        observed,
        because,
        standing: item.standing,
        evidence: [item.place],
        strength,
      });
      if (added && privileged.length > 0 && !item.signers.some((signer) => platform.has(signer)))
        return [draft(`${item.name} holds ${privileged.join(', ')}`, 'The system grants this to its own parts only.', 'weak')];
      const many = item.granted.filter((name) => DANGEROUS_PERMISSIONS.includes(name)).length;
      return added && many >= MANY
        ? [draft(`${item.name} holds ${many} dangerous permissions`, 'It reaches most of what is personal on the phone.', 'note')]
        : [];
    });
    return failOrPass(findings.slice(0, 50), 'told');
  },
});
