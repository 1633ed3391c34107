/** Published checker apps: what a doctored copy poses as. No signer row stands here without a public source; the operator's own published copy, sent as a canary, supplies it live. */
import type { CheckerApp } from '../types.ts';
import { SOURCES } from './sources.ts';

const checker = (name: string, ...packages: readonly string[]): readonly CheckerApp[] =>
  packages.map((item) => ({ package: item, name, signers: [], sources: [SOURCES.projects] }));

export const checkers: readonly CheckerApp[] = [
  ...checker('CPU-Z', 'com.cpuid.cpu_z'),
  ...checker(
    'AnTuTu Benchmark',
    'com.antutu.ABenchMark',
    'com.antutu.ABenchMark4',
    'com.antutu.ABenchMark5',
    'com.antutu.benchmark.full',
    'com.antutu.benchmark.full.lite',
    'com.antutu.benchmark.lite',
    'com.antutu.ABenchMark.lite',
    'com.antutu.videobench',
  ),
  ...checker('AnTuTu Officer', 'com.antutu.CpuMaster', 'com.antutu.tester', 'com.antutu.verify'),
  ...checker('AIDA64', 'com.finalwire.aida64'),
  ...checker(
    'Geekbench',
    'com.primatelabs.geekbench',
    'com.primatelabs.geekbench3',
    'com.primatelabs.geekbench4',
    'com.primatelabs.geekbench5',
    'com.primatelabs.geekbench6',
  ),
  ...checker('Device Info HW', 'ru.andr7e.deviceinfohw', 'ru.andr7e.deviceinfohw.pro'),
  ...checker('DevCheck', 'flar2.devcheck'),
  ...checker('3DMark', 'com.futuremark.dmandroid.application'),
  ...checker('PCMark', 'com.futuremark.pcmark.android.benchmark'),
  ...checker('GFXBench', 'com.glbenchmark.glbenchmark27'),
  ...checker('Mi Verification (AntiFake)', 'com.miui.antifake', 'com.xiaomi.antifake', 'com.xiaomi.miverify'),
  ...checker('Ludashi', 'com.ludashi.benchmark'),
  ...checker('Treble Check', 'com.kevintresuelo.treble'),
  ...checker('Key Attestation', 'io.github.vvb2060.keyattestation'),
  ...checker('Auditor', 'app.attestation.auditor', 'app.attestation.auditor.play'),
];

/** Words in a file name that name a checker, lower case. */
export const CHECKER_FILE_WORDS: readonly string[] = [
  'antutu',
  'cpu-z',
  'cpuz',
  'cpu_z',
  'aida64',
  'geekbench',
  'antifake',
  'miverify',
  'mi_verification',
  'miverification',
  'ludashi',
  'devcheck',
  'deviceinfo',
  'masterlu',
];
