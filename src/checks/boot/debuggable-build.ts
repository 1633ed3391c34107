import { defineCheck, failOrPass, notChecked, pass } from '../define.ts';
import { buildWords, claimsOf, evidenceOf, natureOf, said } from './claims.ts';

export const debuggableBuild = defineCheck({
  id: 'boot.debuggable-build',
  axis: 'software',
  title: 'A consumer build that can be debugged',
  what: 'ro.debuggable against ro.build.type, on consumer builds.',
  why: 'The build system writes both from one variant: a user build is closed. Opening it afterwards lets every app be read and changed while it runs.',
  benign: [
    'Engineering and userdebug builds, which say so and are not counted.',
    'Makers without certification who left their phones open: not counted.',
  ],
  confirm: 'Debug an app that does not allow it: on a closed build that fails.',
  strength: 'conclusive',
  impossible:
    'build/make/core/main.mk writes ro.debuggable=0 into every build whose variant is user, and 1 into the others; the compatibility tests fail a build that says user and is debuggable (CTS BuildTest.testIsSecureUserBuild). 0 of the genuine phones measured states both.',
  standing: 'told',
  needs: ['properties'],
  settledBy: 'the output of getprop',
  group: 'debug-properties',
  causes: ['property-edit', 'root', 'engineering'],
  catches: 'app',
  spec: ['AOSP build/make/core/main.mk', 'CTS BuildTest.testIsSecureUserBuild'],
  run(context) {
    const debuggable = said(context, 'ro.debuggable');
    const claims = claimsOf(context);
    if (debuggable === undefined || claims.type === undefined) return notChecked('the phone does not state both', 'the output of getprop');
    if (debuggable.value !== '1' || claims.type.value !== 'user' || !claims.consumer) return pass(debuggable.standing);
    return failOrPass(
      [
        {
          claimed: buildWords(claims),
          observed: 'ro.debuggable=1',
          because: 'One build step writes the type and this value, and writes 0 into a user build: it was changed afterwards.',
          standing: debuggable.standing,
          evidence: evidenceOf(debuggable.place, claims.type),
          nature: natureOf(claims),
        },
      ],
      debuggable.standing,
    );
  },
});
