import { factsOf, type Place, type Standing } from '../../evidence/index.ts';
import { type Draft, defineCheck, failOrPass } from '../define.ts';

export const devicePolicy = defineCheck({
  id: 'packages.device-policy',
  axis: 'posture',
  title: 'Who administers the phone',
  what: 'Device owner, profile owners and active device administrators.',
  why: 'An administrator can lock, erase and restrict the phone. On a phone sold as new there is none; a stolen company phone still has one.',
  benign: ['An employer or school that manages the phone.', 'A finance plan’s lock.', 'Find My Device, mail and banking apps.'],
  confirm: 'Settings, Security, Device admin apps; ask the seller to release the phone.',
  strength: 'weak',
  standing: 'told',
  needs: ['device-policy'],
  settledBy: 'dumpsys device_policy',
  group: 'device-policy',
  causes: ['management', 'owner-settings'],
  catches: undefined,
  spec: ['AOSP DevicePolicyManagerService'],
  run({ facts }) {
    const findings: Draft[] = [];
    const add = (
      observed: string,
      because: string,
      strength: 'weak' | 'note',
      from: { readonly place: Place; readonly standing: Standing },
    ) =>
      findings.push({
        claimed: 'a phone that its owner alone commands',
        observed,
        because,
        standing: from.standing,
        evidence: [from.place],
        strength,
      });
    for (const fact of factsOf(facts, 'device-policy')) {
      const { deviceOwner, profileOwners, activeAdmins } = fact.value;
      if (typeof deviceOwner === 'string')
        add(`${deviceOwner} owns the device`, 'It commands the whole phone and can lock or erase it.', 'weak', fact);
      for (const owner of profileOwners)
        add(`${owner} owns a profile`, 'It commands a part of the phone, as a work profile.', 'note', fact);
      for (const { value, place } of activeAdmins)
        add(
          `${value} is an active administrator`,
          'It may lock or erase the phone.',
          value.startsWith('com.google.android.') ? 'note' : 'weak',
          { place, standing: fact.standing },
        );
    }
    return failOrPass(findings, 'told');
  },
});
