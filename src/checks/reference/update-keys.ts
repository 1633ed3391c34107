import { defineCheck } from '../define.ts';
import { groupOutcome, SETTLED_BY } from './group-drafts.ts';

export const updateKeys = defineCheck({
  id: 'reference.update-keys',
  axis: 'software',
  title: 'Keys of updates',
  what: 'The certificates that recovery and the updater accept packages from (otacerts.zip, res/keys), against the reference.',
  why: 'Whoever’s certificate is added here can install another system as an update; whoever replaces the maker’s stops the maker’s.',
  benign: ['Developer builds of one maker carry other certificates; their fingerprint says so.'],
  confirm: 'Pull /system/etc/security/otacerts.zip and compare the certificates in it with the official package’s.',
  strength: 'conclusive',
  impossible:
    'The fingerprint names one official build, whose manifest is vouched for by its maker, and the system partitions are read-only images: another content at this path is not of that build. What is only missing is weak.',
  standing: 'told',
  needs: ['files'],
  settledBy: SETTLED_BY,
  group: 'system-files',
  causes: ['rom-flash', 'root', 'retailer-apps'],
  catches: 'framework',
  spec: ['AOSP bootable/recovery install/verifier.cpp'],
  run: (context) => groupOutcome(context, ({ weight }) => weight.id === 'update-keys'),
});
