import { factsOf } from '../../evidence/index.ts';
import { isSystemPath } from '../boot/index.ts';
import { defineClause } from './cdd.ts';

export const userAuthorities = defineClause({
  id: 'cdd-user-authorities',
  section: '9.8.4',
  clause: 'C-0-2',
  unnumbered: { '7.0': { section: '9.8' }, '7.1': { section: '9.8' } },
  demands: 'the store of user authorities is empty when the phone is sold',
  why: 'Who holds an authority of that store can read traffic that apps believe to be secret.',
  benign: ['A phone that was used: its owner, employer or school may have added one.'],
  settledBy: 'the lists of certificate folders',
  decide(context) {
    const facts = factsOf(context.facts, 'authorities');
    if (facts.length === 0) return { open: 'the folders of authorities were not read' };
    const added = facts.flatMap((fact) =>
      fact.value.filter(({ path }) => !isSystemPath(path)).map((one) => ({ ...one, standing: fact.standing })),
    );
    const [first, ...rest] = added;
    const standing = facts[0]?.standing ?? 'told';
    if (first === undefined) return { holds: true, standing };
    return {
      broken: `${added.length} in the user’s store`,
      standing: first.standing,
      evidence: [first.place, ...rest.slice(0, 9).map(({ place }) => place)],
    };
  },
});
