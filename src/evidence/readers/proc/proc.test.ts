import { describe, expect, test } from 'vitest';
import { HOSTILE, readSample } from '../sample.ts';
import { parseKernelVersion } from './kernel.ts';

const cpuinfo = (text: string) => readSample('proc/cpuinfo', text).values('cpuinfo')[0];
const core = (index: number, part: string) =>
  `processor\t: ${index}\nBogoMIPS\t: 38.40\nFeatures\t: fp asimd\nCPU implementer\t: 0x41\nCPU architecture: 8\nCPU variant\t: 0x1\nCPU part\t: ${part}\nCPU revision\t: 2\n\n`;

describe('/proc/cpuinfo', () => {
  test('a 64-bit kernel tells each core', () => {
    const found = cpuinfo(`${core(0, '0xd03')}${core(4, '0xd09')}Hardware\t: Qualcomm Technologies, Inc MSM8998\n`);
    expect(found?.processors.map(({ index, part, bogoMips, features }) => [index, part, bogoMips, features.length])).toEqual([
      [0, 0xd03, 38.4, 2],
      [4, 0xd09, 38.4, 2],
    ]);
    expect(found?.hardware?.value).toBe('Qualcomm Technologies, Inc MSM8998');
  });

  test('an old kernel tells the cores’ common fields once, at the end', () => {
    const found = cpuinfo(
      'Processor\t: ARMv7 Processor rev 10 (v7l)\nprocessor\t: 0\nBogoMIPS\t: 1392.74\n\nprocessor\t: 1\nBogoMIPS\t: 1363.33\n\nFeatures\t: swp half\nCPU implementer\t: 0x41\nCPU part\t: 0xc09\n\nHardware\t: Made\nRevision\t: 0020\nSerial\t\t: 0000\n',
    );
    expect(found?.processors.map(({ part, bogoMips }) => [part, bogoMips])).toEqual([
      [0xc09, 1392.74],
      [0xc09, 1363.33],
    ]);
    expect([found?.processorName, found?.revision, found?.serial]).toEqual(['ARMv7 Processor rev 10 (v7l)', '0020', '0000']);
  });

  test('3.10 kernels leave no blank line before the common fields', () => {
    const found = cpuinfo('processor\t: 0\nprocessor\t: 1\nFeatures\t: fp\nCPU implementer\t: 0x51\nCPU part\t: 0x800\n');
    expect(found?.processors.map(({ implementer }) => implementer)).toEqual([0x51, 0x51]);
  });

  test('a kernel for one core numbers nothing', () => {
    expect(cpuinfo('Processor\t: ARMv6\nBogoMIPS\t: 245.36\nFeatures\t: swp\nCPU implementer\t: 0x41\n')?.processors).toMatchObject([
      { index: 0, bogoMips: 245.36, implementer: 0x41 },
    ]);
  });

  test('x86 names vendor and model', () => {
    expect(
      cpuinfo(
        'processor\t: 0\nvendor_id\t: GenuineIntel\nmodel name\t: Intel(R) Atom(TM)\nstepping\t: 1\nflags\t\t: fpu vme\nbogomips\t: 2662.40\n',
      )?.processors,
    ).toMatchObject([
      { vendorId: 'GenuineIntel', modelName: 'Intel(R) Atom(TM)', features: ['fpu', 'vme'], bogoMips: 2662.4, revision: 1 },
    ]);
  });

  test('numbers that are none are not read, and a core listed twice is an oddity', () => {
    const sample = readSample('proc/cpuinfo', `${core(0, '0xffffffffff')}${core(0, 'zz')}`);
    expect(sample.values('cpuinfo')[0]?.processors.map(({ part }) => part)).toEqual([undefined, undefined]);
    expect(sample.facts[0]?.oddities.map(({ code }) => code)).toEqual(['duplicate-processor']);
  });

  test('two Hardware lines that differ: the first, and an oddity', () => {
    const sample = readSample('proc/cpuinfo', `${core(0, '0xd03')}Hardware\t: A\nHardware\t: ${HOSTILE}\n`);
    expect(sample.values('cpuinfo')[0]?.hardware?.value).toBe('A');
    expect(sample.facts[0]?.oddities).toHaveLength(1);
  });

  test.each(['', 'cat: /proc/cpuinfo: Permission denied', 'key : value\n'])('not a cpuinfo: %j', (text) => {
    expect(readSample('proc/cpuinfo', text).facts).toEqual([]);
  });
});

