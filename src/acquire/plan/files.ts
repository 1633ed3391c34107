/** File lists and hashes: one item a root, so that a mount that hangs costs itself alone. */
import { MARKED_JARS, MARKED_LIBRARIES } from '../../knowledge/index.ts';
import { MIB, type PlanItem, pullItem, shellItem } from '../plan-types.ts';

/** Mount points and folders of systems of all makers; one that is not there costs a line. */
const SYSTEM_ROOTS = [
  '/system',
  '/system_ext',
  '/product',
  '/vendor',
  '/odm',
  '/oem',
  '/apex',
  '/system_dlkm',
  '/vendor_dlkm',
  '/odm_dlkm',
  '/cust',
  '/mi_ext',
  '/prism',
  '/optics',
  '/preload',
  '/custom',
  '/version',
  '/hw_product',
  '/my_product',
  '/my_engineering',
  '/my_company',
  '/my_carrier',
  '/my_region',
  '/my_heytap',
  '/my_stock',
  '/my_preload',
  '/my_bigball',
  '/my_manifest',
  '/sbin',
  '/data/local/tmp',
  '/data/preload',
] as const;

const named = (root: string) => root.slice(1).replaceAll('/', '-');
const guarded = (root: string, walk: string) =>
  `if [ -L ${root} ]; then echo "$N link"; elif [ -d ${root} ]; then ${walk}; else echo "$N absent"; fi`;

/** `find` as the shell may walk; `stat`'s %N is the name with its link's target. */
const listRoot = (root: string): PlanItem =>
  shellItem(
    { id: `files.${named(root)}`, artefact: `files_${named(root)}.txt`, kind: 'file-list' },
    [
      {
        tools: ['find', 'stat'],
        script: `echo "$N file-list/1 stat ${root}"; ${guarded(root, `find ${root}/ -xdev -exec stat -c "$N %f %u %g %s %Y %C %N" {} +`)}`,
      },
      {
        script: `echo "$N file-list/1 ls ${root}"; ${guarded(root, `ls -laR ${root}/; echo "$N context"; ls -aRZ ${root}/`)}`,
      },
    ],
    [`files under ${root}`, 'files that no official build has'],
    { order: 'files', seconds: 60, limit: 64 * MIB, origin: root },
  );

const hashRoot = (root: string): PlanItem =>
  shellItem(
    { id: `hashes.${named(root)}`, artefact: `hashes_${named(root)}.txt`, kind: 'file-hashes' },
    [
      {
        tools: ['find', 'sha256sum'],
        script: `echo "$N file-hashes/1 ${root}"; ${guarded(root, `find ${root}/ -xdev -type f -exec sha256sum {} +`)}`,
      },
    ],
    [`hashes under ${root}`, 'which files differ from the official build'],
    { order: 'hashes', depth: 'full', seconds: 240, limit: 64 * MIB, origin: root },
  );

/** What somebody changed in a text is said line by line; without its bytes only that it differs. */
const texts: PlanItem = {
  ...shellItem(
    { id: 'texts', artefact: 'texts.tar', kind: 'texts' },
    [],
    ['configuration files', 'what differs in them from the official build, line by line'],
    { order: 'bytes', depth: 'full', seconds: 120, limit: 64 * MIB, origin: 'texts' },
  ),
  how: { kind: 'texts', lists: SYSTEM_ROOTS.filter((root) => !root.startsWith('/data')).map((root) => `files.${named(root)}`) },
};

/** Where the phone has no sha256sum, its files are pulled and hashed here. */
const hashRootByPull = (root: string): PlanItem => ({
  ...hashRoot(root),
  id: `hashes-by-pull.${named(root)}`,
  artefact: `hashes_${named(root)}.txt`,
  how: { kind: 'hash-by-pull', list: `files.${named(root)}`, unlessTool: 'sha256sum' },
  order: 'bytes',
});

const APK_GLOBS = ['/sdcard', '/storage/emulated/0', '/storage/sdcard0', '/data/local', '/data/local/tmp']
  .flatMap((folder) => [folder, `${folder}/*`, `${folder}/.*`, `${folder}/*/*`, `${folder}/.*/*`, `${folder}/*/.*`])
  .map((folder) => `${folder}/*.apk`)
  .join(' ');

/** Audio effects have a folder of their own. */
const librariesOfEffects = new Set(['libbundlewrapper.so', 'libreverbwrapper.so', 'libvisualizer.so']);

