/**
 * Block OTA transfer lists: `system.transfer.list` beside `system.new.dat` and `system.patch.dat`, versions 1 to 4.
 * Spec: AOSP bootable/recovery/updater/blockimg.cpp. Limits: `LIST_MAX` bytes, `RANGES_MAX` ranges, blocks of 4096 bytes.
 * Incremental lists need the image of the build before: `incremental.ts`. Does not read: `abort`, which no package that is meant to be installed has.
 *
 *   version; blocks written in all; from version 2 stash entries and blocks at most; then a command a line: `new|zero|erase COUNT,a,b,c,d…` with COUNT numbers, each pair from (included) to (excluded)
 *   erase, zero, new RANGES        stash ID RANGES        free ID
 *   move [HASH] SOURCE             bsdiff|imgdiff OFFSET LENGTH [HASH HASH] SOURCE        hashes from version 3
 *   SOURCE in version 1: SRC TGT;  from 2: TGT BLOCKS then SRC, or SRC PLACES {ID:PLACES}…, or - {ID:PLACES}… (places in the source as it is put together)
 *   compute_hash_tree TREE SRC ALGORITHM SALT ROOT
 */
import { checkRange, FormatError, type Source } from '../../../bytes/index.ts';
import { type IncrementalInputs, incrementalImage } from './incremental.ts';
import type { BlockRange, TransferCommand, TransferList, TransferPiece, TransferSource } from './types.ts';

const FORMAT = 'transfer list';
const BLOCK = 4096;
const LIST_MAX = 64 << 20;
const RANGES_MAX = 1 << 20;
const BLOCKS_MAX = 2 ** 32;
const INCREMENTAL: ReadonlySet<string> = new Set(['move', 'bsdiff', 'imgdiff', 'stash', 'free', 'compute_hash_tree']);

/** Parses a list. @throws FormatError, naming the line */
export function parseTransferList(text: string): TransferList {
  if (text.length > LIST_MAX) throw problem(0, 'too-large', `${text.length} bytes`);
  const lines = text.split('\n');
  const version = number(lines[0] ?? '', 0);
  if (version < 1 || version > 4) throw problem(0, 'unsupported-version', `${version} is not from 1 to 4`);
  const totalBlocks = number(lines[1] ?? '', 1);
  const fresh: BlockRange[] = [];
  const incremental = new Set<string>();
  const commands: TransferCommand[] = [];
  let blocks = 0;
  let count = 0;
  for (let index = version === 1 ? 2 : 4; index < lines.length; index++) {
    const line = (lines[index] ?? '').trimEnd();
    if (line === '') continue;
    const words = line.split(' ');
    const name = words[0] ?? '';
    if (INCREMENTAL.has(name)) incremental.add(name);
    const command = parseCommand({ words, version, line: index, at: 1 });
    commands.push(command);
    for (const ranges of [
      ...('target' in command ? [command.target] : []),
      ...('source' in command ? command.source.pieces.map((piece) => piece.ranges) : []),
    ]) {
      count += ranges.length;
      if (count > RANGES_MAX) throw problem(index, 'too-large', `more than ${RANGES_MAX} ranges`);
      for (const range of ranges) blocks = Math.max(blocks, range.end);
    }
    if (command.kind === 'new') for (const range of command.target) fresh.push(range);
  }
  return { version, totalBlocks, fresh, blocks, incremental: [...incremental], commands };
}

interface Words {
  readonly words: readonly string[];
  readonly version: number;
  readonly line: number;
  /** Next word. */
  at: number;
}

function parseCommand(line: Words): TransferCommand {
  const kind = line.words[0] ?? '';
  const hash = () => (line.version >= 3 ? word(line) : undefined);
  const ranges = () => parseRanges(word(line), line.line);
  const parsed = (): TransferCommand => {
    switch (kind) {
      case 'new':
      case 'zero':
      case 'erase':
        return { kind, target: ranges() };
      case 'stash':
        return { kind, id: word(line), ranges: ranges() };
      case 'free':
        return { kind, id: word(line) };
      case 'move': {
        const targetSha1 = hash();
        return { kind, targetSha1, ...parseSource(line) };
      }
      case 'bsdiff':
      case 'imgdiff': {
        const patchAt = number(word(line), line.line);
        const patchLength = number(word(line), line.line);
        hash();
        const targetSha1 = hash();
        return { kind, patchAt, patchLength, targetSha1, ...parseSource(line) };
      }
      case 'compute_hash_tree':
        return { kind, target: ranges(), data: ranges(), algorithm: word(line), salt: word(line), root: word(line) };
      default:
        throw problem(line.line, 'bad-value', `${JSON.stringify(line.words.join(' ').slice(0, 40))} is no command known here`);
    }
  };
  const command = parsed();
  if (line.at < line.words.length) throw problem(line.line, 'trailing', `${line.words.length - line.at} words too many`);
  return command;
}

function word(line: Words): string {
  const found = line.words[line.at++];
  if (found === undefined || found === '' || found.length > LIST_MAX) throw problem(line.line, 'short-read', 'the command ends early');
  return found;
}

