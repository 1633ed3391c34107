import { expect, test } from 'vitest';
import { isDigestList, isFlashScript, parseDigestList, parseFlashScript } from './scripts.ts';

test.each([
  ['fastboot $* flash boot_ab `dirname $0`/images/boot.img', 'boot.img', 'boot'],
  ['fastboot %* flash modem_a %~dp0images\\NON-HLOS.bin || @echo "Flash modem error" && exit /B 1', 'NON-HLOS.bin', 'modem'],
  ['fastboot flash "tz" "$DIR/tz.mbn"; if [ $? -ne 0 ] ; then exit 1; fi', 'tz.mbn', 'tz'],
  ['fastboot flash bootloader bootloader-cheetah-cloudripper-14.0.img', 'bootloader-cheetah-cloudripper-14.0.img', 'bootloader'],
  ['package_extract_file("firmware-update/rpm.mbn", "/dev/block/bootdevice/by-name/rpm");', 'rpm.mbn', 'rpm'],
])('%s', (line, file, partition) => {
  expect([...parseFlashScript(`#!/bin/sh\n${line}\n`)]).toEqual([[file, partition]]);
});

test('what flashes nothing says nothing, and a hostile line costs no time', () => {
  expect(parseFlashScript('fastboot reboot\nfastboot erase cache\necho flash\n').size).toBe(0);
  expect(parseFlashScript(`fastboot ${' flash'.repeat(20_000)}`).size).toBe(0);
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
  expect(['flash_all.sh', 'a/flash-all.bat', 'META-INF/com/google/android/updater-script', 'x.sh'].map(isFlashScript)).toEqual([
    true,
    true,
    true,
    false,
  ]);
});
