import type { Fact, Property } from '../../evidence/index.ts';
import { type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';
import { majorOf } from './android-versions.ts';
import { parseFingerprint, type StatedBuild, statedBuilds } from './images.ts';

interface Version {
  readonly major: number;
  readonly said: Property;
  readonly fact: Fact<'properties'>;
}

export const versionLayers = defineCheck({
  id: 'properties.version-layers',
  axis: 'software',
  title: 'Version of the system against the vendor’s',
  what: 'The release of the system partition against that of vendor and odm: the vendor’s is never later, and at most four versions earlier.',
  why: 'Makers ship new systems on old vendor images, never the other way: the interfaces between them are only kept downwards. A system that says less than its vendor was put there, or lies.',
  benign: [
    'A third of genuine phones have a system of another version than the vendor’s; up to four versions apart was seen, and is allowed.',
    'A generic system image under test.',
  ],
  confirm: 'Compare both with the maker’s official package.',
  strength: 'conclusive',
  impossible:
    'A system holds compatibility matrices for vendors of its own and earlier versions only; an official package with a later vendor fails its VINTF check when it is built and when it is applied. 0 of 142 stock builds has one. That a system is more than four versions later is only unusual.',
  standing: 'told',
  needs: ['properties'],
  settledBy: 'getprop, or the build.prop files of system and vendor',
  group: 'version-layers',
  causes: ['property-edit', 'rom-flash', 'ota'],
  catches: 'app',
  spec: ['source.android.com/docs/core/architecture/vintf/fcm'],
  run({ facts }) {
    const builds = statedBuilds(facts);
    const systems = builds
      .filter(
        ({ partition, fact }) =>
          partition === 'system' || (partition === '' && fact.value.layer !== 'vendor' && fact.value.layer !== 'odm'),
      )
      .flatMap(versionOf);
    const vendors = builds.filter(({ partition }) => partition === 'vendor' || partition === 'odm').flatMap(versionOf);
    if (systems.length === 0 || vendors.length === 0)
      return notChecked('the versions of system and vendor were not both stated', 'getprop of Android 8 or later');
    const highest = systems.reduce((best, version) => (version.major > best.major ? version : best));
    const findings = vendors.flatMap((vendor): readonly Draft[] => {
      const ahead = highest.major - vendor.major;
      if (ahead >= 0 && ahead <= 4) return [];
      return [
        {
          claimed: `system of Android ${highest.major}`,
          observed: `${vendor.said.key}: Android ${vendor.major}`,
          because:
            ahead < 0
              ? 'No official package has a system on a vendor image of a later version.'
              : `The system is ${ahead} versions later than its vendor image; four were seen at most.`,
          standing: vendor.fact.standing,
          evidence: [highest.said.place, vendor.said.place],
          nature: ahead < 0 ? 'mixed' : 'modified',
          // Makers' odm images were seen to lag, never to lead; before Android 8 there is no vendor interface to break.
          ...(ahead < 0 && highest.major >= 8 ? {} : { strength: 'weak' as const }),
        },
      ];
    });
    return failOrPass(findings.slice(0, 1), 'told');
  },
});

/** By the stated release, else by the fingerprint's. */
function versionOf({ fact, release, fingerprint }: StatedBuild): readonly Version[] {
  const said = release ?? fingerprint;
  const text = release?.value ?? parseFingerprint(fingerprint?.value ?? '')?.release;
  const major = text === undefined ? undefined : majorOf(text);
  return said === undefined || major === undefined ? [] : [{ major, said, fact }];
}
