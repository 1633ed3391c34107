import { describe, expect, test } from 'vitest';
import { kindOfPath } from '../index.ts';
import { placesIn, readSample } from '../sample.ts';
import { kindOfPart } from './bugreport.ts';

const HEAD =
  "========\n== dumpstate: 2022-03-29 23:14:22\n========\n\nBuild fingerprint: 'a/b/c'\nKernel: Linux version 4.14.1 (a@b) (clang version 10) #1 SMP\nCommand line: androidboot.hardware=made\n\n";

describe('a bug report', () => {
  test('a line that tells a duration ends nothing, wherever it is printed', () => {
    const [properties] = readSample(
      'bugreport',
      `${HEAD}------ SYSTEM PROPERTIES (getprop) ------\n[a]: [1]\n------ 0.101s was the duration of 'DROPBOX SYSTEM SERVER CRASHES' ------\n[b]: [2]\n------ 0.064s was the duration of 'SYSTEM PROPERTIES' ------\n------ STORAGE INFO (df) ------\n[c]: [3]\n`,
    ).values('properties');
    expect(properties?.entries.map(({ key }) => key)).toEqual(['a', 'b']);
  });

  test('parts are told by their commands: titles are translated and renamed', () => {
    const sample = readSample(
      'bugreport',
      `${HEAD}------ СВОЙСТВА (getprop) ------\n[a]: [ж]\n------ 内存 (/proc/meminfo: 2022-03-29 23:14:26) ------\nMemTotal: 5 kB\n------ PROCESSES AND THREADS (ps -A -T -Z -O pri,nice) ------\nLABEL USER PID TID PPID NAME\nu:r:x:s0 root 1 1 0 init\n-----------------------------------\nDUMP OF SERVICE HIGH SurfaceFlinger:\nGLES: V, R, OpenGL ES 3\n`,
    );
    expect(sample.facts.map(({ kind }) => kind)).toEqual(['kernel', 'boot-log', 'properties', 'memory', 'processes', 'gpu']);
    for (const place of placesIn(sample.values('properties'))) expect(sample.at(place)).toBe('[a]: [ж]');
    expect(sample.values('boot-log')[0]?.commandLine?.value).toBe('androidboot.hardware=made');
  });

  test('a service that an app dumps again is read, and said', () => {
    const part = 'DUMP OF SERVICE SurfaceFlinger:\nGLES: V, R, OpenGL ES 3\n';
    const sample = readSample('bugreport', part + part);
    expect(sample.values('gpu')).toHaveLength(2);
    expect(sample.unread).toHaveLength(1);
  });

  test('a bad part costs that part', () => {
    const sample = readSample('bugreport', `------ X (getprop) ------\nnothing\n------ 2 (/proc/meminfo) ------\nMemTotal: 5 kB\n`);
    expect(sample.facts.map(({ kind }) => kind)).toEqual(['memory']);
    expect(sample.unread[0]).toContain('getprop at');
  });

  test.each(['', 'x', '------ ', '------ () ------\n', '-'.repeat(5000)])('nothing to read: %j', (text) => {
    expect(readSample('bugreport', text).facts).toEqual([]);
  });

  test.each([
    ['SYSTEM PROPERTIES (getprop)', 'getprop'],
    ['SYSTEM PROPERTIES', 'getprop'],
    ['KERNEL LOG (dmesg)', 'dmesg'],
    ['KERNEL CPUFREQ (/sys/x)', undefined],
    ['HARDWARE HALS (lshal --all --types=all)', 'lshal'],
    ['PROCESSES (ps -P)', 'ps'],
    ['service package', 'dumpsys/package'],
    ['SYSTEM LOG (logcat -v threadtime)', 'logcat'],
    ['FILESYSTEMS & FREE SPACE (df)', 'df'],
  ])('%s is %s', (heading, kind) => expect(kindOfPart(heading, kindOfPath)).toBe(kind));
});
