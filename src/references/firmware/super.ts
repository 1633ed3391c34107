/**
 * What a super image holds: the partitions of all slots of its metadata, and where a virtual A/B update is in progress, what will boot once it is done.
 * Such an update keeps the new build as snapshots (`system_b-cow`) over the extents of the old one until they are merged; which of the two boots next is written elsewhere (misc).
 */
import { bytesSource, FormatError, type Source } from '../../bytes/index.ts';
import { isCow, type LpMetadata, type LpPartition, lpPartition, mergedImage, readCow, readLpSlots } from '../../formats/android/index.ts';
import type { Member } from './member.ts';
import type { FirmwarePorts } from './ports.ts';
import { withoutSlot } from './scripts.ts';
import { unsparse } from './unsparse.ts';

export interface SuperContents {
  /** What is there already before what an update in progress will make. */
  readonly members: readonly Member[];
  /** What is to be said of it besides. */
  readonly notes: readonly string[];
}

interface Listed {
  readonly metadata: LpMetadata;
  readonly partition: LpPartition;
  /** Its snapshot, where an update is in progress. */
  readonly cow: LpPartition | undefined;
}

const COW = '-cow';
/** Whether a partition of a super is a snapshot of another. */
export const isSnapshot = (name: string): boolean => name.endsWith(COW);

/** Reads a super. `devices` are the images of further block devices by name, where it is split over several. @throws FormatError */
export async function readSuper(
  source: Source,
  { hash, codec }: Pick<FirmwarePorts, 'hash' | 'codec'>,
  devices: ReadonlyMap<string, () => Promise<Source>>,
): Promise<SuperContents> {
  const { value: slots } = await readLpSlots(source, hash);
  const listed = listPartitions(slots);
  const open = async ({ metadata, partition, cow }: Listed): Promise<Source> => {
    if (partition.sharesWith !== undefined)
      throw new FormatError(
        { format: 'android lp', field: `partition ${partition.name}`, at: (partition.extents[0]?.sector ?? 0) * 512 },
        'overlap',
        `it lies on sectors of ${partition.sharesWith}`,
      );
    const images = await imagesOf(source, metadata, devices);
    const before = lpPartition(metadata, partition, images);
    if (cow === undefined) return before;
    const data = lpPartition(metadata, cow, images);
    // A snapshot that was not begun changes nothing.
    if (!isCow(await data.read(0, Math.min(8, data.size)))) return before;
    const image = await readCow(data);
    if (!image.isComplete)
      throw new FormatError(
        { format: 'snapshot cow', field: `partition ${cow.name}`, at: 0 },
        'unsupported-feature',
        'the update was still being written: its end is not there, or lies in /data',
      );
    return mergedImage({ cow: image, data, before, codec });
  };
  const members = listed.map((one): Member => ({ name: `${one.partition.name}.img`, size: one.partition.size, open: () => open(one) }));
  const pending = listed.filter(({ cow }) => cow !== undefined).map(({ partition }) => partition.name);
  const note = `an update is in progress: ${pending.join(', ')} will be made of snapshots, and beside them lies the build of before, as far as no merge has been there; misc says which of them boots`;
  return { members, notes: pending.length > 0 ? [note] : areAlike(slots) ? [] : [SLOTS_DIFFER] };
}

const SLOTS_DIFFER =
  'the slots of its metadata list different partitions: each is read as the first slot says that has it, and misc says which slot boots';

/** Packages have the same table in every slot; a phone's tables differ once it was updated. */
const areAlike = (slots: readonly LpMetadata[]): boolean =>
  new Set(slots.map(({ partitions }) => JSON.stringify(partitions.map(({ name, extents }) => [name, extents])))).size <= 1;

/** Every partition once: as the first slot says that gives it bytes, what is pending last. */
function listPartitions(slots: readonly LpMetadata[]): readonly Listed[] {
  const found = new Map<string, Listed>();
  for (const metadata of slots) {
    const byName = new Map(metadata.partitions.map((partition) => [partition.name, partition]));
    for (const partition of metadata.partitions) {
      const known = found.get(partition.name);
      if (known !== undefined && (known.partition.size > 0 || partition.size === 0)) continue;
      const cow = byName.get(partition.name + COW);
      found.set(partition.name, { metadata, partition, cow: cow === undefined || cow.size === 0 ? undefined : cow });
    }
  }
  const all = [...found.values()];
  return [...all.filter(({ cow }) => cow === undefined), ...all.filter(({ cow }) => cow !== undefined)];
}

/** The images of the block devices, in the metadata's order. */
async function imagesOf(
  source: Source,
  metadata: LpMetadata,
  devices: ReadonlyMap<string, () => Promise<Source>>,
): Promise<readonly Source[]> {
  const found: Source[] = [];
  for (const [index, { name }] of metadata.devices.entries()) {
    // Of a retrofitted phone these are partitions of before, which were flashed by their names without a slot.
    const open = devices.get(name) ?? devices.get(withoutSlot(name)) ?? devices.get(`super_${name}`);
    // The metadata lies on the first device; one that is missing has no bytes, and its extents are out of bounds.
    found.push(index === 0 ? source : open === undefined ? bytesSource(new Uint8Array(0)) : await unsparse(await open()));
  }
  return found;
}
