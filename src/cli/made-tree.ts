/** A manifest out of a folder that was extracted from a build. It finds differences and clears nothing: whoever extracted it could have changed it. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { isTextFile, TEXT_FILE_MAX } from '../evidence/texts/index.ts';
import {
  canonicalManifest,
  identityOfFiles,
  KEPT_TEXTS_MAX,
  type KeptText,
  type Manifest,
  type ManifestFile,
} from '../references/index.ts';

const FILES_MAX = 1_000_000;
const DEPTH_MAX = 64;
/** Bytes of a property file. */
const PROPERTIES_MAX = 4 << 20;

/** A manifest, and texts among its files up to `KEPT_TEXTS_MAX` bytes of them. */
export interface MadeTree {
  readonly manifest: Manifest;
  readonly texts: readonly KeptText[];
}

/** `root` is what the folder is mounted as, as in `/system`; empty where it is the root of the tree. Rights, owner and label are the host's, so they are left out. */
export async function manifestOfTree(folder: string, root: string): Promise<MadeTree> {
  const files: ManifestFile[] = [];
  const kept: KeptText[] = [];
  let keepable = KEPT_TEXTS_MAX;
  const properties: { readonly path: string; readonly text: string }[] = [];
  const walk = async (below: string, depth: number): Promise<void> => {
    if (depth > DEPTH_MAX) throw new RangeError(`folders more than ${DEPTH_MAX} deep in ${folder}`);
    for (const name of (await readdir(join(folder, below))).toSorted()) {
      if (files.length >= FILES_MAX) throw new RangeError(`more than ${FILES_MAX} entries in ${folder}`);
      const inside = `${below}/${name}`;
      const host = join(folder, inside);
      const path = root + inside;
      const found = await lstat(host);
      const row = { partition: path.split('/')[1] ?? '', path };
      if (found.isSymbolicLink()) {
        const target = await readlink(host);
        files.push({ ...row, type: 'link', size: Buffer.byteLength(target), sha256: null, target });
      } else if (found.isDirectory()) {
        files.push({ ...row, type: 'directory', size: 0, sha256: null, target: null });
        await walk(inside, depth + 1);
      } else if (found.isFile()) {
        const isKept = isTextFile(path) && found.size <= Math.min(TEXT_FILE_MAX, keepable);
        const bytes = isKept ? new Uint8Array(await readFile(host)) : undefined;
        const sha256 = bytes === undefined ? await sha256Of(host) : createHash('sha256').update(bytes).digest('hex');
        files.push({ ...row, type: 'file', size: bytes?.length ?? found.size, sha256, target: null });
        if (bytes !== undefined) kept.push({ path, sha256, bytes });
        keepable -= bytes?.length ?? 0;
        if (/\.prop$|prop\.default$/.test(name) && found.size <= PROPERTIES_MAX)
          properties.push({ path, text: await readFile(host, 'utf8') });
      }
    }
  };
  await walk('', 0);
  const manifest = canonicalManifest({ format: 'assay.manifest/1', ...identityOfFiles(properties), partitions: [], files, apks: [] });
  return { manifest, texts: kept };
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(piece as Uint8Array); // a stream without encoding gives bytes
  return hash.digest('hex');
}
