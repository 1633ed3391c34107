/**
 * One partition → its rows of a manifest, in one pass: files are read in the order of their blocks, and the image's own digests are taken along behind them.
 * A file that cannot be read costs that file; an image that cannot be read through costs its digest.
 */
import { equalBytes, FormatError, type HashPort, type Source, toHex } from '../../bytes/index.ts';
import {
  type ContentAnswer,
  findVbmeta,
  hashAnswer,
  hashtreeAnswer,
  isBoot,
  isDtTable,
  isVbmeta,
  judgeHashtree,
  readBoot,
} from '../../formats/android/index.ts';
import { openFileSystem } from '../../formats/fs/index.ts';
import type { ManifestFile, ManifestPartition } from '../manifest.ts';
import { readApexRow } from './apex.ts';
import { readBootSections } from './boot-sections.ts';
import { readTree } from './examine-tree.ts';
import { type ExaminePorts, newPart, noteUnread, type PartDraft, type PartitionPart, type PartitionQuestion } from './part.ts';
import type { InstalledFiles } from './partitions.ts';
import { readRamdisks } from './ramdisks.ts';
import { type Sweep, type SweepResult, startSweep } from './sweep.ts';

/** Hears how many bytes of the image are done. */
export type ProgressPort = (bytes: number) => void;

/** Examines one partition. Never throws on hostile images: what could not be read is in the answer. */
export async function examinePartition(
  source: Source,
  question: PartitionQuestion,
  ports: ExaminePorts,
  report?: ProgressPort,
): Promise<PartitionPart> {
  const part = newPart();
  const { name } = question;
  const whole = { partition: name, path: null };
  const kind = await kindOf(source, part, question, ports);
  const bound = question.originalImageSize ?? question.descriptor?.imageSize;
  const isFiles = bound === undefined && kind.isFileSystem;
  // A digest over files needs none over blocks.
  const imageSize = isFiles ? 0 : (bound ?? kind.size);
  let answer: ContentAnswer | undefined;
  let sweep: Sweep;
  const wish = { imageSize, descriptor: question.descriptor, whole: (question.statedSha256?.length ?? 0) > 0 };
  try {
    sweep = startSweep(source, wish, ports.hash, report);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    answer = {
      outcome: error.code === 'unsupported-feature' ? 'not-checked' : 'altered',
      because: error.message,
      firstDifferingBlock: null,
    };
    sweep = startSweep(source, { ...wish, descriptor: undefined }, ports.hash, report);
  }
  try {
    if (kind.open !== undefined) await kind.open(sweep);
  } catch (error) {
    noteUnread(part, whole, error);
  }
  let swept: SweepResult | undefined;
  try {
    swept = await sweep.finish();
    answer ??= await contentAnswer(source, question, swept);
    if (swept.whole !== undefined && question.statedSha256 !== undefined && !equalBytes(swept.whole, question.statedSha256))
      part.unread.push({
        ...whole,
        because: `its SHA-256 is ${toHex(swept.whole)}, and the container says ${toHex(question.statedSha256)}`,
      });
  } catch (error) {
    noteUnread(part, whole, error);
  }
  part.content = answer;
  const tree = swept?.tree;
  part.partitions.unshift({
    name,
    size: isFiles
      ? part.files.reduce((sum, { partition, size }) => sum + (partition === name ? (size ?? 0) : 0), 0)
      : (swept?.imageSize ?? 0),
    sha256: isFiles ? filesDigest(part, name, ports.hash) : swept === undefined ? null : toHex(swept.image),
    rootDigest: answer?.outcome === 'intact' && tree !== undefined ? toHex(tree.rootDigest) : null,
    over: bound === undefined ? kind.over : 'avb image',
    kind: kind.name,
    avb: null,
  });
  return part;
}

/** The same of a partition that is no image: the digest is over its files, as that of an image without AVB is. */
export async function examineFiles(
  { name, keepTexts = false }: Pick<PartitionQuestion, 'name' | 'keepTexts'>,
  { fileSystem, unread }: InstalledFiles,
  ports: ExaminePorts,
  report?: ProgressPort,
): Promise<PartitionPart> {
  const part = newPart();
  for (const { path, because } of unread) part.unread.push({ partition: name, path, because });
  let fed = 0;
  const hear = (bytes: number) => {
    fed += bytes;
    report?.(fed);
  };
  await readTree({ fileSystem, partition: name, part, ports, sweep: undefined, hear, keepTexts, readApex: readApexRow });
  part.partitions.unshift({
    name,
    size: part.files.reduce((sum, { partition, size }) => sum + (partition === name ? (size ?? 0) : 0), 0),
    sha256: filesDigest(part, name, ports.hash),
    rootDigest: null,
    over: 'files',
    kind: fileSystem.kind,
    avb: null,
  });
  return part;
}

