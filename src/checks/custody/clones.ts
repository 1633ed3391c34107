import { type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';
import { IN_STORE } from './bound.ts';

const SETTLED = 'earlier inspections and custody events of the same identities (--store)';

export const custodyClones = defineCheck({
  id: 'custody.clones',
  axis: 'custody',
  title: 'One identity on two phones',
  what: 'Every inspection and event that shares an identity with this phone: what was attested beside it, where and when, and what its life allows.',
  why: 'An identity is one unit’s. Counterfeits share those of genuine phones, and two phones cannot both be the one that was made.',
  benign: [
    'A workshop wrote the old numbers into a new board; an event of the repair explains it.',
    'An inspection was dated wrongly, or its place is wrong.',
    'This is the genuine phone, and the other one was the clone.',
  ],
  confirm: 'Hold both phones side by side, and have both attest their IDs.',
  strength: 'conclusive',
  impossible:
    'One attested or fused ID was read, from phones in known operators’ hands, at two places further apart than anything travels in the time between. One unit is in one place: there are two with that ID, or the secure world of one answers for both. Everything else that this check finds is weak.',
  standing: 'told',
  needs: [],
  settledBy: SETTLED,
  group: 'history',
  causes: ['clone', 'repair'],
  catches: undefined,
  spec: ['ITU-T Q.5052 (09/2020)', 'Lehtonen 2009', 'Zanetti, Capkun and Juels, NDSS 2013'],
  run({ history }) {
    if (history.clones === undefined) return notChecked('nothing is remembered of phones with its identities', SETTLED);
    return failOrPass(
      history.clones.map(
        (clone): Draft => ({
          claimed: clone.identity,
          observed: clone.observed,
          because: `${clone.code.replaceAll('-', ' ')}${clone.benign === undefined ? '' : `, unless: ${clone.benign}`}`,
          standing: 'told',
          evidence: [IN_STORE],
          ...(clone.code === 'same-id-two-places' && clone.trust !== 'bearer' ? {} : { strength: 'weak' as const }),
        }),
      ),
      'told',
    );
  },
});
