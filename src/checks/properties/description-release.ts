import { property } from '../../evidence/index.ts';
import { claimsOf } from '../boot/index.ts';
import { type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';
import { majorOf, sdksOfRelease } from './android-versions.ts';
import { nonEmpty, statedBuilds } from './images.ts';

export const descriptionRelease = defineCheck({
  id: 'properties.description-release',
  axis: 'software',
  title: 'Version in the description against the version',
  what: 'The Android version inside ro.build.description against ro.build.version.release of the same artefact.',
  why: 'The build writes the description from the version. Other parts of it differ on many genuine phones; the version never did. Custom ROMs that borrow a maker’s description, and edited versions, differ.',
  benign: ['An owner’s ROM carries the maker’s last description so that apps accept it: the system is another one, as found.'],
  confirm: 'Compare the version with the features of shell and services.',
  strength: 'strong',
  standing: 'told',
  needs: ['properties'],
  settledBy: 'the output of getprop',
  group: 'version-properties',
  causes: ['property-edit', 'rom-flash'],
  catches: 'app',
  spec: ['AOSP build/make/tools/buildinfo.sh'],
  run(context) {
    const findings: Draft[] = [];
    let compared = false;
    const foreign = claimsOf(context).foreign !== undefined;
    for (const { fact, partition, release } of statedBuilds(context.facts)) {
      if (partition !== '' || release === undefined) continue;
      const description = nonEmpty(property(fact.value, 'ro.build.description'));
      // `cancro-user 4.4.4 KTU84P V6.5.6 release-keys`; makers that write something else have no version to compare.
      const stated = /^\S+ (\d{1,2}(?:\.\d{1,2}){0,2}) /.exec(description?.value ?? '')?.[1];
      if (description === undefined || stated === undefined) continue;
      compared = true;
      if (stated === release.value.trim() || sameVersion(stated, release.value)) continue;
      findings.push({
        claimed: `Android ${release.value}`,
        observed: `a description of Android ${stated}`,
        because: 'The build step that writes the description copies the version into it.',
        standing: fact.standing,
        evidence: [release.place, description.place],
        nature: foreign ? 'foreign' : 'modified',
      });
    }
    return compared ? failOrPass(findings, 'told') : notChecked('no artefact states a description with a version', 'the output of getprop');
  },
});

/** `8.1` and `8.1.0` are one version, and `5.0` and `5.0.1` one API level: Huawei P8 Lite states both. */
function sameVersion(a: string, b: string): boolean {
  const [one, other] = [sdksOfRelease(a), sdksOfRelease(b)];
  return one === undefined || other === undefined ? majorOf(a) === majorOf(b) : one.some((sdk) => other.includes(sdk));
}
