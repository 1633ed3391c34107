/** `cmd gpu vkjson`: the Vulkan devices as JSON. Source: AOSP frameworks/native/vulkan/vkjson. */
import { type ArtefactReader, makeFact, unreadable, wholeOf } from '../../reader.ts';
import { jsonValue, skipMark } from '../json.ts';

/** PCI vendor numbers of GPUs in phones. Source: Khronos vk.xml, vendorids; the PCI ID repository. */
const VENDORS: ReadonlyMap<number, string> = new Map([
  [0x5143, 'Qualcomm'],
  [0x13b5, 'ARM'],
  [0x1010, 'Imagination Technologies'],
  [0x10de, 'NVIDIA'],
  [0x144d, 'Samsung'],
  [0x8086, 'Intel'],
]);

export const vkjsonReader: ArtefactReader = {
  kinds: ['gpu/vkjson'],
  read(artefact) {
    const start = skipMark(artefact.bytes);
    if (artefact.bytes[start] !== 0x7b) return unreadable('it is no JSON object');
    const document = jsonValue(artefact, { at: start, end: artefact.bytes.length });
    const [first] = listIn(document, 'devices');
    const properties = fieldOf(first, 'properties');
    const name = fieldOf(properties, 'deviceName');
    if (typeof name !== 'string') return unreadable('it names no device');
    const vendor = fieldOf(properties, 'vendorID');
    const version = fieldOf(properties, 'driverVersion');
    const extensions = listIn(first, 'extensions')
      .map((extension) => fieldOf(extension, 'extensionName'))
      .filter((extension) => typeof extension === 'string');
    const gpu = {
      vendor: typeof vendor === 'number' ? (VENDORS.get(vendor) ?? `0x${vendor.toString(16)}`) : undefined,
      renderer: name,
      version: typeof version === 'number' ? `Vulkan driver ${version}` : undefined,
      extensions,
    };
    return { facts: [makeFact('gpu', gpu, { standing: 'told', place: wholeOf(artefact) })], unread: [] };
  },
};

const fieldOf = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;

function listIn(value: unknown, key: string): readonly unknown[] {
  const list = fieldOf(value, key);
  return Array.isArray(list) ? list : [];
}
