import { factsOf } from '../../evidence/index.ts';
import { ALL_UNNUMBERED, defineClause } from './cdd.ts';

export const selinuxEnforcing = defineClause({
  id: 'cdd-selinux-enforcing',
  section: '9.7',
  clause: 'C-1-2',
  // The two that do not speak of the mode demand of domains what none of them is in another mode.
  unnumbered: {
    ...ALL_UNNUMBERED,
    '4.4': { demands: 'the domains that enforce upstream, as installd, netd and vold, enforce' },
    '5.1': { demands: 'all domains are in enforcing mode' },
  },
  demands: 'SELinux is in enforcing mode',
  why: 'Every later wall of the system stands on it.',
  benign: ['Engineering builds.'],
  settledBy: 'getenforce',
  decide(context) {
    const read = factsOf(context.facts, 'selinux').filter(({ value }) => value.mode !== undefined);
    const broken = read.find(({ value }) => value.mode !== 'enforcing');
    if (broken !== undefined) return { broken: `SELinux is ${broken.value.mode}`, standing: broken.standing, evidence: [broken.place] };
    const [first] = read;
    return first === undefined ? { open: 'the mode was not read' } : { holds: true, standing: first.standing };
  },
});
