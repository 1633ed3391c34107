import { createHash } from 'node:crypto';
import { isInstant } from '../bytes/index.ts';
import { answeredChallenges, attestedSightings, type CheckContext, sightingOf } from '../checks/index.ts';
import { type Capture, type Facts, type History, readFacts, type Sighting } from '../evidence/index.ts';
import { nodeClock } from '../platform/node/index.ts';
import type { TailEntry } from '../provenance/index.ts';
import type { Report } from '../report/index.ts';
import { callerPath } from './paths.ts';
import { toolmarksOf } from './toolmarks.ts';

/** Where an inspection is kept, and what besides. */
export interface Keeping {
  readonly folder: string;
  /** Where the station stands. */
  readonly place: string | undefined;
  readonly event: true | undefined;
  /** Told, once it is durable, of an inspection that answered for an earlier one. */
  readonly onTail: ((tail: TailEntry) => void) | undefined;
}

/** Judges a capture with what a store remembers of the same phone, and keeps capture and report there. */
export async function judgeAndKeep(
  { folder, place, event, onTail }: Keeping,
  { source, capture, history }: { readonly source: string; readonly capture: Capture; readonly history: History },
  judgeWith: (history: History) => Promise<Report>,
  answersOf: (facts: Facts) => Promise<CheckContext['attestations']>,
): Promise<Report> {
  const { answeredTail, custodyHistory, forgetTail, historyOf, keepCapture, keepInspection, openStore, tailEntryOf, tellInspection } =
    await import('../store/index.ts');
  const facts: Facts = await readFacts(capture);
  const attestations = (await answersOf(facts)) ?? [];
  const at = capture.takenAt ?? nodeClock.now();
  const sighting: Sighting = {
    ...sightingOf(facts, capture, { at, source }, attestedSightings({ facts, attestations })),
    // A recording is judged where the station stands, and was taken wherever the phone was.
    ...(place === undefined || capture.trust !== 'live' ? {} : { place }),
  };
  const store = await openStore(callerPath(folder), process.env['DATABASE_URL']);
  try {
    const before = await historyOf(store, sighting);
    const sightings = [...history.sightings, ...before.sightings];
    const report = await judgeWith({ ...history, sightings, ...(await custodyHistory(store, sighting, sightings)) });
    const { judgedAsOf } = report.subject;
    // A report's times are instants; its type says text, because a report may be a stranger's.
    if (!isInstant(judgedAsOf)) throw new RangeError(`judged as of "${judgedAsOf}"`);
    const { hardware, software, custody, decision } = report.verdict;
    const bytes = new TextEncoder().encode(JSON.stringify(report));
    const answered = await answeredTail(store, answeredChallenges({ attestations }));
    const verdict = { hardware, software, custody, decision };
    await keepInspection(store, {
      report: bytes,
      capture: await keepCapture(store, capture),
      judgedAsOf,
      verdict,
      sighting,
      toolmarks: toolmarksOf(report.findings),
      ...(answered !== undefined && 'tail' in answered ? { tail: answered.tail } : {}),
    });
    if (answered !== undefined && 'tail' in answered) {
      await forgetTail(store, answered.challenge);
      console.error(`assay: ${source}: ${tailWords(answered.before)}`);
      onTail?.(tailEntryOf(answered.tail, { at: sighting.at, source }));
    }
    if (answered !== undefined && 'refused' in answered)
      console.error(`assay: ${source}: it answers for no earlier inspection: ${answered.refused}`);
    if (event === true) {
      const told = await tellInspection(store, {
        sighting,
        verdict,
        reportSha256: createHash('sha256').update(bytes).digest('hex'),
        now: nodeClock.now(),
      });
      console.error(`assay: ${source}: ${told}`);
    }
    return report;
  } finally {
    await store.close();
  }
}

const tailWords = (before: TailEntry | undefined): string =>
  before === undefined
    ? 'the first inspection here that it answered under its attested ID; the next will have it answer for this one'
    : `it answered for its inspection of ${before.at}`;
