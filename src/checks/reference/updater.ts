import { defineCheck } from '../define.ts';
import { groupOutcome, SETTLED_BY } from './group-drafts.ts';

export const updater = defineCheck({
  id: 'reference.updater',
  axis: 'software',
  title: 'The updater',
  what: 'The app and the programs that install the maker’s updates, against the reference.',
  why: 'Sellers of altered systems remove or replace the updater, so that no update takes their changes away.',
  benign: ['Enterprise and demonstration units without an updater; they are missing it in their own build, too.'],
  confirm: 'Look for the updater in the settings, and compare its APK with the official package’s.',
  strength: 'conclusive',
  impossible:
    'The fingerprint names one official build, whose manifest is vouched for by its maker, and the system partitions are read-only images: another content at this path is not of that build. What is only missing is weak.',
  standing: 'told',
  needs: ['files'],
  settledBy: SETTLED_BY,
  group: 'system-files',
  causes: ['rom-flash', 'root', 'retailer-apps'],
  catches: 'framework',
  spec: ['AOSP system/update_engine', 'Barra 2015: retailers’ ROMs'],
  run: (context) => groupOutcome(context, ({ weight }) => weight.id === 'updater'),
});
