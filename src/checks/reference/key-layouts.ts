import { defineCheck } from '../define.ts';
import { groupOutcome, SETTLED_BY } from './group-drafts.ts';

export const keyLayouts = defineCheck({
  id: 'reference.key-layouts',
  axis: 'software',
  title: 'Layouts of keys and input',
  what: 'Key layouts and input configurations against the reference.',
  why: 'A build moved to other hardware brings the layouts of that hardware’s keys and touch screen.',
  benign: ['None on a read-only system; overlays of accessories lie in /data.'],
  confirm: 'Pull /system/usr/keylayout and compare.',
  strength: 'conclusive',
  impossible:
    'The fingerprint names one official build, whose manifest is vouched for by its maker, and the system partitions are read-only images: another content at this path is not of that build. What is only missing is weak.',
  standing: 'told',
  needs: ['files'],
  settledBy: SETTLED_BY,
  group: 'system-files',
  causes: ['rom-flash', 'root', 'retailer-apps'],
  catches: 'framework',
  spec: ['AOSP input: key layout files'],
  run: (context) => groupOutcome(context, ({ weight }) => weight.id === 'keys-and-input'),
});
