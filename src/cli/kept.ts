import { isInstant } from '../bytes/index.ts';
import { attestedSightings, type CheckContext, sightingOf } from '../checks/index.ts';
import { type Capture, type Facts, type History, readFacts, type Sighting } from '../evidence/index.ts';
import { nodeClock } from '../platform/node/index.ts';
import type { Report } from '../report/index.ts';
import { callerPath } from './paths.ts';

/** Judges a capture with what a store remembers of the same phone, and keeps capture and report there. */
export async function judgeAndKeep(
  folder: string,
  { source, capture, history }: { readonly source: string; readonly capture: Capture; readonly history: History },
  judgeWith: (history: History) => Promise<Report>,
  answersOf: (facts: Facts) => Promise<CheckContext['attestations']>,
): Promise<Report> {
  const { custodyHistory, historyOf, keepCapture, keepInspection, openStore } = await import('../store/index.ts');
  const facts: Facts = await readFacts(capture);
  const attested = attestedSightings({ facts, attestations: (await answersOf(facts)) ?? [] });
  const sighting: Sighting = sightingOf(facts, capture, { at: capture.takenAt ?? nodeClock.now(), source }, attested);
  const store = await openStore(callerPath(folder), process.env['DATABASE_URL']);
  try {
    const before = await historyOf(store, sighting);
    const sightings = [...history.sightings, ...before.sightings];
    const report = await judgeWith({ ...history, sightings, ...(await custodyHistory(store, sighting, sightings)) });
    const { judgedAsOf } = report.subject;
    // A report's times are instants; its type says text, because a report may be a stranger's.
    if (!isInstant(judgedAsOf)) throw new RangeError(`judged as of "${judgedAsOf}"`);
    const { hardware, software, custody, decision } = report.verdict;
    await keepInspection(store, {
      report: new TextEncoder().encode(JSON.stringify(report)),
      capture: await keepCapture(store, capture),
      judgedAsOf,
      verdict: { hardware, software, custody, decision },
      sighting,
    });
    return report;
  } finally {
    await store.close();
  }
}