async function contentAnswer(source: Source, { descriptor }: PartitionQuestion, swept: SweepResult): Promise<ContentAnswer | undefined> {
  if (descriptor === undefined) return undefined;
  if (descriptor.kind === 'hash') return hashAnswer(source, descriptor, swept.salted ?? new Uint8Array(0));
  if (swept.tree === undefined)
    return {
      outcome: 'altered',
      because: `${descriptor.imageSize} bytes were signed, and the image has ${source.size}`,
      firstDifferingBlock: null,
    };
  return hashtreeAnswer(descriptor, await judgeHashtree(source, descriptor, swept.tree));
}

interface Kind {
  /** As the manifest names it; null: opaque. */
  readonly name: string | null;
  readonly over: NonNullable<ManifestPartition['over']>;
  /** Bytes that are the image's own; undefined: not known. */
  readonly size: number | undefined;
  readonly isFileSystem: boolean;
  /** Reads what is inside into the part, moving the sweep along. */
  readonly open: ((sweep: Sweep) => Promise<void>) | undefined;
}

const OPAQUE: Kind = { name: null, over: 'bytes', size: undefined, isFileSystem: false, open: undefined };

/** What an image is. What looks like something and is malformed is noted, and then opaque. */
async function kindOf(source: Source, part: PartDraft, question: PartitionQuestion, ports: ExaminePorts): Promise<Kind> {
  const { name } = question;
  try {
    const start = await source.read(0, Math.min(8, source.size));
    if (isVbmeta(start)) {
      const found = await findVbmeta(source);
      return { ...OPAQUE, name: 'vbmeta', over: 'vbmeta', size: found?.vbmeta.bytes.length };
    }
    if (isBoot(start)) {
      const { value: boot } = await readBoot(source);
      const last = boot.sections.reduce((end, { at, size }) => Math.max(end, at + size), boot.pageSize);
      const open = async () => {
        await readBootSections({ source, boot, partition: name, part, hash: ports.hash });
        await readRamdisks({ source, boot, partition: name, part, ports, keepTexts: question.keepTexts === true });
      };
      return { ...OPAQUE, name: boot.kind, over: 'boot image', size: last, open };
    }
    if (isDtTable(start)) return { ...OPAQUE, name: 'dtbo' };
    const fileSystem = await openFileSystem(source, ports.codec);
    if (fileSystem === undefined) return OPAQUE;
    const { keepTexts = false } = question;
    const open = (sweep: Sweep) => readTree({ fileSystem, partition: name, part, ports, sweep, keepTexts, readApex: readApexRow });
    return { name: fileSystem.kind, over: 'files', size: undefined, isFileSystem: true, open };
  } catch (error) {
    noteUnread(part, { partition: name, path: null }, error);
    return OPAQUE;
  }
}

/** The folder that the tool of an ext file system makes in its root: installed file by file, the same build has none, or one of the phone's own making. What lies in it counts. */
const isLostAndFound = ({ path, type }: ManifestFile) => type === 'directory' && /^(?:\/[^/]+)?\/lost\+found$/.test(path);

/** SHA-256 over the canonical rows of a partition's files; null where one could not be read. */
function filesDigest(part: PartDraft, name: string, hash: HashPort): string | null {
  if (part.unread.some(({ partition }) => partition === name)) return null;
  const files = part.files
    .filter((file) => file.partition === name && !isLostAndFound(file))
    .toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  const hasher = hash('sha256');
  const utf8 = new TextEncoder();
  // Row after row: all of them as one text would be as large as the rows.
  for (const { path, type, size, mode, uid, gid, context, capabilities, sha256, target } of files)
    hasher.update(utf8.encode(`${JSON.stringify([path, type, size, mode, uid, gid, context, capabilities, sha256, target])}\n`));
  return toHex(hasher.digest());
}
