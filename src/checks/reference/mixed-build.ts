import { buildName } from '../../references/compare/index.ts';
import { type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';
import { accountOf } from './account.ts';
import { SETTLED_BY } from './group-drafts.ts';

export const mixedBuild = defineCheck({
  id: 'reference.mixed-build',
  axis: 'software',
  title: 'Parts of several builds',
  what: 'Each component (system, vendor, product, boot) alone against the builds that are known: whether one is wholly another build’s than the one named, while the rest is the named one’s.',
  why: 'A seller who flashes part of another package, or moves a system to other hardware, leaves a combination that no official package has.',
  benign: [
    'Makers combine components of their own: it counts only against the very build that the fingerprint names, whose package holds the other component.',
    'The carrier’s part and firmware are updated apart and are left out.',
  ],
  confirm: 'Compare the partition with both official packages.',
  strength: 'conclusive',
  impossible:
    'The fingerprint names one official build, whose package is vouched for and holds this component with other files. All files seen of it are another official build’s, so it was put there from that one.',
  standing: 'told',
  needs: ['files'],
  settledBy: SETTLED_BY,
  group: 'system-files',
  causes: ['rom-flash', 'ota'],
  catches: 'app',
  spec: ['design: mixed'],
  run(context) {
    const { named, fingerprint, foreignParts, yardsticks, isSignedAsNamed } = accountOf(context);
    if (named === undefined || fingerprint === undefined)
      return notChecked('no reference of the build that the phone names is known', SETTLED_BY);
    if (yardsticks.length < 2)
      return notChecked('only one build is known here, so no part can be told to be another’s', 'references of other builds of this model');
    const findings = foreignParts.map(({ component, from, same, different }): Draft => {
      const official =
        named.reference.vouched !== 'nobody' && from.vouched !== 'nobody' && named.reasons.includes('said') && !isSignedAsNamed;
      return {
        claimed: `${component} of ${fingerprint.value}`,
        observed: `${component} of ${buildName(from.manifest)}: all ${same} files seen are that build’s, ${different} differ from the one named`,
        because: 'The package of the build that the phone names holds another one: no official package combines the two.',
        standing: fingerprint.standing,
        evidence: [fingerprint.place],
        nature: 'mixed',
        names: buildName(from.manifest),
        ...(official ? {} : { strength: 'weak' as const }),
      };
    });
    return failOrPass(findings, 'told');
  },
});
