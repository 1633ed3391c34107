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

/** Bytes of an image that one thread hashes before it takes the next piece of any image: less and less, so that at the end no core waits long for another; whole operations of a payload. */
const RANGE_MAX = 16 << 20;
const RANGE_MIN = 2 << 20;
const SHARE = 4;

/** How much is left of all images together. */
interface Work {
  readonly pool: PartitionPool;
  left: number;
}

const rangeOf = ({ left, pool }: Work) =>
  Math.min(RANGE_MAX, Math.max(RANGE_MIN, Math.floor(left / pool.threads / SHARE / RANGE_MIN) * RANGE_MIN));

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
  const work = { pool, left: wanted.reduce((sum, { descriptor }) => sum + (descriptor.kind === 'hashtree' ? descriptor.imageSize : 0), 0) };
  const answers = await Promise.all(wanted.map(({ source, descriptor }) => answerOf(source, descriptor, work)));
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

async function answerOf(source: Source, descriptor: ContentDescriptor, work: Work): Promise<ContentAnswer | FormatError> {
  try {
    return descriptor.kind === 'hashtree' ? await verifyTree(source, descriptor, work) : await verifyContent(source, descriptor, nodeHash);
  } catch (error) {
    if (error instanceof FormatError) return error;
    throw error;
  }
}

async function verifyTree(source: Source, descriptor: HashtreeDescriptor, work: Work): Promise<ContentAnswer> {
  const draft = draftHashtree(source, descriptor, nodeHash);
  const { imageSize, dataBlockSize, hashAlgorithm, salt, hashBlockSize } = descriptor;
  const shape = { imageSize, dataBlockSize, hashBlockSize, hashAlgorithm, salt };
  const ranges: { readonly from: number; readonly to: number }[] = [];
  for (let from = 0; from < imageSize; ) {
    const to = Math.min(from + rangeOf(work), imageSize);
    ranges.push({ from, to });
    work.left -= to - from;
    from = to;
  }
  await Promise.all(
    ranges.map(async ({ from, to }) => {
      const result = await work.pool.run({ kind: 'leaves', size: source.size, shape, from, to }, source);
      if (result.kind !== 'leaves') throw new Error('a thread answered another question');
      draft.leaves.set(result.leaves, (from / dataBlockSize) * ((result.leaves.length * dataBlockSize) / (to - from)));
    }),
  );
  return hashtreeAnswer(descriptor, await judgeHashtree(source, descriptor, draft.finish()));
}
