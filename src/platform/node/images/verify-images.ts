import { FormatError, type Source } from '../../../bytes/index.ts';
import {
  type AvbResult,
  type ContentAnswer,
  type ContentDescriptor,
  draftHashtree,
  type HashtreeDescriptor,
  hashtreeAnswer,
  judgeHashtree,
  verifyAvb,
  verifyContent,
} from '../../../formats/android/index.ts';
import { nodeHash } from '../hash.ts';
import type { PartitionPool } from '../partition-pool.ts';
import { nodeVerify } from '../verify.ts';

/** Bytes of an image that one thread hashes before it takes the next piece of any image: with larger ones the other cores wait for the last. */
const RANGE = 12 << 20;

/** Verifies a set of images by their vbmeta, every core at the trees: the chain is walked once for what is to be verified, and once with the answers. */
export async function verifyImages(partitions: ReadonlyMap<string, Source>, pool: PartitionPool): Promise<AvbResult> {
  const wanted: { readonly source: Source; readonly descriptor: ContentDescriptor }[] = [];
  const question = { partitions, verify: nodeVerify, hash: nodeHash };
  await verifyAvb({
    ...question,
    async content(source, descriptor) {
      wanted.push({ source, descriptor });
      return { outcome: 'not-checked', because: '', firstDifferingBlock: null };
    },
  });
  // The walk meets the same descriptors in the same order again.
  const answers = await Promise.all(wanted.map(({ source, descriptor }) => answerOf(source, descriptor, pool)));
  let next = 0;
  return verifyAvb({
    ...question,
    async content() {
      const answer = answers[next++];
      if (answer === undefined) throw new Error('the chain changed while it was verified');
      if (answer instanceof FormatError) throw answer;
      return answer;
    },
  });
}

async function answerOf(source: Source, descriptor: ContentDescriptor, pool: PartitionPool): Promise<ContentAnswer | FormatError> {
  try {
    return descriptor.kind === 'hashtree' ? await verifyTree(source, descriptor, pool) : await verifyContent(source, descriptor, nodeHash);
  } catch (error) {
    if (error instanceof FormatError) return error;
    throw error;
  }
}

async function verifyTree(source: Source, descriptor: HashtreeDescriptor, pool: PartitionPool): Promise<ContentAnswer> {
  const draft = draftHashtree(source, descriptor, nodeHash);
  const { imageSize, dataBlockSize, hashAlgorithm, salt, hashBlockSize } = descriptor;
  const shape = { imageSize, dataBlockSize, hashBlockSize, hashAlgorithm, salt };
  const ranges: number[] = [];
  for (let from = 0; from < imageSize; from += RANGE) ranges.push(from);
  await Promise.all(
    ranges.map(async (from) => {
      const to = Math.min(from + RANGE, imageSize);
      const result = await pool.run({ kind: 'leaves', size: source.size, shape, from, to }, source);
      if (result.kind !== 'leaves') throw new Error('a thread answered another question');
      draft.leaves.set(result.leaves, (from / dataBlockSize) * ((result.leaves.length * dataBlockSize) / (to - from)));
    }),
  );
  return hashtreeAnswer(descriptor, await judgeHashtree(source, descriptor, draft.finish()));
}
