/** A reference as it stands on a shelf. */
import type { HashPort } from '../../bytes/index.ts';
import type { Manifest } from '../manifest.ts';
import type { Reference } from '../provenance.ts';
import { componentsOf } from './components.ts';
import type { ShelfBuild } from './types.ts';

/** What follows from a manifest alone. */
export type BuildSummary = Pick<ShelfBuild, 'identity' | 'components' | 'files' | 'isPartial' | 'withoutRights'>;

/** The summary of a manifest in canonical order. */
export function summaryOf(manifest: Manifest, hash: HashPort): BuildSummary {
  const withoutRights = manifest.files.filter(({ mode }) => mode === undefined).length;
  return {
    identity: manifest.identity,
    components: componentsOf(manifest, hash),
    files: manifest.files.length,
    isPartial: (manifest.unread?.length ?? 0) > 0,
    ...(withoutRights === 0 ? {} : { withoutRights }),
  };
}

/** What a shelf says of a reference without its files. Its manifest is in canonical order. @throws RangeError for a reference without provenance */
export function shelfBuildOf({ manifest, digest, vouched, label, provenance }: Reference, hash: HashPort): ShelfBuild {
  if (provenance === undefined) throw new RangeError('a reference without provenance');
  return { digest, ...summaryOf(manifest, hash), made: provenance.made, vouched, label };
}
