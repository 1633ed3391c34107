import { type BrowserReading, type EngineReading, readBrowserRun } from '../../../challenges/index.ts';
import { defineCheck, type NotExamined, notChecked, type Outcome } from '../../define.ts';
import { type Answered, answeredIn, SETTLED, whose } from './shared.ts';

const NAME = 'Programs that the browser ran';

export const browserExecuted = defineCheck({
  id: 'silicon.browser-executed',
  axis: 'hardware',
  title: NAME,
  what: 'Programs of whole numbers, made for the one run, in WebAssembly, WebGL 2 and WebGPU: every answer is recomputed.',
  why: 'An answer that was prepared, or made up by whatever poses as the browser, is not the one that the program gives.',
  benign: [
    'A fault of a graphics driver gives wrong numbers on a genuine phone: such answers are not examined. WebAssembly leaves no room for one.',
  ],
  confirm: 'Run it again with another browser; run `--challenge`, whose programs need no browser.',
  strength: 'weak',
  standing: 'told',
  needs: ['browser-run'],
  settledBy: SETTLED,
  group: 'browser',
  causes: ['tool', 'other-silicon'],
  // Right answers say that some browser computed them, and nothing of the phone in hand.
  catches: undefined,
  spec: ['WebAssembly Core 1.0', 'OpenGL ES Shading Language 3.00, 4.5.1', 'W3C WebGPU Shading Language'],
  run(context): Outcome {
    const answered = answeredIn(context.facts);
    if (typeof answered === 'string') return notChecked(answered, SETTLED);
    const read = readBrowserRun(answered.run.exchanges);
    if ('problem' in read) return notChecked(`the transcript is none of ours: ${read.problem}`, SETTLED);
    const { engines } = read.reading;
    const wasm = engines.find(({ engine }) => engine === 'WebAssembly');
    if (wasm !== undefined && wasm.wrong > 0) return failed(answered, wasm);
    const missing = notRight(engines, answered);
    // Silence after half of the questions passes nothing, and neither does an engine that was wrong beside one that was right.
    const isWhole = answered.run.outcome === 'done' && engines.every(({ wrong }) => wrong === 0);
    if (!isWhole || !engines.some((one) => one.right === one.asked))
      return notChecked(
        missing.map(({ what, because }) => `${what.slice(NAME.length + 2)}: ${because}`).join('; ') || 'no program was asked for',
        SETTLED,
      );
    return { outcome: 'pass', standing: 'shown', beyond: [...missing, whatIsNotSaid(read.reading, answered)] };
  },
});

/** WebAssembly is defined to the bit: a wrong number is not its answer. */
function failed(answered: Answered, { wrong, asked }: EngineReading): Outcome {
  return {
    outcome: 'fail',
    findings: [
      {
        claimed: 'the browser runs what it is given',
        observed: `${wrong} of ${asked} answers of WebAssembly programs are wrong (${whose(answered)})`,
        because: 'WebAssembly gives the same numbers on every machine: something else than the program answered.',
        standing: 'shown',
        evidence: [answered.place],
      },
    ],
  };
}

/** Engines that did not answer everything, each with its reason. */
function notRight(engines: readonly EngineReading[], { run }: Answered): readonly NotExamined[] {
  const missing = engines
    .filter((one) => one.right < one.asked)
    .map(({ engine, asked, right, wrong, refusals }) => ({
      what: `${NAME}: ${engine}`,
      because: [
        `${right} of ${asked} answers are right`,
        ...(wrong > 0 ? [`${wrong} wrong, which a fault of the graphics driver explains too`] : []),
        ...refusals,
      ].join('; '),
      settledBy: 'another browser on the same phone, or `--challenge`',
    }));
  const end = [run.outcome, run.note].filter((part) => part !== undefined).join(': ');
  return run.outcome === 'done'
    ? missing
    : [...missing, { what: `${NAME}: the rest`, because: `the conversation broke off (${end})`, settledBy: SETTLED }];
}

const kib = (bytes: number) => (bytes >= 1 << 20 ? `${bytes >> 20} MiB` : `${bytes >> 10} KiB`);

/** What right answers do not say, with the times that are recorded and not judged. */
function whatIsNotSaid({ steps }: BrowserReading, answered: Answered): NotExamined {
  const times = steps.map(
    ({ bytes, ns }) => `${ns.value.toFixed(1)} ns a step at ${kib(bytes)} (${ns.low.toFixed(1)} to ${ns.high.toFixed(1)})`,
  );
  return {
    what: 'Whether the phone in hand computed them, and how fast its silicon is',
    because: [
      `the answers are right, and say only that some browser computed them: ${whose(answered)}`,
      times.length === 0 ? 'no times were taken' : `measured by our clock, and not judged: ${times.join(', ')}`,
    ].join('; '),
    settledBy: '`--challenge --timed` over ADB with radios off, and recordings of five genuine units',
  };
}
