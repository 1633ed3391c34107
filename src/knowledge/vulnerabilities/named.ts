/**
 * Holes of before there were patch levels (August 2015), and the names of later ones: what a phone of the Mi 4's time is asked about.
 * Sources: ucam-cl-dtg/android-vulnerabilities at 3dcbaec6 (BSD-2-Clause; affected versions and dates of fixes), the NVD's descriptions as AndroidVTS/android-vts at 08835299 quotes them (kernel versions), commits named there.
 */
import type { Vulnerability } from './types.ts';

const AVO = 'ucam-cl-dtg/android-vulnerabilities';
const VTS = 'AndroidVTS/android-vts vuln_map.json, after the NVD';

const android = (
  id: string,
  name: string,
  [versions, fixedOn]: readonly [versions: string, fixedOn: string],
  sources: readonly string[],
): Vulnerability => ({
  id,
  name,
  part: 'platform',
  severity: 'High',
  level: undefined,
  versions,
  fixedOn,
  fixedInKernel: undefined,
  sources,
});

/** `level`: of the bulletin that lists it, where one does. */
const kernel = (
  id: string,
  name: string,
  [fixedInKernel, fixedOn, level]: readonly [fixedInKernel: string, fixedOn: string, level?: string],
  sources: readonly string[],
): Vulnerability => ({ id, name, part: 'kernel', severity: 'High', level, versions: '', fixedOn, fixedInKernel, sources });

export const namedVulnerabilities: readonly Vulnerability[] = [
  android('CVE-2011-1149', 'psneuter', ['<=2.2', '2010-12-06'], [VTS]),
  android('CVE-2011-3874', 'zergRush', ['>=2.2 <=2.3.6', '2011-09-21'], [VTS]),
  android('CVE-2012-6636', 'addJavascriptInterface', ['<=4.1', '2012-11-13'], ['NVD: Android API before 17.0']),
  android('CVE-2013-4787', 'Master Key (bug 8219321)', ['<=4.2', '2013-02-18'], [AVO, 'AOSP libcore 38cad1eb5cc0']),
  android('ANDROID-9695860', 'Master Key, second form', ['<=4.2', '2013-07-03'], [AVO, 'AOSP libcore 9edf43dfcc35']),
  android('ANDROID-9950697', 'Master Key, third form', ['<=4.3', '2013-07-21'], [AVO, 'AOSP libcore 2da1bf57a663']),
  android('CVE-2013-7372', 'weak SecureRandom', ['<=4.3', '2013-10-31'], [VTS]),
  android('ANDROID-13678484', 'Fake ID', ['>=2.1 <=4.4', '2014-04-17'], [AVO, 'AOSP libcore 2bc5e811a817']),
  android('CVE-2014-6041', 'cross-site scripting in the AOSP browser', ['<=4.3', '2013-10-31'], ['NVD: Android Browser before 4.4']),
  android('CVE-2014-0160', 'Heartbleed', ['>=4.1.1 <=4.1.1', '2014-04-07'], ['Google, April 2014: of Android only 4.1.1']),
  android('CVE-2014-7911', 'object serialization', ['<=4.4', '2014-11-03'], [VTS, 'AOSP libcore 738c833d38d4']),
  android('CVE-2014-8609', 'Settings PendingIntent', ['<=4.4', '2014-11-03'], ['NVD: Android before 5.0.0']),
  // When the fix was there is not known: its absence from an old build is no proof, so no date.
  android('CVE-2015-1474', 'GraphicBuffer', ['<=5.0', ''], ['NVD: Android through 5.0']),
  kernel('CVE-2013-6282', 'put_user', ['3.5.5', '2012-09-09'], [VTS, 'Linux 8404663f81d2']),
  kernel('CVE-2013-2094', 'perf_event', ['3.8.9', '2013-04-13'], ['NVD: Linux before 3.8.9']),
  {
    ...kernel(
      'CVE-2014-3153',
      'Towelroot (futex)',
      ['3.14.6', '2014-06-03'],
      // The releases of 3.4 and 3.10 were not looked up again: kernel.org's change logs have them.
      [AVO, 'Linux e9c243a5a6de', 'kernel.org: ChangeLog-3.4.92, ChangeLog-3.10.42'],
    ),
    fixedInStreams: { '3.4': '3.4.92', '3.10': '3.10.42', '3.14': '3.14.6' },
  },
  kernel('CVE-2014-4943', 'L2TP socket', ['3.15.7', '2014-07-16'], [VTS, 'Linux 3cf521f7dc87']),
  kernel('CVE-2015-3636', 'PingPong', ['4.0.3', '2015-05-02', '2015-09-01'], [AVO, 'Linux a134f083e79f']),
  // Known to be in every kernel of a phone of its time, whichever devices the bulletin names. When the fix of the first was brought to older kernels is not known.
  kernel('CVE-2015-1805', 'iovyroot', ['3.16', '', '2016-04-02'], ['NVD: Linux before 3.16', 'Android bulletin of April 2016']),
  kernel('CVE-2016-5195', 'Dirty COW', ['4.8.3', '2016-10-18', '2016-11-06'], ['NVD: Linux 2.x to 4.x before 4.8.3']),
];

/** Names of holes that bulletins list by number only. */
export const NAMES: Readonly<Record<string, string>> = {
  'CVE-2015-1528': 'GraphicBuffer',
  'CVE-2015-1538': 'Stagefright',
  'CVE-2015-1539': 'Stagefright',
  'CVE-2015-3824': 'Stagefright',
  'CVE-2015-3827': 'Stagefright',
  'CVE-2015-3828': 'Stagefright',
  'CVE-2015-3829': 'Stagefright',
  'CVE-2015-3837': 'OpenSSLX509Certificate',
  'CVE-2015-6602': 'Stagefright 2',
  'CVE-2016-2059': 'QuadRooter',
  'CVE-2016-2503': 'QuadRooter',
  'CVE-2016-2504': 'QuadRooter',
  'CVE-2016-5340': 'QuadRooter',
  'CVE-2017-0781': 'BlueBorne',
  'CVE-2017-13077': 'KRACK',
  'CVE-2017-13156': 'Janus',
};
