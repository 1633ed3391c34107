import { figuresOf, isRefuted, isTooHot, judgeEnvelope, type Outside, readTiming, slowedBy, type Timing } from '../../challenges/index.ts';
import { ENVELOPE_UNITS } from '../../knowledge/index.ts';
import { type CheckContext, defineCheck, notChecked, type Outcome } from '../define.ts';
import { envelopeOf } from './envelope-of.ts';
import { type Conversations, conversationsOf } from './executed-argue.ts';

const SETTLED = 'a live inspection with `--challenge --timed`';

const ghz = (hertz: number) => (hertz / 1e9).toFixed(2);
const kib = (bytes: number) => (bytes >= 1 << 20 ? `${bytes >> 20} MiB` : `${bytes >> 10} KiB`);

interface Timed {
  readonly timing: Timing;
  readonly run: Conversations['runs'][number];
  readonly conversations: Conversations;
}

/** The times of the first program that was timed, or why there are none. */
function timingOf(context: CheckContext): Timed | string {
  const conversations = conversationsOf(context);
  if (conversations === undefined) return 'no program of ours was run';
  for (const run of conversations.runs) {
    const timing = readTiming(run.reading, run.program, run.run.nonce);
    if (timing === undefined) continue;
    return timing.wrong > 0
      ? `${timing.wrong} of ${timing.recomputed} answers were wrong: what was timed is not the work that was asked for`
      : { timing, run, conversations };
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
  what: 'Counter, the shape of the caches, scaling over cores and clock, by the host’s clock and with every answer recomputed, against an imported envelope of at least five genuine units of the model.',
  why: 'Nobody’s software makes a chip faster than it is, nor its caches larger, nor its cores more.',
  benign: [
    'Heat, a saving governor, a busy phone. Clock alone is never held against a phone, and what a phone says of its heat stops the judgement.',
    'A variant of the model with another chip, of which none was among the units.',
  ],
  confirm: 'Run it again when the phone is cool, charged and idle.',
  // No phone was ever judged by it: it stands beside the rest.
  strength: 'weak',
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
    const { timing, run, conversations } = found;
    const chosen = envelopeOf(context);
    if (chosen === undefined)
      return notChecked(
        `measured: ${measured(timing)}; no envelope of at least five genuine units of this model says what it should be: only published facts were compared (instructions, counter), and times refute nothing`,
        'an envelope of five genuine units (`assay lab record`, `assay reference envelope make`)',
      );
    const { envelope, by } = chosen;
    const named = `${envelope.model}, ${envelope.build === null ? 'all builds' : 'this build'} (${envelope.signers.length} units, ${envelope.pack})`;
    if (envelope.signers.length < ENVELOPE_UNITS)
      return notChecked(`the envelope of ${named} has too few units`, 'an envelope of five genuine units');
    const outside = judgeEnvelope(figuresOf(timing, run.reading), envelope);
    if (outside.length === 0)
      return {
        outcome: 'pass',
        standing: conversations.standing,
        beyond: [
          {
            what: 'Speed of the silicon',
            because: `measured: ${measured(timing)}; consistent with the envelope of ${named}, which times can only refute`,
            settledBy: 'nothing: another chip may be as fast',
          },
        ],
      };
    const slowed = slowedBy(run.run.circumstances);
    if (slowed !== undefined)
      return notChecked(
        `${sayings(outside)}, outside the envelope of ${named}; but ${slowed}`,
        'the same when the phone is cool, charged and idle',
      );
    const [place, ...rest] = conversations.places;
    if (!isRefuted(outside) || place === undefined)
      return notChecked(
        `${sayings(outside)}, outside the envelope of ${named}; two measurements of different nature, one of them of shape, are wanted before times refute`,
        'the same when the phone is cool, charged and idle',
      );
    return {
      outcome: 'fail',
      findings: [
        {
          claimed: `${envelope.model}${by === 'phone' ? ', as the phone says' : ''}: ${outside.map(({ expected }) => expected).join('; ')}`,
          observed: sayings(outside),
          because: `${outside.length} measurements of different nature lie outside what ${envelope.signers.length} genuine units showed (${envelope.pack}).`,
          standing: conversations.standing,
          evidence: [place, ...rest],
          ...(by === 'phone'
            ? { axis: 'software' as const, nature: 'modified' as const, causes: ['property-edit', 'rom-flash', 'sku'] as const }
            : {}),
        },
      ],
    };
  },
});

const sayings = (outside: readonly Outside[]): string => outside.map(({ observed }) => observed).join('; ');

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
