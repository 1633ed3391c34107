/**
 * The image that an incremental transfer list makes of the one before it, as a Source: nothing is written. The commands are gone through once with references in place of blocks:
 * for every block it is noted which block of which origin it will hold, so that a block that is moved, put away and patched later is still found when it is read.
 * Limits: images of `BLOCKS_MAX` blocks, `CAPTURED_MAX` blocks read and `WRITTEN_MAX` written by all commands together, patches on patches `DEPTH_MAX` deep, and `MADE_RATIO` times
 * the image made by patches: one whose blocks lie by turns in two others would make each of those again for every block.
 * Does not read: `imgdiff` (its patches pack deflated data again exactly as zlib did): blocks that it makes are refused by name, the others are readable.
 */
import { type CodecPort, checkRange, FormatError, type HashPort, hashOf, parseHex, type Source, toHex } from '../../../bytes/index.ts';
import { computeHashtree } from '../avb/index.ts';
import { applyBspatch } from '../payload/bspatch.ts';
import type { BlockRange, TransferCommand, TransferList, TransferSource } from './types.ts';

const FORMAT = 'transfer list';
const BLOCK = 4096;
const BLOCKS_MAX = 1 << 23;
const CAPTURED_MAX = 1 << 24;
const WRITTEN_MAX = 1 << 25;
const MADE_RATIO = 8;
const MADE_LEAST = 2 ** 32;
const DEPTH_MAX = 64;
/** One patch's source or target. */
const OPERATION_MAX = 512 << 20;
const CACHE_MAX = 32 << 20;

/** What an incremental list needs besides its new data. */
export interface IncrementalInputs {
  readonly before?: Source;
  /** `patch.dat`. */
  readonly patch?: Source;
  readonly codec: CodecPort;
  readonly hash: HashPort;
}

/** Blocks by where they come from: an origin's number and a block of it. */
interface References {
  readonly origins: Int32Array;
  readonly blocks: Uint32Array;
}

const BEFORE = 0;
const ZERO = 1;
const NEW = 2;
/** Origins from here on are outputs of commands. */
const FIRST_OUTPUT = 3;

interface Output {
  readonly command: TransferCommand & { readonly kind: 'bsdiff' | 'imgdiff' | 'compute_hash_tree' };
  readonly source: References;
  /** Line of the list, for messages. */
  readonly line: number;
}

/** Reads through references. @throws FormatError on commands that read what is not there, and later when a patch does not apply */
export function incrementalImage(list: TransferList, data: Source, inputs: IncrementalInputs & { readonly before: Source }): Source {
  const { references, outputs } = simulate(list, data, inputs.before);
  const size = references.origins.length * BLOCK;
  const reader = outputReader(outputs, { data, ...inputs }, MADE_LEAST + MADE_RATIO * size);
  return {
    size,
    async read(at, length) {
      checkRange({ size }, at, length, FORMAT);
      const first = Math.floor(at / BLOCK);
      const bytes = await reader(slice(references, first, Math.ceil((at + length) / BLOCK)), 0);
      return bytes.subarray(at - first * BLOCK, at - first * BLOCK + length);
    },
  };
}

const slice = ({ origins, blocks }: References, from: number, to: number): References => ({
  origins: origins.subarray(from, to),
  blocks: blocks.subarray(from, to),
});

