import { beforeAll, describe, expect, test } from 'vitest';
import { hash, verify } from '../../../test/support/ports.ts';
import { toHex, type VerifyPort } from '../../bytes/index.ts';
import { type AttestationWorld, attest, forgeStatusList, forgeWorld, honestDescription } from '../../forge/cert.ts';
import { CHAIN_RECIPES, type ForgedChain, RECIPE_AT, RECIPE_CHALLENGE } from '../../forge/cert-recipes.ts';
import { webKeys } from '../../forge/web-keys.ts';
import { readCertificate } from '../../formats/x509/index.ts';
import {
  type AttestationQuestion,
  builtinAnchors,
  bundledStatusList,
  createVerificationCache,
  givenAnchor,
  parseStatusList,
  verifyAttestation,
} from './index.ts';

let world: AttestationWorld;
beforeAll(async () => {
  world = await forgeWorld(webKeys);
});

function questionOf(forged: ForgedChain, more: Partial<AttestationQuestion> = {}): AttestationQuestion {
  return {
    chain: forged.chain.map((der) => readCertificate(der).value),
    roots: [givenAnchor(readCertificate(forged.root ?? world.root.der).value, 0)],
    status: forged.status === undefined ? undefined : parseStatusList(forged.status, RECIPE_AT).value,
    at: RECIPE_AT,
    challenge: RECIPE_CHALLENGE,
    verify: verify,
    hash,
    ...more,
  };
}

const honestChain = async (): Promise<ForgedChain> => {
  const { batch, intermediate } = world.factory;
  const target = await attest(world, batch, honestDescription(RECIPE_CHALLENGE));
  return { chain: [target, batch, intermediate, world.root].map(({ der }) => der) };
};

describe.each(CHAIN_RECIPES)('$name', ({ trusted, fails, make }) => {
  test(trusted ? 'is trusted' : `is refused: ${fails.join(', ')}`, async () => {
    const result = await verifyAttestation(questionOf(await make(world)));
    const failing = result.rules.filter(({ outcome }) => outcome === 'fail');
    expect(failing.map(({ rule }) => rule)).toEqual(expect.arrayContaining([...fails]));
    if (trusted) expect(failing.map(({ rule }) => rule).toSorted()).toEqual([...fails].toSorted());
    expect([result.trusted, failing.map(({ rule, because }) => `${rule}: ${because}`)]).toEqual([trusted, expect.anything()]);
    expect(result.standing.hardwareEnforced).toBe(trusted ? 'signed' : 'told');
  });
});

describe('what is missing is not a pass', () => {
  test('without a challenge the chain may be trusted and is not fresh', async () => {
    const result = await verifyAttestation(questionOf(await honestChain(), { challenge: undefined }));
    expect(result.trusted).toBe(true);
    expect(result.standing.fresh).toBe(false);
    expect(result.rules.find(({ rule }) => rule === 'challenge')?.outcome).toBe('not-checked');
  });

  test('without a status list revocation was not checked', async () => {
    const { revocation, rules } = await verifyAttestation(questionOf(await honestChain()));
    expect(revocation.status).toBe('not-checked');
    expect(rules.find(({ rule }) => rule === 'revocation')?.outcome).toBe('not-checked');
  });

  test('a signature that this machine cannot verify is no signature', async () => {
    const verify: VerifyPort = async () => 'unsupported';
    const result = await verifyAttestation(questionOf(await honestChain(), { verify }));
    expect(result.trusted).toBe(false);
    expect(result.rules.find(({ rule }) => rule === 'chain-signatures')?.outcome).toBe('not-checked');
  });

  test("Google's and the software roots do not vouch for our world", async () => {
    expect((await verifyAttestation(questionOf(await honestChain(), { roots: builtinAnchors() }))).trusted).toBe(false);
  });
});

