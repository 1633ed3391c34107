import { defineCheck, failOrPass, notChecked, pass } from '../define.ts';
import { buildWords, claimsOf, natureOf, said } from './claims.ts';

export const customKey = defineCheck({
  id: 'boot.custom-key',
  axis: 'software',
  title: 'A boot chain under another key than the maker’s',
  what: 'The boot state that the bootloader handed over.',
  why: 'Green means the maker’s key, yellow a key that somebody else put into the bootloader and locked it with: whoever holds that key made this system.',
  benign: ['An owner who locked the own phone with an own key, as some privacy systems ask for: it is not the maker’s software either.'],
  confirm: 'Start the phone and read its screen: at every start it shows the fingerprint of that key.',
  strength: 'conclusive',
  impossible:
    'The boot flow gives yellow only where the verified image was signed by a key that the user set, after the maker’s key did not fit (AVB, libavb: AVB_SLOT_VERIFY_RESULT_OK with a custom key). A maker’s own build is signed by the key that the bootloader is made with, and is green.',
  standing: 'told',
  needs: ['properties'],
  settledBy: 'getprop of Android 7 or later, or the screen at start',
  group: 'boot-key',
  causes: ['rom-flash'],
  catches: undefined,
  spec: ['source.android.com/docs/security/features/verifiedboot/boot-flow', 'AOSP external/avb/libavb'],
  run(context) {
    const state = said(context, 'ro.boot.verifiedbootstate');
    if (state === undefined) return notChecked('the phone does not state its boot state', 'getprop of Android 7 or later');
    if (state.value.toLowerCase() !== 'yellow') return pass(state.standing);
    const claims = claimsOf(context);
    return failOrPass(
      [
        {
          claimed: buildWords(claims),
          observed: 'boot state yellow: verified with a key that is not the maker’s',
          because: 'The bootloader itself says that somebody else’s key vouches for what it started.',
          standing: state.standing,
          evidence: [state.place],
          nature: natureOf(claims),
        },
      ],
      state.standing,
    );
  },
});
