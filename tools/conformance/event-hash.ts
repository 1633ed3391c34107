import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeHash as hash } from '../../src/platform/node/index.ts';
import { eventsOf, hashIdOf, preImage, readDocument } from '../../src/provenance/index.ts';

export const collection = 'provenance/event-hash';

/**
 * A query document can name fields that its repository added, which GS1's generator leaves out. Honoured here, because the examples are of that generator, and
 * nowhere else: whoever may name them chooses what his ID covers. In XML their names are elements below `ignoreFields`.
 */
function ignoredFields(text: string): readonly string[] {
  const [, list = ''] = /:ignoreFields"\s*:\s*\[([^\]]*)\]/.exec(text) ?? [];
  const [, elements = ''] = /<[\w-]+:ignoreFields>([\s\S]*?)<\/[\w-]+:ignoreFields>/.exec(text) ?? [];
  return [...list.matchAll(/"([^"]+)"/g), ...elements.matchAll(/<([\w-]+:\w+)/g)].map(([, name]) => name ?? '');
}

/** Prefixes of XML are ours after reading: the local name is compared. */
const localOf = (name: string) => name.slice(name.indexOf(':') + 1);

function hashesOf(path: string): readonly string[] {
  const bytes = readFileSync(path);
  const ignored = ignoredFields(bytes.toString('utf8'));
  return eventsOf(readDocument(bytes)).events.map((event) => {
    const names = Object.keys(event.body).filter((name) => name.includes(':') && ignored.some((one) => localOf(one) === localOf(name)));
    return hashIdOf(hash, preImage(event, new Set(names)));
  });
}

export async function run(dataDir: string): Promise<{ agree: number; differ: string[] } | undefined> {
  const folder = join(dataDir, 'provenance', 'event-hash');
  if (!existsSync(folder)) return undefined;
  let agree = 0;
  const differ: string[] = [];
  const compare = (name: string, work: () => boolean) => {
    try {
      if (work()) agree++;
      else differ.push(name);
    } catch (error) {
      differ.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  for (const name of globSync('examples/*.{jsonld,json,xml}', { cwd: folder }).toSorted()) {
    const expected = readFileSync(join(folder, name.replace(/\.(jsonld|json|xml)$/, '.hashes')), 'utf8')
      .split('\n')
      .filter((line) => line.trim() !== '');
    let found: readonly string[] = [];
    compare(`${name}: the number of events`, () => {
      found = hashesOf(join(folder, name));
      return found.length === expected.length;
    });
    for (const [i, id] of expected.entries()) compare(`${name}: event ${i + 1}`, () => found[i] === id.trim());
  }
  // All events of one of these files are one event in different words.
  for (const name of globSync('expected_equal/*', { cwd: folder }).toSorted())
    compare(name, () => new Set(hashesOf(join(folder, name))).size === 1);
  return { agree, differ };
}
