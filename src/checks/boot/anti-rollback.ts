import type { Reference } from '../../references/index.ts';
import { type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';
import { ownImeis, ownSerials } from '../identity/sighting.ts';
import { type SaidProperty, said } from './claims.ts';
import { type RollbackIndex, rollbackIndexesOf } from './rollback-indexes.ts';

const SETTLED =
  'fastboot getvar all, where the bootloader states a counter, with an earlier inspection of the phone or the maker’s build as reference';

export const antiRollback = defineCheck({
  id: 'boot.anti-rollback',
  axis: 'software',
  title: 'The bootloader’s counter against older software',
  what: 'Rollback indexes that the bootloader states against those that it stated in earlier inspections of the same phone, and, on a locked phone, against the rollback index of the vbmeta of the build that the system names.',
  why: 'The counters only rise. A lower one is another board’s or a bootloader’s that lies; and a locked bootloader does not start a build whose index is below the one that it stores.',
  benign: [
    'A workshop gave the phone another mainboard, or the earlier inspection was of another phone with the same number.',
    'Makers name and count in their own ways: what looks like an AVB index may be another counter.',
    'The reference may be the package of another region, with a counter of its own.',
    'Unlocked phones start what they are given; they are not held against a build.',
  ],
  confirm: 'Read the variable again; compare with the build’s vbmeta: assay firmware verify.',
  strength: 'weak',
  standing: 'told',
  needs: ['fastboot'],
  settledBy: SETTLED,
  group: 'anti-rollback',
  causes: ['repair', 'rom-flash', 'root'],
  catches: undefined,
  spec: ['AOSP external/avb/README.md: Rollback Protection', 'Xiaomi flash scripts: CURRENT_ANTI_VER'],
  run(context) {
    const indexes = rollbackIndexesOf(context.facts);
    if (indexes.length === 0) return notChecked('the bootloader states no rollback index', 'a bootloader that states one');
    const [imeis, serials] = [ownImeis(context.facts), ownSerials(context.facts)];
    const same = context.history.sightings.filter(
      (seen) => seen.imeis.some((imei) => imeis.includes(imei)) || seen.serials.some((serial) => serials.includes(serial)),
    );
    const findings: Draft[] = [];
    let isCompared = false;
    for (const index of indexes) {
      for (const seen of same) {
        const then = seen.rollback?.find(([name]) => name === index.name)?.[1];
        if (then === undefined) continue;
        isCompared = true;
        if (index.value < BigInt(then))
          findings.push({
            claimed: `in "${seen.source}" of ${seen.at.slice(0, 10)} the bootloader stated ${index.name}: ${then}`,
            observed: `${index.name}: ${index.value}`,
            because: 'A counter that only rises has fallen: another board, or a bootloader that does not say what it stores.',
            standing: index.fact.standing,
            evidence: [index.fact.place],
          });
      }
      const built = isLocked(index) ? buildIndex(context, index.partition) : undefined;
      if (built === undefined) continue;
      isCompared = true;
      if (index.value > built.value)
        findings.push({
          claimed: `${built.said.key}=${built.said.value}, whose ${index.partition} has the rollback index ${built.value}`,
          observed: `a locked bootloader that stores ${index.name}: ${index.value}`,
          because: 'A locked bootloader refuses a build below the index that it stores: the one that the system names is not what started.',
          standing: index.fact.standing,
          evidence: [index.fact.place, built.said.place],
          nature: 'downgraded',
        });
    }
    if (!isCompared)
      return notChecked(
        'neither an earlier inspection nor a build at hand has an index that the bootloader’s could be held against',
        SETTLED,
      );
    return failOrPass(findings, 'told');
  },
});

const isLocked = ({ fact }: RollbackIndex): boolean =>
  fact.value.variables.some(([name, value]) => name.toLowerCase() === 'unlocked' && value.trim().toLowerCase() === 'no');

/** The index that the named build's partition states; undefined where no reference is at hand, or its vbmeta does not verify. */
function buildIndex(
  context: { readonly facts: Parameters<typeof said>[0]['facts']; readonly references: readonly Reference[] },
  partition: string | undefined,
): { readonly value: bigint; readonly said: SaidProperty } | undefined {
  const fingerprint = said(context, 'ro.build.fingerprint');
  if (fingerprint === undefined || partition === undefined) return undefined;
  const reference = context.references.find(({ manifest }) => Object.values(manifest.identity).includes(fingerprint.value));
  const avb = reference?.manifest.partitions.find(({ name }) => name === partition)?.avb;
  return avb?.outcome === 'intact' && avb.rollbackIndex !== null ? { value: BigInt(avb.rollbackIndex), said: fingerprint } : undefined;
}
