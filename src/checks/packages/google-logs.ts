import { factsOf } from '../../evidence/index.ts';
import { claimsOf, natureOf } from '../boot/index.ts';
import { type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';
import { packagesOnce } from './inventory.ts';

const FINDINGS_MAX = 50;
const SETTLED_BY = 'the APKs of Google’s packages, pulled from the phone, and a copy of Google’s logs (--android-logs)';

export const googleLogs = defineCheck({
  id: 'packages.google-logs',
  axis: 'software',
  title: 'Google’s packages in Google’s logs',
  what: 'The bytes of packages against Google’s transparency logs of its own apps and of Mainline modules: whether the log has this package in this version, and with which bytes.',
  why: 'Google logs what it publishes, and the logs cannot be rewritten unseen. A package in Google’s name whose version is logged with other bytes is not the one that Google published.',
  benign: [
    'Google may publish a version in several forms of which it logs some: the logs are young, and what they hold was not measured on phones.',
    'What a maker preloads, and modules that a maker signs itself, are not logged.',
  ],
  confirm: 'Read the signer of the APK, and look its digest up in the live log: assay log android verify FILE.',
  // Not strong, though nothing innocent is known for bytes that another key signed: the rule of the house wants 0 of 150 genuine phones, and it can be measured only on phones
  // whose APKs were pulled while the logs held their versions. The recordings of genuine phones that rules are measured on have no such APKs, and makers sign modules of Google's names.
  strength: 'weak',
  standing: 'shown',
  needs: ['logged-packages'],
  settledBy: SETTLED_BY,
  group: 'package-signatures',
  causes: ['rom-flash', 'retailer-apps', 'root'],
  catches: undefined,
  spec: ['android/android-binary-transparency: verifier_tools/verify', 'C2SP tlog-tiles', 'Go sumdb tiles'],
  run(context) {
    const answers = factsOf(context.facts, 'logged-packages').flatMap(({ value, place }) => value.map((answer) => ({ ...answer, place })));
    const files = Map.groupBy(answers, ({ path }) => path);
    const google = new Set(context.knowledge.signers.filter(({ owner }) => owner === 'Google').map(({ sha256 }) => sha256));
    const packages = packagesOnce(context);
    const claims = claimsOf(context);
    const drafts: Draft[] = [];
    let logged = 0;
    for (const about of files.values()) {
      const same = about.find(({ outcome }) => outcome === 'logged');
      if (same !== undefined) {
        logged++;
        // The bytes are Google's; under another name they run as something that they are not.
        if (same.as === undefined || same.as.package === same.package) continue;
      }
      const other = same ?? about.find(({ outcome }) => outcome === 'other-bytes');
      // A version that no log has may be older than the log, or never logged: nothing follows from that.
      if (other === undefined || drafts.length >= FINDINGS_MAX) continue;
      const signers = packages.find(({ paths }) => paths.includes(other.path))?.signers ?? [];
      const byGoogle = signers.some((signer) => google.has(signer));
      drafts.push({
        claimed: `${other.package} version ${other.versionCode ?? 'unknown'}, a package that Google logs`,
        observed: `SHA-256 ${other.sha256.slice(0, 16)}… at ${other.path}${signers.length === 0 ? '' : byGoogle ? ', signed by Google' : ', not signed by a key known as Google’s'}`,
        because:
          same?.as === undefined
            ? `Google’s log ${other.log} has this version with other bytes (${other.others.length} ${other.others.length === 1 ? 'file' : 'files'}), and not with these.`
            : `Google’s log ${other.log} has these bytes as ${same.as.package} version ${same.as.versionCode}.`,
        standing: 'shown',
        evidence: [other.place],
        nature: natureOf(claims),
        names: other.package,
        ...(byGoogle ? { strength: 'note' as const } : {}),
      });
    }
    if (drafts.length === 0 && logged === 0) return notChecked('no version of a package that was read is in a log', SETTLED_BY);
    return failOrPass(drafts, 'shown');
  },
});