describe('the status list', () => {
  const parse = (text: string) => parseStatusList(text, '2025-01-01T00:00:00Z').value;

  test('an old list is said to be old', async () => {
    const status = parseStatusList(forgeStatusList({}), '2025-05-01T00:00:00Z').value;
    const result = await verifyAttestation(questionOf(await honestChain(), { status }));
    expect(result.trusted).toBe(true);
    expect(result.revocation).toMatchObject({ status: 'good', stale: true, listDate: '2025-05-01T00:00:00Z' });
    expect(result.rules.find(({ rule }) => rule === 'status-list-age')?.because).toContain('31 days older');
  });

  test('serials are hex also where they look decimal; zeros in front and capitals do not hide them', () => {
    const { entries } = parse('{"entries":{"6681152659205225093":{"status":"REVOKED"},"00ABCD":{"status":"SUSPENDED"}}}');
    expect([...entries.keys()]).toEqual(['6681152659205225093', 'abcd']);
    expect(entries.has(6681152659205225093n.toString(16))).toBe(false);
  });

  test('a status that nobody knows counts as revoked; of two the harder counts', () => {
    const { value, oddities } = parseStatusList(
      '{"entries":{"1":{"status":"ON_HOLD"},"2":{"status":"SUSPENDED"},"02":{"status":"REVOKED"},"002":{"status":"SUSPENDED"}}}',
      undefined,
    );
    expect(value.entries.get('1')?.status).toBe('REVOKED');
    expect(value.entries.get('2')?.status).toBe('REVOKED');
    expect(oddities.map(({ code }) => code)).toEqual(['unknown-status', 'duplicate-serial', 'duplicate-serial']);
  });

  test('keys that are names of objects are only keys', () => {
    expect(() => parse('{"entries":{"__proto__":{"status":"REVOKED"}}}')).toThrow('no hex serial number');
  });

  test.each(['', '{', '[]', '{"entries":[]}', '{"entries":{"xyz":{}}}', 'null'])('%j is refused', (text) => {
    expect(() => parse(text)).toThrow('attestation status list');
  });

  test('a list of more characters than any real one is refused before it is parsed', () => {
    expect(() => parse(' '.repeat(2 ** 24 + 1))).toThrow('characters');
  });

  test('the list that ships has 467 entries and a date', () => {
    expect(bundledStatusList().entries.size).toBe(467);
    expect(bundledStatusList().date).toBe('2025-01-08T00:00:00Z');
  });
});

