import { describe, expect, test } from 'vitest';
import { digestOf, fileRow } from '../../../test/support/made-manifest.ts';
import type { BootImageFact, FirmwareImage } from '../../evidence/index.ts';
import { context, fact, files, judge, MODERN, place, props, reference } from '../boot/made-facts.ts';
import { referenceFiles } from '../boot/reference-files.ts';
import { runChecks } from '../run.ts';
import { avbChain } from './avb-chain.ts';
import { imageChecks } from './index.ts';
import { makerBuild } from './maker-build.ts';
import { patchedBoot } from './patched-boot.ts';
import { imageSigner } from './signer.ts';
import { testKey } from './test-key.ts';

type Avb = NonNullable<FirmwareImage['partitions'][number]['avb']>;
const avb = (more: Partial<Avb> = {}): Avb => ({
  by: 'hashtree',
  in: 'vbmeta',
  outcome: 'intact',
  because: 'signed',
  keySha256: null,
  ...more,
});
const partition = (name: string, content: string, bound: Avb | null = avb()) => ({
  name,
  sizeBytes: 9,
  sha256: digestOf(content),
  kind: 'erofs',
  avb: bound,
  place,
});
const image = (...partitions: FirmwareImage['partitions']) => fact('image', { partitions, signatures: [], vbmetaDigest: null });
const key = (name: string) => avb({ by: 'root', in: null, keySha256: digestOf(name) });
const FINGERPRINT = MODERN['ro.build.fingerprint'] ?? '';
const inManifest = (name: string, content: string, keyName: string | null) => ({
  name,
  size: 9,
  sha256: digestOf(content),
  rootDigest: null,
  avb: {
    by: 'root' as const,
    in: null,
    outcome: 'intact' as const,
    because: '',
    keySha256: keyName === null ? null : digestOf(keyName),
    rollbackIndex: null,
  },
});
const MAKER = {
  ...reference(FINGERPRINT, { partitions: [inManifest('vbmeta', 'v', 'maker'), inManifest('system', 's', null)] }),
  provenance: { made: 'image' as const, sources: [], signatures: [], vouched: 'maker-signature' as const, label: 'release' as const },
};

test('a phone is not asked what only an image shows: neither passed nor left open', () => {
  const { passed, findings, notExamined } = runChecks(imageChecks, context([props(MODERN)]));
  expect([passed, findings, notExamined]).toEqual([[], [], []]);
});

describe('the verified-boot chain', () => {
  test('intact, altered, off, and without a vbmeta', () => {
    expect(judge(avbChain, [image(partition('system', 's'))], { trust: 'image' })).toBe('pass');
    expect(judge(avbChain, [image(partition('system', 's', avb({ outcome: 'altered', because: 'another root digest' })))])).toEqual([
      'conclusive software',
    ]);
    expect(judge(avbChain, [image(partition('vbmeta', 'v', avb({ because: 'signed; its flags turn verification off' })))])).toEqual([
      'weak software',
    ]);
    expect(judge(avbChain, [image(partition('system', 's', null))])).toBe('not-checked');
    expect(judge(avbChain, [image()])).toBe('not-checked');
  });
});

describe('who signed it', () => {
  const signed = (name: string) => [props(MODERN), image(partition('vbmeta', 'v', key(name)))];
  test('the maker’s key, another one, and nobody to compare with', () => {
    expect(judge(imageSigner, signed('maker'), { references: [MAKER] })).toBe('pass');
    expect(judge(imageSigner, signed('retailer'), { references: [MAKER] })).toEqual(['conclusive software']);
    expect(judge(imageSigner, signed('retailer'), { references: [{ ...MAKER, vouched: 'nobody' }] })).toEqual(['weak software']);
    expect(judge(imageSigner, signed('retailer'))).toBe('not-checked');
  });
  test('a key that everybody has is a weakness, not an alteration', () => {
    const published = avb({ keySha256: '22de3994532196f61c039e90260d78a93a4c57362c7e789be928036e80b77c8c' });
    expect(judge(testKey, [image(partition('vbmeta', 'v', published))])).toEqual(['weak posture']);
    expect(judge(testKey, [image(partition('vbmeta', 'v', key('maker')))])).toBe('pass');
    expect(judge(testKey, [image(partition('system', 's', null))])).toBe('not-checked');
  });
});

describe('the maker’s own, digest for digest', () => {
  const clears = (
    list: Parameters<typeof context>[0],
    references: readonly ReturnType<typeof reference>[],
    trust: 'image' | 'live' | 'bearer' = 'image',
  ) => runChecks([makerBuild], context(list, { references, trust })).passed.map(({ clears: what }) => what?.axis);
  const whole = [image(partition('vbmeta', 'v'), partition('system', 's'))];
  test('cleared by a build that is vouched for, and by no other', () => {
    expect(clears(whole, [MAKER])).toEqual(['software']);
    expect(clears(whole, [{ ...MAKER, vouched: 'nobody' }])).toEqual([]);
    expect(
      clears(whole, [{ ...MAKER, provenance: { made: 'phone', sources: [], signatures: [], vouched: 'official-list', label: 'release' } }]),
    ).toEqual([]);
    // A build of which it is not known how it was made clears nothing.
    const { provenance: _made, ...unknown } = MAKER;
    expect(clears(whole, [unknown])).toEqual([]);
    expect(clears(whole, [])).toEqual([]);
  });
  test('one partition more, another, unread, or none at all clears nothing', () => {
    expect(clears([image(partition('vbmeta', 'v'), partition('system', 's'), partition('boot', 'b'))], [MAKER])).toEqual([]);
    expect(clears([image(partition('system', 'other'))], [MAKER])).toEqual([]);
    expect(clears([image({ ...partition('system', 's'), sha256: null })], [MAKER])).toEqual([]);
    expect(clears([image()], [MAKER])).toEqual([]);
  });
  test('what a bearer says of an image clears nothing', () => {
    expect(clears(whole, [MAKER], 'bearer')).toEqual([undefined]);
  });
});

