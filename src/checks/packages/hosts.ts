import { factsOf } from '../../evidence/index.ts';
import { claimsOf, natureOf } from '../boot/index.ts';
import { type Draft, defineCheck, failOrPass } from '../define.ts';

const LOCAL = /^(127\.|0\.0\.0\.0$|::1?$|fe80::|ff0[0-9a-f]::)/i;
const LOCAL_HOSTS =
  /^(localhost(\.localdomain)?|ip6-localhost|ip6-loopback|ip6-allnodes|ip6-allrouters|ip6-localnet|ip6-mcastprefix|broadcasthost)$/i;
/** Hosts that bring updates or judge apps and phones. */
const GUARDS =
  /(^|\.)(google(apis)?\.com|gvt1\.com|android\.com|mi\.com|miui\.com|xiaomi\.com|samsung\.com|samsungdive\.com|huawei\.com|hicloud\.com|antutu\.com|cpuid\.com)$/i;

export const hosts = defineCheck({
  id: 'packages.hosts-file',
  axis: 'software',
  title: 'Hosts file',
  what: 'Entries of /system/etc/hosts besides those of the machine itself.',
  why: 'An entry sends a name to an address of somebody’s choice, or nowhere: so updates are stopped and checkers are answered falsely.',
  benign: ['An owner with root blocks advertising.', 'A maker’s leftovers from testing.'],
  confirm: 'Compare the file with the one in the official package.',
  strength: 'weak',
  standing: 'shown',
  needs: ['hosts'],
  settledBy: '/system/etc/hosts',
  group: 'hosts',
  causes: ['root', 'rom-flash'],
  catches: 'app',
  spec: ['AOSP system/core/rootdir/etc/hosts', 'DroidRay (2014): 5 of 250 firmwares had a malicious one'],
  run(context) {
    const claims = claimsOf(context);
    const bad = new Map(
      context.knowledge.indicators.flatMap((row) => (row.type === 'domain' ? [[row.value.toLowerCase(), row] as const] : [])),
    );
    const findings: Draft[] = [];
    for (const fact of factsOf(context.facts, 'hosts')) {
      const entries = fact.value.entries.filter(({ host }) => !LOCAL_HOSTS.test(host));
      const guarded = entries.filter(({ host }) => GUARDS.test(host));
      // Lists against advertising hold servers of malware too: blocked is blocked.
      const blocked = entries.filter(({ host, address }) => !GUARDS.test(host) && LOCAL.test(address));
      const sent = entries.filter((entry) => !guarded.includes(entry) && !blocked.includes(entry));
      const family = sent.map(({ host }) => bad.get(host.toLowerCase())?.family).find((one) => one !== undefined);
      const add = (list: typeof entries, observed: string, because: string) => {
        const [head, ...rest] = list;
        if (head === undefined) return;
        findings.push({
          claimed: 'the maker’s own hosts file, which names the machine itself only',
          observed: `${observed}: ${list
            .slice(0, 5)
            .map(({ host, address }) => `${host} to ${address}`)
            .join(', ')}${list.length > 5 ? ` and ${list.length - 5} more` : ''}`,
          because,
          standing: fact.standing,
          evidence: [head.place, ...rest.slice(0, 19).map(({ place }) => place)],
          nature: natureOf(claims),
        });
      };
      add(
        guarded,
        'hosts that update or judge phones are sent elsewhere',
        'Updates and checks of this phone do not reach whom they are meant for.',
      );
      add(
        sent,
        'hosts are sent to chosen addresses',
        `Traffic for these names goes where somebody chose.${family === undefined ? '' : ` One of them is a server of ${family}.`}`,
      );
      add(blocked, 'hosts are blocked', 'Somebody wrote to a file of the system; such lists block advertising.');
    }
    return failOrPass(findings, 'shown');
  },
});