describe('the cache of upper signatures cannot be poisoned', () => {
  test('answers as without it, and asks once for each upper certificate', async () => {
    let asked = 0;
    const counting: VerifyPort = (question) => {
      asked++;
      return verify(question);
    };
    const cache = createVerificationCache({ hash, capacity: 4 });
    const first = await verifyAttestation(questionOf(await honestChain(), { verify: counting, cache }));
    expect([first.trusted, asked, cache.size()]).toEqual([true, 4, 1]);
    const second = await verifyAttestation(questionOf(await honestChain(), { verify: counting, cache }));
    expect([second.trusted, asked]).toEqual([true, 5]);
  });

  test('after an honest chain every forged one is still refused', async () => {
    const cache = createVerificationCache({ hash, capacity: 4 });
    await verifyAttestation(questionOf(await honestChain(), { cache }));
    for (const { name, trusted, make } of CHAIN_RECIPES) {
      expect([name, (await verifyAttestation(questionOf(await make(world), { cache }))).trusted]).toEqual([name, trusted]);
    }
    expect(cache.size()).toBeLessThanOrEqual(4);
  });

  test('a forged chain leaves nothing behind that clears the next', async () => {
    const cache = createVerificationCache({ hash, capacity: 4 });
    const forged = await honestChain();
    const [target, batch, ...rest] = forged.chain;
    const broken = (batch ?? new Uint8Array(0)).slice();
    broken[broken.length - 1] = (broken.at(-1) ?? 0) ^ 1;
    for (let round = 0; round < 2; round++) {
      const result = await verifyAttestation(questionOf({ chain: [target ?? broken, broken, ...rest] }, { cache }));
      expect(result.trusted).toBe(false);
    }
    expect(cache.size()).toBe(0);
  });

  test('trust and time are judged anew', async () => {
    const cache = createVerificationCache({ hash, capacity: 4 });
    const recipe = CHAIN_RECIPES.find(({ name }) => name === 'validRKP');
    const forged = await recipe?.make(world);
    if (forged === undefined) throw new Error('the recipe is gone');
    expect((await verifyAttestation(questionOf(forged, { cache }))).trusted).toBe(true);
    expect((await verifyAttestation(questionOf(forged, { cache, at: '2026-06-01T00:00:00Z' }))).trusted).toBe(false);
    expect((await verifyAttestation(questionOf(forged, { cache, roots: builtinAnchors() }))).trusted).toBe(false);
    expect(
      (
        await verifyAttestation(
          questionOf(forged, { cache, status: parseStatusList(forgeStatusList({ '3002': 'REVOKED' }), RECIPE_AT).value }),
        )
      ).trusted,
    ).toBe(false);
  });

  test('bytes that change after they were verified are other bytes', async () => {
    const cache = createVerificationCache({ hash, capacity: 4 });
    const forged = await honestChain();
    const chain = forged.chain.map((der) => der.slice());
    const question = questionOf({ chain }, { cache });
    expect((await verifyAttestation(question)).trusted).toBe(true);
    const signature = question.chain[1]?.signature;
    if (signature !== undefined) signature[signature.length - 1] = (signature.at(-1) ?? 0) ^ 1;
    expect((await verifyAttestation(question)).trusted).toBe(false);
  });

  test('is bounded: the entry used longest ago goes first', () => {
    const cache = createVerificationCache({ hash, capacity: 2 });
    const question = (n: number) => [
      { scheme: { kind: 'ed25519' as const }, spki: Uint8Array.of(n), data: new Uint8Array(0), signature: new Uint8Array(0) },
    ];
    cache.keep(question(1));
    cache.keep(question(2));
    expect(cache.knows(question(1))).toBe(true);
    cache.keep(question(3));
    expect([cache.knows(question(1)), cache.knows(question(2)), cache.knows(question(3)), cache.size()]).toEqual([true, false, true, 2]);
  });

  test('moving a byte from one part to the next is another question', () => {
    const cache = createVerificationCache({ hash, capacity: 2 });
    const scheme = { kind: 'ed25519' as const };
    cache.keep([{ scheme, spki: Uint8Array.of(1, 2), data: Uint8Array.of(3), signature: Uint8Array.of(4) }]);
    expect(cache.knows([{ scheme, spki: Uint8Array.of(1), data: Uint8Array.of(2, 3), signature: Uint8Array.of(4) }])).toBe(false);
  });
});

test('a chain of 10,000 certificates is refused without a verification', async () => {
  const { chain } = await honestChain();
  let asked = 0;
  const verify: VerifyPort = async () => {
    asked++;
    return 'valid';
  };
  const result = await verifyAttestation(
    questionOf({ chain: Array.from({ length: 10_000 }, (_, index) => chain[Math.min(index, 3)] ?? world.root.der) }, { verify }),
  );
  expect([result.trusted, asked, result.certificates.length]).toEqual([false, 0, 10]);
});

test('the answer carries every field of the statement', async () => {
  const result = await verifyAttestation(questionOf(await honestChain()));
  expect(result.rootOfTrust).toEqual({
    verifiedBootState: 'VERIFIED',
    deviceLocked: true,
    verifiedBootKey: '5a'.repeat(32),
    verifiedBootHash: '07'.repeat(32),
  });
  expect(result.attestation).toMatchObject({
    attestationVersion: 300,
    attestationChallenge: toHex(RECIPE_CHALLENGE),
    hardwareEnforced: { purposes: [2], origin: 'GENERATED', osPatchLevel: 202_505 },
  });
  expect(JSON.parse(JSON.stringify(result))).toEqual(result);
});
