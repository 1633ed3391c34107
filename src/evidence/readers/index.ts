import type { ArtefactKind } from '../capture.ts';
import type { ArtefactReader } from '../reader.ts';
import { deviceSetReader } from './device-set/device-set.ts';
import { pmListReader } from './packages/pm-list.ts';
import { cpuinfoReader } from './proc/cpuinfo.ts';
import { buildPropReader } from './properties/build-prop.ts';
import { getpropReader } from './properties/getprop.ts';

/** Readers of one kind of artefact each. */
const plainReaders: readonly ArtefactReader[] = [getpropReader, buildPropReader, cpuinfoReader, pmListReader];

/** Kinds of the files that are known by their path on the phone. */
const KIND_OF_PATH: ReadonlyMap<string, ArtefactKind> = new Map([['/proc/cpuinfo', 'proc/cpuinfo']]);

/** The kind of a file by its path on the phone, where that decides it. */
export function kindOfPath(path: string): ArtefactKind | undefined {
  if (/(^|\/)(build|default)\.prop$|(^|\/)prop\.default$/.test(path)) return 'build.prop';
  return KIND_OF_PATH.get(path);
}

const deviceSets = deviceSetReader((path) => {
  const kind = kindOfPath(path);
  const reader = plainReaders.find(({ kinds }) => kind !== undefined && kinds.includes(kind));
  return kind === undefined || reader === undefined ? undefined : { reader, kind };
});

/** Every reader of what a phone answers or others recorded, in no particular order: an artefact goes to each that takes its kind. */
export const artefactReaders: readonly ArtefactReader[] = [...plainReaders, deviceSets];
