import { factsOf, property } from '../../evidence/index.ts';
import { type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';
import { nonEmpty } from './images.ts';

const KEYS = [
  'ro.build.version.release',
  'ro.build.version.sdk',
  'ro.build.version.incremental',
  'ro.build.id',
  'ro.build.type',
  'ro.build.tags',
  'ro.build.version.security_patch',
] as const;

export const fileAgainstRuntime = defineCheck({
  id: 'properties.file-against-runtime',
  axis: 'software',
  title: 'Properties in force against their file',
  what: 'Keys of the build in getprop against those in the system’s build.prop.',
  why: 'Root tools (resetprop) change properties in memory and leave the files: what the phone answers is then not what it was built as.',
  benign: [
    'Files of an earlier recording than the answer.',
    'Makers that set some of them at boot from another partition (Huawei’s cust, sku overrides).',
  ],
  confirm: 'Read the file and the property again, one after the other.',
  strength: 'weak',
  standing: 'told',
  needs: ['properties'],
  settledBy: 'getprop and /system/build.prop of one phone',
  group: 'runtime-properties',
  causes: ['root', 'property-edit', 'ota'],
  catches: 'app',
  spec: ['AOSP system/core/init/property_service.cpp'],
  run({ facts }) {
    const all = factsOf(facts, 'properties');
    const runtime = all.find(({ value }) => value.layer === 'runtime');
    const files = all.filter(({ value }) => value.layer === 'system');
    if (runtime === undefined || files.length === 0)
      return notChecked('getprop and the system’s build.prop were not both read', 'getprop and /system/build.prop');
    const findings: Draft[] = [];
    for (const file of files)
      for (const key of KEYS) {
        const inForce = nonEmpty(property(runtime.value, key));
        const stated = nonEmpty(property(file.value, key));
        if (inForce === undefined || stated === undefined || inForce.value.trim() === stated.value.trim()) continue;
        findings.push({
          claimed: `${key}=${inForce.value}`,
          observed: `${stated.value} in the file`,
          because: 'Read-only properties of the system come from its file.',
          standing: file.standing,
          evidence: [inForce.place, stated.place],
          nature: 'modified',
        });
      }
    return failOrPass(findings, 'told');
  },
});
