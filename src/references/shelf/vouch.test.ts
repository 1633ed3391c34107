import { expect, test } from 'vitest';
import type { Provenance } from '../provenance.ts';
import { isBoundWhole, type VouchingKnowledge, type VouchingQuestion, vouchingOf } from './vouch.ts';

const OTA = '11'.repeat(32);
const TEST = '22'.repeat(32);
const BOOT = '33'.repeat(32);
const FOREIGN_BOOT = '44'.repeat(32);
const signer = (sha256: string, role: 'ota' | 'test') => ({ sha256, owner: 'Example', role, packages: [], sources: ['a test'] });
const bootKey = (key: string, system: 'stock' | 'GrapheneOS'): VouchingKnowledge['bootKeys'][number] => ({
  key,
  model: 'One',
  system,
  brands: ['google'],
  complete: true,
  published: true,
});
const knowledge = {
  // A key that is on both lists is everybody's.
  signers: [signer(OTA, 'ota'), signer(TEST, 'ota'), signer(TEST, 'test')],
  bootKeys: [bootKey(BOOT, 'stock'), bootKey(FOREIGN_BOOT, 'GrapheneOS')],
  listed: ({ sha256, md5 }: Provenance['sources'][number]) => (sha256 === OTA || md5 === 'aa'.repeat(16) ? 'a list' : undefined),
};
const source = (sha256: string | null, md5?: string): Provenance['sources'][number] => ({
  name: 'a.zip',
  size: 1,
  sha256,
  kind: 'zip',
  ...(md5 === undefined ? {} : { md5 }),
});
const signature = (
  over: Provenance['signatures'][number]['over'],
  by: string,
  outcome: Provenance['signatures'][number]['outcome'] = 'valid',
) => ({ over, outcome, signer: by, because: '' });
const ask = (provenance: Partial<Provenance>, rest: Partial<VouchingQuestion> = {}) =>
  vouchingOf(
    {
      provenance: { made: 'image', sources: [], signatures: [], vouched: 'nobody', label: 'release', ...provenance },
      isBound: false,
      writer: { known: true, name: 'this operator' },
      ...rest,
    },
    knowledge,
  ).vouched;

test('a maker’s signature, a maker’s boot chain over everything, an official list', () => {
  expect(ask({ signatures: [signature('ota zip', OTA)] })).toBe('maker-signature');
  expect(ask({ signatures: [signature('vbmeta', BOOT)] }, { isBound: true })).toBe('maker-signature');
  expect(ask({ sources: [source(OTA)] })).toBe('official-list');
  expect(ask({ sources: [source(null, 'aa'.repeat(16))] })).toBe('official-list');
});

test.each<[string, Partial<Provenance>, Partial<VouchingQuestion>]>([
  ['nothing known', {}, {}],
  ['its own word', { vouched: 'maker-signature' }, {}],
  ['a writer that nobody knows', { signatures: [signature('ota zip', OTA)] }, { writer: { known: false, because: 'a stranger' } }],
  ['a list of a stranger’s', { sources: [source(OTA)] }, { writer: { known: false, because: 'a stranger' } }],
  ['a phone', { made: 'phone', signatures: [signature('ota zip', OTA)], sources: [source(OTA)] }, { isBound: true }],
  ['a signature that was not checked', { signatures: [signature('ota zip', OTA, 'not-checked')] }, {}],
  ['a published test key that a maker uses', { signatures: [signature('ota zip', TEST)] }, {}],
  ['a boot key over some of the partitions', { signatures: [signature('vbmeta', BOOT)] }, { isBound: false }],
  ['another system’s boot key', { signatures: [signature('vbmeta', FOREIGN_BOOT)] }, { isBound: true }],
  ['an update key over vbmeta', { signatures: [signature('vbmeta', OTA)] }, { isBound: true }],
  ['one source of two on the list', { sources: [source(OTA), source(TEST)] }, {}],
  ['a source without a digest', { sources: [source(null)] }, {}],
])('not: %s', (_name, provenance, rest) => {
  expect(ask(provenance, rest)).toBe('nobody');
});

test('bound whole: every partition with files is intact, and there are files', () => {
  const partition = (name: string, outcome: 'intact' | 'altered' | 'not-checked') => ({
    name,
    size: 1,
    sha256: null,
    rootDigest: null,
    avb: { by: 'hashtree' as const, in: 'vbmeta', outcome, because: '', keySha256: null, rollbackIndex: null },
  });
  const file = (name: string) => ({
    partition: name,
    path: `/${name}/a`,
    type: 'file' as const,
    size: 0,
    mode: '0644',
    uid: 0,
    gid: 0,
    context: null,
    capabilities: null,
    sha256: null,
    target: null,
  });
  expect(isBoundWhole({ partitions: [partition('system', 'intact')], files: [file('system'), file('apex/com.android.art')] })).toBe(true);
  expect(isBoundWhole({ partitions: [partition('system', 'intact')], files: [file('system'), file('cust')] })).toBe(false);
  expect(
    isBoundWhole({ partitions: [partition('system', 'intact'), partition('vendor', 'altered')], files: [file('system'), file('vendor')] }),
  ).toBe(false);
  expect(isBoundWhole({ partitions: [partition('system', 'not-checked')], files: [file('system')] })).toBe(false);
  expect(isBoundWhole({ partitions: [], files: [] })).toBe(false);
});
