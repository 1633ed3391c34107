import { describe, expect, test } from 'vitest';
import { codec, hash, verify } from '../../../test/support/ports.ts';
import { bytesSource } from '../../bytes/index.ts';
import { parseEdify } from '../../formats/android/index.ts';
import { writeZip } from '../../formats/archive/index.ts';
import { readCapabilities } from '../../formats/fs/index.ts';
import { examineFiles } from './examine.ts';
import { followInstall } from './install.ts';
import { makeManifest } from './make-manifest.ts';
import type { Member } from './member.ts';
import { findPartitions } from './partitions.ts';
import { readRomFiles } from './read-files.ts';

const utf8 = new TextEncoder();
const PARTS: readonly (readonly [string, string])[] = [
  ['system/bin/sh', 'a shell'],
  ['system/bin/toolbox', 'a toolbox'],
  ['system/xbin/su', 'another'],
  ['system/build.prop', 'ro.build.id=X\n'],
  ['data/app/Preload.apk', 'no apk'],
  ['boot.img', 'a boot image'],
  ['firmware-update/tz.mbn', 'a trust zone'],
];
const members = (parts = PARTS): readonly Member[] =>
  parts.map(([name, text]) => ({ name, size: text.length, open: async () => bytesSource(utf8.encode(text)) }));

const FORMAT = 'format("ext4", "EMMC", "/dev/block/mmcblk0p25", "0", "/system"); ';
const FILL = `${FORMAT}package_extract_dir("system", "/system"); `;
const ports = { hash, codec, verify };

/** path → what its row says, of one partition. */
async function rowsOf(script: string, partition = 'system', parts = PARTS): Promise<Record<string, string>> {
  const { trees } = followInstall(parseEdify(script), members(parts));
  const tree = trees.get(partition);
  if (tree === undefined) return {};
  const { files } = await examineFiles({ name: partition }, { fileSystem: tree.mount(), unread: [] }, ports);
  return Object.fromEntries(
    files.map(({ path, type, mode, uid, gid, context, target }) => [
      path,
      [type, mode, `${uid}:${gid}`, context, target].filter((one) => one !== null && one !== undefined).join(' '),
    ]),
  );
}
const problemsOf = (script: string, parts = PARTS) =>
  followInstall(parseEdify(script), members(parts)).problems.map(({ partition, path, because }) => [partition, path, because]);

describe('what a script installs', () => {
  test('unpacked files: 0644 of root in folders of 0755, without labels', async () => {
    expect(await rowsOf(FILL)).toEqual({
      '/system': 'directory 0755 0:0',
      '/system/bin': 'directory 0755 0:0',
      '/system/bin/sh': 'file 0644 0:0',
      '/system/bin/toolbox': 'file 0644 0:0',
      '/system/xbin': 'directory 0755 0:0',
      '/system/xbin/su': 'file 0644 0:0',
      '/system/build.prop': 'file 0644 0:0',
    });
    expect(problemsOf(FILL)).toEqual([]);
  });

  test('links, rights in their order, the last counts; links have labels and nothing else', async () => {
    const rows = await rowsOf(`${FILL}
      symlink("toolbox", "/system/bin/ls", "/system/bin/deep/ps");
      set_metadata_recursive("/system", "uid", 0, "gid", 0, "dmode", 0755, "fmode", 0644, "capabilities", 0x0, "selabel", "u:object_r:system_file:s0");
      set_metadata_recursive("/system/bin", "uid", 0, "gid", 2000, "dmode", 0755, "fmode", 0755, "selabel", "u:object_r:shell_exec:s0");
      set_metadata("/system/xbin/su", "uid", 0, "gid", 0, "mode", 06755, "selabel", "u:object_r:su_exec:s0");`);
    expect(rows).toMatchObject({
      '/system': 'directory 0755 0:0 u:object_r:system_file:s0',
      '/system/bin/sh': 'file 0755 0:2000 u:object_r:shell_exec:s0',
      '/system/bin/ls': 'link 0777 0:0 u:object_r:shell_exec:s0 toolbox',
      '/system/bin/deep': 'directory 0755 0:2000 u:object_r:shell_exec:s0',
      '/system/xbin/su': 'file 6755 0:0 u:object_r:su_exec:s0',
    });
  });

  test('the functions of before 2013, numbers as strtoul takes them, joined and hexadecimal', async () => {
    const rows = await rowsOf(`${FILL}set_perm_recursive(0, 0, 0x1ed, 0644, "/system");
      set_perm(0, 1000 , 0750, "/system/" + "bin/sh", "/system/bin/toolbox");`);
    expect(rows).toMatchObject({
      '/system/bin': 'directory 0755 0:0',
      '/system/bin/sh': 'file 0750 0:1000',
      '/system/bin/toolbox': 'file 0750 0:1000',
    });
  });

  test('capabilities as an image would have them', async () => {
    const { trees } = followInstall(
      parseEdify(`${FILL}set_metadata("/system/bin/sh", "uid", 0, "gid", 0, "mode", 0755, "capabilities", 0x1800000c0);`),
      members(),
    );
    const entry = await trees.get('system')?.mount().find('/bin/sh');
    expect(readCapabilities(entry?.capabilities ?? new Uint8Array(0))).toMatchObject({
      permitted: 0x1_8000_00c0n,
      effective: true,
      inheritable: 0n,
    });
  });

  test('deleted, renamed, put in by name; formatted again, and all of it is gone', async () => {
    expect(
      Object.keys(
        await rowsOf(`${FILL}delete("/system/build.prop", "/system/none"); delete_recursive("/system/bin");
          rename("/system/xbin/su", "/system/xbin/daemonsu"); package_extract_file("boot.img", "/system/etc/boot.img");`),
      ),
    ).toEqual(expect.arrayContaining(['/system/xbin/daemonsu', '/system/etc/boot.img']));
    expect(await rowsOf(`${FILL}${FORMAT}package_extract_file("system/bin/sh", "/system/sh");`)).toEqual({
      '/system': 'directory 0755 0:0',
      '/system/sh': 'file 0644 0:0',
    });
  });

  test('userdata is mounted at /data', async () => {
    expect(Object.keys(await rowsOf('format("ext4","EMMC","x","0","/data"); package_extract_dir("data", "/data");', 'userdata'))).toContain(
      '/data/app/Preload.apk',
    );
  });

  test('images: straight to a device, by way of /tmp, and from memory', () => {
    const { images } = followInstall(
      parseEdify(`package_extract_file("boot.img", "/dev/block/bootdevice/by-name/boot");
        package_extract_file("firmware-update/tz.mbn", "/tmp/tz.mbn"); write_raw_image("/tmp/tz.mbn", "/dev/block/bootdevice/by-name/TZ");`),
      members(),
    );
    expect(Object.fromEntries(images)).toEqual({ 'boot.img': 'boot', 'firmware-update/tz.mbn': 'tz' });
    expect([...followInstall(parseEdify('write_raw_image(package_extract_file("boot.img"), "recovery")'), members()).images]).toEqual([
      ['boot.img', 'recovery'],
    ]);
  });
});

