import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ArtefactKind } from '../capture.ts';
import type { ArtefactReading } from '../reader.ts';
import { ownReaders, readFileList } from './index.ts';

const NONCE = '0123456789abcdef';
function readAs(kind: ArtefactKind, text: string): ArtefactReading {
  const reader = ownReaders.find(({ kinds }) => kinds.includes(kind));
  if (reader === undefined) throw new Error(`no reader for ${kind}`);
  return reader.read({ name: 'artefact', kind, origin: undefined, bytes: new TextEncoder().encode(text) });
}
const factOf = (kind: ArtefactKind, text: string): unknown => readAs(kind, text).facts[0]?.value;

test('no reader is stopped by anything but a FormatError, whatever the bytes', () => {
  const soup = fc.array(
    fc.constantFrom(
      NONCE,
      ' ',
      '\n',
      '\t',
      'file-list/1 stat /',
      'file-list/1 ls /',
      '81a4 0 0 1 2 ? /a',
      '{}',
      "'",
      '->',
      ':',
      'S fd01 1 2 444 0 0 ? /',
      '= 0',
    ),
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        soup.map((parts) => parts.join('')),
      ),
      (text) => {
        for (const reader of ownReaders)
          for (const kind of reader.kinds) {
            try {
              reader.read({ name: 'a', kind, origin: undefined, bytes: new TextEncoder().encode(text) });
            } catch (error) {
              expect(error).toMatchObject({ name: 'FormatError' });
            }
          }
      },
    ),
  );
});

