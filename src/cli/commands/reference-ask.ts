/** `assay reference list|show|find|near`: what stands on the shelf, and where contents occur. */
import { readFile } from 'node:fs/promises';
import { buildName, type FoundFile, type ShelfBuild } from '../../references/index.ts';
import type { DiskShelf } from '../../store/shelf/index.ts';
import { EXIT, UsageError } from '../exit.ts';
import { callerPath } from '../paths.ts';
import { plain } from '../progress.ts';
import { type ShelfFlag, severalWords, usingShelf } from '../shelf.ts';

interface Flags extends ShelfFlag {
  readonly json?: true;
}

/** Digests that are asked for in one call. */
const FIND_MAX = 1_000_000;
/** Builds that one line of text names. */
const NAMES_MAX = 3;

const nameOf = ({ identity }: Pick<ShelfBuild, 'identity'>) => plain(buildName({ identity }), 160);
const rightsWords = ({ withoutRights = 0 }: Pick<ShelfBuild, 'withoutRights'>) =>
  withoutRights === 0 ? '' : ` (rights of ${withoutRights} files not known)`;
const print = (value: unknown) => console.log(JSON.stringify(value, null, 2));

/** Every build on the shelf. */
export const listReferences = (flags: Flags): Promise<number> =>
  usingShelf(flags, async (shelf) => {
    const builds = await shelf.list();
    if (flags.json === true) print(builds);
    else {
      if (builds.length > 0) console.error('digest            who vouches      label        from    files  build');
      for (const build of builds)
        console.log(
          `${build.digest.slice(0, 16)}  ${build.vouched.padEnd(15)}  ${build.label.padEnd(11)}  ${build.made.padEnd(5)}  ${String(build.files).padStart(6)}  ${nameOf(build)}${rightsWords(build)}`,
        );
      console.error(`${builds.length} builds in ${shelf.folder}`);
    }
    return EXIT.done;
  });

/** The one build whose digest begins so. @throws UsageError where none or several do */
export async function digestOfWord(shelf: DiskShelf, word: string): Promise<string> {
  const byDigest = /^[0-9a-f]{6,64}$/.test(word) ? await shelf.digestsFrom(word) : [];
  // A name may look like the beginning of a digest; it is looked for where no digest begins so.
  const found =
    byDigest.length > 0
      ? byDigest
      : (await shelf.list()).filter(({ identity }) => buildName({ identity }) === word).map(({ digest }) => digest);
  const [first] = found;
  if (first === undefined) throw new UsageError(`no build "${word}" on this shelf: assay reference list shows their digests`);
  if (found.length > 1) throw new UsageError(severalWords(word, found, byDigest.length > 0));
  return first;
}

/** One build: what it is, what it consists of, and who vouches for it. */
export const showReference = (word: string, flags: Flags & { readonly manifest?: true; readonly reference?: true }): Promise<number> =>
  usingShelf(flags, async (shelf) => {
    const digest = await digestOfWord(shelf, word);
    const { writeManifest, writeReference } = await import('../../references/index.ts');
    if (flags.manifest === true || flags.reference === true) {
      const reference = await shelf.get(digest);
      process.stdout.write(flags.reference === true ? writeReference(reference) : writeManifest(reference.manifest));
      return EXIT.done;
    }
    const [build] = await shelf.builds([digest]);
    if (build === undefined) throw new UsageError(`no build ${digest} on this shelf`);
    const { because, provenance } = await shelf.standing(digest);
    if (flags.json === true) print({ ...build, because, provenance: { ...provenance, vouched: build.vouched, label: build.label } });
    else {
      console.log(
        `${nameOf(build)}\n${digest}\n${build.label}, made from ${build.made === 'image' ? 'an image' : `a ${build.made}`}${build.isPartial ? ', partly' : ''}${rightsWords(build)}; vouched for by ${build.vouched}: ${plain(because, 300)}`,
      );
      for (const { name, digest: own, partitions, files } of build.components)
        console.log(`  ${name.padEnd(9)} ${own.slice(0, 16)}  ${String(files).padStart(6)} files  ${plain(partitions.join(' '), 100)}`);
      for (const { name, size, sha256, kind } of provenance.sources)
        console.log(plain(`  from ${name} (${kind}, ${size} bytes, SHA-256 ${sha256 ?? 'not known'})`, 300));
      for (const { over, outcome, because: why } of provenance.signatures)
        console.log(plain(`  signature over ${over}: ${outcome}, ${why}`, 300));
    }
    return EXIT.done;
  });

export interface FindFlags extends Flags {
  readonly sha256: readonly string[];
  readonly from?: string;
}

/** In which builds contents occur. Exit 0 where each of them does, 20 where one does not. */
export const findReferences = (words: readonly string[], flags: FindFlags): Promise<number> =>
  usingShelf(flags, async (shelf) => {
    const digests = [
      ...words,
      ...flags.sha256,
      ...(flags.from === undefined ? [] : digestsIn(await readFile(callerPath(flags.from), 'utf8'))),
    ].map((word) => word.toLowerCase());
    const wrong = digests.find((digest) => !/^[0-9a-f]{64}$/.test(digest));
    if (wrong !== undefined) throw new UsageError(`"${wrong.slice(0, 80)}" is no SHA-256`);
    if (digests.length === 0) throw new UsageError('no SHA-256 was given: name some, or --from FILE of what sha256sum prints');
    if (digests.length > FIND_MAX) throw new UsageError(`more than ${FIND_MAX} digests`);
    const found = await shelf.find(digests);
    if (flags.json === true) print(found);
    else await printFound(shelf, found);
    return found.every(({ places }) => places.length > 0) ? EXIT.done : EXIT.reject;
  });

/** The first word of each line, as sha256sum prints it. */
const digestsIn = (text: string) => text.split(/\r?\n/).flatMap((line) => /^\s*([0-9a-fA-F]{64})\b/.exec(line)?.[1] ?? []);

async function printFound(shelf: DiskShelf, found: readonly FoundFile[]): Promise<void> {
  const shown = [...new Set(found.flatMap(({ places }) => places.flatMap(({ builds }) => builds.slice(0, NAMES_MAX))))];
  const named = (await shelf.builds(shown)).flatMap((build) => build ?? []);
  const names = new Map(named.map((build) => [build.digest, `${nameOf(build)}${build.vouched === 'nobody' ? ' (nobody vouches)' : ''}`]));
  for (const { sha256, places } of found) {
    console.log(`${sha256}  ${places.length === 0 ? 'in no build on this shelf, which says nothing of whether it is a maker’s' : ''}`);
    for (const { path, builds } of places) {
      const some = builds.slice(0, NAMES_MAX).map((digest) => names.get(digest) ?? digest);
      const more = builds.length > NAMES_MAX ? [`and ${builds.length - NAMES_MAX} more`] : [];
      console.log(plain(`  ${path}  ${[...some, ...more].join(', ')}`, 500));
    }
  }
}
