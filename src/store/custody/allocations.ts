/** Blocks of numbers that makers gave to their products, as the operator of the store has them, in a file of its folder. Format: `assay.allocations/1`. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod/mini';
import type { Allocation } from '../../provenance/index.ts';
import { replaceFile } from './trust.ts';

const ALLOCATIONS_MAX = 200_000;
const text = z.string().check(z.minLength(1), z.maxLength(100));

const allocationsSchema = z.strictObject({
  format: z.literal('assay.allocations/1'),
  blocks: z
    .array(
      z
        .strictObject({ kind: z.enum(['imei', 'serial']), from: text, to: text, brand: text, model: text })
        .check(z.refine(({ from, to }) => from.length === to.length && from <= to, 'a block goes from a number to one of the same length')),
    )
    .check(z.maxLength(ALLOCATIONS_MAX)),
});

const pathIn = (folder: string) => join(folder, 'allocations.json');

/** @throws Error where it is no list of blocks */
export const parseAllocations = (value: unknown): readonly Allocation[] => z.parse(allocationsSchema, value).blocks.map(comparable);

/** Serials compare in lower case, IMEIs without the check digit, as identities do. */
function comparable(block: Allocation): Allocation {
  const of = (number: string) => (block.kind === 'imei' ? number.replaceAll(/\D/g, '').slice(0, 14) : number.trim().toLowerCase());
  return { ...block, from: of(block.from), to: of(block.to) };
}

/** Keeps the blocks in place of those that were there. The file is replaced as a whole. */
export async function keepAllocations(folder: string, blocks: readonly Allocation[]): Promise<void> {
  await replaceFile(pathIn(folder), `${JSON.stringify({ format: 'assay.allocations/1', blocks })}\n`);
}

/** The blocks that were kept; none where nobody kept any. */
export async function keptAllocations(folder: string): Promise<readonly Allocation[]> {
  const found = await readFile(pathIn(folder), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  return found === undefined ? [] : parseAllocations(JSON.parse(found));
}
