/** A phone in whose configuration somebody wrote: the lines are shown, not only that a file is another. */
import { expect, test } from 'vitest';

import { inspectVirtual, makeWorld } from '../../src/forge/node/index.ts';
import type { PhoneFile, VirtualPhone } from '../../src/forge/phone.ts';
import { pixel } from '../../src/forge/profiles/index.ts';
import { renderTerminal } from '../../src/report/index.ts';
import { labPolicy } from '../../src/verdict/index.ts';

const PERMISSIONS = '/system/etc/permissions/platform.xml';
const GRANT = '<assign-permission name="android.permission.INSTALL_PACKAGES" uid="shell" />';

const phone = pixel();
const file = phone.files.get(PERMISSIONS) as PhoneFile; // the profile has it
const before = file.content?.kind === 'text' ? file.content.text : '';
const altered: VirtualPhone = {
  ...phone,
  files: new Map([...phone.files, [PERMISSIONS, { ...file, content: { kind: 'text', text: `${before}${GRANT}\n` } }]]),
};
const world = makeWorld();

const inspect = async (one: VirtualPhone, depth: 'quick' | 'full', isReadable = true) => {
  const { readFiles, ...digests } = await world.referenceOf(phone);
  return inspectVirtual(one, {
    policy: labPolicy,
    claims: {},
    depth,
    version: 'test',
    source: 'phone',
    latencyMs: 0,
    canaries: false,
    world,
    references: [isReadable && readFiles !== undefined ? { ...digests, readFiles } : digests],
  });
};

test('a line in a permissions file is shown with its sign, on the terminal too', async () => {
  const report = await inspect(altered, 'full');
  const line = before.split('\n').length;
  expect(report.comparisons[0]?.texts).toEqual([{ path: PERMISSIONS, changes: [{ sign: '+', line, text: GRANT }], left: null }]);
  expect(renderTerminal(report, { width: 120, colour: false, height: 400 })).toContain(`+ ${GRANT}`);
});

test('where only digests of the build are here, it is said that its firmware has the lines', async () => {
  const report = await inspect(altered, 'full', false);
  expect(report.comparisons[0]?.texts).toEqual([{ path: PERMISSIONS, changes: [], left: expect.stringContaining('--reference ROM') }]);
});

test('a phone as its maker built it differs in no text', async () => {
  expect((await inspect(phone, 'full')).comparisons[0]?.texts).toEqual([]);
});