describe('devices that are called by their number, as before 2012', () => {
  const DEVICE = '/dev/block/mmcblk0p25';
  test('a partition that is formatted by its number began empty where it is mounted, once', async () => {
    const script = `format("ext4", "EMMC", "${DEVICE}", "0"); mount("ext4", "EMMC", "${DEVICE}", "/system");
      package_extract_dir("system", "/system"); unmount("/system"); mount("ext4", "EMMC", "${DEVICE}", "/system");`;
    expect(Object.keys(await rowsOf(script))).toContain('/system/bin/sh');
    expect(problemsOf(script)).toEqual([]);
    expect(problemsOf(script.replace(DEVICE, '/dev/block/mmcblk0p24'))).toMatchObject([
      ['system', null, expect.stringContaining('formats it nowhere')],
    ]);
  });
  test('an image that is written to one is called as its file', () => {
    const { images } = followInstall(
      parseEdify(
        'package_extract_file("boot.img", "/dev/block/mmcblk0p20"); package_extract_file("firmware-update/tz.mbn", "/dev/block/mmcblk0p6");',
      ),
      members(),
    );
    expect(images).toEqual([
      ['boot.img', 'boot'],
      ['firmware-update/tz.mbn', 'tz'],
    ]);
  });
});

describe('what depends on the phone', () => {
  test('an assertion and a way out are no doubt; a package that installs goes where it does not abort', async () => {
    const script = `assert(getprop("ro.product.device") == "steel" || abort("no")); if getprop("x") == "y" then abort("no") else ${FILL} endif;`;
    expect(Object.keys(await rowsOf(script))).toContain('/system/bin/sh');
    expect(problemsOf(script)).toEqual([]);
  });

  test('what is known is decided', async () => {
    expect(Object.keys(await rowsOf(`if "a" != "b" && "t" then ${FILL} else abort("no") endif`))).toContain('/system/bin/sh');
    expect(await rowsOf(`if ("a" == "b") || !"t" then ${FILL} endif`)).toEqual({});
  });

  test('what only the phone decides is told and left out', async () => {
    const script = `${FILL}if getprop("ro.x") == "1" then delete("/system/xbin/su"); endif;`;
    expect(Object.keys(await rowsOf(script))).toContain('/system/xbin/su');
    expect(problemsOf(script)).toEqual([
      ['system', '/system/xbin/su', 'line 1: delete("/system/xbin/su"), where the phone decides whether it comes to that'],
    ]);
  });

  test('a patch needs the build before: that file is told, the rest is read', () => {
    expect(
      problemsOf(`package_extract_dir("system", "/system"); apply_patch("/system/lib/a.so", "-", "00", 5, "11", package_extract_file("patch/a.p"));
        apply_patch("EMMC:/dev/block/by-name/boot:10:aa:20:bb", "-", "cc", 20, "dd", package_extract_file("patch/boot.img.p"));`),
    ).toEqual([
      ['system', '/system/lib/a.so', expect.stringContaining('needs the file of the build before')],
      ['boot', null, expect.stringContaining('needs the file of the build before')],
      ['system', null, expect.stringContaining('formats it nowhere')],
    ]);
  });

  test('a program of the package, a function of a vendor; not what mounts', () => {
    expect(
      problemsOf(`${FILL}run_program("/sbin/busybox", "mount", "/system"); run_program("/tmp/backuptool.sh", "restore"); acme.fix("x");`),
    ).toEqual([
      [null, null, expect.stringContaining('run_program("/tmp/backuptool.sh", "restore")')],
      [null, null, expect.stringContaining('acme.fix("x")')],
    ]);
  });
});

