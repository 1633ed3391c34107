import { isTooHot, readTiming, type Timing } from '../../challenges/index.ts';
import { type CheckContext, defineCheck, notChecked, type Outcome } from '../define.ts';
import { type Conversations, conversationsOf } from './executed-argue.ts';

const SETTLED = 'a live inspection with `--challenge --timed`';

const ghz = (hertz: number) => (hertz / 1e9).toFixed(2);
const kib = (bytes: number) => (bytes >= 1 << 20 ? `${bytes >> 20} MiB` : `${bytes >> 10} KiB`);

/** The times of the first program that was timed, or why there are none. */
function timingOf(context: CheckContext): { readonly timing: Timing; readonly conversations: Conversations } | string {
  const conversations = conversationsOf(context);
  if (conversations === undefined) return 'no program of ours was run';
  for (const { run, reading, program } of conversations.runs) {
    const timing = readTiming(reading, program, run.nonce);
    if (timing === undefined) continue;
    return timing.wrong > 0
      ? `${timing.wrong} of ${timing.recomputed} answers were wrong: what was timed is not the work that was asked for`
      : { timing, conversations };
  }
  const hot = conversations.runs.some(({ run }) => isTooHot(run.circumstances));
  return hot ? 'the phone was too hot to be timed' : conversations.problems.join('; ') || 'no times were taken';
}

function measured({ clockHertz, knees, scaling, recomputed }: Timing): string {
  const one = scaling.find(({ workers }) => workers === 1)?.ns;
  const even = scaling.filter(({ ns }) => one !== undefined && ns < 1.5 * one).map(({ workers }) => workers);
  return [
    ...(clockHertz === undefined ? [] : [`clock ${ghz(clockHertz.value)} GHz (${ghz(clockHertz.low)} to ${ghz(clockHertz.high)})`]),
    ...(knees.length === 0 ? [] : [`latency steps up beyond ${knees.map(kib).join(', ')}`]),
    ...(even.length === 0 ? [] : [`${Math.max(...even)} workers as fast as one`]),
    `${recomputed} answers recomputed`,
  ].join(', ');
}

export const speed = defineCheck({
  id: 'silicon.speed',
  axis: 'hardware',
  title: 'Speed of the silicon',
  what: 'Clock by chains of dependent operations, the shape of the caches and scaling over cores, by the host’s clock, with every answer recomputed.',
  why: 'Nobody’s software makes a chip faster than it is.',
  benign: ['Heat, a saving governor, a busy phone: times alone only ever speak beside the times of genuine units.'],
  confirm: 'Run it again when the phone is cool, charged and idle.',
  strength: 'note',
  standing: 'told',
  needs: ['challenges'],
  settledBy: SETTLED,
  group: 'silicon-timed',
  causes: ['other-silicon', 'sku'],
  catches: undefined,
  spec: [],
  run(context): Outcome {
    const found = timingOf(context);
    if (typeof found === 'string') return notChecked(found, SETTLED);
    return notChecked(
      `measured: ${measured(found.timing)}; no envelope of at least five genuine units of this model says what it should be, and without one times refute nothing`,
      'recordings of five genuine units (`assay lab record`, `assay lab envelope`)',
    );
  },
});

export const relay = defineCheck({
  id: 'silicon.relay',
  axis: 'hardware',
  title: 'Answers from another machine',
  what: 'Where times of work begin, extrapolated from pairs of sizes down to a tenth of a millisecond, against the floor of pings without work.',
  why: 'A fake may send what it is asked to a faster machine; the way there and back is in every answer with work, and not in the pings that it answers itself.',
  benign: ['A link that stutters in step with the work; the accusation is asked three times.'],
  confirm: 'Run it again with all radios off.',
  // No population measures it yet; what it finds is said and stands beside the rest.
  strength: 'weak',
  standing: 'told',
  needs: ['challenges'],
  settledBy: SETTLED,
  group: 'silicon-timed',
  causes: ['tool'],
  catches: undefined,
  spec: [],
  run(context): Outcome {
    const found = timingOf(context);
    if (typeof found === 'string') return notChecked(found, SETTLED);
    const { timing, conversations } = found;
    const ms = (ns: number) => (ns / 1e6).toFixed(2);
    const [place, ...rest] = conversations.places;
    switch (timing.relay.outcome) {
      case 'relay':
        if (place === undefined) return notChecked('no transcript', SETTLED);
        return {
          outcome: 'fail',
          findings: [
            {
              claimed: 'the phone in hand does the work itself',
              observed: `work begins ${ms(timing.relay.excessNs)} ms above the floor of ${ms(timing.relay.floorNs)} ms that pings have`,
              because: 'Answers with work come over a way that pings do not take: another machine gives them.',
              standing: conversations.standing,
              evidence: [place, ...rest],
            },
          ],
        };
      case 'not excluded':
        return notChecked(
          `a relay is not excluded: none showed above the floor of ${ms(timing.relay.floorNs)} ms, but one that delays pings alike would not, and no ceiling of this link is known`,
          'radios off, and the floor of genuine units on this link',
        );
      case 'too noisy':
      case 'too few':
        return notChecked(`the link was too noisy, or too little was asked (${timing.relay.outcome})`, 'a quiet cable');
    }
  },
});
