import { factsOf } from '../../evidence/index.ts';
import { type Draft, defineCheck, failOrPass } from '../define.ts';
import { indexIndicators } from '../packages/index.ts';

export const processes = defineCheck({
  id: 'behaviour.processes',
  axis: 'posture',
  title: 'Running processes',
  what: 'Names of processes against known families, and programs that run from the folder of the debugging shell.',
  why: 'What runs now is what harms now.',
  benign: ['A name may be used by another app.', 'Developer tools run from /data/local/tmp.'],
  confirm: 'Look at the process again; find its package or file, pull it and compute its digest.',
  strength: 'weak',
  standing: 'told',
  needs: ['processes'],
  settledBy: 'ps on the phone',
  group: 'processes',
  causes: ['tool', 'retailer-apps'],
  catches: undefined,
  spec: ['mvt-project/mvt: androidqf processes module'],
  run({ facts, knowledge }) {
    const index = indexIndicators(knowledge.indicators.filter(({ class: kind }) => kind !== 'root' && kind !== 'hooking'));
    const findings = factsOf(facts, 'processes').flatMap((fact) =>
      fact.value.flatMap((process): Draft[] => {
        const name = process.name.split(':')[0] ?? process.name;
        const row = index.named(name) ?? index.valued('process', process.name) ?? index.placed(process.name);
        const pushed = process.name.startsWith('/data/local/tmp/');
        if (row === undefined && !pushed) return [];
        return [
          {
            claimed: 'the programs of the system and of its apps',
            observed: `${process.name}, running as ${process.user}`,
            because:
              row === undefined
                ? 'It was pushed over a cable and started.'
                : `Its name is that of ${row.family} (${row.sources[0] ?? 'source not noted'}).`,
            standing: fact.standing,
            evidence: [process.place],
            ...(row === undefined ? {} : { names: row.family }),
          },
        ];
      }),
    );
    return failOrPass(findings.slice(0, 100), 'told');
  },
});
