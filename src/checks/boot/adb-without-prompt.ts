import { factOf } from '../../evidence/index.ts';
import { type Draft, defineCheck, failOrPass, notChecked, pass } from '../define.ts';
import { buildWords, claimsOf, evidenceOf, natureOf, said, weakest } from './claims.ts';

/** The first API level whose daemon asks: Android 4.2.2 (17; 4.2 and 4.2.1 share the number and are told apart by their release). */
const ASKS_FROM = 17;

export const adbWithoutPrompt = defineCheck({
  id: 'boot.adb-without-prompt',
  axis: 'software',
  title: 'Debugging without asking',
  what: 'How the debugging daemon met a key made for this inspection, against what the build says of itself.',
  why: 'Since Android 4.2.2 a consumer build lets a computer in only after its owner has confirmed that computer on the screen. The counterfeit of 2015 let everybody in.',
  benign: [
    'An engineering or userdebug build, which says so, may let everybody in.',
    'A phone in a factory test mode, in recovery, or in Trade-in Mode of Android 16 answers without asking.',
    'The key was shown to this phone before, and only believed to be new.',
  ],
  confirm:
    'Revoke all debugging authorisations in the developer settings, make a new key pair, connect directly, and see whether the screen asks.',
  strength: 'conclusive',
  impossible:
    'On a build that says `user` and `ro.adb.secure=1`, adbd sends a challenge to every connection and accepts it only by a key that its owner confirmed (AOSP adb/daemon/main.cpp; user builds from Android 6 are compiled without ALLOW_ADBD_NO_AUTH, so that no property turns this off). A key made a moment ago is among none. Where a certified maker’s build does not state the property, the Compatibility Definition 6.1 [C-0-5] demands the same. Factory, recovery and Trade-in modes are excepted.',
  standing: 'shown',
  needs: ['adb'],
  settledBy: 'a direct connection (USB or TCP, no adb server between) with a key made for this inspection',
  group: 'adb-daemon',
  causes: ['rom-flash', 'root', 'engineering'],
  catches: undefined,
  spec: [
    'CDD 6.1 Developer Tools [C-0-5]',
    'AOSP packages/modules/adb/daemon/main.cpp',
    'AOSP build/make/core/main.mk: ro.adb.secure in user builds',
  ],
  run(context) {
    const adb = factOf(context.facts, 'adb');
    if (adb === undefined) return notChecked('no connection was recorded', 'a direct ADB connection');
    const { authorisation, keyIsNew } = adb.value;
    const direct = 'a direct connection with a key made for this inspection';
    if (authorisation === 'unknown') return notChecked('an adb server stood between, which keeps its own key', direct);
    // A daemon that never asked for a key would have let in any: whether ours was new does not matter then.
    if (authorisation !== 'none' && keyIsNew !== true) return notChecked('the key may have been shown to this phone before', direct);
    if (authorisation === 'prompt') return pass(adb.standing);

    const claims = claimsOf(context);
    const secure = said(context, 'ro.adb.secure');
    const tradeIn = said(context, 'persist.adb.tradeinmode');
    const release = said(context, 'ro.build.version.release')?.value ?? '';
    if (claims.sdk !== undefined && (claims.sdk < ASKS_FROM || (claims.sdk === ASKS_FROM && !/^4\.2\.[2-9]/.test(release))))
      return notChecked('daemons of before Android 4.2.2 never ask', direct);

    const user = claims.type?.value === 'user';
    const excepted = Number(tradeIn?.value ?? '0') > 0 && (claims.sdk ?? 0) >= 36;
    const mode = said(context, 'ro.bootmode')?.value ?? '';
    const testMode = /^(ftm|factory|ffbm|meta|diag|recovery|charger|ate)/i.test(mode);
    const certain = user && !excepted && !testMode && (secure?.value === '1' || claims.consumer);
    const finding: Draft = {
      claimed: `${buildWords(claims)}${secure === undefined ? '' : `, ro.adb.secure=${secure.value}`}`,
      observed:
        authorisation === 'none' ? 'the daemon never asked for a key' : 'the daemon took a key that it had never seen, without asking',
      because: certain
        ? 'A build that says this of itself asks its owner before it lets an unknown computer in; this phone did not ask.'
        : 'Anybody with a cable can command this phone without its owner’s consent.',
      standing: weakest(adb.standing, certain && secure?.value === '1' ? secure.standing : undefined),
      evidence: evidenceOf(adb.place, secure, claims.type),
      nature: natureOf(claims),
      ...(certain ? {} : { strength: 'weak' as const, axis: user ? ('software' as const) : ('posture' as const) }),
    };
    return failOrPass([finding], adb.standing);
  },
});
