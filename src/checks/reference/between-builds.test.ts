import { describe, expect, test } from 'vitest';
import { fileRow } from '../../../test/support/made-manifest.ts';
import type { Fact, Sighting } from '../../evidence/index.ts';
import type { Reference } from '../../references/index.ts';
import { fact, files, judge, MODERN, props, reference } from '../boot/made-facts.ts';
import { sightingOf } from '../identity/sighting.ts';
import { olderBuild } from './older-build.ts';
import { updateInProgress } from './update-in-progress.ts';

const FINGERPRINT = MODERN['ro.build.fingerprint'] ?? '';
const LATER = FINGERPRINT.replace(/\/[^/]*:user/, '/99999999:user');
const rows = Array.from({ length: 30 }, (_, index) => fileRow(`/system/lib/lib${index}.so`, `library ${index}`));
const DAY = 86_400;

function build(fingerprint: string, dateUtc: number | undefined, more: Partial<Reference> & { readonly device?: string } = {}): Reference {
  const made = reference(fingerprint, { files: rows });
  const identity = {
    'build.fingerprint': fingerprint,
    'product.device': more.device ?? 'quartz',
    ...(dateUtc === undefined ? {} : { 'build.date.utc': String(dateUtc) }),
  };
  return { ...made, vouched: more.vouched ?? made.vouched, manifest: { ...made.manifest, identity } };
}
const seenFiles = (changed = 0) =>
  files(...rows.map(({ path, sha256 }, index) => ({ path, sha256: index < changed ? 'f'.repeat(64) : (sha256 ?? '') })));
const phone = props({ ...MODERN, 'ro.serialno': '0LDERBU1LD01' });
const earlier = (fingerprint: string, more: Partial<Sighting> = {}): Sighting => ({
  ...sightingOf({ list: [phone], unread: [] }, { trust: 'live' }, { at: '2025-12-01T00:00:00Z', source: 'earlier' }),
  fingerprint,
  ...more,
});
const NOW = build(FINGERPRINT, 1_700_000_000);
const NEXT = build(LATER, 1_700_000_000 + 60 * DAY);

describe('an official build older than the one of before', () => {
  const ask = (references: readonly Reference[], sightings: readonly Sighting[], list: readonly Fact[] = [phone, seenFiles()]) =>
    judge(olderBuild, list, { references, history: { sightings } });
  test('a later one ran before: weak, and never more', () => expect(ask([NOW, NEXT], [earlier(LATER)])).toEqual(['weak software']));
  test('an update since', () => expect(ask([NOW, build(LATER, 1_600_000_000)], [earlier(LATER)])).toBe('pass'));
  test('the same build', () => expect(ask([NOW], [earlier(FINGERPRINT)])).toBe('pass'));
  test('built within a day: two builds of one version', () =>
    expect(ask([NOW, build(LATER, 1_700_000_000 + 3600)], [earlier(LATER)])).toBe('pass'));
  test.each<[string, readonly Reference[], readonly Sighting[], readonly Fact[] | undefined]>([
    ['another phone was inspected', [NOW, NEXT], [earlier(LATER, { serials: ['other'], imeis: [] })], undefined],
    ['nothing was inspected', [NOW, NEXT], [], undefined],
    ['the earlier build is not known here', [NOW], [earlier(LATER)], undefined],
    ['nobody vouches for the earlier build', [NOW, build(LATER, 1_800_000_000, { vouched: 'nobody' })], [earlier(LATER)], undefined],
    ['nobody vouches for this one', [build(FINGERPRINT, 1_700_000_000, { vouched: 'nobody' }), NEXT], [earlier(LATER)], undefined],
    ['no date', [build(FINGERPRINT, undefined), NEXT], [earlier(LATER)], undefined],
    ['one file is not the build’s', [NOW, NEXT], [earlier(LATER)], [phone, seenFiles(1)]],
    ['no files were seen', [NOW, NEXT], [earlier(LATER)], [phone]],
  ])('missing: %s', (_name, references, sightings, list) => expect(ask(references, sightings, list)).toBe('not-checked'));
  test('hostile: another model’s date', () =>
    expect(ask([NOW, build(LATER, 1_800_000_000, { device: 'steel' })], [earlier(LATER)])).toBe('pass'));
});

describe('an update in progress is named, and nothing is made of it', () => {
  const slots = (more: object) =>
    fact('slots', { current: '_a', updateEngine: 'UPDATE_STATUS_IDLE', otherBootable: true, snapshotState: 'none', ...more });
  const bootloader = (state: string) => fact('fastboot', { userspace: false, variables: [['snapshot-update-status', state]] });
  test.each<[string, readonly Fact[], ReturnType<typeof judge>]>([
    ['none', [slots({})], 'pass'],
    ['the bootloader knows of none', [bootloader('none')], 'pass'],
    ['snapshots are merged', [slots({ snapshotState: 'merging' })], ['note software']],
    ['the updater waits for the start', [slots({ updateEngine: 'UPDATE_STATUS_UPDATED_NEED_REBOOT' })], ['note software']],
    ['the bootloader knows of snapshots', [bootloader('snapshotted')], ['note software']],
    ['a package waits', [slots({}), files({ path: '/data/ota_package/update.zip' })], ['note software']],
    ['nobody was asked', [phone], 'not-checked'],
    ['asked, and no answer', [slots({ updateEngine: undefined, snapshotState: undefined })], 'not-checked'],
    ['hostile: text that is no state', [slots({ updateEngine: '\u001b[31mUPDATE_STATUS_VERIFYING' })], 'pass'],
  ])('%s', (_name, list, expected) => expect(judge(updateInProgress, list)).toEqual(expected));
});
