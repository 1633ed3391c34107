import { claimsOf, natureOf, said } from '../boot/index.ts';
import { type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';
import { accountOf, SIGNED_AS_NAMED } from '../reference/account.ts';
import { toolmarksOf } from '../toolmarks.ts';
import { packagesOnce } from './inventory.ts';

export const referencePackages = defineCheck({
  id: 'packages.reference',
  axis: 'software',
  title: 'System packages against the reference',
  what: 'Names, signers and digests of the packages in the system against the reference of the build with the same fingerprint.',
  why: 'This is the list of what the maker put into this build: what is there besides was added, what differs was changed.',
  benign: [
    'Carrier and customer partitions that the package of the build does not contain.',
    'Updates of system apps, which lie in the data partition and are not compared.',
  ],
  confirm: 'Pull the APK and compare it with the official package.',
  strength: 'conclusive',
  impossible:
    'The fingerprint names one official build, whose manifest is vouched for by its maker. A package in its system partitions that the build does not contain, or with another digest at the same path, is not of that build.',
  standing: 'told',
  needs: ['packages'],
  settledBy: "a reference of the maker's build, and the package list with paths",
  group: 'system-packages',
  causes: ['retailer-apps', 'rom-flash', 'root'],
  catches: 'app',
  spec: ['design: Contracts, assay.manifest/1'],
  run(context) {
    const settledBy = "a reference of the maker's build, and the package list with paths";
    const fingerprint = said(context, 'ro.system.build.fingerprint') ?? said(context, 'ro.build.fingerprint');
    const reference = context.references.find(
      ({ manifest }) => fingerprint !== undefined && Object.values(manifest.identity).includes(fingerprint.value),
    );
    if (fingerprint === undefined || reference === undefined)
      return notChecked('no reference of the build that the phone names is known', settledBy);
    const { apks } = reference.manifest;
    const partitions = new Set(apks.map(({ path }) => path.split('/')[1] ?? ''));
    if (apks.length === 0) return notChecked('the reference lists no packages', settledBy);
    const byPath = new Map(apks.map((apk) => [apk.path, apk]));
    const claims = claimsOf(context);
    const { isSignedAsNamed } = accountOf(context);
    const findings: Draft[] = [];
    let compared = false;
    for (const item of packagesOnce(context))
      for (const path of item.paths) {
        // Only partitions that the reference covers: customer partitions are packed apart.
        if (!partitions.has(path.split('/')[1] ?? '') || !path.startsWith('/') || path.startsWith('/data/')) continue;
        compared = true;
        const apk = byPath.get(path);
        const other =
          apk !== undefined && item.paths.length === 1 && item.sha256.length > 0 && !item.sha256.includes(apk.sha256.toLowerCase());
        if (apk !== undefined && !other) continue;
        // A hot update of the maker's, or a build of his for a carrier, is named and not alarmed.
        const known = item.sha256
          .map((digest) => context.elsewhere?.get(digest))
          .find((one) => one?.isOfficial === true && one.path === path);
        const isMakers = known !== undefined || isSignedAsNamed;
        findings.push({
          claimed: `the packages of ${fingerprint.value}`,
          observed:
            apk === undefined
              ? `${item.name} at ${path}, which the build does not contain`
              : `${item.name} at ${path} with SHA-256 ${item.sha256[0]?.slice(0, 16)}…`,
          because:
            apk === undefined
              ? `It is not in that build${isMakers ? '.' : ': it was added to the system after the maker built it.'}${besides(known, isSignedAsNamed)}`
              : `The build has SHA-256 ${apk.sha256.slice(0, 16)}… there: it was changed.${besides(known, isSignedAsNamed)}`,
          standing: item.standing,
          evidence: [item.place, fingerprint.place],
          nature: natureOf(claims),
          names: item.name,
          // Changed and signed anew. What was added may be anybody's app, and what the maker signed is the maker's.
          ...(apk === undefined || item.signers.length === 0 || item.signers.some((signer) => apk.signers.includes(signer))
            ? {}
            : { toolmarks: [...toolmarksOf(context, 'signer', item.signers), ...toolmarksOf(context, 'file', item.sha256)] }),
          ...(reference.vouched === 'nobody' || isMakers ? { strength: 'weak' as const } : {}),
        });
      }
    return compared ? failOrPass(findings.slice(0, 200), 'told') : notChecked('no path of a system package was read', settledBy);
  },
});

/** What else is known of it. */
const besides = (known: { readonly build: string; readonly path: string } | undefined, isSignedAsNamed: boolean): string =>
  `${known === undefined ? '' : ` The same file is ${known.path} of ${known.build}, an official build.`}${isSignedAsNamed ? SIGNED_AS_NAMED : ''}`;
