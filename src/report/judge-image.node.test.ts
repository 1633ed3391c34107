import { expect, test } from 'vitest';
import { bytesSource, type RuleScanner } from '../bytes/index.ts';
import { builtinKnowledge } from '../knowledge/index.ts';
import { nodeCodec, nodeHash, nodeVerify } from '../platform/node/index.ts';
import { labPolicy } from '../verdict/index.ts';
import { judgeImage } from './judge-image.ts';

/** An engine that meets whatever holds the needle. */
const scanner: RuleScanner = {
  engine: 'made',
  refused: [],
  scan: async (bytes) => ({
    stopped: [],
    matches: new TextDecoder('latin1').decode(bytes).includes('needle')
      ? [{ source: 'assay', rule: 'made', meta: { family: 'Made', class: 'malware' }, strings: [{ id: '$a', at: 0, length: 6 }] }]
      : [],
  }),
};

test('libraries and apps of an image are scanned as those are that were pulled from a phone', async () => {
  const report = async (text: string) => {
    const path = '/system/lib/libandroid_runtime.so';
    const source = bytesSource(new TextEncoder().encode(`\x7fELF${text}`));
    return judgeImage(
      {
        facts: { list: [], unread: [] },
        artefacts: [{ name: path, origin: path, kind: 'library', source }],
        files: [],
        claims: {},
        source: 'made',
        asOf: '2026-01-01T00:00:00Z',
      },
      {
        knowledge: builtinKnowledge,
        references: [],
        history: { sightings: [] },
        policy: labPolicy,
        hash: nodeHash,
        verify: nodeVerify,
        codec: nodeCodec,
        version: 'test',
        openScanner: async () => scanner,
      },
    );
  };
  expect((await report('a needle')).findings.filter(({ check }) => check === 'packages.rules')).toMatchObject([
    { observed: expect.stringContaining('libandroid_runtime.so') },
  ]);
  const clean = await report('hay');
  expect(clean.findings.filter(({ check }) => check === 'packages.rules')).toEqual([]);
  expect(clean.passed.map(({ check }) => check)).toContain('packages.rules');
});
