import { readBrowserRun } from '../../../challenges/index.ts';
import { type Facts, factOf } from '../../../evidence/index.ts';

/**
 * What a page's transcript gives when every question is made again from its nonce and every number recomputed. `wrong`: what is not as the record says it should be; `silent`: engines that gave no number.
 * Undefined where there is no transcript.
 */
export function readBrowserTranscript(
  facts: Facts,
): { readonly measured: string; readonly wrong: readonly string[]; readonly silent: readonly string[] } | undefined {
  const run = factOf(facts, 'browser-run');
  if (run === undefined) return undefined;
  const read = readBrowserRun(run.value.exchanges);
  if ('problem' in read) return { measured: '', wrong: [read.problem], silent: [] };
  const { engines } = read.reading;
  return {
    measured: engines
      .filter(({ right }) => right > 0)
      .map(({ engine, right, asked }) => `${engine}: ${right} of ${asked} answers recomputed`)
      .join('; '),
    wrong: engines.filter(({ wrong }) => wrong > 0).map(({ engine, wrong }) => `${engine}: ${wrong} wrong`),
    silent: engines.flatMap(({ engine, refusals }) => refusals.map((refusal) => `${engine}: ${refusal}`)),
  };
}
