/** What `assay inspect` does, without its flags: sources to reports. */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { recognise } from '../acquire/import/index.ts';
import type { Instant } from '../bytes/index.ts';
import type { Capture, Claims } from '../evidence/index.ts';
import { builtinKnowledge } from '../knowledge/index.ts';
import { nodeClock, nodeCodec, nodeHash, openInput } from '../platform/node/index.ts';
import { type Bench, judge, type Report, visible } from '../report/index.ts';
import type { Policy } from '../verdict/index.ts';
import { callerPath, packageVersion } from './paths.ts';

export interface InspectOptions {
  readonly policy: Policy;
  readonly claims: Claims;
  readonly redact: boolean;
  readonly asOf: Instant | undefined;
}

/** One source's outcome: a report, or why there is none. */
export type Inspected = { readonly source: string; readonly report: Report } | { readonly source: string; readonly error: string };

/** What every judgement of this run rests on. */
export function benchOf(options: Pick<InspectOptions, 'policy' | 'asOf'>): Bench {
  return {
    knowledge: builtinKnowledge,
    references: [],
    history: { inspections: [] },
    policy: options.policy,
    hash: nodeHash,
    version: packageVersion(),
    asOf: options.asOf ?? nodeClock.now(),
  };
}

/** Judges a capture; claims made by hand are added to those it holds. */
export async function inspectCapture(source: string, capture: Capture, options: InspectOptions): Promise<Report> {
  const claimed: Capture = { ...capture, claims: { ...capture.claims, ...options.claims } };
  return judge(claimed, benchOf(options), { source, redact: options.redact });
}

/** Inspects a recording: a file or folder that somebody brought. An unreadable one costs itself. */
export async function inspectRecording(source: string, options: InspectOptions): Promise<Inspected> {
  try {
    const path = callerPath(source);
    if (!existsSync(path)) return { source, error: 'there is no such file or folder' };
    const capture = await recognise(await openInput(path), { codec: nodeCodec, hash: nodeHash });
    if (capture.artefacts.length === 0) {
      const [first] = capture.unused;
      return {
        source,
        error: `nothing in it is a recording of a phone${first === undefined ? '' : ` (${visible(first.name, 80)}: ${visible(first.because, 200)})`}`,
      };
    }
    return { source, report: await inspectCapture(source, capture, options) };
  } catch (error) {
    return { source, error: error instanceof Error ? error.message : String(error) };
  }
}

/** Writes text to a file of the caller's. */
export async function writeOut(path: string, text: string): Promise<void> {
  await writeFile(callerPath(path), text);
}
