/** Clones, tails and verdicts as events, as a user runs them: a phone whose secure world attests its serial number, inspected at two stations. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseHex } from '../src/bytes/index.ts';
import { type AttestationWorld, attest, forgeWorld, honestDescription } from '../src/forge/cert.ts';
import { makeWorld, openVirtualPhone } from '../src/forge/node/index.ts';
import { nodeSigningKey } from '../src/forge/node/sign.ts';
import type { VirtualPhone } from '../src/forge/phone.ts';
import { PROFILES } from '../src/forge/profiles/index.ts';
import { honestSecureWorld } from '../src/forge/secure-world.ts';
import { writePem } from '../src/formats/x509/index.ts';
import { makeSigningKey, nodeClock } from '../src/platform/node/index.ts';
import { assay } from './support/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'assay-clones-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let world: AttestationWorld;
const run = (...words: string[]) => assay(folder, ...words);
const write = (name: string, content: unknown) =>
  writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
interface TailOfList {
  readonly nonce: string;
  readonly answers: string | null;
}
const SERIAL = 'urn:x-assay:attested:serial:example7serial';

beforeAll(async () => {
  world = await forgeWorld((scheme) => nodeSigningKey(scheme));
  write('roots.pem', writePem('CERTIFICATE', world.root.der));
  const lines = ['[ro.product.model]: [One]', '[ro.product.brand]: [Example]', '[ro.serialno]: [EXAMPLE7SERIAL]'];
  write('phone.txt', `${[...lines, '[persist.radio.imei]: [864895021234560]'].join('\n')}\n`);
  const place = (uri: string, latitude: number, longitude: number) => ({ uri, latitude, longitude });
  write('places.json', [place('urn:x:berlin', 52.5, 13.4), place('urn:x:shenzhen', 22.5, 114.1)]);
});

/** A chain over a challenge, by a secure world that attests this phone's serial number. */
async function chain(name: string, challenge: string): Promise<void> {
  const honest = honestDescription(parseHex(challenge) ?? new Uint8Array());
  const description = { ...honest, hardwareEnforced: { ...honest.hardwareEnforced, attestationIdSerial: 'EXAMPLE7SERIAL' } };
  const { batch, intermediate } = world.factory;
  const ders = [(await attest(world, batch, description)).der, batch.der, intermediate.der, world.root.der];
  write(name, ders.map((der) => writePem('CERTIFICATE', der)).join(''));
}

async function inspect(store: string, place: string) {
  const challenge = (await run('custody', 'tail', 'ask', store, SERIAL)).out.trim();
  await chain('chain.pem', challenge);
  const trust = ['--attestation', 'chain.pem', '--attestation-challenge', challenge, '--attestation-roots', 'roots.pem'];
  return run('inspect', 'phone.txt', ...trust, '--store', store, '--place', place, '--event', '--as-of', '2026-03-01T10:00:00Z', '--json');
}

test('tails, places, blocks and lots: what is found is said, with what else explains it', async () => {
  expect(await run('custody', 'places', 'store', 'places.json')).toMatchObject({ status: 0 });
  const first = await inspect('store', 'urn:x:berlin');
  expect(first.err).toContain('no event was written: a recording is its bearer’s word');
  const quiet = await run('custody', 'clones', 'store');
  expect(quiet).toMatchObject({ status: 0, out: expect.stringMatching(/^1 inspections and 0 phones of events looked through: 0 signs/) });

  // A recording was taken anywhere: where it is judged says nothing of where the phone was.
  await inspect('store', 'urn:x:shenzhen');
  expect(await run('custody', 'clones', 'store')).toMatchObject({ status: 0, out: expect.stringContaining('2 inspections') });

  // The chain of tails goes on, and another store that did not read it forks it.
  await inspect('other', 'urn:x:berlin');
  const theirs = await run('custody', 'tail', 'list', 'other');
  write('theirs.json', theirs.out);
  expect(JSON.parse(theirs.out).tails).toHaveLength(1);
  const forked = await run('custody', 'clones', 'store', SERIAL, '--tails', 'theirs.json');
  expect(forked).toMatchObject({ status: 20, out: expect.stringContaining('tail-forked') });

  // Logged once.
  execFileSync('openssl', ['genpkey', '-algorithm', 'ed25519', '-out', join(folder, 'log.pem')], { stdio: 'ignore' });
  await run('log', 'init', 'log', '--origin', 'example.org/log', '--key', 'log.pem');
  const log = () => run('custody', 'tail', 'log', 'store', '--log', 'log', '--log-key', 'log.pem');
  expect((await log()).out).toBe('2 tails logged, 0 were there\n');
  expect((await log()).out).toBe('0 tails logged, 2 were there\n');

  write('blocks.json', {
    format: 'assay.allocations/1',
    blocks: [{ kind: 'serial', from: 'example7seria0', to: 'example7serialz', brand: 'Example', model: 'Two' }],
  });
  expect(await run('custody', 'allocations', 'store', 'blocks.json')).toMatchObject({
    status: 2,
    err: expect.stringContaining('same length'),
  });
  write('blocks.json', {
    format: 'assay.allocations/1',
    blocks: [{ kind: 'serial', from: 'EXAMPLE7SERIAA', to: 'EXAMPLE7SERIAZ', brand: 'Example', model: 'Two' }],
  });
  await run('custody', 'allocations', 'store', 'blocks.json');
  write('lot.txt', [...Array.from({ length: 8 }, (_, i) => `3500000099999${i}`), '35000000999990', '35000000999991'].join('\n'));
  const all = await run('custody', 'clones', 'store', '--lot', 'lot.txt');
  for (const word of ['wrong-allocation', 'serial-run', '10 phones, 2 pairs with one number']) expect(all.out).toContain(word);
}, 240_000);

