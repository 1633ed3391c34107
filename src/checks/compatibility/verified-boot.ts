import { said } from '../boot/index.ts';
import { beforeLaunchDemand, defineClause } from './cdd.ts';

export const verifiedBoot = defineClause({
  id: 'cdd-verified-boot',
  section: '9.10',
  clause: { '8.0': 'C-2-1', '8.1': 'C-8-1', '9': 'C-0-2', '10': 'C-0-2', '11': 'C-0-2', '12': 'C-0-2', '13': 'C-0-2' },
  unnumbered: { '6.0': {}, '7.0': {}, '7.1': {} },
  demands: 'verified boot is there, and on',
  why: 'It is what makes an altered system not start, or say so.',
  benign: ['An owner who unlocked the bootloader.', 'Phones that were launched before it was demanded, and updated.'],
  settledBy: 'getprop with ro.boot.verifiedbootstate and ro.boot.veritymode',
  decide(context, release) {
    const state = said(context, 'ro.boot.verifiedbootstate');
    // Huawei's bootloaders write it in capitals.
    const colour = state?.value.trim().toLowerCase();
    const verity = said(context, 'ro.boot.veritymode');
    // A word of the phone: that it says green clears nothing, that it says something else is its own confession.
    const exempt = beforeLaunchDemand(context, release);
    if (exempt !== undefined && colour !== 'green') return { open: exempt };
    // The definition itself lets an owner unlock: of a unit that is unlocked nobody can say what its maker delivered.
    if (colour === 'orange') return { open: 'its bootloader is unlocked, which the definition allows: verified boot is off on this unit' };
    if (state !== undefined && colour !== 'green' && colour !== 'yellow')
      return { broken: `ro.boot.verifiedbootstate is ${state.value.slice(0, 20)}`, standing: 'told', evidence: [state.place] };
    if (verity !== undefined && /^(disabled|logging)$/.test(verity.value))
      return { broken: `ro.boot.veritymode is ${verity.value}`, standing: 'told', evidence: [verity.place] };
    return state === undefined ? { open: 'the state of verified boot was not read' } : { holds: true, standing: 'told' };
  },
});
