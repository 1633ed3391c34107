import { factsOf } from '../../evidence/index.ts';
import { GIB } from '../../knowledge/index.ts';
import { type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';
import { claimedModel } from './claimed-model.ts';

/** The kernel, the firmware and the GPU keep up to a third of small memories; a MemTotal below this share of what was sold has another size of chip. */
const KEPT = 0.55;
/** MemTotal never exceeds the memory; units differ by this much (1000 against 1024). */
const OVER = 1.03;

const gib = (bytes: number) => `${(bytes / GIB).toFixed(1)} GiB`;

export const memorySize = defineCheck({
  id: 'silicon.memory',
  axis: 'hardware',
  title: 'Memory and storage against claim and model',
  what: 'MemTotal and the size of the data partition, against what was claimed by hand and what any variant of the model was sold with.',
  why: 'Fakes are sold with four times the memory that they have. Their own kernel often still says what there is.',
  benign: [
    'Another variant of the model was sent than was sold.',
    'A variant that no source of ours knows.',
    'Memory and boards are exchanged in repairs.',
  ],
  confirm: 'Fill memory and storage by challenge.',
  strength: 'conclusive',
  impossible:
    'A kernel shows its memory less what it and the firmware keep, never below 55 % of it, and a file system shows its partition. Where that is said to be less than what people claim allows, and no variant of the model has so little, the phone itself says that it is not the one claimed. Nothing less than a claim by hand makes this conclusive.',
  standing: 'told',
  needs: [],
  settledBy: '/proc/meminfo and df, with the claimed sizes (--claim memory=…, --claim storage=…) or the model',
  group: 'memory',
  causes: ['other-silicon', 'sku', 'repair'],
  catches: 'framework',
  spec: ['Linux Documentation/filesystems/proc.rst, meminfo'],
  run(context) {
    const { claims, facts } = context;
    const model = claimedModel(context);
    const findings: Draft[] = [];
    let compared = false;
    for (const fact of factsOf(facts, 'memory')) {
      const total = fact.value.totalBytes;
      if (total === undefined) continue;
      const sold = model?.skus.flatMap(({ memoryBytes }) => memoryBytes) ?? [];
      const fitsSome = sold.some((size) => total <= size * OVER && total >= size * KEPT);
      const draft = (claimed: string, because: string, strength?: 'weak'): Draft => ({
        claimed,
        observed: `${gib(total)} (MemTotal)`,
        because,
        standing: fact.standing,
        evidence: [fact.place],
        ...(strength === undefined ? {} : { strength }),
      });
      if (claims.memoryBytes !== undefined) {
        compared = true;
        if (total < claims.memoryBytes * KEPT)
          findings.push(
            draft(
              `${gib(claims.memoryBytes)} of memory`,
              'Its kernel has much less memory than was claimed.',
              sold.length > 0 && !fitsSome ? undefined : 'weak',
            ),
          );
        else if (total > claims.memoryBytes * OVER)
          findings.push(draft(`${gib(claims.memoryBytes)} of memory`, 'It states more memory than was claimed.', 'weak'));
      } else if (sold.length > 0) {
        compared = true;
        if (!fitsSome)
          findings.push(
            draft(
              `${model?.name ?? ''}: ${[...new Set(sold)].map(gib).join(' or ')}`,
              'No variant of the model that we know has this memory.',
              'weak',
            ),
          );
      }
    }
    for (const fact of factsOf(facts, 'storage')) {
      const data = fact.value.fileSystems
        .filter(({ mountPoint }) => mountPoint === '/data')
        .toSorted((a, b) => b.sizeBytes - a.sizeBytes)[0];
      const claimed = claims.storageBytes;
      if (data === undefined || claimed === undefined) continue;
      compared = true;
      const sold = model?.skus.flatMap(({ storageBytes }) => storageBytes) ?? [];
      const fitsSome = sold.some((size) => data.sizeBytes <= size * OVER && data.sizeBytes >= size * 0.35);
      if (data.sizeBytes < claimed * 0.35 || data.sizeBytes > claimed * OVER)
        findings.push({
          claimed: `${gib(claimed)} of storage`,
          observed: `${gib(data.sizeBytes)} (/data)`,
          because:
            data.sizeBytes > claimed * OVER
              ? 'Its data partition is larger than the whole storage claimed.'
              : 'Its data partition is much smaller than the storage claimed allows.',
          standing: fact.standing,
          evidence: [fact.place],
          ...(data.sizeBytes < claimed * 0.35 && sold.length > 0 && !fitsSome ? {} : { strength: 'weak' as const }),
        });
    }
    return compared
      ? failOrPass(findings, 'shown')
      : notChecked(
          'neither a claim nor a known model gives sizes to compare with',
          '--claim memory=… and storage=…, or a model of the table',
        );
  },
});
