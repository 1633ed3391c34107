import { factsOf, type Toolmark } from '../../evidence/index.ts';
import { claimsOf, natureOf } from '../boot/index.ts';
import { type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';
import { toolmarksOf } from '../toolmarks.ts';

const ROLES = {
  random: 'a package with a random name',
  'checker-name': 'a package under the name of a checker',
  'published-checker': 'a published checker',
} as const;

export const canary = defineCheck({
  id: 'packages.canary',
  axis: 'software',
  title: 'Install canary',
  what: 'The bytes and signers that were installed, read back by two paths, against what was sent.',
  why: 'In 2015 the phone installed a doctored copy whenever somebody installed the real checker, and the checker then called the phone genuine.',
  benign: [],
  confirm: 'Install the same file again and read it back; install it on another phone of the same model.',
  strength: 'conclusive',
  impossible:
    'The package manager copies the APK that it was sent byte for byte to base.apk: its signature covers the whole file, and nothing in an unaltered system writes into it. Other bytes, another signer, or two reads of one file that differ, are the work of a changed installer or of changed reading.',
  standing: 'shown',
  needs: ['canaries'],
  settledBy: 'an install canary (`--full`, with the operator’s yes)',
  group: 'installer',
  causes: ['rom-flash'],
  catches: 'framework',
  spec: ['AOSP PackageInstallerSession', 'APK Signature Scheme v2'],
  run(context) {
    const claims = claimsOf(context);
    const findings: Draft[] = [];
    let compared = 0;
    for (const fact of factsOf(context.facts, 'canaries'))
      for (const item of fact.value) {
        if (item.outcome !== 'installed') continue;
        const read = [item.pulledSha256, item.shellSha256].filter((digest) => digest !== undefined).map((digest) => digest.toLowerCase());
        const sent = item.sentSha256.toLowerCase();
        const what = `${ROLES[item.role]} (${item.package})`;
        const strange =
          item.installedSigners !== undefined &&
          item.sentSigners !== undefined &&
          item.sentSigners.length > 0 &&
          !item.sentSigners.every((signer) => item.installedSigners?.some((other) => other.toLowerCase() === signer.toLowerCase()));
        if (read.length === 0 && item.installedSigners === undefined) continue;
        // A random name is the control: an installer that swaps checkers leaves it alone, so it passes nothing by itself.
        if (item.role !== 'random') compared++;
        const [pulled, shell] = [item.pulledSha256?.toLowerCase(), item.shellSha256?.toLowerCase()];
        const add = (observed: string, because: string, toolmarks: readonly Toolmark[] = []) =>
          findings.push({
            claimed: `${what}, SHA-256 ${sent.slice(0, 16)}…, was sent`,
            observed,
            because,
            standing: fact.standing,
            evidence: [item.place],
            nature: natureOf(claims),
            toolmarks,
          });
        if (read.length > 0 && read.every((digest) => digest !== sent))
          add(
            `${read[0]?.slice(0, 16)}… was installed${strange ? ', under another signer' : ''}`,
            'The phone installed another program than the one that it was given.',
            // What its installer has ready for this name.
            new Set(read).size === 1 ? toolmarksOf(context, 'file', read) : [],
          );
        else if (pulled !== undefined && shell !== undefined && pulled !== shell)
          add(
            `pulling gives ${pulled.slice(0, 16)}…, the phone's own sha256sum ${shell.slice(0, 16)}…`,
            'Two reads of one file differ: one of them is answered with something else.',
          );
        else if (strange)
          add(
            `it is installed under the signer ${item.installedSigners?.[0]?.slice(0, 16) ?? 'none'}…`,
            'The phone names another signer than the one of the program that it was given.',
          );
      }
    if (compared === 0 && findings.length === 0)
      return notChecked(
        'no canary under a checker’s name was installed and read back: one of that name was there, the phone refused it, or reading failed',
        'an install canary (`--full`, with the operator’s yes)',
      );
    return failOrPass(findings, 'shown');
  },
});
