import { defineCheck } from '../define.ts';
import { groupOutcome, SETTLED_BY } from './group-drafts.ts';

export const trustedCertificates = defineCheck({
  id: 'reference.trusted-certificates',
  axis: 'software',
  title: 'Certificate authorities in the system',
  what: 'The system’s store of certificate authorities against the reference.',
  why: 'Encrypted connections of every app can be read by whoever adds an authority here.',
  benign: ['Updates of the store come with the module com.android.conscrypt, which is compared as one.'],
  confirm: 'Pull /system/etc/security/cacerts and compare the names and digests of its files.',
  strength: 'conclusive',
  impossible:
    'The fingerprint names one official build, whose manifest is vouched for by its maker, and the system partitions are read-only images: another content at this path is not of that build. What is only missing is weak.',
  standing: 'told',
  needs: ['files'],
  settledBy: SETTLED_BY,
  group: 'system-files',
  causes: ['rom-flash', 'root', 'retailer-apps'],
  catches: 'framework',
  spec: ['AOSP system/ca-certificates'],
  run: (context) => groupOutcome(context, ({ weight }) => weight.id === 'trust'),
});
