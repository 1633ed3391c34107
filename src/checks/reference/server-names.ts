import { defineCheck } from '../define.ts';
import { groupOutcome, SETTLED_BY } from './group-drafts.ts';

export const serverNames = defineCheck({
  id: 'reference.server-names',
  axis: 'software',
  title: 'The hosts file',
  what: 'The system’s hosts file against the reference, by its digest.',
  why: 'It sends servers’ names elsewhere: updates, checks of authenticity, advertisements.',
  benign: ['Advertisement blockers that an owner installed as root.'],
  confirm: 'Read /system/etc/hosts.',
  strength: 'conclusive',
  impossible:
    'The fingerprint names one official build, whose manifest is vouched for by its maker, and the system partitions are read-only images: another content at this path is not of that build. What is only missing is weak.',
  standing: 'told',
  needs: ['files'],
  settledBy: SETTLED_BY,
  group: 'system-files',
  causes: ['rom-flash', 'root', 'retailer-apps'],
  catches: 'framework',
  spec: ['AOSP system/core rootdir/etc/hosts'],
  run: (context) => groupOutcome(context, ({ weight }) => weight.id === 'names'),
});
