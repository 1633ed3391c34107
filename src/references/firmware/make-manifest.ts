/** A ROM's partitions → its manifest: each examined once, several at a time where the platform can. */
import { FormatError, type Source } from '../../bytes/index.ts';
import {
  type AvbPartitionResult,
  type AvbResult,
  type ContentAnswer,
  type ContentDescriptor,
  readAvbFooter,
  verifyAvb,
} from '../../formats/android/index.ts';
import type { Manifest, ManifestPartition } from '../manifest.ts';
import { canonicalManifest } from '../manifest-bytes.ts';
import { examineFiles, examinePartition, type ProgressPort } from './examine.ts';
import { identityOf } from './layout.ts';
import type { ExaminePorts, PartitionPart, PartitionQuestion } from './part.ts';
import type { RomContents, RomPartition } from './partitions.ts';

/** Examines one partition, here or in another thread. */
export type PartitionRunner = (source: Source, question: PartitionQuestion, report: ProgressPort) => Promise<PartitionPart>;

/** How far a manifest is. */
export interface ManifestProgress {
  readonly doneBytes: number;
  readonly totalBytes: number;
  /** Partitions that are being examined. */
  readonly running: readonly string[];
}

export interface MakeManifestOptions {
  readonly ports: ExaminePorts;
  /** Undefined: here. */
  readonly runner?: PartitionRunner;
  /** Partitions examined at the same time. */
  readonly together: number;
  readonly report?: (progress: ManifestProgress) => void;
  /** Parts that were made before, and who keeps each that is made. */
  readonly checkpoint?: Checkpoint;
}

/** What a run that was broken off left, by partition. A ROM's bytes, and who reads them, are the same as then: its maker sees to that. */
export interface Checkpoint {
  readonly load: (partition: string) => Promise<PartitionPart | undefined>;
  /** Texts come along where it wants them. Durable when it answers. */
  readonly keep: (partition: string, part: PartitionPart) => Promise<void>;
  readonly keepTexts: boolean;
}

/** What was made of a ROM. */
export interface MadeManifest {
  readonly manifest: Manifest;
  readonly avb: AvbResult | undefined;
}

/** Makes the manifest of partitions. Never throws on hostile images: what could not be read is in `unread`. */
export async function makeManifest(contents: RomContents, options: MakeManifestOptions): Promise<MadeManifest> {
  const { partitions } = contents;
  const { ports } = options;
  const sources = new Map([...partitions].flatMap(([name, { source, files }]) => (files === undefined ? [[name, source] as const] : [])));
  const walk = async (content: (descriptor: ContentDescriptor) => ContentAnswer) =>
    sources.size === 0
      ? undefined
      : verifyAvb({
          partitions: sources,
          verify: ports.verify,
          hash: ports.hash,
          content: async (_source, descriptor) => content(descriptor),
        });
  // First what is bound by what; the content is verified while it is read anyway.
  const descriptors = new Map<string, ContentDescriptor>();
  await walk((descriptor) => {
    if (!descriptors.has(descriptor.partitionName)) descriptors.set(descriptor.partitionName, descriptor);
    return NOT_YET;
  });
  const parts = await examineAll(partitions, descriptors, options);
  const answers = new Map(parts.flatMap(({ name, part }) => (part.content === undefined ? [] : [[name, part.content] as const])));
  const avb = await walk((descriptor) =>
    descriptors.get(descriptor.partitionName) === descriptor || sameDescriptor(descriptors.get(descriptor.partitionName), descriptor)
      ? (answers.get(descriptor.partitionName) ?? NOT_YET)
      : NOT_YET,
  );
  return {
    manifest: joinParts(
      contents,
      parts.map(({ part }) => part),
      avb,
    ),
    avb,
  };
}

const NOT_YET: ContentAnswer = { outcome: 'not-checked', because: 'its image could not be read through', firstDifferingBlock: null };

/** Two walks read the same descriptor twice. */
const sameDescriptor = (a: ContentDescriptor | undefined, b: ContentDescriptor) =>
  a !== undefined && a.kind === b.kind && a.imageSize === b.imageSize && a.hashAlgorithm === b.hashAlgorithm;

interface NamedPart {
  readonly name: string;
  readonly part: PartitionPart;
}

