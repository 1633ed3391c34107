import { buildName, type Yardstick } from '../../references/compare/index.ts';
import { type CheckContext, type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';
import { accountOf } from './account.ts';
import { SETTLED_BY } from './group-drafts.ts';

/** So many files with digest that are the nearest build's make it a better yardstick than the one named. */
const NEAR_MIN = 20;

export const yardstick = defineCheck({
  id: 'reference.yardstick',
  axis: 'software',
  title: 'The build that it names, the one claimed, and the nearest',
  what: 'Which build the phone says it runs, which one box or seller call for, and which of those known its files are likest.',
  why: 'The accused does not choose the yardstick alone: a system that names a build that nobody can look up escapes every comparison with it.',
  benign: [
    'An update since the phone was packed: then the claim calls for an older build of the same model.',
    'A build that is simply not among those known here.',
  ],
  confirm: 'Get the official package of the build that the phone names, and of the one claimed.',
  strength: 'weak',
  standing: 'told',
  needs: ['properties'],
  settledBy: SETTLED_BY,
  group: 'yardstick',
  causes: ['property-edit', 'rom-flash', 'ota', 'sku'],
  catches: undefined,
  spec: ['design: Contracts'],
  run(context) {
    const { yardsticks, fingerprint, named } = accountOf(context);
    if (yardsticks.length === 0 || fingerprint === undefined) return notChecked('no reference was given', SETTLED_BY);
    const claimed = yardsticks.find(({ reasons }) => reasons.includes('claimed'));
    const nearest = yardsticks.find(({ reasons }) => reasons.includes('nearest'));
    const findings: Draft[] = [];
    const say = (observed: string, because: string, claim: string) =>
      findings.push({ claimed: claim, observed, because, standing: fingerprint.standing, evidence: [fingerprint.place] });
    if (context.claims.build !== undefined && claimed !== undefined && named !== undefined && claimed !== named)
      say(
        fingerprint.value,
        'The build that is claimed and the one that the phone names are two, and both are known.',
        `the build ${context.claims.build}`,
      );
    if (named === undefined && nearest !== undefined && nearest.comparison.same >= NEAR_MIN)
      say(
        `${nearest.comparison.same} files of ${nearest.comparison.same + nearest.comparison.differences.length} that could be compared are those of ${buildName(nearest.reference.manifest)}`,
        'The build that it names is not known here, and its files are mostly another build’s.',
        fingerprint.value,
      );
    if (named !== undefined && nearest !== undefined && nearest !== named && isNearer(nearest, named))
      say(
        `its files are likest to ${buildName(nearest.reference.manifest)} (${nearest.comparison.same} the same, against ${named.comparison.same})`,
        'The build that it names is known, and another one fits better.',
        fingerprint.value,
      );
    findings.push(...spellings(context, named));
    return failOrPass(findings, 'told');
  },
});

const isNearer = (a: Yardstick, b: Yardstick) => a.comparison.same >= NEAR_MIN && a.comparison.same > b.comparison.same * 1.2;

/** The same build under another spelling is named, not alarmed. */
function spellings(context: CheckContext, named: Yardstick | undefined): readonly Draft[] {
  const { fingerprint } = accountOf(context);
  if (fingerprint === undefined || named?.reasons.includes('spelling') !== true) return [];
  return [
    {
      claimed: fingerprint.value,
      observed: buildName(named.reference.manifest),
      because:
        'It is the same build (id, version and maker agree) with its fingerprint spelled otherwise, as variants for regions and carriers do.',
      standing: fingerprint.standing,
      evidence: [fingerprint.place],
      strength: 'note',
    },
  ];
}
