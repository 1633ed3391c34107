import { readMemoryProof } from '../../challenges/index.ts';
import { defineCheck, notChecked, type Outcome } from '../define.ts';
import { conversationsOf } from './executed-argue.ts';

const SETTLED = 'a live inspection with `--challenge --challenge-memory` and the memory claimed (--claim memory=…)';
/** Queries that make more than this part of their pages anew are answered from less memory than was filled. */
const MISSING = 0.25;

export const memoryProof = defineCheck({
  id: 'silicon.memory-proof',
  axis: 'hardware',
  title: 'Memory that answers as memory does',
  what: 'Pages whose every word depends on the whole page, filled up to half of the claimed memory, and chained queries over them, recomputed by the host without a table and timed by its clock.',
  why: 'A kernel can print any MemTotal. What it does not have it must make anew for every query, and that takes as long as making it took.',
  benign: ['A phone that compresses or swaps memory of a foreground program under pressure.'],
  confirm: 'Run it again after a restart, with nothing else running.',
  // No population measures it yet.
  strength: 'weak',
  standing: 'told',
  needs: ['challenges'],
  settledBy: SETTLED,
  group: 'memory-proof',
  causes: ['other-silicon', 'sku'],
  catches: undefined,
  spec: [],
  run(context): Outcome {
    const conversations = conversationsOf(context);
    const proof = conversations?.readings.map(readMemoryProof).find((one) => one !== undefined);
    const [place, ...rest] = conversations?.places ?? [];
    if (conversations === undefined || proof === undefined || place === undefined)
      return notChecked('no memory was filled: it was not asked for, or too little was left', SETTLED);
    const gib = (proof.filledBytes / 2 ** 30).toFixed(2);
    const detail = `${gib} GiB filled at ${(proof.pageNs / 1000).toFixed(1)} µs a page, ${(proof.queryNs / 1000).toFixed(2)} µs a query`;
    if (proof.wrong === 0 && proof.missingAtMost <= MISSING)
      return notChecked(
        `${detail}: at least ${((1 - proof.missingAtMost) * Number(gib)).toFixed(2)} GiB were resident; more is not proved`,
        'nothing: what lies beyond half of the claim cannot be filled safely',
      );
    return {
      outcome: 'fail',
      findings: [
        {
          claimed: `${gib} GiB were filled`,
          observed:
            proof.wrong > 0
              ? `wrong answers; ${detail}`
              : `up to ${Math.round(proof.missingAtMost * 100)} % of the pages were not there when asked for; ${detail}`,
          because: 'What is in memory answers in a fraction of a microsecond; these pages were made again, or fetched from elsewhere.',
          standing: conversations.standing,
          evidence: [place, ...rest],
        },
      ],
    };
  },
});
