import { factOf } from '../../evidence/index.ts';
import { defineCheck, failOrPass, notChecked, pass } from '../define.ts';
import { buildWords, claimsOf, evidenceOf, natureOf, said } from './claims.ts';

export const adbRootShell = defineCheck({
  id: 'boot.adb-root-shell',
  axis: 'software',
  title: 'Debugging shell as root',
  what: 'The user that the debugging shell runs as, against the type of build that the phone says it runs.',
  why: 'A consumer build gives its debugging shell the user `shell`; root over ADB reads and changes everything.',
  benign: [
    'Engineering and userdebug builds give root by design, and say so.',
    "Xiaomi's developer ROM of before 2016 could be rooted by its owner.",
  ],
  confirm: 'Run `id` in a shell of the phone, and read ro.build.type and ro.debuggable again.',
  strength: 'conclusive',
  impossible:
    'adbd drops to the user `shell` unless it was compiled with ALLOW_ADBD_ROOT, which AOSP sets for userdebug and eng only, and unless ro.debuggable is 1. A certified maker’s user build that says ro.debuggable=0 has neither.',
  standing: 'shown',
  needs: ['adb'],
  settledBy: 'a shell on the phone',
  group: 'adb-daemon',
  causes: ['root', 'rom-flash', 'engineering'],
  catches: undefined,
  spec: ['AOSP packages/modules/adb/daemon/main.cpp: should_drop_privileges', 'CTS BuildTest.testIsSecureUserBuild'],
  run(context) {
    const adb = factOf(context.facts, 'adb');
    if (adb?.value.shellUid === undefined) return notChecked('the user of the shell was not read', 'a shell on the phone');
    if (adb.value.shellUid !== 0) return pass(adb.standing);
    const claims = claimsOf(context);
    const debuggable = said(context, 'ro.debuggable');
    const certain = claims.consumer && debuggable?.value !== '1';
    const user = claims.type?.value === 'user';
    return failOrPass(
      [
        {
          claimed: `${buildWords(claims)}${debuggable === undefined ? '' : `, ro.debuggable=${debuggable.value}`}`,
          observed: 'the debugging shell runs as root',
          because: user
            ? 'The debugging daemon of a consumer build cannot give root; this one was replaced, or the kernel or its properties were changed.'
            : 'This build gives root over a cable to every computer that it trusts.',
          standing: adb.standing,
          evidence: evidenceOf(adb.place, claims.type, debuggable),
          nature: natureOf(claims),
          ...(certain ? {} : { strength: 'weak' as const, ...(user ? {} : { axis: 'posture' as const }) }),
        },
      ],
      adb.standing,
    );
  },
});
