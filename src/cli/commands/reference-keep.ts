/** `assay reference remove|export|import|gc|verify`: keeping the shelf, and giving builds to others. */
import { nodeVerify, openSigner } from '../../platform/node/index.ts';
import { EXIT, UsageError } from '../exit.ts';
import { trustedSigner } from '../operators.ts';
import { callerPath } from '../paths.ts';
import { plain } from '../progress.ts';
import { type ShelfFlag, usingShelf } from '../shelf.ts';
import { digestOfWord } from './reference-ask.ts';

interface Flags extends ShelfFlag {
  readonly json?: true;
}

/** One JSON document, or a line for a person. */
function say(flags: Flags, value: object, text: string): void {
  console.log(flags.json === true ? JSON.stringify(value, null, 2) : plain(text, 1000));
}

export const removeReferences = (words: readonly string[], flags: Flags): Promise<number> =>
  usingShelf(flags, async (shelf) => {
    const digests: string[] = [];
    for (const word of words) digests.push(await digestOfWord(shelf, word));
    for (const digest of digests) await shelf.remove(digest);
    say(flags, { removed: digests }, `${digests.length} builds removed; assay reference gc frees their space`);
    return EXIT.done;
  });

export interface ExportFlags extends Flags {
  readonly out: string;
  readonly key: readonly string[];
}

export const exportReferences = (words: readonly string[], flags: ExportFlags): Promise<number> =>
  usingShelf(flags, async (shelf) => {
    const digests: string[] = [];
    for (const word of words) digests.push(await digestOfWord(shelf, word));
    const signers = await Promise.all(flags.key.map((file) => openSigner(callerPath(file))));
    const { builds, texts } = await shelf.exportPack(callerPath(flags.out), digests, signers).catch((error: unknown) => {
      throw error instanceof RangeError ? new UsageError(error.message) : error;
    });
    say(
      flags,
      { builds, texts, out: flags.out, signatures: signers.length },
      `${builds} builds with ${texts} texts in ${flags.out}, ${signers.length === 0 ? 'signed by nobody, so that it vouches for nothing' : `signed by ${signers.length}`}`,
    );
    return EXIT.done;
  });

export interface ImportFlags extends Flags {
  readonly signer: readonly string[];
}

export const importReferences = (files: readonly string[], flags: ImportFlags): Promise<number> =>
  usingShelf(flags, async (shelf) => {
    const signers = await Promise.all(flags.signer.map(trustedSigner));
    const all: { readonly file: string; readonly builds: number; readonly isNew: number; readonly newTexts: number }[] = [];
    for (const file of files) {
      const { builds, texts } = await shelf.importPack(callerPath(file), { signers, verify: nodeVerify });
      all.push({ file, builds: builds.length, isNew: builds.filter(({ isKnown }) => !isKnown).length, newTexts: texts });
    }
    const trust = signers.length === 0 ? '; no --signer was given, so that nobody vouches for them' : '';
    say(
      flags,
      all,
      all
        .map(({ file, builds, isNew, newTexts }) => `${file}: ${builds} builds, ${isNew} of them new, and ${newTexts} new texts${trust}`)
        .join('; '),
    );
    return EXIT.done;
  });

export const collectReferences = (flags: Flags): Promise<number> =>
  usingShelf(flags, async (shelf) => {
    const gone = await shelf.gc();
    say(flags, gone, `${gone.builds} builds, ${gone.files} files and ${gone.texts} texts taken away, ${gone.bytes} bytes`);
    return EXIT.done;
  });

/** Exit 0 where everything is as it was written, 20 where something is not. */
export const verifyReferences = (flags: Flags & { readonly rebuild?: true }): Promise<number> =>
  usingShelf(flags, async (shelf) => {
    const rebuilt = flags.rebuild === true ? await shelf.rebuild() : undefined;
    const startedMs = performance.now();
    let toldMs = startedMs;
    const report = await shelf.verify((done, total) => {
      const now = performance.now();
      if (now - toldMs < 2000) return;
      toldMs = now;
      console.error(`${done} of ${total} builds, about ${Math.round(((total - done) * (now - startedMs)) / done / 1000)} s left`);
    });
    const problems = [...(rebuilt?.problems ?? []), ...report.problems];
    const foreign = report.foreignEntries > 0 ? `; ${report.foreignEntries} entries are another operator’s and vouch for nothing` : '';
    say(flags, { ...report, problems }, `${report.builds} builds verified, ${problems.length} problems${foreign}`);
    if (flags.json !== true) for (const { what, because } of problems) console.error(plain(`${what}: ${because}`, 400));
    return problems.length === 0 ? EXIT.done : EXIT.reject;
  });
