import { said } from '../boot/index.ts';
import { beforeLaunchDemand, defineClause } from './cdd.ts';

export const encryption = defineClause({
  id: 'cdd-encryption',
  section: '9.9',
  clause: { '8.0': 'C-2-1', '8.1': 'C-2-1', '9': 'C-1-2', '10': 'C-0-2', '11': 'C-0-2', '12': 'C-0-2', '13': 'C-0-2' },
  unnumbered: { '6.0': {}, '7.0': {}, '7.1': {} },
  demands: 'the storage of apps is encrypted by default',
  why: 'Without it, whoever holds the phone reads what its owner left.',
  benign: ['Phones that were launched before encryption was demanded, and updated.', 'Phones too slow for it, before Android 10.'],
  settledBy: 'getprop with ro.crypto.state',
  decide(context, release) {
    const state = said(context, 'ro.crypto.state');
    if (state === undefined) return { open: 'the state of encryption was not read' };
    if (state.value === 'encrypted') return { holds: true, standing: 'told' };
    const exempt = beforeLaunchDemand(context, release);
    if (exempt !== undefined) return { open: exempt };
    return { broken: `ro.crypto.state is ${state.value.slice(0, 40)}`, standing: 'told', evidence: [state.place] };
  },
});
