import { factsOf } from '../../evidence/index.ts';
import { defineClause } from './cdd.ts';

const SHOWN = 5;

export const permissiveDomains = defineClause({
  id: 'cdd-permissive-domains',
  section: '9.7',
  clause: 'C-1-3',
  unnumberedToo: true,
  demands: 'no domain is permissive',
  why: 'What runs in a permissive domain may do anything.',
  benign: ['Engineering builds.'],
  settledBy: 'a sync pull of /sys/fs/selinux/policy',
  decide(context) {
    const live = factsOf(context.facts, 'selinux-policy').find(({ value }) => value.from === 'live');
    if (live === undefined) return { open: 'the policy in force was not read' };
    const { permissive, types } = live.value.policy;
    if (permissive.length === 0) return { holds: true, standing: live.standing };
    const names = permissive.slice(0, SHOWN).map((type) => types[type] ?? `type ${type}`);
    return { broken: `${permissive.length} permissive: ${names.join(', ')}`, standing: live.standing, evidence: [live.place] };
  },
});