describe('mounts', () => {
  const mounts = (kind: 'mount' | 'proc/mounts' | 'proc/mountinfo' | 'mounts.json', text: string) =>
    readSample(kind, text).values('mounts')[0];

  test('both syntaxes say the same', () => {
    const long = mounts('mount', '/dev/block/dm-0 on / type ext4 (ro,seclabel)\n');
    const short = mounts('proc/mounts', '/dev/block/dm-0 / ext4 ro,seclabel 0 0\n');
    expect(long?.[0]).toMatchObject({ device: '/dev/block/dm-0', mountPoint: '/', type: 'ext4', options: ['ro', 'seclabel'] });
    expect(short?.[0]).toMatchObject({ device: '/dev/block/dm-0', mountPoint: '/', type: 'ext4', options: ['ro', 'seclabel'] });
  });

  test('mountinfo shows what part of a file system is bound, and where', () => {
    expect(
      mounts(
        'proc/mountinfo',
        '36 35 253:1 /fake/cpuinfo /proc/cpuinfo rw,noatime master:1 - ext4 /dev/block/dm-1 rw,errors=continue\n',
      )?.[0],
    ).toMatchObject({
      root: '/fake/cpuinfo',
      mountPoint: '/proc/cpuinfo',
      deviceNumber: '253:1',
      type: 'ext4',
      options: ['rw', 'noatime', 'errors=continue'],
    });
  });

  test('names with blanks and escapes', () => {
    expect(mounts('mount', '/dev/x on /mnt/a type of thing type vfat (rw)\n')?.[0]?.mountPoint).toBe('/mnt/a type of thing');
    expect(mounts('proc/mounts', '/dev/x /mnt/a\\040b vfat rw 0 0\n')?.[0]?.mountPoint).toBe('/mnt/a b');
  });

  test('mounts.json holds either syntax, and entries within entries', () => {
    expect(mounts('mounts.json', '["/dev/a on /a type t (rw)", ["/dev/b /b t ro 0 0"], 7]')?.map(({ mountPoint }) => mountPoint)).toEqual([
      '/a',
      '/b',
    ]);
  });

  test('the same place twice is two mounts', () => {
    expect(mounts('mount', 'a on /s type t (ro)\nb on /s type overlay (rw)\n')).toHaveLength(2);
  });

  test.each(['', 'mount: Operation not permitted\n', '\u0000\u0001'])('no mount: %j', (text) => {
    expect(readSample('mount', text).facts).toEqual([]);
  });
});

describe('the kernel', () => {
  test('release, builder and compiler of its banner', () => {
    expect(parseKernelVersion('Linux version 3.4.0-gd853d22 (builder@host) (gcc version 4.7 (GCC) ) #1 SMP PREEMPT')).toMatchObject({
      release: '3.4.0-gd853d22',
      version: '3.4.0',
      builtBy: 'builder@host',
    });
    expect(parseKernelVersion('Windows')).toBeUndefined();
  });

  test('uname -a is the same kernel by another path', () => {
    expect(readSample('uname', 'Linux localhost 4.14.117-perf+ #1 SMP PREEMPT Mon Jan 1 aarch64\n').values('kernel')[0]).toMatchObject({
      release: '4.14.117-perf+',
      machine: 'aarch64',
    });
  });

  test('memory in bytes; what is not stated is undefined', () => {
    expect(readSample('proc/meminfo', 'MemTotal:        3793412 kB\nMemTotal: 1 kB\n').values('memory')[0]).toEqual({
      totalBytes: 3_793_412 * 1024,
      availableBytes: undefined,
      swapTotalBytes: undefined,
    });
  });

  test('a boot log tells the board and the rate of the timer', () => {
    const [log] = readSample(
      'dmesg',
      '<6>[    0.000000] Linux version 3.18.22 (a@b) (gcc version 4.9) #1\n[    0.0] Machine model: Made Board\n[    0.0] Architected cp15 timer(s) running at 13.00MHz (phys).\n[    0.1] Calibrating delay loop (skipped), value calculated using timer frequency.. 38.40 BogoMIPS (lpj=192000)\n',
    ).values('boot-log');
    expect(log?.timerHertz.map(({ value }) => value)).toEqual([13_000_000, 19_200_000]);
    expect(log?.machine?.value).toBe('Made Board');
    expect(log?.linuxVersion?.value).toContain('3.18.22');
  });

  test('a log whose beginning was overwritten is still a log', () => {
    expect(readSample('dmesg', '[ 9.9] something\n').values('boot-log')).toEqual([
      { machine: undefined, timerHertz: [], linuxVersion: undefined, commandLine: undefined },
    ]);
  });
});
