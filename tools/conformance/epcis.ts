import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeHash as hash } from '../../src/platform/node/index.ts';
import {
  documentProblems,
  eventHashId,
  eventListOf,
  eventListPointer,
  eventProblems,
  eventsOf,
  listOf,
  readDocument,
} from '../../src/provenance/index.ts';

export const collection = 'provenance/epcis';

/** Every example of GS1 is valid, has events, and its XML and JSON forms of one event have one hash. */
export async function run(dataDir: string): Promise<{ agree: number; differ: string[] } | undefined> {
  const folder = join(dataDir, 'provenance', 'epcis');
  if (!existsSync(folder)) return undefined;
  let agree = 0;
  const differ: string[] = [];
  const identical = new Map<string, string>();
  for (const name of globSync('{JSON,XML}/**/*.{json,jsonld,xml}', { cwd: folder }).toSorted()) {
    try {
      const document = readDocument(readFileSync(join(folder, name)));
      const list = listOf(eventListOf(document.json));
      const at = eventListPointer(document.json);
      // One JSON file lies among the XML ones for its hash alone: it writes CBV 1's URNs where the schema wants bare words.
      const isForHash = name.startsWith('XML/') && !document.isXml;
      const problems = isForHash
        ? []
        : [...documentProblems(document.json), ...list.flatMap((event, i) => eventProblems(event, `${at}/${i}`))];
      const { events } = eventsOf(document);
      if (problems.length === 0 && events.length > 0) agree++;
      else differ.push(`${name}: ${problems.map((problem) => `${problem.at} ${problem.problem}`).join('; ')}`);
      // The second of these says another time zone offset, which is hashed: its comment says that it is the same event, its ID cannot.
      for (const event of events) if (/identical_hash_id_[^2]/.test(name)) identical.set(name, eventHashId(hash, event));
    } catch (error) {
      differ.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  if (identical.size > 0) {
    if (new Set(identical.values()).size === 1) agree++;
    else differ.push(`identical hash IDs: ${[...identical].map(([name, id]) => `${name} ${id}`).join('; ')}`);
  }
  return { agree, differ };
}
