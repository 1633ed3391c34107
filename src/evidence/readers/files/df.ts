/** `df` and `df -k`: sizes in 1 KiB blocks, or with units (toolbox). Source: toybox toys/posix/df.c, AOSP system/core/toolbox/df.c. */
import { type ArtefactReader, eachLineIn, makeFact, unreadable, wholeOf } from '../../reader.ts';
import type { Storage } from '../../values/index.ts';
import { collect } from '../collect.ts';

const UNITS: ReadonlyMap<string, number> = new Map([
  ['', 1024],
  ['K', 1024],
  ['M', 1024 ** 2],
  ['G', 1024 ** 3],
  ['T', 1024 ** 4],
]);

export const dfReader: ArtefactReader = {
  kinds: ['df'],
  read(artefact) {
    const fileSystems = collect<Storage['fileSystems'][number]>('file systems', 10_000);
    for (const line of eachLineIn(artefact)) {
      const words = line.text.trim().split(/\s+/, 12);
      const [device = '', size, used, available, percent, ...rest] = words;
      // toolbox: `/data 12.6G 3.1G 9.5G 4096`, where the first word is the mount point.
      const isToolbox = percent !== undefined && /^\d+$/.test(percent) && words.length === 5;
      const mountPoint = isToolbox ? device : rest.join(' ');
      const [sizeBytes, usedBytes, availableBytes] = [size, used, available].map(bytesOf);
      if (sizeBytes === undefined || usedBytes === undefined || availableBytes === undefined || !mountPoint.startsWith('/')) continue;
      fileSystems.add({ device, mountPoint, sizeBytes, usedBytes, availableBytes });
    }
    if (fileSystems.list.length === 0) return unreadable('it lists no file system');
    return {
      facts: [makeFact('storage', { fileSystems: fileSystems.list }, { standing: 'shown', place: wholeOf(artefact) })],
      unread: fileSystems.dropped(),
    };
  },
};

function bytesOf(text: string | undefined): number | undefined {
  const [, digits, unit = ''] = /^(\d{1,12}(?:\.\d{1,3})?)([KMGT]?)$/.exec(text ?? '') ?? [];
  const scale = UNITS.get(unit);
  return digits === undefined || scale === undefined ? undefined : Math.round(Number(digits) * scale);
}
