/** Results of the Compatibility Test Suite that the operator was given: an XML file, or the zip that the harness packs. */
import { basename } from 'node:path';
import { bytesSource } from '../bytes/index.ts';
import type { Artefact } from '../evidence/index.ts';
import { extractEntry, readZip } from '../formats/archive/index.ts';
import { nodeCodec } from '../platform/node/index.ts';
import { UsageError } from './exit.ts';
import { readDocument } from './knowledge.ts';

const RESULT_MAX = 256 << 20;
const RESULT = /(^|\/)(test_result|testResult)\.xml$/;

/** The result as an artefact of a capture. @throws UsageError where a zip holds none; FormatError */
export async function ctsArtefact(word: string, index: number): Promise<Artefact> {
  const bytes = await readDocument(word);
  const name = `claims/cts-${index}.xml`;
  const origin = basename(word);
  if (bytes[0] !== 0x50 || bytes[1] !== 0x4b) return { name, kind: 'cts', source: bytesSource(bytes), origin };
  const { value } = await readZip(bytesSource(bytes), { locals: false });
  // A zip of several runs names them by time: the last is the newest.
  const entry = value.entries
    .filter((one) => RESULT.test(one.name))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .at(-1);
  if (entry === undefined) throw new UsageError(`${word}: the zip holds no test_result.xml`);
  const { value: result } = await extractEntry(bytesSource(bytes), entry, nodeCodec, RESULT_MAX);
  return { name, kind: 'cts', source: bytesSource(result), origin: `${origin}!${entry.name}` };
}