describe('two builds of a maker under one fingerprint', () => {
  const FILES = [fileRow('/system/lib/a.so', 'a'), fileRow('/system/etc/hosts', 'h')];
  const maker = { ...MAKER, manifest: { ...MAKER.manifest, files: FILES } };
  const more = { path: '/system/app/Carrier.apk', type: 'file', size: 1, mode: '0644', uid: 0, gid: 0, sha256: digestOf('c') } as const;
  const shown = [...FILES, more].map(({ path, sha256 }) => ({ path, ...(sha256 === null ? {} : { sha256 }) }));
  const strengths = (vbmeta: Avb, system: Avb = avb(), references = [maker]) => {
    const list = [props(MODERN), files(...shown), image(partition('vbmeta', 'other', vbmeta), partition('system', 'other', system))];
    const { findings } = runChecks([referenceFiles], context(list, { trust: 'image', references }));
    return findings.map(({ strength }) => strength);
  };
  test('an image that is intact under the key of the named build is its maker’s: the difference is weak', () => {
    expect(strengths(key('maker'))).toEqual(['weak']);
  });
  test.each<[string, Avb, Avb?]>([
    ['another key', key('retailer')],
    ['the key, over a vbmeta that does not hold', { ...key('maker'), outcome: 'altered' }],
    ['a partition that it does not bind', key('maker'), avb({ outcome: 'altered' })],
    ['verification turned off', { ...key('maker'), because: 'signed; its flags turn verification off' }],
  ])('%s convicts', (_name, vbmeta, system) => expect(strengths(vbmeta, system)).toEqual(['conclusive']));
  test('a key that everybody has is nobody’s', () => {
    const published = '22de3994532196f61c039e90260d78a93a4c57362c7e789be928036e80b77c8c';
    const partitions = [{ ...inManifest('vbmeta', 'v', 'maker') }].map((row) => ({ ...row, avb: { ...row.avb, keySha256: published } }));
    const leaked = { ...maker, manifest: { ...maker.manifest, partitions } };
    expect(strengths(avb({ by: 'root', in: null, keySha256: published }), avb(), [leaked])).toEqual(['conclusive']);
  });
});

describe('boot images patched for root', () => {
  const STOCK = [
    { path: 'init', sizeBytes: 9, head: 'elf' as const, role: 'init' as const },
    { path: 'lib/modules/x.ko', sizeBytes: 9, head: 'elf' as const, role: 'kernel module' as const },
  ];
  const boot = (more: Partial<BootImageFact>) =>
    fact('boot-images', [{ partition: 'init_boot', kernel: undefined, ramdisk: STOCK, configKeys: [], place, ...more }]);
  const elf = (path: string) => ({ path, sizeBytes: 9, head: 'elf' as const, role: null });
  test('the maker’s own passes', () => expect(judge(patchedBoot, [boot({})])).toBe('pass'));
  test.each<[string, Partial<BootImageFact>, string]>([
    [
      'Magisk: configuration and payload',
      { ramdisk: [...STOCK, elf('overlay.d/sbin/magisk.xz')], configKeys: ['KEEPVERITY', 'KEEPFORCEENCRYPT'] },
      'conclusive',
    ],
    [
      'Magisk under another name: payload and the kept init',
      { ramdisk: [...STOCK, elf('overlay.d/sbin/a.xz'), elf('.backup/init.xz')] },
      'conclusive',
    ],
    ['a folder of that name alone', { ramdisk: [...STOCK, elf('overlay.d/sbin/a')] }, 'weak'],
    ['KernelSU: init kept aside and a module at the root', { ramdisk: [...STOCK, elf('init.real'), elf('kernelsu.ko')] }, 'conclusive'],
    ['an init kept aside, and nothing else', { ramdisk: [...STOCK, elf('init.real')] }, 'weak'],
    [
      'an init kept aside, and a module in a folder that may be the maker’s',
      { ramdisk: [...STOCK, elf('init.real'), { ...elf('vendor/x.ko'), role: 'kernel module' as const }] },
      'weak',
    ],
    [
      'APatch: the kernel jumps into what was put behind it',
      { kernel: { sizeBytes: 9, banner: undefined, patch: { name: 'KernelPatch (APatch)', at: 4096, isEntered: true }, kernelSuTexts: 0 } },
      'conclusive',
    ],
    [
      'the letters of its header, never entered',
      {
        kernel: { sizeBytes: 9, banner: undefined, patch: { name: 'KernelPatch (APatch)', at: 4096, isEntered: false }, kernelSuTexts: 0 },
      },
      'weak',
    ],
  ])('%s', (_name, more, strength) => expect(judge(patchedBoot, [boot(more)])).toEqual([`${strength} software`]));
  test('a text that is called init.real is no init', () => {
    expect(judge(patchedBoot, [boot({ ramdisk: [...STOCK, { path: 'init.real', sizeBytes: 9, head: 'text', role: null }] })])).toBe('pass');
  });
});
