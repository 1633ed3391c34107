import { factsOf } from '../../evidence/index.ts';
import { defineClause } from './cdd.ts';

export const selinuxEnforcing = defineClause({
  id: 'cdd-selinux-enforcing',
  section: '9.7',
  clause: 'C-1-2',
  unnumberedToo: true,
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