async function examineAll(
  partitions: ReadonlyMap<string, RomPartition>,
  descriptors: ReadonlyMap<string, ContentDescriptor>,
  { ports, runner, together, report, checkpoint }: MakeManifestOptions,
): Promise<readonly NamedPart[]> {
  const run: PartitionRunner = runner ?? ((source, question, hear) => examinePartition(source, question, ports, hear));
  const sizeOf = ({ source, files }: RomPartition) => files?.fileSystem.size ?? source.size;
  const totalBytes = [...partitions.values()].reduce((sum, partition) => sum + sizeOf(partition), 0);
  const done = new Map<string, number>();
  const running = new Set<string>();
  const tell = () => report?.({ doneBytes: [...done.values()].reduce((sum, bytes) => sum + bytes, 0), totalBytes, running: [...running] });
  // The largest first: a small one at the end keeps nobody waiting.
  const waiting = [...partitions].toSorted(([a, left], [b, right]) => sizeOf(right) - sizeOf(left) || (a < b ? -1 : 1));
  const parts: NamedPart[] = [];
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [name, partition] = next;
      const { source, statedSha256, files } = partition;
      running.add(name);
      const hear: ProgressPort = (bytes) => {
        done.set(name, bytes);
        tell();
      };
      const keepTexts = checkpoint?.keepTexts === true;
      const question = { name, descriptor: descriptors.get(name), originalImageSize: await footerSize(source), statedSha256, keepTexts };
      const before = await checkpoint?.load(name);
      // Files that are installed one by one lie in the package, which this thread has open.
      const made = async () => (files === undefined ? run(source, question, hear) : examineFiles(question, files, ports, hear));
      const part = before ?? (await made());
      if (before === undefined) await checkpoint?.keep(name, part);
      running.delete(name);
      done.set(name, sizeOf(partition));
      tell();
      parts.push({ name, part: part.texts.length === 0 ? part : { ...part, texts: [] } });
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, together) }, worker));
  return parts;
}

async function footerSize(source: Source): Promise<number | undefined> {
  try {
    return (await readAvbFooter(source))?.originalImageSize;
  } catch (error) {
    // A footer that is malformed is the AVB walk's to tell.
    if (!(error instanceof FormatError)) throw error;
    return undefined;
  }
}

function joinParts({ unread }: RomContents, parts: readonly PartitionPart[], avb: AvbResult | undefined): Manifest {
  const all = <K extends 'files' | 'apks' | 'apexes' | 'properties' | 'selinux' | 'init' | 'unread'>(key: K): PartitionPart[K][number][] =>
    parts.flatMap((part) => part[key] as PartitionPart[K][number][]);
  const properties = all('properties');
  return canonicalManifest({
    format: 'assay.manifest/1',
    identity: identityOf(properties),
    partitions: parts.flatMap(({ partitions }) => partitions.map((row) => withAvb(row, avb))),
    files: all('files'),
    apks: all('apks'),
    apexes: all('apexes'),
    properties,
    selinux: all('selinux'),
    init: all('init'),
    vbmetaDigest: avb?.vbmetaDigest ?? null,
    unread: [...all('unread'), ...unread.map((row) => ({ ...row, path: row.path ?? null }))],
  });
}

const WORST = ['intact', 'not-checked', 'altered'] as const;

/** What the walk of the chain says of a partition: how it is bound and whether all of it holds. */
function withAvb(row: ManifestPartition, avb: AvbResult | undefined): ManifestPartition {
  const rows = avb?.partitions.filter((one) => one.partition === row.name && isBound(one)) ?? [];
  const bound = rows.find(({ by }) => by === 'hash' || by === 'hashtree') ?? rows[0];
  if (bound === undefined) return row;
  const worst = rows.reduce((most, { outcome }) => Math.max(most, WORST.indexOf(outcomeOf(outcome))), 0);
  const decisive = rows.find(({ outcome }) => outcomeOf(outcome) === WORST[worst]) ?? bound;
  const signed = rows.find(({ signature }) => signature !== null)?.signature;
  return {
    ...row,
    // A digest under a signature that does not hold is the data's, and nobody's word.
    avb: {
      by: bound.by,
      in: bound.in,
      outcome: WORST[worst] ?? 'altered',
      because: decisive.because,
      keySha256: signed?.keySha256 ?? null,
      rollbackIndex: signed?.rollbackIndex ?? null,
    },
  };
}

/** Whether a vbmeta says anything of it: without a root, the walk asks each image for itself. */
const isBound = ({ by, signature, outcome }: AvbPartitionResult) => by !== 'root' || signature !== null || outcome === 'altered';
const outcomeOf = (outcome: AvbPartitionResult['outcome']) => (outcome === 'missing' ? 'not-checked' : outcome);
