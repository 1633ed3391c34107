/** `assay reference builds import|list|find`: official lists of builds. What stands on none is unknown, never fake: every list has gaps. */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type ListedFile, parseBuildList } from '../../references/index.ts';
import { EXIT, UsageError } from '../exit.ts';
import { callerPath } from '../paths.ts';
import { plain } from '../progress.ts';
import { type ShelfFlag, usingShelf } from '../shelf.ts';

interface Flags extends ShelfFlag {
  readonly json?: true;
}

const LIST_MAX = 512 << 20;
const HITS_MAX = 1000;

export interface ImportListFlags extends Flags {
  readonly maker: string;
  readonly name?: string;
}

/** Imports lists; a list of the same name is replaced. Importing one is the operator's word that it is the maker's. */
export const importBuildLists = (files: readonly string[], flags: ImportListFlags): Promise<number> => {
  if (flags.name !== undefined && files.length > 1) throw new UsageError('--name belongs to one list; there are several');
  return usingShelf(flags, async (shelf) => {
    const all: { readonly list: string; readonly files: number; readonly withDigest: number }[] = [];
    for (const file of files) {
      const bytes = await readFile(callerPath(file));
      const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b;
      const text = new TextDecoder().decode(isPacked ? gunzipSync(bytes, { maxOutputLength: LIST_MAX }) : bytes);
      const rows = parseBuildList(text);
      const name = flags.name ?? basename(file);
      await shelf.importList({ name, maker: flags.maker, sha256: createHash('sha256').update(bytes).digest('hex'), rows });
      all.push({ list: name, files: rows.length, withDigest: rows.filter(({ md5, sha256 }) => (md5 ?? sha256) !== undefined).length });
    }
    if (flags.json === true) console.log(JSON.stringify(all, null, 2));
    else
      for (const { list, files: count, withDigest } of all) console.log(plain(`${list}: ${count} files, ${withDigest} with a digest`, 300));
    return EXIT.done;
  });
};

export const listBuildLists = (flags: Flags): Promise<number> =>
  usingShelf(flags, async (shelf) => {
    const lists = (await shelf.register())?.lists() ?? [];
    if (flags.json === true) console.log(JSON.stringify(lists, null, 2));
    else
      for (const { name, maker, files, isOurs } of lists)
        console.log(
          plain(
            `${name}: ${files} files of ${maker}${isOurs ? '' : '; not imported by this operator, so that it vouches for nothing'}`,
            300,
          ),
        );
    return EXIT.done;
  });

/** Looks for builds by version, file name, MD5, SHA-256, or the file itself. Exit 0 where each is listed, 20 where one is not. */
export const findBuilds = (words: readonly string[], flags: Flags): Promise<number> =>
  usingShelf(flags, async (shelf) => {
    const register = await shelf.register();
    if (register === undefined) throw new UsageError('no list was imported: assay reference builds import LIST --maker NAME');
    const answers: {
      readonly word: string;
      readonly isListed: boolean;
      readonly hits: readonly (ListedFile & { readonly list: string; readonly maker: string })[];
    }[] = [];
    for (const word of words) {
      const found = register.find(word, HITS_MAX);
      const hits = found.length > 0 ? found : await byContent(word, (digest) => register.find(digest, HITS_MAX));
      answers.push({ word, isListed: hits.length > 0, hits });
    }
    if (flags.json === true) console.log(JSON.stringify(answers.length === 1 ? answers[0] : answers, null, 2));
    else
      for (const { word, hits } of answers) {
        if (hits.length === 0) console.log(plain(`${word}: on none of the lists that were imported; that is unknown, not fake`, 300));
        for (const { maker, list, device, version, name } of hits.slice(0, 20))
          console.log(plain(`${word}: ${maker}, ${device} ${version}, ${name} (${list})`, 300));
        if (hits.length > 20) console.log(`  and ${hits.length - 20} more`);
      }
    return answers.every(({ isListed }) => isListed) ? EXIT.done : EXIT.reject;
  });

/** By the digests of a file that is here. */
async function byContent<T>(word: string, find: (digest: string) => readonly T[]): Promise<readonly T[]> {
  const path = callerPath(word);
  if (!(await stat(path).catch(() => undefined))?.isFile()) return [];
  const { openFile } = await import('../../platform/node/index.ts');
  const { digestsOfSource } = await import('./firmware-manifest.ts');
  const file = await openFile(path);
  try {
    const { sha256, md5 } = await digestsOfSource(file);
    const hits = find(sha256);
    return hits.length > 0 ? hits : find(md5);
  } finally {
    await file.close();
  }
}
