/** An inspection as an event of custody, which the next custodian can read and locating counts. */
import type { Instant } from '../../bytes/index.ts';
import type { Sighting } from '../../evidence/index.ts';
import { nodeHash } from '../../platform/node/index.ts';
import { identityOf, isOwn, judgeEvent, reportUri, type Verdicts, verdictEvent } from '../../provenance/index.ts';
import type { Store } from '../store.ts';
import { keepEvents } from './events.ts';
import { identitiesOf } from './history.ts';

export interface ToldInspection {
  readonly sighting: Sighting;
  readonly verdict: Pick<Verdicts, 'hardware' | 'software' | 'custody'>;
  readonly reportSha256: string;
  readonly now: Instant;
}

/**
 * Writes the verdict as an `inspecting` event whose certification is the report. A recording that no known operator signed is its bearer's word: it becomes no event.
 * Answers in words what came of it.
 */
export async function tellInspection(store: Store, { sighting, verdict, reportSha256, now }: ToldInspection): Promise<string> {
  if (sighting.trust === 'bearer') return 'no event was written: a recording is its bearer’s word';
  const things = identitiesOf(sighting).map(identityOf).filter(isOwn);
  if (things.length === 0) return 'no event was written: the phone has no identity of its own to be called by';
  const body = verdictEvent(verdict, {
    at: sighting.at,
    things: things.map(({ uri }) => uri),
    place: sighting.place,
    certificationInfo: [reportUri(reportSha256)],
  });
  const judged = judgeEvent(body, '', { hash: nodeHash, now, hashIds: 'verify', sender: { kind: 'operator' }, places: new Map() });
  if ('name' in judged) return `no event was written: ${judged.name}, it ${judged.because}`;
  const { kept, refused } = await keepEvents(store, [judged], { capturedAt: now, sender: null, behaviour: 'rollback' });
  return kept === 1 ? `the event ${judged.event.id} was written` : `no event was written: ${refused[0]?.because ?? 'it was there'}`;
}
