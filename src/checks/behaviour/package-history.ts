import { factsOf } from '../../evidence/index.ts';
import { type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';

export const packageHistory = defineCheck({
  id: 'behaviour.package-history',
  axis: 'posture',
  title: 'Apps removed or set back',
  what: 'The daily battery log: packages that were uninstalled, and packages whose version went down.',
  why: 'Who removes an app before a sale hides it; who sets one back to an older version opens its known holes.',
  benign: ['Owners uninstall apps.', 'Removing the updates of a system app sets it back to the version of the image.'],
  confirm: 'dumpsys batterystats --daily; compare with the store’s history.',
  strength: 'weak',
  standing: 'told',
  needs: ['package-traces'],
  settledBy: 'dumpsys batterystats --daily',
  group: 'package-history',
  causes: ['owner-settings', 'ota'],
  catches: undefined,
  spec: ['AOSP BatteryStatsImpl: daily package changes', 'mvt-project/mvt: dumpsys battery daily module'],
  run({ facts }) {
    let seen = false;
    const findings = factsOf(facts, 'package-traces').flatMap((fact) =>
      fact.value.flatMap((item): Draft[] => {
        if (item.source !== 'battery-daily') return [];
        seen = true;
        const { versionBefore: before, versionAfter: after } = item;
        const removed = after === 0;
        const back = !removed && before !== undefined && after !== undefined && after < before;
        if (!removed && !back) return [];
        return [
          {
            claimed: 'apps only get newer',
            observed: `${item.package} ${removed ? 'was uninstalled' : `went from version ${before} to ${after}`}${item.when === undefined ? '' : ` (${item.when})`}`,
            because: removed ? 'It was on this phone, and is gone.' : 'An older version brings back the holes that the newer one closed.',
            standing: fact.standing,
            evidence: [item.place],
            ...(removed ? { strength: 'note' as const } : {}),
          },
        ];
      }),
    );
    return seen
      ? failOrPass(findings.slice(0, 100), 'told')
      : notChecked('no daily log of packages was read', 'dumpsys batterystats --daily');
  },
});
