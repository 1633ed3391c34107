import { factsOf, type Place, type Standing } from '../../evidence/index.ts';
import { type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';
import { buildWords, claimsOf, evidenceOf, natureOf } from './claims.ts';
import { isSystemPath } from './system-paths.ts';

/** Programs that give root and do nothing else. `busybox` is none: Xiaomi ships it on a stock build (Redmi 4A, /system/xbin/busybox). */
const ROOT_PROGRAMS =
  /^(su|daemonsu|\.su|ku\.sud|supolicy|sugote|sugote-mksh|magisk|magisk32|magisk64|magiskpolicy|magiskinit|magiskhide|resetprop|ksud|apd|kinguser)$/;
const OTHER_PROGRAMS = /^(busybox|superuser\.apk|supersu\.apk|kinguser\.apk|kingouser\.apk)$/i;

interface Seen {
  readonly path: string;
  readonly place: Place;
  readonly standing: Standing;
  readonly setuidRoot: boolean;
}

export const suBinary = defineCheck({
  id: 'boot.su-binary',
  axis: 'software',
  title: 'Programs that give root',
  what: 'Root programs on the search path and in the file lists, with their owner and mode.',
  why: 'A program such as su hands root to who asks. No maker sells phones with one: it is what every rooting leaves behind.',
  benign: [
    'Engineering and userdebug builds contain su, and say what they are.',
    "Xiaomi's developer ROM of before 2016.",
    'busybox alone: some makers ship it.',
    'Tablets and boxes of small makers, sold rooted.',
  ],
  confirm: 'List the file with `ls -lZ`, and try `su -c id`.',
  strength: 'conclusive',
  impossible:
    'AOSP installs su into eng and userdebug only, and the compatibility tests of every certified phone fail on a su in /system/bin, /system/xbin or anywhere on the search path (CTS BannedFilesTest.testNoSu, testNoSuInPath). Magisk’s and KernelSU’s programs exist nowhere but with them.',
  standing: 'told',
  needs: [],
  settledBy: 'the file lists of the system folders, or `which -a su`',
  group: 'root-programs',
  causes: ['root', 'rom-flash', 'engineering'],
  catches: 'app',
  spec: ['CTS BannedFilesTest', 'AOSP system/extras/su/Android.bp'],
  run(context) {
    const { facts } = context;
    const lists = factsOf(facts, 'files');
    const found = factsOf(facts, 'root-binaries');
    if (lists.length === 0 && found.length === 0)
      return notChecked('no file list and no search for root programs was read', 'the file lists of the system folders, or `which -a su`');
    const seen: Seen[] = [
      ...found.flatMap((fact) =>
        fact.value.paths.map(({ value, place }) => ({ path: value, place, standing: fact.standing, setuidRoot: false })),
      ),
      ...lists.flatMap((fact) =>
        fact.value.files
          .filter(({ path, type }) => (type === 'file' || type === 'link') && (isSystemPath(path) || /^\/(sbin|su)\//.test(path)))
          .map(({ path, mode, uid }) => ({ path, place: fact.place, standing: fact.standing, setuidRoot: uid === 0 && isSetuid(mode) })),
      ),
    ];
    const claims = claimsOf(context);
    const reported = new Set<string>();
    const findings: Draft[] = [];
    for (const { path, place, standing, setuidRoot } of seen.toSorted((a, b) => Number(b.setuidRoot) - Number(a.setuidRoot))) {
      const name = path.split('/').at(-1) ?? '';
      const program = ROOT_PROGRAMS.test(name);
      if ((!program && !OTHER_PROGRAMS.test(name)) || reported.has(path)) continue;
      reported.add(path);
      findings.push({
        claimed: buildWords(claims),
        observed: setuidRoot ? `${path}, owned by root and setuid` : path,
        because: program
          ? 'The program gives root to who runs it; the build that the phone claims does not contain it.'
          : 'The program is often installed together with root.',
        standing,
        evidence: evidenceOf(place, claims.type),
        nature: natureOf(claims),
        ...(program ? (claims.consumer ? {} : { strength: 'weak' as const }) : { strength: 'note' as const }),
      });
    }
    return failOrPass(findings, found[0]?.standing ?? lists[0]?.standing ?? 'told');
  },
});

/** Whether the octal mode has the setuid bit; `100` + mode, as st_mode prints it, too. */
function isSetuid(mode: string | undefined): boolean {
  if (mode === undefined || !/^[0-7]{3,7}$/.test(mode)) return false;
  return (Number.parseInt(mode, 8) & 0o4000) !== 0;
}
