import { type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';
import { boundIds, IN_STORE } from './bound.ts';

const EVENTS =
  'the events of its maker, distributors and shop (assay custody import), and whom its brand authorised (assay custody channels)';

export const custodyPath = defineCheck({
  id: 'custody.path',
  axis: 'custody',
  title: 'The path from the maker to here',
  what: 'The custody events that name this phone, in order, against whom its brand authorised to hold it, where and when.',
  why: 'A phone is changed by someone who had it. Who had it is known where every hand-over was told, and those who may have it are known where the brand says so.',
  benign: [
    'A distributor sent a pallet on by another carrier, or told an event of the wrong phone; its teller can declare it wrong.',
    'A shop bought from another authorised shop, which its brand does not mind.',
    'The phone carries another phone’s label or IMEI: the path is that phone’s.',
  ],
  confirm: 'Ask the custodian that the finding names for the papers of this serial number, and the brand whether it authorised him then.',
  strength: 'conclusive',
  impossible:
    'This is said of the path and not of the phone: by the words of those who held it, the unit whose attested ID this phone has just signed with was with somebody whom its brand did not authorise, or in two places, or in trade after its sale. A phone that came straight from maker to shop has no such event. Where the phone has not signed with that ID the finding is weak.',
  standing: 'told',
  needs: [],
  settledBy: EVENTS,
  group: 'custody-path',
  causes: ['clone'],
  catches: undefined,
  spec: ['GS1 EPCIS 2.0.1', 'GS1 CBV 2.0'],
  run(context) {
    const path = context.history.custody;
    if (path === undefined || path.stays.length === 0) return notChecked('no custody event names this phone', EVENTS);
    const isOwn = path.boundTo !== undefined && boundIds(context).has(path.boundTo.uri);
    if (path.answer === 'broken')
      return failOrPass(
        path.faults.map(
          (fault): Draft => ({
            claimed: `a path of ${path.stays.length} custodians`,
            observed: `${fault.at.slice(0, 10)}, ${fault.where}: ${fault.why}`,
            because: isOwn
              ? 'The unit whose attested ID this phone signs with did not come by a path that its brand authorised.'
              : 'A phone that this one is called as did not come by a path that its brand authorised.',
            standing: 'told',
            evidence: [IN_STORE],
            ...(isOwn ? {} : { strength: 'weak' as const }),
          }),
        ),
        'told',
      );
    if (path.answer === 'unproven') return notChecked(path.because, EVENTS);
    if (!isOwn)
      return notChecked(
        'the path of the phone that it is called as is authorised; whether this is that phone was not shown',
        'an attestation of its serial number, bound to its bootloader (inspect --attest)',
      );
    return { outcome: 'pass', standing: 'signed', clears: { axis: 'custody', because: path.because } };
  },
});
