import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { allChecks, groupRateOf, rateOf } from '../src/checks/index.ts';
import { checkDocs } from '../tools/check-docs.ts';

/** The most that the upper bound of a strong rule's rate may be: 0 of 149 phones. */
const STRONG_UPPER = 0.02;

/**
 * Strong checks that no population of phones can measure, each with its reason. An entry that is not needed any more fails.
 * `identity.box`: whether what a person typed is what the phone states; its innocent causes (a replaced board, mixed-up boxes) leave papers, and alone it decides nothing.
 * `attestation.issuer-brands`: no collection of genuine phones' chains with their brands is public; that a maker's key stays in the maker's phones is what the CDD asks.
 */
const UNMEASURABLE: ReadonlySet<string> = new Set(['identity.box', 'attestation.issuer-brands']);

describe('no check claims more than its measured rate allows', () => {
  for (const check of allChecks) {
    it(`${check.id} (${check.strength})`, () => {
      const own = rateOf(check.id);
      const group = groupRateOf(check.group);
      if (check.strength === 'conclusive') {
        // A conclusive rule rests on its argument; one genuine phone refutes an argument.
        expect(check.impossible ?? '', 'a conclusive check says why it is impossible').toMatch(/\w{3}.{60}/s);
        expect(group.fails, 'genuine phones on which its group found something strong').toBe(0);
      }
      if (check.strength === 'strong') {
        // The group counts once in a verdict: it is the rule that is measured. The check itself may not have failed either.
        const bound = Math.min(own.fails === 0 ? own.upper : 1, group.fails === 0 && own.fails === 0 ? group.upper : 1);
        expect(bound <= STRONG_UPPER).toBe(!UNMEASURABLE.has(check.id));
      }
      if (check.strength !== 'conclusive') expect(check.impossible).toBeUndefined();
    });
  }

  it('ids are unique and named after their family', () => {
    const ids = allChecks.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[a-z]+\.[a-z0-9-]+$/);
  });

  it('the exceptions are checks that exist', () => {
    for (const id of UNMEASURABLE) expect(allChecks.some((check) => check.id === id)).toBe(true);
  });
});

describe('docs/checks.md', () => {
  it('is what the definitions say', () => {
    expect(readFileSync(new URL('../docs/checks.md', import.meta.url), 'utf8')).toBe(checkDocs());
  });
});