function simulate(
  list: TransferList,
  data: Source,
  before: Source,
): { readonly references: References; readonly outputs: readonly Output[] } {
  const total = Math.max(list.blocks, Math.ceil(before.size / BLOCK));
  if (total > BLOCKS_MAX) throw problem(0, 'too-large', `${total} blocks, and ${BLOCKS_MAX} is the most`);
  const state: References = { origins: new Int32Array(total), blocks: Uint32Array.from({ length: total }, (_, block) => block) };
  for (let block = Math.floor(before.size / BLOCK); block < total; block++) state.origins[block] = ZERO;
  const stashes = new Map<string, References>();
  const outputs: Output[] = [];
  let captured = 0;
  let fresh = 0;
  let written = 0;
  const take = (count: number, line: number) => {
    captured += count;
    if (captured > CAPTURED_MAX) throw problem(line, 'too-large', `more than ${CAPTURED_MAX} blocks are read`);
  };
  const gather = (ranges: readonly BlockRange[], line: number): References => {
    const count = ranges.reduce((sum, { start, end }) => sum + end - start, 0);
    take(count, line);
    const found = { origins: new Int32Array(count), blocks: new Uint32Array(count) };
    let at = 0;
    for (const { start, end } of ranges) {
      found.origins.set(state.origins.subarray(start, end), at);
      found.blocks.set(state.blocks.subarray(start, end), at);
      at += end - start;
    }
    return found;
  };
  const put = (ranges: readonly BlockRange[], line: number, of: (index: number) => readonly [origin: number, block: number]) => {
    written += countOf(ranges);
    if (written > WRITTEN_MAX) throw problem(line, 'too-large', `more than ${WRITTEN_MAX} blocks are written`);
    let index = 0;
    for (const { start, end } of ranges)
      for (let block = start; block < end; block++) {
        const [origin, from] = of(index++);
        state.origins[block] = origin;
        state.blocks[block] = from;
      }
  };
  const sourceOf = ({ blocks, pieces }: TransferSource, line: number): References => {
    take(blocks, line);
    const all = { origins: new Int32Array(blocks).fill(ZERO), blocks: new Uint32Array(blocks) };
    for (const piece of pieces) {
      const found = piece.stash === undefined ? gather(piece.ranges, line) : stashes.get(piece.stash);
      if (found === undefined) throw problem(line, 'bad-value', `nothing was put away as ${JSON.stringify(piece.stash?.slice(0, 40))}`);
      const places = piece.places ?? [{ start: 0, end: found.origins.length }];
      let index = 0;
      for (const { start, end } of places) {
        if (end > blocks || index + end - start > found.origins.length)
          throw problem(line, 'out-of-bounds', `blocks ${start} to ${end} of a source of ${blocks}, out of ${found.origins.length}`);
        all.origins.set(found.origins.subarray(index, index + end - start), start);
        all.blocks.set(found.blocks.subarray(index, index + end - start), start);
        index += end - start;
      }
    }
    return all;
  };
  for (const [index, command] of list.commands.entries()) {
    const line = index + (list.version === 1 ? 2 : 4);
    switch (command.kind) {
      case 'new':
        put(command.target, line, (block) => [NEW, fresh + block]);
        fresh += countOf(command.target);
        if (fresh * BLOCK > data.size)
          throw problem(line, 'out-of-bounds', `${fresh} blocks of new data, and there are ${data.size} bytes`);
        break;
      case 'zero':
      case 'erase':
        put(command.target, line, () => [ZERO, 0]);
        break;
      case 'stash':
        stashes.set(command.id, gather(command.ranges, line));
        break;
      case 'free':
        stashes.delete(command.id);
        break;
      case 'move': {
        const source = sourceOf(command.source, line);
        if (source.origins.length < countOf(command.target)) throw problem(line, 'out-of-bounds', 'it moves more blocks than it reads');
        put(command.target, line, (block) => [source.origins[block] ?? ZERO, source.blocks[block] ?? 0]);
        break;
      }
      case 'bsdiff':
      case 'imgdiff':
      case 'compute_hash_tree': {
        const source = command.kind === 'compute_hash_tree' ? gather(command.data, line) : sourceOf(command.source, line);
        const origin = FIRST_OUTPUT + outputs.push({ command, source, line }) - 1;
        put(command.target, line, (block) => [origin, block]);
      }
    }
  }
  return { references: state, outputs };
}

const countOf = (ranges: readonly BlockRange[]) => ranges.reduce((sum, { start, end }) => sum + end - start, 0);

type Reader = (references: References, depth: number) => Promise<Uint8Array>;

