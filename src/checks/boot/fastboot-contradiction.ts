import { factsOf } from '../../evidence/index.ts';
import { type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';
import { claimsOf, natureOf, said, weakest } from './claims.ts';

export const fastbootContradiction = defineCheck({
  id: 'boot.fastboot-contradiction',
  axis: 'software',
  title: 'Lock state: bootloader against system',
  what: 'The bootloader’s own `unlocked` against the boot state that the running system reports.',
  why: 'The system knows the lock state only from the bootloader. When the bootloader says unlocked and the system says green, the system was made to say it.',
  benign: ['The bootloader was unlocked or locked between the two readings, which also erases the phone.'],
  confirm: 'Read both again, one after the other, without unlocking or locking between.',
  strength: 'conclusive',
  impossible:
    'The system’s boot state is the bootloader’s word, handed over at start on the kernel command line. One bootloader does not hand over `green` while it answers `unlocked: yes`; changing the state between erases the data partition, and with it the debugging that this capture used.',
  standing: 'told',
  needs: ['properties', 'fastboot'],
  settledBy: 'fastboot getvar all, and getprop of the same phone',
  group: 'bootloader-lock',
  causes: ['property-edit', 'root', 'rom-flash'],
  catches: 'framework',
  spec: ['AOSP system/core/fastboot/README.md: getvar', 'source.android.com/docs/security/features/verifiedboot/boot-flow'],
  run(context) {
    const claims = claimsOf(context);
    const state =
      said(context, 'ro.boot.verifiedbootstate') ?? said(context, 'ro.boot.vbmeta.device_state') ?? said(context, 'ro.boot.flash.locked');
    if (state === undefined) return notChecked('the system says nothing of its boot state', 'getprop of Android 6 or later');
    const saysLocked = claims.verifiedBootState === 'green' || (claims.verifiedBootState === undefined && claims.locked === true);
    const findings: Draft[] = [];
    let compared = false;
    for (const fact of factsOf(context.facts, 'fastboot')) {
      // fastbootd is a part of the running system and has the lock state from it.
      if (fact.value.userspace === true) continue;
      const unlocked = fact.value.variables
        .find(([name]) => name.toLowerCase() === 'unlocked')?.[1]
        .trim()
        .toLowerCase();
      if (unlocked !== 'yes' && unlocked !== 'no') continue;
      compared = true;
      if ((unlocked === 'yes') !== saysLocked) continue;
      findings.push({
        claimed: `${state.key}=${state.value}`,
        observed: `the bootloader answers unlocked: ${unlocked}`,
        because: 'The system has its boot state from this bootloader alone, and reports another one.',
        standing: weakest(fact.standing, state.standing),
        evidence: [state.place, fact.place],
        nature: natureOf(claims),
        // A system that calls a locked bootloader unlocked hides nothing.
        ...(unlocked === 'yes' ? {} : { strength: 'weak' as const }),
      });
    }
    if (!compared)
      return notChecked('the bootloader does not say whether it is unlocked', 'fastboot getvar unlocked, where the bootloader knows it');
    return failOrPass(findings, 'told');
  },
});
