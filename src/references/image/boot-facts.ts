/** Boot images of a ROM as facts: what a patch leaves in kernel and ramdisk. */
import { FormatError, type Source } from '../../bytes/index.ts';
import type { BootImageFact } from '../../evidence/index.ts';
import {
  type CpioEntry,
  isBoot,
  RAMDISK_MAX,
  readBoot,
  readCpio,
  readKernel,
  unpackRamdisk,
  withoutMtkHeader,
  withoutPlainHeader,
} from '../../formats/android/index.ts';
import type { FirmwarePorts } from '../firmware/ports.ts';
import { isElf, isPacked, ramdiskRoles, roleOfLink } from './ramdisk-role.ts';

/** The largest kernels of phones have some 60 MiB unpacked. */
const KERNEL_MAX = 128 << 20;
const ENTRIES_MAX = 5000;
const CONFIG_MAX = 4096;

/** Reads the boot images among partitions. One that does not read is left out: `unread` of its manifest says why. */
export async function readBootFacts(
  partitions: ReadonlyMap<string, { readonly source: Source }>,
  ports: FirmwarePorts,
): Promise<readonly BootImageFact[]> {
  const found: BootImageFact[] = [];
  for (const [partition, { source }] of partitions) {
    try {
      if (!isBoot(await source.read(0, Math.min(8, source.size)))) continue;
      found.push(await bootFact(partition, source, ports));
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
    }
  }
  return found;
}

async function bootFact(partition: string, source: Source, ports: FirmwarePorts): Promise<BootImageFact> {
  const { value: boot } = await readBoot(source);
  const section = (name: string) => boot.sections.find((one) => one.name === name && one.size > 0);
  const kernel = section('kernel');
  const ramdisk = section('ramdisk');
  // The bootloader puts all of a vendor_boot's ramdisks together.
  const ramdisks = boot.vendorRamdisks.length > 0 ? boot.vendorRamdisks : ramdisk === undefined ? [] : [ramdisk];
  const entries: CpioEntry[] = [];
  for (const { at, size } of ramdisks)
    if (size > 0 && size <= RAMDISK_MAX) entries.push(...(await ramdiskOf(await source.read(at, size), ports)));
  return {
    partition,
    kernel: kernel === undefined || kernel.size > KERNEL_MAX ? undefined : await kernelOf(await source.read(kernel.at, kernel.size), ports),
    ramdisk: await ramdiskRows(entries.slice(0, ENTRIES_MAX), ports),
    configKeys: entries.flatMap(({ data }) => (data.length > 0 && data.length <= CONFIG_MAX ? configKeys(data) : [])),
    place: { artefact: partition, at: 0, length: source.size },
  };
}

async function ramdiskRows(entries: readonly CpioEntry[], ports: FirmwarePorts): Promise<BootImageFact['ramdisk']> {
  const roleOf = ramdiskRoles(ports.codec);
  const rows: BootImageFact['ramdisk'][number][] = [];
  for (const { name, data, mode } of entries) {
    const row = { path: plain(name), sizeBytes: data.length };
    if ((mode & FORMAT) === REGULAR) rows.push({ ...row, head: headOf(data), role: await roleOf(data) });
    else if ((mode & FORMAT) === LINK) rows.push({ ...row, head: 'link', role: roleOfLink(new TextDecoder().decode(data)) });
  }
  return rows;
}

const FORMAT = 0o170000;
const REGULAR = 0o100000;
const LINK = 0o120000;
const plain = (name: string) => name.replace(/^(?:\.?\/)+/, '');

async function ramdiskOf(bytes: Uint8Array, ports: FirmwarePorts): Promise<readonly CpioEntry[]> {
  try {
    return readCpio(await unpackRamdisk(bytes, ports.codec)).value;
  } catch (error) {
    // Its manifest says that it could not be read; the kernel is still looked at.
    if (!(error instanceof FormatError)) throw error;
    return [];
  }
}

async function kernelOf(bytes: Uint8Array, ports: FirmwarePorts): Promise<NonNullable<BootImageFact['kernel']>> {
  let image = withoutPlainHeader(withoutMtkHeader(bytes));
  try {
    image = await unpackRamdisk(image, ports.codec);
  } catch (error) {
    // Kernels lie plain, too, or packed with a device tree behind them.
    if (!(error instanceof FormatError)) throw error;
  }
  const { banner, patch, kernelSuTexts } = readKernel(image);
  return { sizeBytes: bytes.length, banner, patch, kernelSuTexts };
}

function headOf(data: Uint8Array): BootImageFact['ramdisk'][number]['head'] {
  if (isElf(data)) return 'elf';
  if (isPacked(data)) return 'packed';
  if (data[0] === 0x23 && data[1] === 0x21) return 'script';
  return data.length > 0 && !data.subarray(0, 512).includes(0) ? 'text' : 'other';
}

/** Keys of the configuration that Magisk’s installer writes. Source: topjohnwu/Magisk scripts/boot_patch.sh. */
function configKeys(data: Uint8Array): readonly string[] {
  if (data.includes(0)) return [];
  const keys = [...new TextDecoder().decode(data).matchAll(/^([A-Z][A-Z0-9]{3,24})=/gm)].map(([, key]) => key ?? '');
  return keys.includes('KEEPVERITY') && keys.includes('KEEPFORCEENCRYPT') ? keys.slice(0, 20) : [];
}
