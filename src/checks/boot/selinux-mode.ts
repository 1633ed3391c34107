import { factsOf } from '../../evidence/index.ts';
import { defineCheck, failOrPass, notChecked } from '../define.ts';
import { buildWords, claimsOf, evidenceOf, natureOf } from './claims.ts';

/** Android 5: the Compatibility Definition demands enforcing, and user builds lose the switch. */
const ENFORCING_FROM = 21;

export const selinuxMode = defineCheck({
  id: 'boot.selinux-mode',
  axis: 'software',
  title: 'SELinux mode',
  what: 'The mode of the running policy against the type of the build.',
  why: 'Permissive means that the walls between apps and system only complain. Root tools and hidden services need it.',
  benign: ['Engineering and userdebug builds.', 'Android of before 5.0, and phones of small makers who never turned it on.'],
  confirm: 'Run `getenforce`, and try something that the policy forbids to the shell, such as reading /data/system.',
  strength: 'conclusive',
  impossible:
    'init of a user build is compiled with ALLOW_PERMISSIVE_SELINUX=0: whatever the command line says, it starts enforcing, and nothing but root can turn that off afterwards. CDD 9.7 [C-1-2] and SELinuxHostTest demand it of every certified phone from Android 5 on.',
  standing: 'shown',
  needs: ['selinux'],
  settledBy: 'getenforce on the phone',
  group: 'selinux',
  causes: ['root', 'rom-flash', 'engineering'],
  catches: undefined,
  spec: ['AOSP system/core/init/selinux.cpp: IsEnforcing', 'CDD 9.7 [C-1-2]', 'CTS SELinuxHostTest'],
  run(context) {
    const fact = factsOf(context.facts, 'selinux').find(({ value }) => value.mode !== undefined);
    if (fact?.value.mode === undefined) return notChecked('the mode was not read', 'getenforce on the phone');
    const claims = claimsOf(context);
    const { mode } = fact.value;
    const certain = claims.consumer && (claims.sdk ?? 0) >= ENFORCING_FROM;
    const old = (claims.sdk ?? ENFORCING_FROM) < ENFORCING_FROM;
    return failOrPass(
      mode === 'enforcing'
        ? []
        : [
            {
              claimed: buildWords(claims),
              observed: `SELinux is ${mode}`,
              because: certain
                ? 'A consumer build of a certified maker starts enforcing and has no switch for it.'
                : 'The walls between apps and system are not enforced.',
              standing: fact.standing,
              evidence: evidenceOf(fact.place, claims.type),
              nature: natureOf(claims),
              ...(certain ? {} : { strength: old ? ('note' as const) : ('weak' as const) }),
            },
          ],
      fact.standing,
    );
  },
});
