/** Published checker apps: what a doctored copy poses as. No signer row stands here without a public source; the operator's own published copy, sent as a canary, supplies it live. */
import type { CheckerApp } from '../types.ts';
import { SOURCES } from './sources.ts';

const checker = (name: string, ...packages: readonly string[]): readonly CheckerApp[] =>
  packages.map((item) => ({ package: item, name, signers: [], sources: [SOURCES.projects] }));

/** Checkers that a firmware made for counterfeits recognises by package name and answers with invented figures. */
const deceived = (name: string, ...packages: readonly string[]): readonly CheckerApp[] =>
  packages.map((item) => ({ package: item, name, signers: [], sources: [SOURCES.deception] }));

export const checkers: readonly CheckerApp[] = [
  ...checker('CPU-Z', 'com.cpuid.cpu_z'),
  ...checker(
    'AnTuTu Benchmark',
    'com.antutu.ABenchMark',
    'com.antutu.ABenchMark5',
    'com.antutu.ABenchMark.GL2',
    'com.antutu.benchmark.full',
    'com.antutu.benchmark.bench64',
    'com.antutu.videobench',
  ),
  ...deceived('AnTuTu Tester', 'com.antutu.tester', 'com.antutu.information', 'com.antutu.yanji', 'com.uzywpq.cqlzahm'),
  ...checker('AIDA64', 'com.finalwire.aida64'),
  ...checker(
    'Geekbench',
    'com.primatelabs.geekbench',
    'com.primatelabs.geekbench4',
    'com.primatelabs.geekbench5',
    'com.primatelabs.geekbench6',
  ),
  ...checker('Device Info HW', 'ru.andr7e.deviceinfohw'),
  ...checker('DevCheck', 'flar2.devcheck'),
  ...checker('3DMark', 'com.futuremark.dmandroid.application'),
  ...checker('PCMark', 'com.futuremark.pcmark.android.benchmark'),
  ...checker('GFXBench', 'com.glbenchmark.glbenchmark27'),
  ...deceived('Mi Verification (AntiFake)', 'com.xiaomi.antifake', 'com.xiaomi.antifake2'),
  {
    package: 'com.xiaomi.antifake3',
    name: 'Mi Verification (AntiFake)',
    signers: ['d45f076fe23a1a5b7f486e3ff41547a2023dbfe1fe73353b1e48ebdfed72cc6f'],
    sources: [SOURCES.miuiSecurity],
  },
  ...deceived('Ludashi', 'com.ludashi.benchmark'),
  ...deceived(
    'phone checkers of the Chinese trade',
    'com.opda.checkoutdevice',
    'com.tyyj89.androidsuperinfo',
    'com.pc.check',
    'com.ray.imeicheck',
    'com.qihoo360.mobilesafe.opti',
  ),
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
