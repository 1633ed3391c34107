import { factsOf } from '../../evidence/index.ts';
import type { Indicator } from '../../knowledge/index.ts';
import { type Draft, defineCheck, failOrPass } from '../define.ts';
import { namesPackage, packagesOnce } from '../packages/index.ts';

/** A package's name as it is written: letters, digits, underscores, at least one dot. */
const PACKAGE = /^[a-zA-Z]\w*(\.\w+)+$/;

export const packageTraces = defineCheck({
  id: 'behaviour.package-traces',
  axis: 'posture',
  title: 'Traces of packages in logs',
  what: 'Battery history, usage, databases, compatibility overrides, crashes and logs: packages of known families, and packages that are gone.',
  why: 'An app that was removed before the sale leaves its name in many places.',
  benign: ['Apps that an owner removed.', 'Parts of the system whose process names are no packages.'],
  confirm: 'Look for the package in the list with uninstalled ones (pm list packages -u).',
  strength: 'weak',
  standing: 'told',
  needs: ['package-traces'],
  settledBy: 'dumpsys of a bugreport',
  group: 'package-history',
  causes: ['owner-settings', 'retailer-apps'],
  catches: undefined,
  spec: ['mvt-project/mvt: dumpsys battery history, dbinfo and platform compat modules'],
  run(context) {
    const rows: readonly Indicator[] = context.knowledge.indicators;
    const installed = new Set(packagesOnce(context).flatMap(({ name, uninstalled }) => (uninstalled === true ? [] : [name])));
    const reported = new Set<string>();
    const findings = factsOf(context.facts, 'package-traces').flatMap((fact) =>
      fact.value.flatMap((item): Draft[] => {
        const row = rows.find(
          (candidate) => namesPackage(candidate, item.package) || (candidate.type === 'process' && candidate.value === item.package),
        );
        // Only compatibility overrides outlive their package by design; elsewhere a name may be a process of the system.
        const gone = item.source === 'platform-compat' && installed.size > 0 && PACKAGE.test(item.package) && !installed.has(item.package);
        const key = `${item.source} ${item.package}`;
        if ((row === undefined && !gone) || reported.has(key)) return [];
        reported.add(key);
        return [
          {
            claimed: 'nothing of the kind was on this phone',
            observed: `${item.package} in ${item.source}${item.when === undefined ? '' : ` (${item.when})`}`,
            because:
              row === undefined
                ? 'It was installed, and is gone.'
                : `Its name is that of ${row.family} (${row.sources[0] ?? 'source not noted'}).`,
            standing: fact.standing,
            evidence: [item.place],
            ...(row === undefined ? { strength: 'note' as const } : { names: row.family }),
          },
        ];
      }),
    );
    return failOrPass(findings.slice(0, 100), 'told');
  },
});