export const fileItems: readonly PlanItem[] = [
  shellItem(
    { id: 'files.top', artefact: 'files_top.txt', kind: 'file-list' },
    [
      {
        tools: ['find', 'stat'],
        script: 'echo "$N file-list/1 stat /"; find / -maxdepth 1 -exec stat -c "$N %f %u %g %s %Y %C %N" {} +',
      },
      { script: 'echo "$N file-list/1 ls /"; ls -la /; echo "$N context"; ls -aZ /' },
    ],
    ['top folder', 'mount points and links'],
    { order: 'files', origin: '/' },
  ),
  // The names of other files on shared storage are nobody's business: only packages are looked for.
  shellItem(
    { id: 'files.stray-apks', artefact: 'files_stray-apks.txt', kind: 'file-list' },
    [
      {
        tools: ['stat'],
        script: `echo "$N file-list/1 stat"; for f in ${APK_GLOBS}; do if [ -f "$f" ]; then stat -c "$N %f %u %g %s %Y %C %N" "$f"; fi; done`,
      },
      { script: `echo "$N file-list/1 ls"; for f in ${APK_GLOBS}; do if [ -f "$f" ]; then ls -l "$f"; fi; done` },
    ],
    ['packages lying on shared storage', 'hidden copies of checker apps, as in 2015'],
    { order: 'files', seconds: 20 },
  ),
  shellItem(
    { id: 'files.logs', artefact: 'files_logs.txt', kind: 'file-list' },
    [
      {
        tools: ['find', 'stat'],
        script:
          'echo "$N file-list/1 stat"; find /data/anr/ /data/tombstones/ /data/log/ /sdcard/log/ /sys/fs/pstore/ /proc/last_kmsg -maxdepth 2 -exec stat -c "$N %f %u %g %s %Y %C %N" {} + 2>/dev/null',
      },
      { script: 'echo "$N file-list/1 ls"; ls -la /data/anr/ /data/tombstones/ /data/log/ /sdcard/log/' },
    ],
    ['crash logs', 'that there were crashes, and when'],
    { order: 'files', depth: 'full' },
  ),
  ...SYSTEM_ROOTS.map(listRoot),
  ...SYSTEM_ROOTS.map(hashRoot),
  ...SYSTEM_ROOTS.filter((root) => root === '/system' || root === '/vendor' || root === '/data/local/tmp').map(hashRootByPull),
  texts,
  pullItem(
    { id: 'log.last_kmsg', artefact: 'last_kmsg.txt', kind: 'dmesg' },
    '/proc/last_kmsg',
    ['kernel log of before the last reboot', 'as androidqf reads it'],
    {
      order: 'bytes',
      depth: 'full',
      limit: 8 * MIB,
    },
  ),
  pullItem(
    { id: 'log.pstore', artefact: 'console-ramoops.txt', kind: 'dmesg' },
    '/sys/fs/pstore/console-ramoops-0',
    ['console of before the last reboot', 'as androidqf reads it'],
    { order: 'bytes', depth: 'full', limit: 8 * MIB },
  ),
  ...(
    [
      ['system', '/system/build.prop', 1],
      ['default', '/default.prop', 1],
      ['system_ext', '/system_ext/etc/build.prop', 30],
      ['product', '/product/etc/build.prop', 30],
      ['product-old', '/product/build.prop', 28],
      ['vendor', '/vendor/build.prop', 26],
      ['vendor-default', '/vendor/default.prop', 26],
      ['odm', '/odm/etc/build.prop', 28],
      ['odm-old', '/odm/build.prop', 26],
      ['vendor_dlkm', '/vendor_dlkm/etc/build.prop', 31],
      ['odm_dlkm', '/odm_dlkm/etc/build.prop', 31],
    ] as const
  ).map(([name, path, since]) =>
    pullItem(
      { id: `build-prop.${name}`, artefact: `build-prop_${name}.prop`, kind: 'build.prop' },
      path,
      [path, 'properties as the file has them'],
      {
        since,
        order: 'state',
        limit: 2 * MIB,
        seconds: 10,
      },
    ),
  ),
  // In which fixes of 2016 and 2017 left their bugs' numbers; later libraries are no longer built so.
  ...MARKED_LIBRARIES.map((name) =>
    pullItem(
      { id: `library.${name}`, artefact: name, kind: 'library' },
      name.startsWith('bluetooth.')
        ? `/system/lib/hw/${name}`
        : librariesOfEffects.has(name)
          ? `/system/lib/soundfx/${name}`
          : `/system/lib/${name}`,
      [name, 'whether the fixes that the patch level claims are in it'],
      { order: 'bytes', depth: 'full', since: 19, until: 27, limit: 16 * MIB },
    ),
  ),
  // Which every app loads: Triada, Keenadu and their kin live in the one, BackDoor.3104 was started by the other.
  ...(['lib', 'lib64'] as const).flatMap((folder) =>
    ['libandroid_runtime.so', 'libcutils.so'].map((name) =>
      pullItem(
        { id: `${folder}.${name}`, artefact: `${folder}_${name}`, kind: 'library' },
        `/system/${folder}/${name}`,
        [`${folder}/${name}`, 'whether code of known families is in it: every app loads it'],
        { order: 'bytes', depth: 'full', since: folder === 'lib' ? 16 : 21, limit: 16 * MIB },
      ),
    ),
  ),
  // In which the fixes of Master Key, Fake ID and serialization left traces: the jar, or what was compiled of it where the jar is empty.
  ...MARKED_JARS.map((name) =>
    pullItem(
      { id: `framework.${name}`, artefact: name, kind: 'library' },
      `/system/framework/${name}`,
      [name, 'whether the fixes of 2013 to 2015 are in it'],
      { order: 'bytes', depth: 'full', since: 16, until: 23, limit: 16 * MIB },
    ),
  ),
  shellItem(
    { id: 'bugreport', artefact: 'bugreport.zip', kind: 'unknown' },
    'bugreportz -s',
    ['bug report', 'everything that dumpstate writes, personal content among it'],
    { order: 'bytes', depth: 'full', since: 31, seconds: 300, limit: 256 * MIB, onRequest: 'bugreport' },
  ),
];
