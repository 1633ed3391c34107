/** Users, packages and features. */
import { MIB, type PlanItem, shellItem } from '../plan-types.ts';

const list = (suffix: string, flags: string, why: string): PlanItem =>
  shellItem(
    { id: `packages${suffix}`, artefact: `packages${suffix}_user{user}.txt`, kind: 'pm/packages' },
    [
      { since: 26, script: `pm list packages ${flags} -f -U -i --user $U` },
      { since: 19, script: `pm list packages ${flags} -f -i --user $U` },
      { script: `pm list packages ${flags} -f` },
    ].map((variant) => ({ ...variant, script: variant.script.replace('  ', ' ') })),
    [`packages${suffix.replace('-', ' ')}`, why],
    { order: 'packages', perUser: true, seconds: 20, limit: 8 * MIB },
  );

export const packageItems: readonly PlanItem[] = [
  shellItem(
    { id: 'users', artefact: 'users.txt', kind: 'pm/users' },
    'pm list users',
    ['users and profiles', 'a profile not read is said'],
    {
      order: 'packages',
      since: 17,
      origin: 'pm list users',
    },
  ),
  list('', '', 'what is installed, from where, by whom'),
  list('-uninstalled', '-u', 'what was removed and left data or a system copy'),
  list('-system', '-s', 'which are system packages'),
  list('-disabled', '-d', 'disabled security and update packages'),
  shellItem(
    { id: 'dumpsys.package', artefact: 'dumpsys_package.txt', kind: 'dumpsys/package' },
    'dumpsys package',
    ['package manager', 'installers, times, permissions, signatures, shared users, intent handlers'],
    { order: 'packages', seconds: 40, limit: 64 * MIB },
  ),
  shellItem(
    { id: 'features', artefact: 'features.txt', kind: 'pm/features' },
    'pm list features',
    ['features', 'what hardware the ROM declares'],
    {
      order: 'packages',
    },
  ),
  shellItem(
    { id: 'libraries', artefact: 'libraries.txt', kind: 'unknown' },
    'pm list libraries',
    ['shared libraries', 'the vendor’s framework parts'],
    {
      order: 'packages',
      depth: 'full',
    },
  ),
  shellItem({ id: 'overlays', artefact: 'overlays.txt', kind: 'unknown' }, 'cmd overlay list', ['overlays', 'resource overlays by user'], {
    order: 'packages',
    since: 26,
    depth: 'full',
  }),
  {
    id: 'apks',
    what: 'system APKs, one for each signer',
    why: 'who signed what is installed as part of the system',
    how: { kind: 'apk-per-signer' },
    artefact: 'apk',
    kind: 'apk',
    since: 1,
    timeLimitMs: 120_000,
    byteLimit: 512 * MIB,
    order: 'bytes',
    depth: 'full',
  },
];
