import { expect, test } from 'vitest';
import { artefactReaders } from './index.ts';
import { readSample } from './sample.ts';

/**
 * A line of a million characters, made so that a pattern which tries each of them as a beginning would take an hour: the test's own time limit is the measure.
 * The first three hung readers when they were found, by a sweep of every reader over beginnings and repeated parts.
 */
const LINES: readonly (readonly [name: string, text: string])[] = [
  ['accessibility services without a slash', `Enabled services:{${'a'.repeat(1_000_000)}`],
  ['users that never end', 'UserInfo{1:'.repeat(90_000)],
  ['overrides that never close', `ChangeId(1; name=x; ${'rawOverrides={'.repeat(70_000)}`],
  ['blanks', `package:${' '.repeat(1_000_000)}x`],
  ['opened brackets', '[{('.repeat(300_000)],
  ['history events', '+job=u0:"'.repeat(100_000)],
];

test.each(LINES)('%s: no reader hangs', (_, text) => {
  const kinds = new Set(artefactReaders.flatMap((reader) => reader.kinds));
  for (const kind of kinds) {
    try {
      expect(readSample(kind, `${text}\n`, 'settings_global.txt').facts.length).toBeLessThan(10);
    } catch (error) {
      expect(error).toMatchObject({ name: 'FormatError' });
    }
  }
});
