import { type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';
import { buildWords, claimsOf, evidenceOf, natureOf, said } from './claims.ts';

/** What each property of a consumer build says, and what the other value opens. */
const EXPECTED: readonly (readonly [key: string, other: string, opens: string])[] = [
  ['ro.debuggable', '1', 'every app can be debugged and changed while it runs'],
  ['ro.secure', '0', 'the debugging daemon keeps root'],
  ['ro.adb.secure', '0', 'the debugging daemon does not ask who connects'],
  ['service.adb.root', '1', 'somebody asked for a debugging shell as root'],
  ['ro.force.debuggable', '1', 'the phone was started with a debugging ramdisk'],
];

export const debugProperties = defineCheck({
  id: 'boot.debug-properties',
  axis: 'software',
  title: 'Properties that open a consumer build',
  what: 'ro.debuggable, ro.secure, ro.adb.secure, service.adb.root and ro.force.debuggable against the type of the build.',
  why: 'The build system writes closed values into every user build; an open one was written afterwards, or by a maker who left its phones open.',
  benign: [
    'Engineering and userdebug builds, which say so.',
    "Xiaomi's developer ROM.",
    'Tablets and boxes of small makers, left open by negligence.',
  ],
  confirm: 'Read the properties again, and test what they promise: debug an app that does not allow it, or connect with a new key.',
  strength: 'weak',
  standing: 'told',
  needs: ['properties'],
  settledBy: 'the output of getprop',
  group: 'debug-properties',
  causes: ['property-edit', 'root', 'engineering'],
  catches: undefined,
  spec: ['AOSP build/make/core/main.mk', 'CTS BuildTest.testIsSecureUserBuild'],
  run(context) {
    const claims = claimsOf(context);
    const known = EXPECTED.map(([key]) => said(context, key)).filter((item) => item !== undefined);
    if (known.length === 0) return notChecked('none of these properties was read', 'the output of getprop');
    const user = claims.type?.value === 'user';
    const findings = EXPECTED.flatMap(([key, other, opens]): Draft[] => {
      const found = said(context, key);
      if (found?.value !== other) return [];
      return [
        {
          claimed: buildWords(claims),
          observed: `${key}=${other}`,
          because: `With this value ${opens}; a user build is made with the other one.`,
          standing: found.standing,
          evidence: evidenceOf(found.place, claims.type),
          nature: natureOf(claims),
          // An engineering build says so, and is then as open as it says.
          ...(user ? {} : { axis: 'posture' as const, strength: 'note' as const }),
        },
      ];
    });
    return failOrPass(findings, known[0]?.standing ?? 'told');
  },
});
