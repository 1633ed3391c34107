/**
 * Real phones and tablets: every recording is recognised and yields facts, and the checks say of no genuine one what would convict it:
 * no conclusive finding, and no two strong ones (counted as the verdict counts them).
 */
import { existsSync, globSync } from 'node:fs';
import { join, relative } from 'node:path';
import { recognise } from '../../src/acquire/import/index.ts';
import type { Instant } from '../../src/bytes/index.ts';
import { allChecks, type Finding, runChecks } from '../../src/checks/index.ts';
import { readFacts } from '../../src/evidence/index.ts';
import { builtinKnowledge } from '../../src/knowledge/index.ts';
import { nodeCodec, nodeHash, openInput } from '../../src/platform/node/index.ts';

export const collection = 'devices';

/** The moment that recordings without a time are judged at. */
const AS_OF: Instant = '2025-01-01T00:00:00Z';

/** Files that describe the collection, and dumps of registers that are no recording of Android's. */
const NOT_RECORDINGS = /\.tsv$|(^|\/)README|^cpuid\//;

export async function run(dataDir: string): Promise<{ agree: number; differ: string[] } | undefined> {
  const folder = join(dataDir, 'devices');
  if (!existsSync(folder)) return undefined;
  let agree = 0;
  const differ: string[] = [];
  for (const name of filesIn(folder)) {
    if (NOT_RECORDINGS.test(name)) continue;
    const problem = await problemOf(join(folder, name));
    if (problem === undefined) agree++;
    else differ.push(`${name}: ${problem}`);
  }
  return { agree, differ };
}

const filesIn = (folder: string): readonly string[] =>
  globSync('**/*', { cwd: folder, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .toSorted();

/** What is wrong with the reading or the judgement of a genuine device; undefined where nothing is. */
async function problemOf(path: string): Promise<string | undefined> {
  const capture = await recognise(await openInput(path), { codec: nodeCodec, hash: nodeHash });
  if (capture.artefacts.length === 0) return `not recognised: ${capture.unused.map(({ because }) => because).join('; ')}`;
  const facts = await readFacts(capture);
  if (facts.list.length === 0) return `no facts: ${facts.unread.map(({ because }) => because).join('; ')}`;
  const { findings } = runChecks(allChecks, {
    facts,
    claims: {},
    trust: capture.trust,
    knowledge: builtinKnowledge,
    references: [],
    history: { inspections: [] },
    asOf: capture.takenAt ?? AS_OF,
  });
  // Posture is no charge: a genuine phone may be old, open or managed.
  return chargeOf(findings.filter(({ axis }) => axis !== 'posture'));
}

/** What would convict the device: any conclusive finding, or two strong ones of different groups. */
function chargeOf(findings: readonly Finding[]): string | undefined {
  const conclusive = findings.filter(({ strength }) => strength === 'conclusive');
  const strong = findings.filter(({ strength }) => strength === 'strong');
  const counted = new Set(strong.map(({ group }) => group)).size > 1 ? [...conclusive, ...strong] : conclusive;
  return counted.length === 0
    ? undefined
    : counted.map(({ check, strength, claimed, observed }) => `${strength} ${check} (${claimed} | ${observed})`).join('; ');
}
