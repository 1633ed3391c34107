import { claimsOf } from '../boot/index.ts';
import { type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';
import { parseFingerprint, statedBuilds } from './images.ts';

/** Fields compared, with how genuine phones fare (population.md F1 to F3, story 4.3): incremental differs on every seventh, the others on one or two in a hundred. */
const FIELDS = ['release', 'id', 'type', 'tags', 'incremental'] as const;

export const fingerprintFields = defineCheck({
  id: 'properties.fingerprint-fields',
  axis: 'software',
  title: 'Fields of a fingerprint against the properties beside it',
  what: 'Release, build ID, type, tags and incremental inside a partition’s fingerprint against the same partition’s own properties.',
  why: 'The fingerprint is put together from these properties. One that was copied from another build does not fit them.',
  benign: [
    'Makers who build parts apart: Tecno, Infinix, Nokia and Teracube have other incrementals, Sony another ID.',
    'Huawei P8 Lite and Sony Xperia C4 have a fingerprint of another build.',
  ],
  confirm: 'Compare the fingerprint with the maker’s list of builds.',
  strength: 'weak',
  standing: 'told',
  needs: ['properties'],
  settledBy: 'the output of getprop, or the build.prop files',
  group: 'fingerprint',
  causes: ['property-edit', 'rom-flash'],
  catches: 'app',
  spec: ['AOSP build/make/core/sysprop.mk', 'Android CDD 3.2.2'],
  run(context) {
    const findings: Draft[] = [];
    let compared = false;
    const foreign = claimsOf(context).foreign !== undefined;
    for (const build of statedBuilds(context.facts)) {
      const fingerprint = build.fingerprint === undefined ? undefined : parseFingerprint(build.fingerprint.value);
      if (build.fingerprint === undefined || fingerprint === undefined) continue;
      for (const field of FIELDS) {
        const stated = build[field];
        // A field that a maker left empty says nothing.
        if (stated === undefined || fingerprint[field] === '') continue;
        compared = true;
        if (stated.value.trim() === fingerprint[field]) continue;
        findings.push({
          claimed: `fingerprint ${field} ${fingerprint[field]}`,
          observed: `${stated.key}=${stated.value}`,
          because: `A build’s fingerprint holds its ${field}.`,
          standing: build.fact.standing,
          evidence: [build.fingerprint.place, stated.place],
          nature: foreign ? 'foreign' : 'modified',
          ...(field === 'incremental' ? { strength: 'note' as const } : {}),
        });
      }
    }
    return compared
      ? failOrPass(findings, 'told')
      : notChecked('no partition states a fingerprint beside its fields', 'the output of getprop');
  },
});
