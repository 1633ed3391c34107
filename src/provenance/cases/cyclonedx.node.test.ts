/** The export against CycloneDX's own published schema of 1.6, as its JavaScript library ships it. */
import { readFileSync } from 'node:fs';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { describe, expect, test } from 'vitest';
import type { Instant } from '../../bytes/index.ts';
import { makeSigningKey, nodeHash, nodeSigner } from '../../platform/node/index.ts';
import { type NewEntry, parseCase, renderCaseDeclarations, signEntry } from './index.ts';

const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
const made = '2026-02-01T00:00:00Z' as Instant; // A literal of the type's form.
const signer = nodeSigner(makeSigningKey('ed25519'));
const base = (minute: number, role: 'lab' | 'maker' | 'claimant' = 'lab') => ({
  at: `2026-01-01T00:${String(minute).padStart(2, '0')}:00Z` as Instant,
  by: { name: `The ${role}`, role },
  text: `words ${minute} {who}`,
  sources: [{ title: 'A photo', where: 'the archive', sha256: 'ab'.repeat(32) }, { title: 'A letter' }],
  withheld: [{ label: 'who', commitment: 'cd'.repeat(32) }],
});
const entries: readonly NewEntry[] = [
  { kind: 'opening', title: 'A phone <b>"quoted"</b>', ...base(0) },
  { kind: 'claim', ...base(1, 'claimant') },
  { kind: 'claim', ...base(2, 'claimant') },
  { kind: 'rebuttal', about: 1, ...base(3, 'maker') },
  { kind: 'evidence', about: 1, speaks: 'against', happened: '2025-12-24', ...base(4) },
  { kind: 'evidence', about: 1, speaks: 'for', ...base(5) },
  { kind: 'promise', about: 1, due: made, ...base(6, 'maker') },
  { kind: 'answer', about: 6, ...base(7, 'maker') },
  { kind: 'correction', about: 1, ...base(8) },
  { kind: 'resolution', about: 1, outcome: 'refuted', agreed: ['The maker', 'The lab'], ...base(9) },
  { kind: 'resolution', about: 2, outcome: 'undecided', agreed: [], ...base(10) },
];
async function caseOf(some: readonly NewEntry[]) {
  let text = '';
  for (const entry of some) text += await signEntry(nodeHash, parseCase(nodeHash, text), entry, [signer]);
  return parseCase(nodeHash, text);
}

describe('a case as CycloneDX declarations', () => {
  test('is valid against the published schema, and says what the case says', async () => {
    const text = renderCaseDeclarations(nodeHash, await caseOf(entries), made);
    expect(await validator.validate(text)).toBeNull();
    const { declarations } = JSON.parse(text) as { readonly declarations: Readonly<Record<string, unknown>> }; // Validated above.
    expect(declarations).toMatchObject({
      claims: [
        { 'bom-ref': 'entry-1', evidence: ['entry-5'], counterEvidence: ['entry-4', 'entry-8'] },
        { 'bom-ref': 'entry-2', evidence: [], counterEvidence: [] },
        { 'bom-ref': 'entry-3', reasoning: expect.stringContaining('rebuttal by The maker (maker)') },
      ],
      attestations: [
        {
          map: [
            {
              claims: ['entry-1'],
              counterClaims: ['entry-3'],
              conformance: { score: 0, rationale: 'refuted, agreed by The maker, The lab' },
            },
          ],
        },
        { map: [{ claims: ['entry-2'], counterClaims: [], conformance: { rationale: 'undecided' } }] },
      ],
      assessors: [{ thirdParty: true, organization: { name: 'The lab' } }],
    });
    // Nobody resolved it with a number, so there is none.
    expect(text.match(/"score"/g)).toHaveLength(1);
    expect(text).toContain('{who}');
  });

  test('of any length is valid, and the same case gives the same document', async () => {
    for (let length = 1; length < entries.length; length++)
      expect([length, await validator.validate(renderCaseDeclarations(nodeHash, await caseOf(entries.slice(0, length)), made))]).toEqual([
        length,
        null,
      ]);
    const zero = parseCase(nodeHash, readFileSync(new URL('../../../examples/case-zero/case-zero.case', import.meta.url), 'utf8'));
    const text = renderCaseDeclarations(nodeHash, zero, made);
    expect(await validator.validate(text)).toBeNull();
    expect(renderCaseDeclarations(nodeHash, zero, made)).toBe(text);
  });

  test('the validator is one that refuses', async () => {
    const text = renderCaseDeclarations(nodeHash, await caseOf(entries), made);
    expect(await validator.validate(text.replace('"predicate"', '"predicates"'))).not.toBeNull();
  });

  test('a case without an opening is none', () => {
    expect(() => renderCaseDeclarations(nodeHash, { entries: [] }, made)).toThrow('begins with an opening');
  });
});
