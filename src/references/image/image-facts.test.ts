import { expect, test } from 'vitest';
import { apkRow } from '../../../test/support/made-manifest.ts';
import { hash } from '../../../test/support/ports.ts';
import { factsOf } from '../../evidence/index.ts';
import { pureCodec as codec } from '../../formats/codec/index.ts';
import { imageFacts } from './image-facts.ts';

test('two files whose manifests do not read are two packages, each named by its place', async () => {
  const manifest = {
    format: 'assay.manifest/1' as const,
    identity: {},
    partitions: [],
    files: [],
    apks: [apkRow('/system/app/A.apk', '', 'a'), apkRow('/system/app/B.apk', '', 'b'), apkRow('/system/app/C.apk', 'c.c', 'c')],
  };
  const contents = { kind: undefined, isPayload: false, partitions: new Map(), stated: [], unread: [] };
  const facts = await imageFacts({ manifest, contents, signatures: [] }, { hash, codec });
  expect(factsOf(facts, 'packages').flatMap(({ value }) => value.packages.map(({ name }) => name))).toEqual([
    '/system/app/A.apk',
    '/system/app/B.apk',
    'c.c',
  ]);
});