function outputReader(
  outputs: readonly Output[],
  inputs: IncrementalInputs & { readonly before: Source; readonly data: Source },
  mostMade: number,
): Reader {
  let allMade = 0;
  const cache = new Map<number, Uint8Array>();
  let cached = 0;
  const outputOf = async (index: number, depth: number): Promise<Uint8Array> => {
    const known = cache.get(index);
    if (known !== undefined) return known;
    const output = outputs[index];
    if (output === undefined) throw new RangeError(`output ${index}`);
    if (depth > DEPTH_MAX) throw problem(output.line, 'too-deep', `more than ${DEPTH_MAX} patches on each other`);
    allMade += output.source.origins.length * BLOCK;
    if (allMade > mostMade) throw problem(output.line, 'too-large', `more than ${mostMade} bytes are patched to read this image`);
    const made = await makeOutput(output, inputs, () => read(output.source, depth + 1));
    cached += made.length;
    for (const [old, { length }] of cache) {
      if (cached <= CACHE_MAX) break;
      cache.delete(old);
      cached -= length;
    }
    cache.set(index, made);
    return made;
  };
  const read: Reader = async ({ origins, blocks }, depth) => {
    const out = new Uint8Array(origins.length * BLOCK);
    for (let from = 0; from < origins.length; ) {
      const origin = origins[from] ?? ZERO;
      const first = blocks[from] ?? 0;
      let to = from + 1;
      while (to < origins.length && origins[to] === origin && (origin === ZERO || blocks[to] === first + to - from)) to++;
      if (origin !== ZERO) {
        const at = first * BLOCK;
        const length = (to - from) * BLOCK;
        const bytes =
          origin === BEFORE
            ? await inputs.before.read(at, length)
            : origin === NEW
              ? await inputs.data.read(at, length)
              : (await outputOf(origin - FIRST_OUTPUT, depth)).subarray(at, at + length);
        out.set(bytes, from * BLOCK);
      }
      from = to;
    }
    return out;
  };
  return read;
}

async function makeOutput(
  { command, source, line }: Output,
  { patch, codec, hash }: IncrementalInputs,
  read: () => Promise<Uint8Array>,
): Promise<Uint8Array> {
  if (command.kind === 'imgdiff') throw problem(line, 'unsupported-feature', 'imgdiff is not carried out here');
  const size = countOf(command.target) * BLOCK;
  if (size > OPERATION_MAX || source.origins.length * BLOCK > OPERATION_MAX)
    throw problem(line, 'too-large', `${size} bytes in one command`);
  if (command.kind === 'compute_hash_tree') {
    const data = await read();
    const salt = hexBytes(command.salt, line);
    const shape = { imageSize: data.length, dataBlockSize: BLOCK, hashBlockSize: BLOCK, hashAlgorithm: command.algorithm, salt };
    const { tree, rootDigest } = await computeHashtree(
      { size: data.length, read: async (at, length) => data.subarray(at, at + length) },
      shape,
      hash,
    );
    if (toHex(rootDigest) !== command.root.toLowerCase()) throw problem(line, 'bad-checksum', 'the hash tree has another root');
    if (tree.length > size) throw problem(line, 'bad-value', `${tree.length} bytes of tree for ${size}`);
    return tree;
  }
  if (patch === undefined || command.patchAt + command.patchLength > patch.size)
    throw problem(line, 'out-of-bounds', `a patch of ${command.patchLength} bytes at ${command.patchAt} of ${patch?.size ?? 'no'} bytes`);
  const made = await applyBspatch(await read(), await patch.read(command.patchAt, command.patchLength), codec, size);
  if (command.targetSha1 !== undefined && toHex(hashOf(hash, 'sha1', made)) !== command.targetSha1.toLowerCase())
    throw problem(line, 'bad-checksum', 'the patch makes blocks of another SHA-1: the image of the build before is another one');
  return made;
}

function hexBytes(text: string, line: number): Uint8Array {
  const bytes = text.length > 1024 ? undefined : parseHex(text);
  if (bytes === undefined) throw problem(line, 'bad-value', 'a salt that is not hex');
  return bytes;
}

const problem = (line: number, code: FormatError['code'], detail: string) =>
  new FormatError({ format: FORMAT, field: `line ${line + 1}`, at: line }, code, detail);
