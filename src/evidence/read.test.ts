import { describe, expect, test } from 'vitest';
import { bytesSource, FormatError, type Source } from '../bytes/index.ts';
import type { Artefact, ArtefactKind, Capture, CaptureTrust } from './capture.ts';
import { readFacts } from './read.ts';

const artefact = (kind: ArtefactKind, source: Source | string, name = kind): Artefact => ({
  name,
  kind,
  origin: undefined,
  source: typeof source === 'string' ? bytesSource(new TextEncoder().encode(source)) : source,
});
const capture = (trust: CaptureTrust, ...artefacts: readonly Artefact[]): Capture => ({
  trust,
  origin: 'test',
  takenAt: undefined,
  artefacts,
  items: [],
  changes: [],
  claims: {},
  unused: [],
});

const MEMINFO = 'MemTotal: 5 kB\n';

describe('facts of a capture', () => {
  test('a bearer’s recording is told, whatever it shows; a live phone’s and an operator’s is not lowered', async () => {
    for (const [trust, standing] of [
      ['bearer', 'told'],
      ['live', 'shown'],
      ['operator', 'shown'],
    ] as const)
      expect((await readFacts(capture(trust, artefact('proc/meminfo', MEMINFO)))).list.map((fact) => fact.standing)).toEqual([standing]);
  });

  test('results of a whole suite, longer than 64 MiB, are read', async () => {
    const long = `<Result suite_name="CTS">${' '.repeat(64 << 20)}<Module><Test result="pass"/></Module></Result>`;
    const { list, unread } = await readFacts(capture('bearer', artefact('cts', long)));
    expect(unread).toEqual([]);
    expect(list).toMatchObject([{ kind: 'cts', value: { counted: { pass: 1 } } }]);
  });
  test('a property file of 2 GB is refused unread, and the rest is read', async () => {
    const huge: Source = { size: 2 ** 31, read: () => Promise.reject(new Error('it must not be read')) };
    const { list, unread } = await readFacts(capture('live', artefact('getprop', huge), artefact('proc/meminfo', MEMINFO)));
    expect(list.map(({ kind }) => kind)).toEqual(['memory']);
    expect(unread).toEqual([
      { artefact: 'getprop', because: expect.stringContaining('2147483648 bytes, and 67108864 is the most that is read at once') },
    ]);
  });

  test('a source that fails costs its artefact and says where', async () => {
    const torn: Source = {
      size: 5,
      read: () => Promise.reject(new FormatError({ format: 'zip', field: 'entry[3].data', at: 16 }, 'short-read', 'torn')),
    };
    const { list, unread } = await readFacts(capture('live', artefact('getprop', torn), artefact('proc/meminfo', MEMINFO)));
    expect(list).toHaveLength(1);
    expect(unread).toEqual([{ artefact: 'getprop', because: 'zip @0x10 entry[3].data: torn' }]);
  });

  test('a reader with a fault of ours stops nothing', async () => {
    const faulty = {
      kinds: ['hosts'] as const,
      read: () => {
        throw new TypeError('fault');
      },
    };
    const { unread } = await readFacts(capture('live', artefact('hosts', 'x')), [faulty]);
    expect(unread).toEqual([{ artefact: 'hosts', because: 'reading stopped with an error: fault' }]);
  });

  test('empty artefacts and kinds that nothing reads are said', async () => {
    const { unread } = await readFacts(capture('live', artefact('getprop', ''), artefact('unknown', 'x'), artefact('apk', 'PK')));
    expect(unread.map(({ because }) => because)).toEqual(['it is empty', 'no reader for artefacts of the kind unknown']);
  });
});
