import { factsOf } from '../../evidence/index.ts';
import { type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';
import { toolmarksOf } from '../toolmarks.ts';
import { claimsOf, natureOf, said } from './claims.ts';

export const rootDigest = defineCheck({
  id: 'boot.root-digest',
  axis: 'software',
  title: 'Root digests of the partitions',
  what: 'partition.NAME.verified.root_digest of the running system against the reference of the build with the same fingerprint.',
  why: 'The kernel verifies each block of a partition against this digest. Another digest is another partition.',
  benign: ['A maker published two builds with one fingerprint.', 'The reference was made from another region’s package.'],
  confirm: 'Compare the digests with those in the vbmeta of the official package.',
  strength: 'conclusive',
  impossible:
    'The root digest is a hash over every block. The fingerprint names one official build; with that build’s vbmeta vouched for by its maker, another digest means other blocks.',
  standing: 'told',
  needs: ['properties'],
  settledBy: "getprop of Android 13 or later, and a reference of the maker's build",
  group: 'root-digest',
  causes: ['rom-flash', 'root', 'retailer-apps'],
  catches: 'app',
  spec: ['AOSP system/core/fs_mgr/libfs_avb', 'design: Contracts, assay.manifest/1'],
  run(context) {
    const claims = claimsOf(context);
    const fingerprint = said(context, 'ro.system.build.fingerprint') ?? said(context, 'ro.build.fingerprint');
    const digests = factsOf(context.facts, 'properties').flatMap((fact) =>
      fact.value.entries.flatMap((entry) => {
        const partition = /^partition\.([a-z0-9_]{1,40})\.verified\.root_digest$/.exec(entry.key)?.[1];
        return partition === undefined || entry.value === '' ? [] : [{ partition, entry, standing: fact.standing }];
      }),
    );
    const settledBy = "getprop of Android 13 or later, and a reference of the maker's build";
    if (digests.length === 0 || fingerprint === undefined) return notChecked('the phone states no root digests', settledBy);
    const reference = context.references.find(({ manifest }) => Object.values(manifest.identity).includes(fingerprint.value));
    if (reference === undefined) return notChecked(`no reference is known for ${fingerprint.value}`, settledBy);
    const findings: Draft[] = [];
    let compared = false;
    for (const { partition, entry, standing } of digests) {
      const expected = reference.manifest.partitions.find(({ name }) => name.replace(/_[ab]$/, '') === partition)?.rootDigest;
      if (expected === null || expected === undefined) continue;
      compared = true;
      if (expected.toLowerCase() === entry.value.toLowerCase()) continue;
      findings.push({
        claimed: `${partition} of ${fingerprint.value}: ${expected}`,
        observed: entry.value,
        because: 'The partition in use is not the one of the build that the phone names.',
        standing,
        evidence: [entry.place, fingerprint.place],
        nature: natureOf(claims),
        toolmarks: toolmarksOf(context, 'build', [entry.value]),
        ...(reference.vouched === 'nobody' ? { strength: 'weak' as const } : {}),
      });
    }
    if (!compared) return notChecked('the reference holds no root digest of these partitions', settledBy);
    return failOrPass(findings, 'told');
  },
});
