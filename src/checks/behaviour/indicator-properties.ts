import { factsOf } from '../../evidence/index.ts';
import { type Draft, defineCheck, failOrPass } from '../define.ts';

export const indicatorProperties = defineCheck({
  id: 'behaviour.indicator-properties',
  axis: 'posture',
  title: 'Properties that malware sets',
  what: 'Names of properties against those of known families.',
  why: 'Some spyware keeps its state in a system property.',
  benign: ['A name may be used by another program.'],
  confirm: 'Read the property again after a restart.',
  strength: 'weak',
  standing: 'told',
  needs: ['properties'],
  settledBy: 'the output of getprop',
  group: 'indicator-properties',
  causes: ['retailer-apps'],
  catches: undefined,
  spec: ['mvt-project/mvt: getprop module'],
  run({ facts, knowledge }) {
    const rows = new Map(knowledge.indicators.filter(({ type }) => type === 'property').map((row) => [row.value, row]));
    const findings = factsOf(facts, 'properties').flatMap((fact) =>
      fact.value.entries.flatMap((entry): Draft[] => {
        const row = rows.get(entry.key);
        if (row === undefined) return [];
        return [
          {
            claimed: 'the properties of the system',
            observed: `${entry.key}=${entry.value.slice(0, 100)}`,
            because: `Its name is that of ${row.family} (${row.sources[0] ?? 'source not noted'}).`,
            standing: fact.standing,
            evidence: [entry.place],
            names: row.family,
          },
        ];
      }),
    );
    return failOrPass(findings.slice(0, 50), 'told');
  },
});
