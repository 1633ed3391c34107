import { factsOf } from '../../evidence/index.ts';
import { ALL_UNNUMBERED, defineClause } from './cdd.ts';

const SHOWN = 5;
/** Android 4.4 lets the domains of apps be permissive, and names these that are not. */
const ENFORCING_4_4 = new Set(['installd', 'netd', 'vold']);

export const permissiveDomains = defineClause({
  id: 'cdd-permissive-domains',
  section: '9.7',
  clause: 'C-1-3',
  unnumbered: { ...ALL_UNNUMBERED, '4.4': { demands: 'installd, netd and vold are not permissive' } },
  demands: 'no domain is permissive',
  why: 'What runs in a permissive domain may do anything.',
  benign: ['Engineering builds.'],
  settledBy: 'a sync pull of /sys/fs/selinux/policy',
  decide(context, release) {
    const live = factsOf(context.facts, 'selinux-policy').find(({ value }) => value.from === 'live');
    if (live === undefined) return { open: 'the policy in force was not read' };
    const { types } = live.value.policy;
    const permissive = live.value.policy.permissive.filter((type) => release !== '4.4' || ENFORCING_4_4.has(types[type] ?? ''));
    if (permissive.length === 0) return { holds: true, standing: live.standing };
    const names = permissive.slice(0, SHOWN).map((type) => types[type] ?? `type ${type}`);
    return { broken: `${permissive.length} permissive: ${names.join(', ')}`, standing: live.standing, evidence: [live.place] };
  },
});
