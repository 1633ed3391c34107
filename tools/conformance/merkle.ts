import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeHash as hash } from '../../src/platform/node/index.ts';
import { verifyConsistency, verifyInclusion, verifySubtreeConsistency, verifySubtreeInclusion } from '../../src/provenance/index.ts';

export const collection = 'provenance/merkle';

interface Vector {
  readonly leafIdx: number;
  readonly treeSize: number;
  readonly start: number;
  readonly end: number;
  readonly size: number;
  readonly size1: number;
  readonly size2: number;
  readonly root: string;
  readonly root1: string;
  readonly root2: string;
  readonly leafHash: string;
  readonly proof: readonly string[] | null;
  readonly wantErr: boolean;
}

const bytes = (text: string | null) => new Uint8Array(Buffer.from(text ?? '', 'base64'));

function holds(family: string, vector: Vector): boolean {
  const proof = (vector.proof ?? []).map(bytes);
  const leaf = bytes(vector.leafHash);
  const root = bytes(vector.root);
  switch (family) {
    case 'inclusion':
      return verifyInclusion(hash, { index: vector.leafIdx, size: vector.treeSize, leaf, root }, proof);
    case 'consistency':
      return verifyConsistency(
        hash,
        { oldSize: vector.size1, newSize: vector.size2, oldRoot: bytes(vector.root1), newRoot: bytes(vector.root2) },
        proof,
      );
    case 'subtreeinclusion':
      return verifySubtreeInclusion(hash, { index: vector.leafIdx, start: vector.start, end: vector.end, leaf, root }, proof);
    default:
      return verifySubtreeConsistency(
        hash,
        { start: vector.start, end: vector.end, size: vector.size, subtreeRoot: bytes(vector.root1), root: bytes(vector.root2) },
        proof,
      );
  }
}

export async function run(dataDir: string): Promise<{ agree: number; differ: string[] } | undefined> {
  const folder = join(dataDir, 'provenance', 'merkle');
  if (!existsSync(folder)) return undefined;
  let agree = 0;
  const differ: string[] = [];
  for (const path of globSync('**/*.json', { cwd: folder })) {
    const vector = JSON.parse(readFileSync(join(folder, path), 'utf8')) as Vector;
    const valid = holds(path.split('/')[0] ?? '', vector);
    if (valid === !vector.wantErr) agree++;
    else differ.push(`${path}: ${valid ? 'verified' : 'refused'}`);
  }
  return { agree, differ };
}
