import { type CheckContext, defineCheck, type Outcome } from '../define.ts';
import { accountOf, OWN_CHECKS } from '../reference/account.ts';
import { groupOutcome, SETTLED_BY } from '../reference/group-drafts.ts';

export const referenceFiles = defineCheck({
  id: 'boot.reference-files',
  axis: 'software',
  title: 'System files against the reference',
  what: 'Digests, sizes, rights and labels of the files of the system, and files that are there besides or missing, against the reference of the build with the same fingerprint: grouped by app, module and folder, heaviest first.',
  why: 'This is what the maker put into this build. Malware in the framework differs here whatever it hides elsewhere.',
  benign: [
    'Customer partitions that the package of the build does not contain: they are not compared.',
    'What is known to differ on phones that nobody altered is listed apart, with its reason (docs/comparison.md).',
    'A maker’s update that replaces single files and leaves the fingerprint: where a shelf has them in other official builds, they are weak.',
  ],
  confirm: 'Pull the file and compare it with the one in the official package.',
  strength: 'conclusive',
  impossible:
    'The fingerprint names one official build, whose manifest is vouched for by its maker. The system partitions are read-only images: a file with another digest, or one more file among the programs, is not of that build.',
  standing: 'told',
  needs: ['files'],
  settledBy: SETTLED_BY,
  group: 'system-files',
  causes: ['rom-flash', 'root', 'retailer-apps'],
  catches: 'framework',
  spec: ['design: Contracts, assay.manifest/1'],
  run: (context) => otherSystem(context) ?? groupOutcome(context, ({ weight }) => !OWN_CHECKS.has(weight.id)),
});

/** Where hardly a file is the build's, a list of them says less than that. */
function otherSystem(context: CheckContext): Outcome | undefined {
  const { isOtherSystem, named, fingerprint, nature } = accountOf(context);
  if (!isOtherSystem || named === undefined || fingerprint === undefined) return undefined;
  const { same, counts } = named.comparison;
  return {
    outcome: 'fail',
    findings: [
      {
        claimed: `the files of ${fingerprint.value}`,
        observed: `${counts.changed} files differ from it and ${same} are the same`,
        because: 'This is not that build with changes: it is another system that carries its name.',
        standing: fingerprint.standing,
        evidence: [fingerprint.place],
        nature,
        ...(named.reference.vouched === 'nobody' || !named.reasons.includes('said') ? { strength: 'weak' as const } : {}),
      },
    ],
  };
}