test('one command a visit: a phone at the cable answers for its last inspection, and the log has both', { timeout: 120_000 }, async () => {
  const value = PROFILES['pixel-14']?.();
  if (value === undefined) throw new Error('no profile');
  const makers = makeWorld();
  write('makers.pem', writePem('CERTIFICATE', await makers.attestationRoot()));
  write('visits.pem', makeSigningKey('ed25519'));
  await run('log', 'init', 'visits-log', '--origin', 'example.org/visits', '--key', 'visits.pem');
  const visit = async (says: VirtualPhone, attests = says) => {
    const phone = { ...says, secureWorld: honestSecureWorld(attests) };
    const open = await openVirtualPhone(phone, {
      latencyMs: 0,
      shell: 'built-in',
      secureWorld: makers.secureWorldOf(phone, nodeClock.now()),
    });
    try {
      const kept = ['--store', 'visits', '--log', 'visits-log', '--log-key', 'visits.pem'];
      return await run(
        'inspect',
        `${open.host}:${open.port}`,
        '--quick',
        '--attest',
        '--yes',
        '--attestation-roots',
        'makers.pem',
        ...kept,
      );
    } finally {
      await open.close();
    }
  };
  expect((await visit(value)).err).toContain('its tail is entry 0 of example.org/visits');
  const second = await visit(value);
  expect(second.err).toMatch(/it answered for its inspection of 20/);
  expect(second.err).toContain('its tail is entry 1 of example.org/visits');
  const listed = async (): Promise<readonly (readonly [string, string | null])[]> =>
    JSON.parse((await run('custody', 'tail', 'list', 'visits')).out).tails.map((tail: TailOfList) => [tail.nonce, tail.answers]);
  const both = await listed();
  const first = both.find((tail) => tail[1] === null);
  expect(both.map((tail) => tail[1])).toEqual(expect.arrayContaining([null, first?.[0]]));
  expect(await run('custody', 'clones', 'visits')).toMatchObject({ status: 0 });
  // A phone under another's number: its secure world attests its own.
  const clone = await visit({ ...value, properties: { ...value.properties, 'ro.serialno': 'OTHERSERIAL1' } }, value);
  expect(clone.err).toContain('did not attest the ID that was asked about');
  expect(clone.err).toContain('nothing was logged');
  expect(await listed()).toEqual(both);
  expect(readdirSync(join(folder, 'visits', 'tails'))).toEqual([]);
  expect((await run('custody', 'tail', 'log', 'visits', '--log', 'visits-log', '--log-key', 'visits.pem')).out).toBe(
    '0 tails logged, 2 were there\n',
  );
});

test('what is wrong on the command line is said', async () => {
  expect(await run('inspect', 'phone.txt', '--place', 'urn:x:berlin')).toMatchObject({ status: 2 });
  expect(await run('inspect', 'phone.txt', '--store', 's', '--place', 'Berlin')).toMatchObject({ status: 2 });
  expect(await run('inspect', 'phone.txt', '--store', 's', '--log', 'log', '--log-key', 'log.pem')).toMatchObject({ status: 2 });
  expect(await run('inspect', 'phone.txt', '--store', 's', '--log', 'log')).toMatchObject({ status: 2 });
  expect(await run('custody', 'clones', 'nowhere')).toMatchObject({ status: 2 });
  write('x.json', { format: 'assay.tails/1', tails: [{}] });
  expect(await run('custody', 'clones', 'store', '--tails', 'x.json')).toMatchObject({ status: 2 });
}, 60_000);
