import { factsOf } from '../../evidence/index.ts';
import { ALL_UNNUMBERED, defineClause } from './cdd.ts';

export const secureAdb = defineClause({
  id: 'cdd-secure-adb',
  section: '6.1',
  clause: 'C-0-5',
  unnumbered: ALL_UNNUMBERED,
  demands: 'adb asks its owner before it takes a host’s key',
  why: 'A phone whose daemon asks nobody gives itself to every cable. The counterfeit of 2015 did.',
  benign: ['Engineering builds.'],
  settledBy: 'the phone over a cable, with a key that it has never seen',
  decide(context) {
    for (const fact of factsOf(context.facts, 'adb')) {
      if (fact.value.authorisation === 'none')
        return { broken: 'the daemon asked for no key', standing: fact.standing, evidence: [fact.place] };
      if (fact.value.authorisation === 'prompt') return { holds: true, standing: fact.standing };
    }
    return { open: 'the phone knew the key already, or a server stood between' };
  },
});