describe('hostile', () => {
  test.each<[string, string, readonly (readonly [string, string])[], string]>([
    [
      'a member that climbs out',
      FILL,
      [
        ['system/../../etc/passwd', 'x'],
        ['system/a', 'x'],
      ],
      'is no path that a file can have',
    ],
    [
      'a member with NUL',
      FILL,
      [
        ['system/a\0b', 'x'],
        ['system/a', 'x'],
      ],
      'is no path that a file can have',
    ],
    [
      'a file where a folder should be',
      FILL,
      [
        ['system/a', 'x'],
        ['system/a/b', 'x'],
      ],
      'it should be a folder',
    ],
    [
      'a folder where a file should be',
      FILL,
      [
        ['system/a/b', 'x'],
        ['system/a', 'x'],
      ],
      'there is a folder of that name',
    ],
    ['a path without end', `${FILL}symlink("x", "/system${'/a'.repeat(300)}");`, PARTS, 'is no path that a file can have'],
    ['rights of what is not there', `${FILL}set_perm(0, 0, 0644, "/system/none");`, PARTS, 'it is not in the package'],
    ['a member that is not there', `${FILL}package_extract_file("none", "/system/none");`, PARTS, 'the package has no "none"'],
    [
      'a folder that is moved into itself',
      `${FILL}rename("/system/bin", "/system/bin/bin");`,
      PARTS,
      'no file /system/bin is in the package',
    ],
    ['an end by abort', `${FILL}abort("no"); delete("/system/bin/sh")`, PARTS, 'ends here by abort'],
  ])('%s is told', (_name, script, parts, says) => {
    expect(problemsOf(script, parts)).toEqual([
      [expect.toSatisfy((x) => x === 'system' || x === null), expect.toSatisfy(() => true), expect.stringContaining(says)],
    ]);
  });

  test('rights set a million times over many files end at a bound', () => {
    const parts = Array.from({ length: 2000 }, (_, index) => [`system/${index}`, ''] as const);
    const script = `${FILL}${'set_perm_recursive(0,0,0755,0644,"/system");'.repeat(10_000)}`;
    expect(problemsOf(script, parts)).toEqual([[null, null, expect.stringContaining('more than')]]);
  });
});

const SCRIPT = 'META-INF/com/google/android/updater-script';
const packageOf = (script: string) =>
  bytesSource(writeZip([...PARTS, [SCRIPT, script] as const].map(([name, text]) => ({ name, data: utf8.encode(text) }))));

test('a package as a ROM: its partitions, their digests, one file of them', async () => {
  const contents = await findPartitions(
    packageOf(
      `${FILL}package_extract_file("boot.img", "/dev/block/by-name/boot"); package_extract_file("firmware-update/tz.mbn", "/dev/block/by-name/tz");`,
    ),
    { hash, codec },
  );
  const { manifest } = await makeManifest(contents, { ports, together: 1 });
  expect(manifest.unread).toEqual([]);
  expect(manifest.partitions).toEqual([
    expect.objectContaining({ name: 'boot' }),
    expect.objectContaining({ name: 'system', kind: 'files', over: 'files', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }),
    expect.objectContaining({ name: 'tz' }),
  ]);
  expect(manifest.properties).toEqual([{ path: '/system/build.prop', key: 'ro.build.id', value: 'X' }]);
  const read = await readRomFiles(contents, [{ partition: 'system', path: '/system/bin/sh' }], { hash, codec }, 100);
  expect(new TextDecoder().decode(read.get('/system/bin/sh'))).toBe('a shell');
});

test('an incremental package: partial, and without a digest of what it does not hold whole', async () => {
  const contents = await findPartitions(
    packageOf(
      'package_extract_dir("system", "/system"); apply_patch("/system/lib/a.so", "-", "00", 5, "11", package_extract_file("patch/a.p"));',
    ),
    { hash, codec },
  );
  const { manifest } = await makeManifest(contents, { ports, together: 1 });
  expect(manifest.partitions.find(({ name }) => name === 'system')?.sha256).toBeNull();
  expect(manifest.unread).toEqual([
    expect.objectContaining({ partition: 'system', path: null }),
    expect.objectContaining({ partition: 'system', path: '/system/lib/a.so' }),
  ]);
  expect(manifest.files.some(({ path }) => path === '/system/bin/sh')).toBe(true);
});

test('a script that does not parse costs what it would have installed, and is told', async () => {
  const contents = await findPartitions(packageOf('package_extract_dir("system", "/system"'), { hash, codec });
  expect(contents.unread).toEqual([{ partition: 'updater-script', because: expect.stringContaining('where ) should be') }]);
  expect([...contents.partitions.keys()]).toEqual(['boot']);
});
