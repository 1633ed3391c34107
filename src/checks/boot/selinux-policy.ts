import { type Fact, type FactValues, factsOf } from '../../evidence/index.ts';
import { allowedLines, type SelinuxPolicy } from '../../formats/android/selinux/index.ts';
import { type CheckContext, type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';
import { accountOf } from '../reference/account.ts';
import { buildWords, claimsOf, evidenceOf, natureOf } from './claims.ts';

/** Types that root tools bring. Source: topjohnwu/Magisk native/src/sepolicy/rules (magisk, magisk_file, magisk_log_file, magisk_exec), tiann/KernelSU kernel/selinux/rules.c (ksu, ksu_file), SuperSU’s supolicy (sudaemon, supersu), bmax121/APatch (magisk, as Magisk). */
const ROOT_TYPES: readonly string[] = ['magisk', 'magisk_file', 'magisk_log_file', 'magisk_exec', 'ksu', 'ksu_file', 'supersu', 'sudaemon'];
/** Android 5: CTS demands that every domain of a user build is enforced. */
const ENFORCING_FROM = 21;
/** Who may load a policy: init alone, from which it is loaded before any other domain exists. Source: AOSP system/sepolicy private/domain.te, neverallow on kernel:security load_policy. */
const LOADERS: ReadonlySet<string> = new Set(['init', 'kernel', 'recovery']);
/** Where this share of the file's rules is not in force, init compiled another policy at boot, and the two are not one thing with changes. */
const OTHER_POLICY = 0.05;
const OF_RECOVERY = /^\/ramdisk\/recovery\//;
const SHOWN = 5;
/** Rules whose source anybody's program may be: apps from a shop, the shell, and the domain of su. */
const OF_EVERYBODY =
  /^(?:allow|allowxperm) (?:untrusted_app(?:_\w+)?|isolated_app(?:_\w+)?|ephemeral_app|shell|su|appdomain|untrusted_app_all) /;

export const selinuxPolicy = defineCheck({
  id: 'boot.selinux-policy',
  axis: 'software',
  title: 'SELinux policy, by its rules',
  what: 'The policy that the kernel enforces: its permissive domains, its types, who may load another, and its rules against those of the file that init loads and of the build that the phone names.',
  why: 'Root tools open the walls by adding rules to the running policy. The kernel writes a policy anew, so its digest says nothing; its rules do.',
  benign: [
    'Engineering and userdebug builds have the domain su, and it is permissive.',
    'init compiles the policy at boot where system and vendor are of different builds: then the file at rest is another one, and is not compared.',
  ],
  confirm: 'Pull /sys/fs/selinux/policy and compare it with sesearch against the maker’s build.',
  strength: 'conclusive',
  impossible:
    'CTS (SELinuxHostTest, testAllDomainsEnforcing and the neverallow tests) demands of every certified user build from Android 5 on that no domain is permissive and that only init loads a policy; types of root tools are in no maker’s policy. Rules that are only more than the file’s are weak.',
  standing: 'shown',
  needs: ['selinux-policy'],
  settledBy: 'a sync pull of /sys/fs/selinux/policy, which adbd may read on most phones',
  group: 'selinux',
  causes: ['root', 'rom-flash', 'engineering'],
  catches: 'framework',
  spec: ['AOSP system/sepolicy', 'CTS SELinuxHostTest', 'CDD 9.7'],
  run(context) {
    const policies = factsOf(context.facts, 'selinux-policy');
    const live = policies.find(({ value }) => value.from === 'live');
    // Of an image it is every file that init, or the recovery, may load.
    const judged = live !== undefined ? [live] : context.trust === 'image' ? policies : [];
    const [first] = judged;
    if (first === undefined) return notChecked('the policy in force was not read', 'a sync pull of /sys/fs/selinux/policy');
    return failOrPass(
      judged.flatMap((one) => findingsOf(context, one)),
      first.standing,
    );
  },
});

type PolicyFact = Pick<Fact, 'standing' | 'place'> & { readonly value: FactValues['selinux-policy'] };

function findingsOf(context: CheckContext, { value, standing, place }: PolicyFact): readonly Draft[] {
  const { policy, path } = value;
  const claims = claimsOf(context);
  // What CTS tests is the system, not its recovery.
  const certain = claims.consumer && (claims.sdk ?? 0) >= ENFORCING_FROM && !OF_RECOVERY.test(path);
  const where = value.from === 'file' ? ` (${path})` : '';
  const draft = (observed: string, because: string, isCertain: boolean): Draft => ({
    claimed: buildWords(claims),
    observed: `${observed}${where}`,
    because,
    standing,
    evidence: evidenceOf(place, claims.type),
    nature: natureOf(claims),
    ...(isCertain ? {} : { strength: 'weak' as const }),
  });
  const findings: Draft[] = [];
  const permissive = policy.permissive.map((type) => policy.types[type] ?? `type ${type}`);
  if (permissive.length > 0)
    findings.push(
      draft(
        `permissive domains: ${permissive.slice(0, SHOWN).join(', ')}${permissive.length > SHOWN ? ` and ${permissive.length - SHOWN} more` : ''}`,
        'What runs in a permissive domain may do anything. A user build that passes the Compatibility Test Suite has none.',
        certain,
      ),
    );
  const tools = ROOT_TYPES.filter((name) => policy.types.includes(name));
  if (tools.length > 0)
    findings.push(
      draft(`types of root tools: ${tools.join(', ')}`, 'A root tool put its own types and rules into the running policy.', true),
    );
  const loaders = loadersOf(policy).filter((name) => !LOADERS.has(name));
  if (loaders.length > 0)
    findings.push(
      draft(
        `${loaders.slice(0, SHOWN).join(', ')} may load another policy`,
        'Only init loads a policy, once, before anything else runs.',
        certain,
      ),
    );
  findings.push(...addedRules(context, value, draft));
  return findings;
}

/** Types that may load a policy. Attributes that stand for init alone do not matter: they are named too. */
function loadersOf(policy: SelinuxPolicy): readonly string[] {
  const found = [...allowedLines(policy)].flatMap((line) => /^allow (\S+) \S+:security load_policy$/.exec(line)?.[1] ?? []);
  return [...new Set(found)];
}

/** Rules in force that the file at rest, or the policy of the build that the phone names, has not. */
function addedRules(
  context: CheckContext,
  { policy: live, path, from }: PolicyFact['value'],
  draft: (observed: string, because: string, isCertain: boolean) => Draft,
): readonly Draft[] {
  const rules = allowedLines(live);
  const { named } = accountOf(context);
  // One file of an image is no measure of another one in it.
  const files = factsOf(context.facts, 'selinux-policy').flatMap(({ value }) =>
    value.from === 'file' && from === 'live'
      ? [
          {
            name: value.path,
            atRest: allowedLines(value.policy),
            because: 'The policy in force allows more than the one that init was given to load.',
          },
        ]
      : [],
  );
  const policy = named?.reference.policy;
  const built =
    policy === undefined || (from === 'file' && policy.path !== path)
      ? []
      : [
          {
            name: `${policy.path} of the build that it names`,
            // Beside the rules it lists permissive domains, which are judged by themselves.
            atRest: new Set([...policy.rules].filter((rule) => !rule.startsWith('permissive '))),
            because: 'The policy in force allows more than the one of the build that the phone names.',
          },
        ];
  for (const { name, atRest, because } of [...built, ...files]) {
    const lost = [...atRest].filter((line) => !rules.has(line)).length;
    if (atRest.size === 0 || lost > atRest.size * OTHER_POLICY) continue;
    const added = [...rules].filter((line) => !atRest.has(line));
    if (added.length === 0) continue;
    // What apps and the shell may do more comes first: that is what walls are for.
    const forAll = added.filter((line) => OF_EVERYBODY.test(line));
    const shown = [...forAll, ...added.filter((line) => !OF_EVERYBODY.test(line))].slice(0, SHOWN).join('; ');
    const among = forAll.length === 0 ? '' : ` (${forAll.length} of them for apps or the shell)`;
    return [draft(`${added.length} rules${among} that ${name} has not, as in: ${shown}`, because, false)];
  }
  return [];
}
