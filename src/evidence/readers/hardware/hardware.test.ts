import { describe, expect, test } from 'vitest';
import type { ArtefactKind } from '../../capture.ts';
import { HOSTILE, readSample } from '../sample.ts';

describe('names that forgers forget', () => {
  test.each<[ArtefactKind, string, readonly string[]]>([
    [
      'proc/interrupts',
      '           CPU0       CPU1\n 18:       1234          0     GIC-0  27 Level     arch_timer\nIPI0:        5         6       Rescheduling interrupts\nErr:          0\n',
      ['GIC-0 27 Level arch_timer', 'IPI0 Rescheduling interrupts'],
    ],
    ['proc/modules', 'wlan 6701056 0 - Live 0x0000000000000000 (O)\nmtk_wmt 10 1 wlan, Live 0x0\n', ['wlan', 'mtk_wmt']],
    ['proc/modules', 'Module                  Size  Used by\nwlan 6701056 0\n', ['wlan']],
    ['proc/partitions', 'major minor  #blocks  name\n\n 179        0   15267840 mmcblk0\n 179  1 1 preloader\n', ['mmcblk0', 'preloader']],
    [
      'proc/asound/cards',
      ' 0 [msm8974taikomtp]: msm8974-taiko-m - msm8974-taiko-mtp-snd-card\n',
      ['msm8974taikomtp: msm8974-taiko-m - msm8974-taiko-mtp-snd-card'],
    ],
    [
      'lshal',
      '| All HIDL binderized services\nDM,FC Y android.hardware.audio@6.0::IDevicesFactory/default 0/3 812 499\nX Y android.hardware.light.ILights/default N/A\n',
      ['android.hardware.audio@6.0::IDevicesFactory/default', 'android.hardware.light.ILights/default'],
    ],
    ['getevent', 'add device 1: /dev/input/event3\n  name:     "synaptics_dsx"\n  name:     ""\n', ['synaptics_dsx']],
    ['getevent', `  name:     "${HOSTILE}"\n`, [HOSTILE]],
  ])('%s', (kind, text, names) => {
    expect(
      readSample(kind, text)
        .values('driver-names')[0]
        ?.names.map(({ value }) => value),
    ).toEqual(names);
  });

  test.each<ArtefactKind>(['proc/interrupts', 'proc/modules', 'proc/partitions', 'proc/asound/cards', 'lshal', 'getevent'])(
    '%s: an empty answer and an error’s text are not read',
    (kind) => {
      for (const text of ['\n', 'Permission denied\n', '系统错误\n']) expect(readSample(kind, text).facts).toEqual([]);
    },
  );
});

describe('dumpsys battery', () => {
  const state = (text: string) => readSample('dumpsys/battery', text).values('battery');
  test('level and charge; the first answer counts', () => {
    const text =
      'Current Battery Service state:\n  status: 2\n  level: 84\n  scale: 100\n  Charge counter: 3990000\n  technology: Li-ion\n  level: 1\n';
    expect(state(text)).toEqual([{ charged: 0.84, chargeMicroampHours: 3_990_000 }]);
    expect(state('  level: 50\r\n  scale: 100\r\n')).toEqual([{ charged: 0.5, chargeMicroampHours: undefined }]);
  });
  test.each([
    '',
    '  level: 84\n',
    '  level: 184\n  scale: 100\n',
    '  level: -1\n  scale: 100\n',
    '  level: 1\n  scale: 0\n',
    `  ${HOSTILE}: 1\n`,
  ])('no level in %j', (text) => expect(state(text)).toEqual([]));
});

describe('wm', () => {
  test('what is overridden stands beside what is physical; the first answer counts', () => {
    expect(
      readSample('wm', 'Physical size: 1080x1920\nOverride size: 720x1280\nPhysical density: 480\nPhysical density: 1\n').values(
        'display',
      )[0],
    ).toMatchObject({
      physicalWidth: 1080,
      physicalHeight: 1920,
      overrideWidth: 720,
      overrideHeight: 1280,
      physicalDensity: 480,
      overrideDensity: undefined,
    });
  });

  test('no size', () => expect(readSample('wm', 'Physical size: 1x\n').facts).toEqual([]));
});

describe('Trade-in Mode', () => {
  const status = JSON.stringify({
    serial: 'S1',
    imei: ['490154203237518', ''],
    battery: { serial: 'B', cycle_count: 12 },
    locks: { factory_reset_protection: false },
    empty: '',
  });

  test('everything is kept with its place; the battery’s serial is not the phone’s', () => {
    const sample = readSample('tradeinmode', status);
    const entries = sample.values('trade-in')[0];
    expect(entries?.map(({ path, value }) => [path, value])).toEqual([
      ['serial', 'S1'],
      ['imei.0', '490154203237518'],
      ['imei.1', ''],
      ['battery.serial', 'B'],
      ['battery.cycle_count', '12'],
      ['locks.factory_reset_protection', 'false'],
      ['empty', ''],
    ]);
    expect(sample.at(entries?.[4]?.place ?? { artefact: '', at: 0, length: 0 })).toBe('"cycle_count":12');
    expect(sample.values('identifiers')[0]?.map(({ type, value }) => [type, value])).toEqual([
      ['serial', 'S1'],
      ['imei', '490154203237518'],
    ]);
  });

  test('refused, empty, truncated', () => {
    expect(readSample('tradeinmode', 'Error: not in trade-in mode').facts).toEqual([]);
    expect(() => readSample('tradeinmode', status.slice(0, 40))).toThrow('json');
  });
});

test('vkjson names the GPU', () => {
  const text = JSON.stringify({
    devices: [
      { properties: { deviceName: 'Adreno (TM) 730', vendorID: 0x5143, driverVersion: 7 }, extensions: [{ extensionName: 'VK_x' }, 1] },
    ],
  });
  expect(readSample('gpu/vkjson', text).values('gpu')[0]).toMatchObject({
    vendor: 'Qualcomm',
    renderer: 'Adreno (TM) 730',
    extensions: ['VK_x'],
  });
  for (const none of ['{}', '{"devices":[]}', 'x']) expect(readSample('gpu/vkjson', none).facts).toEqual([]);
});
