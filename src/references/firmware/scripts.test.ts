import { expect, test } from 'vitest';
import { isDigestList, isFlashScript, parseDigestList, parseFlashScript } from './scripts.ts';

test.each([
  ['fastboot $* flash boot_ab `dirname $0`/images/boot.img', 'boot.img', 'boot'],
  ['fastboot %* flash modem_a %~dp0images\\NON-HLOS.bin || @echo "Flash modem error" && exit /B 1', 'NON-HLOS.bin', 'modem'],
  ['fastboot flash "tz" "$DIR/tz.mbn"; if [ $? -ne 0 ] ; then exit 1; fi', 'tz.mbn', 'tz'],
  ['fastboot flash bootloader bootloader-cheetah-cloudripper-14.0.img', 'bootloader-cheetah-cloudripper-14.0.img', 'bootloader'],
  ['<step MD5="0" filename="NON-HLOS.bin" operation="flash" partition="modem"/>', 'NON-HLOS.bin', 'modem'],
  ['- partition_index: SYS9\n  partition_name: lk\n  file_name: lk-verified.img\n  is_download: true', 'lk-verified.img', 'lk'],
  ['<partition_name>dtbo_a</partition_name>\n<file_name> dtbo.img </file_name>', 'dtbo.img', 'dtbo'],
  ['package_extract_file("firmware-update/rpm.mbn", "/dev/block/bootdevice/by-name/rpm");', 'rpm.mbn', 'rpm'],
])('%s', (line, file, partition) => {
  expect([...parseFlashScript(`#!/bin/sh\n${line}\n`)]).toEqual([[file, partition]]);
});

test('a file that is written to two partitions is in both; a partition that several files make is in none', () => {
  expect(parseFlashScript('fastboot flash tz tz.mbn\nfastboot flash tzbak tz.mbn\n')).toEqual([
    ['tz.mbn', 'tz'],
    ['tz.mbn', 'tzbak'],
  ]);
  expect(
    parseFlashScript('partition_name: a\nfile_name: NONE\npartition_name: b\nfile_name: 1.img\npartition_name: b\nfile_name: 2.img\n'),
  ).toEqual([]);
});

test('what flashes nothing says nothing, and a hostile line costs no time', () => {
  expect(parseFlashScript('fastboot reboot\nfastboot erase cache\necho flash\n')).toEqual([]);
  expect(parseFlashScript(`fastboot ${' flash'.repeat(20_000)}`)).toEqual([]);
});

test('lists of digests by the length of their hex', () => {
  const hex = 'ab'.repeat(16);
  expect(parseDigestList(`${hex} *images/boot.img\n${hex.toUpperCase()}${hex}  ./a b.img\r\nnonsense\n\n`)).toEqual([
    { name: 'images/boot.img', algorithm: 'md5', hex },
    { name: 'a b.img', algorithm: 'sha256', hex: hex + hex },
  ]);
  expect(['md5sum.txt', 'images/SHA256SUMS', 'rom.md5', 'readme.txt', 'boot.img'].map(isDigestList)).toEqual([
    true,
    true,
    true,
    false,
    false,
  ]);
  expect(
    [
      'flash_all.sh',
      'a/flash-all.bat',
      'META-INF/com/google/android/updater-script',
      'x.sh',
      'MT6765_Android_scatter.txt',
      'rawprogram0.xml',
      'a/flashfile.xml',
    ].map(isFlashScript),
  ).toEqual([true, true, true, false, true, true, true]);
});
