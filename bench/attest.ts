/**
 * Attestation chains a second on one core.
 * Method: one remotely provisioned chain of our own CA, five certificates whose signatures are two P-256, one P-384 and two RSA-4096.
 * `bare` is the five verifications alone, keys given as SPKI as they stand in certificates. `cold` reads the DER and judges every rule without a cache;
 * `warm` has the upper certificates and their signatures in the caches. The three are measured in turns in one process, and the median of the rounds is printed.
 */

import {
  type AttestationQuestion,
  bundledStatusList,
  createVerificationCache,
  givenAnchor,
  verifyAttestation,
} from '../src/checks/attestation/index.ts';
import { attest, forgeWorld, honestDescription, P256, provision } from '../src/forge/cert.ts';
import { nodeSigningKey } from '../src/forge/node/sign.ts';
import { createCertificateCache, readCertificate, signatureSchemeOf } from '../src/formats/x509/index.ts';
import { nodeHash, nodeVerify } from '../src/platform/node/index.ts';

const ROUNDS = 9;
const CHAINS_A_ROUND = 300;

export async function run(): Promise<void> {
  const world = await forgeWorld((scheme) => nodeSigningKey(scheme, { rsaBits: 4096 }), {
    root: { kind: 'rsa-pkcs1', hash: 'sha256' },
    upper: { kind: 'ecdsa', hash: 'sha384' },
  });
  const own = await provision(world, 'TEE');
  const challenge = new TextEncoder().encode('bench');
  const targets = await Promise.all(Array.from({ length: 32 }, () => attest(world, own, honestDescription(challenge))));
  const upper = [own, world.remote.server, world.remote.upper, world.root].map(({ der }) => der);
  const roots: AttestationQuestion['roots'] = [givenAnchor(readCertificate(world.root.der).value, 0)];
  const status = bundledStatusList();
  const cache = createVerificationCache({ hash: nodeHash, capacity: 1000 });
  const certificates = createCertificateCache(1000);
  const judge = async (index: number, remembered: boolean) => {
    const chain = [targets[index % targets.length]?.der ?? own.der, ...upper].map(
      (der, place) => (remembered && place > 0 ? certificates.read(der) : readCertificate(der)).value,
    );
    const { trusted } = await verifyAttestation({
      chain,
      roots,
      status,
      at: '2025-06-01T00:00:00Z',
      challenge,
      verify: nodeVerify,
      hash: nodeHash,
      ...(remembered ? { cache } : {}),
    });
    if (!trusted) throw new Error('the bench chain is not trusted');
  };
  const questions = targets.map(({ der }) => {
    const chain = [der, ...upper].map((bytes) => readCertificate(bytes).value);
    return chain.map((certificate, index) => {
      const scheme = signatureSchemeOf(certificate.signatureAlgorithm) ?? P256;
      return { scheme, spki: (chain[index + 1] ?? certificate).spki.bytes, data: certificate.tbs, signature: certificate.signature };
    });
  });
  const bare = async (index: number) => {
    for (const question of questions[index % questions.length] ?? [])
      if ((await nodeVerify(question)) !== 'valid') throw new Error('a bench signature is not valid');
  };
  const rates = { bare: [] as number[], cold: [] as number[], warm: [] as number[] };
  await judge(0, true);
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [name, work] of [
      ['bare', bare],
      ['cold', (index: number) => judge(index, false)],
      ['warm', (index: number) => judge(index, true)],
    ] as const) {
      const started = performance.now();
      for (let index = 0; index < CHAINS_A_ROUND; index++) await work(index);
      // The first round warms the compiler.
      if (round > 0) rates[name].push((CHAINS_A_ROUND * 1000) / (performance.now() - started));
    }
  }
  const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
  const [bareRate, cold, warm] = [median(rates.bare), median(rates.cold), median(rates.warm)];
  console.log(`bare verifications of a five-certificate chain: ${bareRate.toFixed(0)} chains a second`);
  console.log(`cold: ${cold.toFixed(0)} chains a second, ${(cold / bareRate).toFixed(2)} of bare (wanted: 0.60)`);
  console.log(`warm, upper certificates verified before: ${warm.toFixed(0)} chains a second (wanted: 4000)`);
}
