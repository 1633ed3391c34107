import { property } from '../../evidence/index.ts';
import { type Draft, defineCheck, failOrPass } from '../define.ts';
import { majorOf, releasesOfSdk, sdksOfRelease } from './android-versions.ts';
import { statedBuilds } from './images.ts';

/** The exemplar check: one comparison, one file, its whole documentation. */
export const releaseSdk = defineCheck({
  id: 'properties.release-sdk',
  axis: 'software',
  title: 'Android version against API level',
  what: 'version.release against version.sdk, within each partition that an artefact states both of.',
  why: 'Both are written by one build step of the same source tree, so no build states a pair that was never released. An edited version string is the commonest forgery.',
  benign: ['A preview build states the API level of the release before it: it says its codename, and is only noted.'],
  confirm: 'Read both properties from the phone again, and compare the features of its shell and services with either version.',
  strength: 'conclusive',
  impossible:
    'One build step writes both from one table of the source tree (build/make/core/version_defaults.mk, tools/buildinfo.sh), and the compatibility tests refuse any other pair (CDD 3.2.2, BuildVersionTest). 0 of all recorded genuine phones states another.',
  standing: 'told',
  needs: ['properties'],
  settledBy: 'the output of getprop, or the build.prop files',
  group: 'version-properties',
  causes: ['property-edit', 'engineering'],
  catches: 'app',
  spec: ['https://developer.android.com/tools/releases/platforms', 'AOSP build/make/tools/buildinfo.sh', 'Android CDD 3.2.2'],
  run({ facts }) {
    const findings: Draft[] = [];
    let compared = false;
    for (const { fact, release, sdk } of statedBuilds(facts)) {
      if (release === undefined || sdk === undefined) continue;
      const allowed = sdksOfRelease(release.value);
      const releases = releasesOfSdk(Number(sdk.value));
      // A version that is no number, and a pair of which we know neither, is not a contradiction.
      if (majorOf(release.value) === undefined || (allowed === undefined && releases === undefined)) continue;
      compared = true;
      if (allowed?.includes(Number(sdk.value)) === true) continue;
      const codename = property(fact.value, 'ro.build.version.codename')?.value;
      findings.push({
        claimed: `Android ${release.value}`,
        observed: `API level ${sdk.value}`,
        because:
          allowed === undefined
            ? `API level ${sdk.value} is that of Android ${(releases ?? []).join(' or ')}; no build of it states ${release.value}.`
            : `Android ${release.value} has API level ${allowed.join(' or ')}; no build of it states ${sdk.value}.`,
        standing: fact.standing,
        evidence: [release.place, sdk.place],
        nature: 'modified',
        // A preview says its codename instead of REL.
        ...(codename !== undefined && codename !== 'REL' ? { strength: 'note' as const } : {}),
      });
    }
    if (!compared)
      return {
        outcome: 'not-checked',
        because: 'no artefact states both a known Android version and an API level',
        settledBy: 'the output of getprop',
      };
    return failOrPass(findings, 'told');
  },
});