/** blockimg.cpp LoadSourceBlocks and LoadTargetBlocks. */
function parseSource(line: Words): { readonly target: readonly BlockRange[]; readonly source: TransferSource } {
  if (line.version === 1) {
    const ranges = parseRanges(word(line), line.line);
    return {
      source: { blocks: blocksOf(ranges), pieces: [{ stash: undefined, ranges, places: undefined }] },
      target: parseRanges(word(line), line.line),
    };
  }
  const target = parseRanges(word(line), line.line);
  const blocks = number(word(line), line.line);
  const pieces: TransferPiece[] = [];
  const first = word(line);
  if (first !== '-') {
    const ranges = parseRanges(first, line.line);
    const places = line.at < line.words.length ? parseRanges(word(line), line.line) : undefined;
    pieces.push({ stash: undefined, ranges, places });
  }
  while (line.at < line.words.length) {
    const [stash = '', places = ''] = word(line).split(':');
    pieces.push({ stash, ranges: [], places: parseRanges(places, line.line) });
  }
  return { target, source: { blocks, pieces } };
}

const blocksOf = (ranges: readonly BlockRange[]): number => ranges.reduce((sum, { start, end }) => sum + end - start, 0);

function parseRanges(text: string, line: number): readonly BlockRange[] {
  const [count = -1, ...numbers] = text.split(',').map((part) => number(part, line));
  if (count !== numbers.length || count % 2 !== 0 || count === 0)
    throw problem(line, 'bad-value', `${numbers.length} numbers, where ${count} are stated`);
  return Array.from({ length: count / 2 }, (_, index) => {
    const [start = 0, end = 0] = numbers.slice(2 * index, 2 * index + 2);
    if (start >= end) throw problem(line, 'bad-value', `a range from ${start} to ${end}`);
    return { start, end };
  });
}

function number(text: string, line: number): number {
  const value = Number(text);
  if (!/^\d{1,10}$/.test(text.trimEnd()) || value > BLOCKS_MAX)
    throw problem(line, 'bad-value', `${JSON.stringify(text.slice(0, 20))} is no number of blocks`);
  return value;
}

interface Run extends BlockRange {
  readonly dataAt: number;
}

/**
 * The image of a list as a Source over its unpacked `new.dat`; of a full list, what no `new` writes is zeros.
 * @throws FormatError on overlaps and short data, and on an incremental list without the image of the build before
 */
export function transferListImage(list: TransferList, data: Source, inputs?: IncrementalInputs): Source {
  if (list.incremental.length > 0) {
    if (inputs?.before === undefined)
      throw problem(0, 'unsupported-feature', `${list.incremental.join(', ')} need the image of the build before`);
    return incrementalImage(list, data, { ...inputs, before: inputs.before });
  }
  let dataAt = 0;
  const runs = list.fresh.map((range): Run => {
    const run = { ...range, dataAt };
    dataAt += (range.end - range.start) * BLOCK;
    return run;
  });
  if (dataAt > data.size) throw problem(0, 'out-of-bounds', `${dataAt} bytes of new data, and there are ${data.size}`);
  runs.sort((a, b) => a.start - b.start);
  for (const [index, { start }] of runs.entries())
    if ((runs[index - 1]?.end ?? 0) > start) throw problem(0, 'overlap', `block ${start} is written twice`);
  const size = list.blocks * BLOCK;
  return {
    size,
    async read(at, length) {
      checkRange({ size }, at, length, FORMAT);
      const out = new Uint8Array(length);
      for (let index = firstRun(runs, at); index < runs.length; index++) {
        const run = runs[index];
        if (run === undefined || run.start * BLOCK >= at + length) break;
        const from = Math.max(at, run.start * BLOCK);
        const to = Math.min(at + length, run.end * BLOCK);
        if (from < to) out.set(await data.read(run.dataAt + from - run.start * BLOCK, to - from), from - at);
      }
      return out;
    },
    origin(at) {
      const run = runs[firstRun(runs, at)];
      const start = run === undefined ? size : run.start * BLOCK;
      if (run === undefined || start > at) return { source: undefined, at: 0, length: start - at };
      return { source: data, at: run.dataAt + at - start, length: run.end * BLOCK - at };
    },
  };
}

/** Index of the first run that ends behind a byte. */
function firstRun(runs: readonly Run[], at: number): number {
  let low = 0;
  let high = runs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((runs[middle]?.end ?? 0) * BLOCK > at) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Writes a version 4 list of one `new` and one `zero` command. */
export function writeTransferList(fresh: readonly BlockRange[], zero: readonly BlockRange[]): string {
  const blocks = (ranges: readonly BlockRange[]) => ranges.reduce((sum, { start, end }) => sum + end - start, 0);
  const command = (name: string, ranges: readonly BlockRange[]) =>
    ranges.length === 0 ? [] : [`${name} ${[2 * ranges.length, ...ranges.flatMap(({ start, end }) => [start, end])].join(',')}`];
  return `${['4', String(blocks(fresh) + blocks(zero)), '0', '0', ...command('new', fresh), ...command('zero', zero)].join('\n')}\n`;
}

/** `at` is the line, from 0: lists are text. */
const problem = (line: number, code: FormatError['code'], detail: string) =>
  new FormatError({ format: FORMAT, field: `line ${line + 1}`, at: line }, code, detail);
