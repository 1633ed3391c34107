import { claimsOf } from '../boot/index.ts';
import { type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';
import { sdksOfRelease } from './android-versions.ts';
import { parseFingerprint, statedBuilds } from './images.ts';

export const fingerprintRelease = defineCheck({
  id: 'properties.fingerprint-release',
  axis: 'software',
  title: 'Version in the fingerprint against the version',
  what: 'The Android version inside ro.build.fingerprint and ro.system.build.fingerprint, against the version that stands beside it, by API level.',
  why: 'A fingerprint that was copied from another phone, so that apps believe in a certified build, brings that build’s version.',
  benign: [
    'An owner’s ROM, or a root tool, carries a certified fingerprint so that payment apps work: the system is still another than it says.',
  ],
  confirm: 'Look the fingerprint up in the maker’s list of builds.',
  strength: 'conclusive',
  impossible:
    'The build puts the fingerprint together from the version that it writes beside it (BUILD_FINGERPRINT in build/make/core, CDD 3.2.2). The two were of other API levels on none of the recorded genuine phones; Huawei’s 5.0 beside 5.0.1 is one level. Partitions of modules and vendors, which genuine phones combine, are left out.',
  standing: 'told',
  needs: ['properties'],
  settledBy: 'the output of getprop',
  group: 'version-properties',
  causes: ['property-edit', 'rom-flash', 'root'],
  catches: 'app',
  spec: ['AOSP build/make/core/sysprop.mk', 'Android CDD 3.2.2'],
  run(context) {
    const findings: Draft[] = [];
    let compared = false;
    const foreign = claimsOf(context).foreign !== undefined;
    for (const { fact, partition, release, fingerprint } of statedBuilds(context.facts)) {
      if ((partition !== '' && partition !== 'system') || release === undefined || fingerprint === undefined) continue;
      const inside = sdksOfRelease(parseFingerprint(fingerprint.value)?.release ?? '');
      const beside = sdksOfRelease(release.value);
      if (inside === undefined || beside === undefined) continue;
      compared = true;
      if (inside.some((sdk) => beside.includes(sdk))) continue;
      findings.push({
        claimed: `${fingerprint.key}=${fingerprint.value}`,
        observed: `Android ${release.value}`,
        because: 'The fingerprint is of a build of another Android version.',
        standing: fact.standing,
        evidence: [fingerprint.place, release.place],
        nature: foreign ? 'foreign' : 'modified',
      });
    }
    return compared ? failOrPass(findings, 'told') : notChecked('no fingerprint stands beside a version', 'the output of getprop');
  },
});
