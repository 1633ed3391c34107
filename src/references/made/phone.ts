/** A manifest out of what a phone showed that somebody believes genuine. It finds differences in others and clears nothing: the phone was never asked by us to prove itself. */
import { type HashPort, hashOf, toHex } from '../../bytes/index.ts';
import { type Facts, factsOf } from '../../evidence/index.ts';
import { isTextFile, TEXT_FILE_MAX } from '../../evidence/texts/index.ts';
import { phoneTree } from '../compare/index.ts';
import { identityOf } from '../firmware/layout.ts';
import { KEPT_TEXTS_MAX, type KeptText } from '../firmware/part.ts';
import type { Manifest, ManifestFile } from '../manifest.ts';
import { canonicalManifest } from '../manifest-bytes.ts';
import type { ReadFilesPort } from '../provenance.ts';

/** What a phone's user puts there differs on every phone. */
const OWN = /^\/(?:data|sdcard|storage|mnt|cache|metadata|proc|sys|dev|tmp|run)(?:\/|$)/;

/** The files of its partitions of which it gave a digest, as in a manifest; what it did not say is left out. */
export function manifestOfPhone(facts: Facts): Manifest {
  const files: ManifestFile[] = [];
  for (const [path, row] of phoneTree(facts).rows) {
    const target = row.target ?? null;
    const { size, mode, uid, gid, context, capabilities } = row;
    if (OWN.test(path) || (!row.sha256 && target === null)) continue;
    files.push({
      partition: path.split('/')[1] ?? '',
      path,
      type: target === null ? 'file' : 'link',
      ...(size === undefined ? {} : { size }),
      ...(mode === undefined ? {} : { mode }),
      ...(uid === undefined ? {} : { uid }),
      ...(gid === undefined ? {} : { gid }),
      // A phone's label is a text; that it gave none says nothing.
      ...(context ? { context } : {}),
      ...(capabilities === undefined ? {} : { capabilities }),
      sha256: row.sha256 ?? null,
      target,
    });
  }
  const properties = factsOf(facts, 'properties')
    // The running system's answer counts, as the system's own file does in an image.
    .toSorted((a, b) => Number(b.value.layer === 'runtime') - Number(a.value.layer === 'runtime'))
    .flatMap(({ value: { layer, entries } }) =>
      entries.map(({ key, value }) => ({ path: layer === 'runtime' ? '/system/build.prop' : `/${layer}/build.prop`, key, value })),
    );
  return canonicalManifest({ format: 'assay.manifest/1', identity: identityOf(properties), partitions: [], files, apks: [] });
}

/** Paths that are asked for at a time. */
const ASKED = 256;

/** Texts among the files of a phone's manifest, out of what its capture holds: those whose bytes are what the phone said they are, up to `KEPT_TEXTS_MAX` bytes of them. */
export async function textsOfPhone({ files }: Manifest, readFiles: ReadFilesPort, hash: HashPort): Promise<readonly KeptText[]> {
  const wanted = files.filter(({ path, sha256 }) => sha256 !== null && isTextFile(path));
  const texts: KeptText[] = [];
  let keepable = KEPT_TEXTS_MAX;
  for (let at = 0; at < wanted.length; at += ASKED) {
    const some = wanted.slice(at, at + ASKED);
    const found = await readFiles(some, TEXT_FILE_MAX);
    for (const { path, sha256 } of some) {
      const bytes = found.get(path);
      if (bytes === undefined || bytes.length > keepable || toHex(hashOf(hash, 'sha256', bytes)) !== sha256) continue;
      keepable -= bytes.length;
      texts.push({ path, sha256, bytes });
    }
  }
  return texts;
}
