import type { Capture } from '../../src/evidence/index.ts';
import { builtinKnowledge } from '../../src/knowledge/index.ts';
import { nodeClock, nodeCodec, nodeHash, nodeVerify } from '../../src/platform/node/index.ts';
import { judge, type Report } from '../../src/report/index.ts';
import { labPolicy } from '../../src/verdict/index.ts';

/** The report on a capture by the policy `lab` and what is built in, as of now, with nothing known of before. */
export function judgeAsLab(capture: Capture): Promise<Report> {
  const bench = {
    knowledge: builtinKnowledge,
    references: [],
    history: { sightings: [] },
    policy: labPolicy,
    hash: nodeHash,
    verify: nodeVerify,
    codec: nodeCodec,
    version: 'test',
    asOf: nodeClock.now(),
  };
  return judge(capture, bench, { source: 'test', redact: false });
}
