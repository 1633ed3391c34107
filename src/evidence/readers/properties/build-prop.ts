import { type PropertyLayer, parseBuildProp } from '../../properties.ts';
import { type ArtefactReader, makeFact, unreadable, wholeOf } from '../../reader.ts';

/** Folders of partitions, as they occur in paths of property files; the innermost decides (`/system/vendor/build.prop` is the vendor's). */
const FOLDERS: readonly (readonly [folder: string, layer: PropertyLayer])[] = [
  ['odm_dlkm', 'odm_dlkm'],
  ['vendor_dlkm', 'vendor_dlkm'],
  ['system_ext', 'system_ext'],
  ['odm', 'odm'],
  ['vendor', 'vendor'],
  ['product', 'product'],
  ['recovery', 'recovery'],
  ['boot', 'boot'],
  ['system', 'system'],
];

/** The partition that a property file is of, by its path on the phone or its name in a recording. */
export function layerOf(origin: string | undefined): PropertyLayer {
  const parts = (origin ?? '').replaceAll('\\', '/').split('/');
  const file = parts.at(-1) ?? '';
  // `vendor.prop`, `system_ext-build.prop`: how dumps name the files of several partitions in one folder.
  const named = /^(odm_dlkm|vendor_dlkm|system_ext|odm|vendor|product|system)(?:[-_.]build)?\.prop$/.exec(file)?.[1];
  const folders = named === undefined ? parts.slice(0, -1) : [named];
  for (const [folder, layer] of FOLDERS) if (folders.includes(folder)) return layer;
  // The ramdisk's own file, before Android 10.
  return origin === '/default.prop' || origin === '/prop.default' ? 'boot' : 'unknown';
}

/** A `build.prop`, `default.prop` or `prop.default`. */
export const buildPropReader: ArtefactReader = {
  kinds: ['build.prop'],
  read(artefact) {
    const layer = layerOf(artefact.origin ?? artefact.name);
    const { value, oddities } = parseBuildProp(artefact.bytes, artefact.name, layer, artefact.base);
    if (value.entries.length === 0) return unreadable('it holds no `key=value` line');
    return { facts: [makeFact('properties', value, { standing: 'told', place: wholeOf(artefact), oddities })], unread: [] };
  },
};
