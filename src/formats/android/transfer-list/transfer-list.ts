/**
 * Block OTA transfer lists: `system.transfer.list` beside `system.new.dat`, versions 1 to 4, of full images.
 * Spec: AOSP bootable/recovery/updater/blockimg.cpp. Limits: `LIST_MAX` bytes, `RANGES_MAX` ranges, blocks of 4096 bytes.
 * Does not read: incremental commands (move, bsdiff, imgdiff, stash, free): they are refused by name, and blocks that `new` makes are still readable.
 *
 *   version; blocks written in all; from version 2 stash entries and blocks at most; then a command a line: `new|zero|erase COUNT,a,b,c,d…` with COUNT numbers, each pair from (included) to (excluded)
 */
import { checkRange, FormatError, type Source } from '../../../bytes/index.ts';

const FORMAT = 'transfer list';
const BLOCK = 4096;
const LIST_MAX = 64 << 20;
const RANGES_MAX = 1 << 20;
const BLOCKS_MAX = 2 ** 32;
const INCREMENTAL: ReadonlySet<string> = new Set(['move', 'bsdiff', 'imgdiff', 'stash', 'free', 'compute_hash_tree', 'abort']);

export interface BlockRange {
  readonly start: number;
  readonly end: number;
}

export interface TransferList {
  readonly version: number;
  readonly totalBlocks: number;
  /** What `new` writes, in the order of the data. */
  readonly fresh: readonly BlockRange[];
  /** Highest block that any command names. */
  readonly blocks: number;
  /** Names of commands that need the image of the build before. */
  readonly incremental: readonly string[];
}

/** Parses a list. @throws FormatError, naming the line */
export function parseTransferList(text: string): TransferList {
  if (text.length > LIST_MAX) throw problem(0, 'too-large', `${text.length} bytes`);
  const lines = text.split('\n');
  const version = number(lines[0] ?? '', 0);
  if (version < 1 || version > 4) throw problem(0, 'unsupported-version', `${version} is not from 1 to 4`);
  const totalBlocks = number(lines[1] ?? '', 1);
  const fresh: BlockRange[] = [];
  const incremental = new Set<string>();
  let blocks = 0;
  let count = 0;
  for (let index = version === 1 ? 2 : 4; index < lines.length; index++) {
    const line = (lines[index] ?? '').trimEnd();
    if (line === '') continue;
    const [command = '', ranges = '', ...more] = line.split(' ');
    if (INCREMENTAL.has(command)) {
      incremental.add(command);
      continue;
    }
    if ((command !== 'new' && command !== 'zero' && command !== 'erase') || more.length > 0)
      throw problem(index, 'bad-value', `${JSON.stringify(line.slice(0, 40))} is no command known here`);
    const parsed = parseRanges(ranges, index);
    count += parsed.length;
    if (count > RANGES_MAX) throw problem(index, 'too-large', `more than ${RANGES_MAX} ranges`);
    for (const range of parsed) {
      blocks = Math.max(blocks, range.end);
      if (command === 'new') fresh.push(range);
    }
  }
  return { version, totalBlocks, fresh, blocks, incremental: [...incremental] };
}

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

/** The image of a full list as a Source over its unpacked `new.dat`; what no `new` writes is zeros. @throws FormatError on incremental lists, overlaps and short data */
export function transferListImage(list: TransferList, data: Source): Source {
  if (list.incremental.length > 0)
    throw problem(0, 'unsupported-feature', `${list.incremental.join(', ')} need the image of the build before`);
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