describe('file lists', () => {
  const stat = (lines: string) => `${NONCE} file-list/1 stat /system\n${lines}`;

  test('of stat: types, modes, links by toybox and by GNU', () => {
    const text = stat(
      [
        `${NONCE} 41ed 0 0 4096 1400000000 u:object_r:system_file:s0 /system/`,
        `${NONCE} 89ed 0 2000 1234 1400000000 u:object_r:su_exec:s0 /system//xbin/su`,
        `${NONCE} a1ff 0 0 4 1400000000 ? /system/bin/sh -> \`mksh'`,
        `${NONCE} a1ff 0 0 4 1400000000 ? '/system/bin/ls' -> 'toolbox'`,
      ].join('\n'),
    );
    expect(factOf('file-list', text)).toMatchObject({
      roots: ['/system'],
      files: [
        { path: '/system', type: 'directory', mode: '0755' },
        { path: '/system/xbin/su', type: 'file', mode: '4755', uid: 0, gid: 2000, size: 1234, context: 'u:object_r:su_exec:s0' },
        { path: '/system/bin/sh', type: 'link', target: 'mksh', context: undefined },
        { path: '/system/bin/ls', type: 'link', target: 'toolbox' },
      ],
    });
  });

  test('a name with a line break that forges an entry stays one name', () => {
    const reading = readFileList({
      name: 'a',
      kind: 'file-list',
      origin: undefined,
      bytes: new TextEncoder().encode(
        stat(
          `${NONCE} 81a4 0 0 1 2 ? /system/evil\nffffffffffffffff 81a4 0 0 1 2 ? /system/bin/forged\n${NONCE} 81a4 0 0 1 2 ? /system/b\n`,
        ),
      ),
    });
    expect(reading.files.map(({ path }) => path)).toEqual([
      '/system/evil\nffffffffffffffff 81a4 0 0 1 2 ? /system/bin/forged',
      '/system/b',
    ]);
    expect(reading.oddities.map(({ code }) => code)).toEqual(['line-break-in-name']);
  });

  test('names that are commands, tags and terminal codes are names', () => {
    const name = '/system/$(reboot)`id`;<script>\u001b[31m"\'';
    expect(factOf('file-list', stat(`${NONCE} 81a4 0 0 1 2 ? ${name}\n`))).toMatchObject({ files: [{ path: name }] });
  });

  test('of toolbox: folders, devices, links, contexts', () => {
    const text = [
      `${NONCE} file-list/1 ls /system`,
      '',
      '/system/:',
      'drwxr-xr-x root     root              2014-09-03 10:07 app',
      '-rw-r--r-- root     root         2366 2014-09-03 10:07 build.prop',
      'lrwxr-xr-x root     shell             2014-09-03 10:07 vendor -> /vendor',
      '',
      '/system/app:',
      '-rw-r--r-- root     root           10 2014-09-03 10:07 a b.apk',
      `${NONCE} context`,
      '',
      '/system/:',
      '-rw-r--r-- root     root              u:object_r:system_file:s0 build.prop',
    ].join('\n');
    expect(factOf('file-list', text)).toMatchObject({
      files: [
        { path: '/system/app', type: 'directory' },
        { path: '/system/build.prop', size: 2366, mode: '0644', context: 'u:object_r:system_file:s0' },
        { path: '/system/vendor', type: 'link', target: '/vendor' },
        { path: '/system/app/a b.apk', size: 10 },
      ],
    });
  });

  test('a root that is not there is no list', () => {
    expect(readAs('file-list', `${NONCE} file-list/1 stat /odm\n${NONCE} absent\n`)).toEqual({ facts: [], unread: [] });
    expect(readAs('file-list', `${NONCE} file-list/1 stat /vendor\n${NONCE} link\n`)).toEqual({ facts: [], unread: [] });
    expect(readAs('file-list', 'something else').unread).toEqual(['it does not begin as a file list']);
  });

  test('a list that holds nothing says that nothing is there', () =>
    expect(readAs('file-list', `${NONCE} file-list/1 stat\n`)).toMatchObject({ facts: [{ value: { files: [] } }], unread: [] }));

  test('a hundred thousand entries are read in one pass', () => {
    const count = 100_000;
    const lines = Array.from({ length: count }, (_, i) => `${NONCE} 81a4 0 0 1 2 ? /system/f${i}`).join('\n');
    expect(factOf('file-list', stat(lines))).toMatchObject({ files: { length: count } });
  });

  test('hashes: what is no hash is an oddity', () => {
    const sha = 'a'.repeat(64);
    const reading = readAs(
      'file-hashes',
      `${NONCE} file-hashes/1 /system\n${sha}  /system/a b\nsha256sum: /system/x: Permission denied\n\\${sha}  /system/a\\nb\n`,
    );
    expect(reading.facts[0]).toMatchObject({
      value: { roots: ['/system'], files: [{ path: '/system/a b', sha256: sha }, { path: '/system/a\nb' }] },
      oddities: [{ code: 'not-a-hash' }],
    });
  });
});

describe('surfaces', () => {
  test('cpu topology', () => {
    const cpu = '/sys/devices/system/cpu';
    const text = `${cpu}/possible\t0-1\n${cpu}/cpu1/regs/identification/midr_el1\t0x00000000411fd4e0\n${cpu}/cpu1/cpufreq/cpuinfo_max_freq\t2367000\n${cpu}/cpu0/cache/index0/level\t1\n${cpu}/cpu0/cache/index0/size\t32K\n${cpu}/cpu0/cache/index0/type\tData\n`;
    expect(factOf('sys/cpu', text)).toMatchObject({
      possible: '0-1',
      cores: [
        { index: 0, caches: [{ level: 1, type: 'Data', sizeBytes: 32_768 }] },
        { index: 1, midr: 0x411fd4e0n, maxFrequencyKiloHertz: 2_367_000 },
      ],
    });
    expect(readAs('sys/cpu', '').facts).toEqual([]);
  });

  test('stat and file systems', () => {
    expect(
      factOf('stat', 'S 4 4026532022 0 444 0 0 u:object_r:proc_cpuinfo:s0 /proc/cpuinfo\nF proc /proc/cpuinfo\nF tmpfs /elsewhere\n'),
    ).toEqual([expect.objectContaining({ path: '/proc/cpuinfo', device: '4', inode: '4026532022', mode: '0444', fileSystem: 'proc' })]);
  });

  test('names of drivers, by surface', () => {
    const { facts } = readAs(
      'sys/names',
      '/sys/class/thermal/thermal_zone0/type\tmtktscpu\n/sys/devices/system/clocksource/clocksource0/available_clocksource\tarch_sys_counter mt_gpt\n/sys/block/mmcblk0/size\t123\n',
    );
    expect(facts.map(({ value }) => value)).toMatchObject([
      { surface: 'thermal', names: [{ value: 'mtktscpu' }] },
      { surface: 'clocks', names: [{ value: 'arch_sys_counter' }, { value: 'mt_gpt' }] },
    ]);
  });

  test('partition names of ls', () => {
    const text =
      '/dev/block/by-name:\ntotal 0\nlrwxrwxrwx 1 root root 16 1970-01-01 00:00 boot_a -> /dev/block/sda1\nlrwxrwxrwx root root 1970-01-01 00:00 lk -> /dev/block/mmcblk0p5\n';
    expect(factOf('ls/block', text)).toMatchObject({ surface: 'partitions', names: [{ value: 'boot_a' }, { value: 'lk' }] });
  });
});

