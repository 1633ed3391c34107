import { instantMs, isInstant } from '../../bytes/index.ts';
import { said } from '../boot/index.ts';
import { defineCheck, failOrPass, notChecked } from '../define.ts';

/** After half a year without a patch a phone has dozens of published holes. The figure is MVT's: six months of 31 days. */
const DAYS_MAX = 6 * 31;
const DAY_MS = 86_400_000;

export const patchAge = defineCheck({
  id: 'behaviour.patch-age',
  axis: 'posture',
  title: 'Age of the security patches',
  what: 'ro.build.version.security_patch against the moment of the capture, never against today.',
  why: 'What was published since then works against this phone.',
  benign: ['Old phones whose support has ended, and phones that lay in a box.'],
  confirm: 'Settings, About phone, Android security update; look for an update.',
  strength: 'weak',
  standing: 'told',
  needs: ['properties'],
  settledBy: 'getprop of Android 6 or later',
  group: 'patch-level',
  causes: ['owner-settings', 'ota'],
  catches: undefined,
  spec: ['source.android.com/docs/security/bulletin', 'mvt-project/mvt: getprop module'],
  run(context) {
    const patch = said(context, 'ro.build.version.security_patch');
    if (patch === undefined) return notChecked('the phone states no patch level', 'getprop of Android 6 or later');
    const text = `${patch.value.trim()}T00:00:00Z`;
    if (!isInstant(text)) return notChecked(`the patch level is no date: ${patch.value.slice(0, 40)}`, 'getprop of Android 6 or later');
    const days = Math.floor((instantMs(context.asOf) - instantMs(text)) / DAY_MS);
    return failOrPass(
      days <= DAYS_MAX
        ? []
        : [
            {
              claimed: 'a phone that is kept secure',
              observed: `security patches of ${patch.value.trim()}, ${days} days before the capture`,
              because: 'The holes that were published since are open.',
              standing: patch.standing,
              evidence: [patch.place],
            },
          ],
      patch.standing,
    );
  },
});
