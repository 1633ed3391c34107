import { describe, expect, test } from 'vitest';
import { HOSTILE, placesIn, readSample } from '../sample.ts';

const CPUINFO =
  'processor\t: 0\nBogoMIPS\t: 38.40\nCPU implementer\t: 0x51\nCPU part\t: 0x801\n\nHardware\t: Qualcomm Technologies, Inc MSM8998\n';
const set = {
  device: 'made',
  properties: { 'ro.a': '1', 'ro.hostile': HOSTILE, 'ro.empty': '', 'ro.number': 7 },
  files: [
    { path: '/proc/cpuinfo', content: CPUINFO, arch: 'arm64' },
    { path: '/system/build.prop', content: 'ro.build.version.sdk=27\n' },
    { path: '/sys/devices/system/cpu/possible', content: '0-1\n' },
    { path: '/sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq', content: '1900800\n' },
    { path: '/sys/devices/system/cpu/cpu0/regs/identification/midr_el1', content: '0x00000000411fd4e0\n' },
    { path: '/sys/devices/system/cpu/cpu0/cache/index0/level', content: '1\n' },
    { path: '/sys/devices/system/cpu/cpu0/cache/index0/type', content: 'Data\n' },
    { path: '/sys/devices/system/cpu/cpu0/cache/index0/size', content: '32K\n' },
    { path: '/sys/devices/soc0/soc_id', content: '292\n' },
    { path: '../../etc/passwd', content: 'root:x' },
    { path: '/empty', content: '' },
    { path: '/nothing' },
  ],
};

describe('a device set', () => {
  const sample = readSample('device-set', JSON.stringify(set, null, 1));

  test('properties of the running system, and those of the file beside them', () => {
    expect(sample.values('properties').map(({ layer, entries }) => [layer, entries.map(({ key, value }) => [key, value])])).toEqual([
      [
        'runtime',
        [
          ['ro.a', '1'],
          ['ro.hostile', HOSTILE],
          ['ro.empty', ''],
        ],
      ],
      ['system', [['ro.build.version.sdk', '27']]],
    ]);
  });

  test('files go to the readers of their kinds, the system’s files to one topology', () => {
    expect(sample.values('cpuinfo')[0]?.processors[0]).toMatchObject({ implementer: 0x51, part: 0x801, bogoMips: 38.4 });
    expect(sample.values('cpu-topology')[0]).toEqual({
      possible: '0-1',
      present: undefined,
      cores: [
        {
          index: 0,
          midr: 0x411fd4e0n,
          maxFrequencyKiloHertz: 1_900_800,
          minFrequencyKiloHertz: undefined,
          capacity: undefined,
          packageId: undefined,
          caches: [{ level: 1, type: 'Data', sizeBytes: 32_768 }],
        },
      ],
    });
    expect(sample.values('soc-nodes')[0]).toMatchObject([{ path: '/sys/devices/soc0/soc_id', value: '292' }]);
    expect(sample.unread).toHaveLength(1);
  });

  test('places are those of the text within the JSON, escapes and all', () => {
    expect(placesIn(sample.values('cpuinfo')[0]?.hardware).map((place) => sample.at(place))).toEqual([
      'Hardware\\t: Qualcomm Technologies, Inc MSM8998',
    ]);
    expect(placesIn(sample.values('properties')[0]).map((place) => sample.at(place))[0]).toBe('"ro.a": "1"');
    expect(placesIn(sample.values('properties')[1]).map((place) => sample.at(place))).toEqual(['ro.build.version.sdk=27']);
  });

  test('files as an object; the same property twice', () => {
    const other = readSample('device-set', `{"files":{"/proc/cpuinfo":${JSON.stringify(CPUINFO)}},"properties":{"a":"1","a":"2"}}`);
    expect(other.values('cpuinfo')).toHaveLength(1);
    expect(other.values('properties')[0]?.entries.map(({ value }) => value)).toEqual(['1', '2']);
  });

  test('empty and truncated', () => {
    expect(readSample('device-set', '{}').unread).toHaveLength(1);
    expect(() => readSample('device-set', JSON.stringify(set).slice(0, 300))).toThrow('json @0x');
  });
});