describe('answers', () => {
  test('slots', () => {
    const text = `${NONCE} ro.boot.slot_suffix\n_a\n${NONCE} bootctl is-slot-bootable 1\n= 70\n${NONCE} update_engine_client --status\n/system/bin/sh: update_engine_client: Permission denied\n`;
    expect(factOf('slots', text)).toEqual({ current: 'a', updateEngine: undefined, otherBootable: false, snapshotState: undefined });
  });

  test('an identifier out of a parcel', () => {
    const parcel = [
      'Result: Parcel(',
      "  0x00000000: 00000000 0000000f 00390034 00340030 '........4.9.0.4.'",
      "  0x00000010: 00310030 00300033 00300030 00300030 '0.1.3.0.0.0.0.0.'",
      "  0x00000020: 00300030 00000038 00000000          '0.0.8.......    ')",
    ].join('\n');
    expect(
      factOf(
        'iphonesubinfo',
        `${NONCE} 3 i32 1 s16 com.android.shell\n${parcel}\n${NONCE} 1 s16 x\nResult: Parcel(Error: 0xffffffffffffffff "Operation not permitted")\n`,
      ),
    ).toMatchObject([{ type: 'imei', slot: 1, value: expect.stringMatching(/^\d{15}$/) }]);
  });

  test('fastboot variables, those of partitions too', () => {
    const { facts } = readAs(
      'fastboot/getvar',
      '(bootloader) partition-size:boot_a: 0x6000000\nproduct:cancro\nis-userspace:no\nserialno:\nversion-bootloader:a:b\n',
    );
    expect(facts).toHaveLength(1);
    expect(facts[0]?.value).toEqual({
      userspace: false,
      variables: [
        ['partition-size:boot_a', '0x6000000'],
        ['product', 'cancro'],
        ['is-userspace', 'no'],
        ['serialno', ''],
        ['version-bootloader', 'a:b'],
      ],
    });
  });

  test('our own JSON is strict: a field too many is refused', () => {
    const adb = {
      format: 'assay.adb/1',
      transport: 'tcp',
      state: 'device',
      banner: [],
      features: [],
      authorisation: 'none',
      keyIsNew: null,
      shellUid: 0,
      shellId: null,
    };
    expect(factOf('adb', JSON.stringify(adb))).toEqual({
      transport: 'tcp',
      banner: [],
      features: [],
      authorisation: 'none',
      keyIsNew: undefined,
      shellUid: 0,
    });
    expect(() => readAs('adb', JSON.stringify({ ...adb, more: 1 }))).toThrow('adb @0x0 document');
    expect(() => readAs('adb', JSON.stringify({ ...adb, authorisation: 'fine' }))).toThrow('authorisation');
    expect(() => readAs('adb', '{')).toThrow('not JSON');
  });
});
