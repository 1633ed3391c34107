import { identityOf, isProperties, parseProperties } from '../firmware/layout.ts';
import type { Manifest } from '../manifest.ts';

/** What property files say a build is, as in a manifest. Files that hold no properties are passed over. */
export function identityOfFiles(files: readonly { readonly path: string; readonly text: string }[]): Pick<Manifest, 'identity'> & {
  readonly properties: NonNullable<Manifest['properties']>;
} {
  const properties = files
    .filter(({ path }) => isProperties(path))
    .flatMap(({ path, text }) => parseProperties(text).map(({ key, value }) => ({ path, key, value })));
  return { identity: identityOf(properties), properties };
}
