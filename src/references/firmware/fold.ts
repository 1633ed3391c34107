/** Members that are one image only together: a transfer list with its data, a sparse image in chunks, a split image. They are added to what is there. */
import { bytesSource, concatSources, FormatError, readAll, type Source } from '../../bytes/index.ts';
import { isSparse, overlaySparse, parseTransferList, transferListImage } from '../../formats/android/index.ts';
import { streamFormat } from '../../formats/codec/index.ts';
import type { Member } from './member.ts';
import { type FirmwarePorts, unpackedSource } from './ports.ts';
import { programmedImages } from './programs.ts';

const LIST_MAX = 64 << 20;
const PATCH_MAX = 512 << 20;
const CHUNKS_MAX = 512;

/** The members and what they make together. */
export async function foldMembers(members: readonly Member[], ports: FirmwarePorts): Promise<readonly Member[]> {
  const byName = new Map(members.map((member) => [member.name, member]));
  const made = [...transferImages(members, byName, ports), ...chunkedImages(members), ...(await programmedImages(members))];
  return [...members, ...made.filter(({ name }) => !byName.has(name))];
}

function transferImages(members: readonly Member[], byName: ReadonlyMap<string, Member>, ports: FirmwarePorts): readonly Member[] {
  return members.flatMap((list) => {
    // OPlus writes the hardware's number between the name and the ending.
    const stem = /^(.*?)(?:\.\d{8})?\.transfer\.list$/.exec(list.name)?.[1];
    const prefix = list.name.replace(/\.transfer\.list$/, '');
    if (stem === undefined) return [];
    const data = ['', '.br', '.lzma', '.xz', '.gz', '.zst']
      .map((ending) => byName.get(`${prefix}.new.dat${ending}`))
      .find((found) => found !== undefined);
    const pieces = data === undefined ? piecesOf(`${prefix}.new.dat.`, byName) : [data];
    if (pieces.length === 0) return [];
    const open = async (): Promise<Source> => {
      const text = new TextDecoder().decode(await readAll(await list.open(), LIST_MAX, 'transfer list'));
      const fresh = concatSources(await Promise.all(pieces.map(async (piece) => unpacked(await piece.open(), piece.name, ports))));
      const patch = byName.get(`${prefix}.patch.dat`);
      const before = ports.before?.get(stem.slice(stem.lastIndexOf('/') + 1));
      return transferListImage(parseTransferList(text), fresh, {
        hash: ports.hash,
        codec: ports.codec,
        ...(before === undefined ? {} : { before }),
        ...(patch === undefined
          ? {}
          : {
              patch:
                patch.size === 0 ? bytesSource(new Uint8Array(0)) : bytesSource(await readAll(await patch.open(), PATCH_MAX, 'patch.dat')),
            }),
      });
    };
    // How large it is only the list knows; its data says at least that there is something.
    return [{ name: `${stem}.img`, size: pieces.reduce((sum, { size }) => sum + size, 0), open }];
  });
}

/** `system.new.dat.1`, `.2` … in their order. */
function piecesOf(prefix: string, byName: ReadonlyMap<string, Member>): readonly Member[] {
  const found: Member[] = [];
  for (let index = 0; index < CHUNKS_MAX; index++) {
    const member = byName.get(`${prefix}${index}`);
    if (member !== undefined) found.push(member);
    else if (index > 0) break;
  }
  return found;
}

async function unpacked(source: Source, name: string, ports: FirmwarePorts): Promise<Source> {
  const format = streamFormat(await source.read(0, Math.min(64, source.size)), name);
  return format === undefined ? source : unpackedSource(ports, { format, source });
}

/** `super.img.0`, `system.img_sparsechunk.0`, `super_1.img` (Pixel), `super.0.1a2b3c4d.img` (OPlus): the name of the whole, without `.img` where the number stands before it, and the number. */
const CHUNKS: readonly RegExp[] = [
  /^(.*\.img)(?:_sparsechunk)?\.?(\d{1,3})$/,
  /^((?:.*\/)?super)_(\d{1,3})\.img$/,
  /^((?:.*\/)?super)\.(\d{1,3})\.[0-9a-f]{8}\.img$/,
];

/** The image that a member is a chunk of, by its name; undefined for any other. */
function chunkOf(member: string): { readonly name: string; readonly index: number } | undefined {
  const [, stem, index] = CHUNKS.map((pattern) => pattern.exec(member)).find((found) => found !== null) ?? [];
  return stem === undefined ? undefined : { name: stem.endsWith('.img') ? stem : `${stem}.img`, index: Number(index) };
}

/** Whether a member was folded into another one: then it is no image of its own. */
export const isFolded = (member: string, members: readonly Member[]): boolean => {
  const chunk = chunkOf(member);
  return members.some(({ name, parts }) => name === chunk?.name || parts?.includes(member) === true);
};

function chunkedImages(members: readonly Member[]): readonly Member[] {
  const groups = new Map<string, { readonly index: number; readonly member: Member }[]>();
  for (const member of members) {
    const chunk = chunkOf(member.name);
    if (chunk === undefined) continue;
    const group = groups.get(chunk.name) ?? [];
    group.push({ index: chunk.index, member });
    groups.set(chunk.name, group);
  }
  // Where one number stands on two, the hardware decides which of them is flashed.
  const whole = [...groups].filter(([, group]) => new Set(group.map(({ index }) => index)).size === group.length);
  return whole.map(([name, group]): Member => {
    const chunks = group.toSorted((a, b) => a.index - b.index).map(({ member }) => member);
    return { name, size: chunks.reduce((sum, { size }) => sum + size, 0), open: () => joinChunks(name, chunks) };
  });
}

/** Sparse chunks lie over each other, each with its own part and holes for the rest; plain ones follow each other. */
async function joinChunks(name: string, chunks: readonly Member[]): Promise<Source> {
  if (chunks.length > CHUNKS_MAX) throw new FormatError({ format: 'firmware', field: name, at: 0 }, 'too-large', `${chunks.length} chunks`);
  const sources = await Promise.all(chunks.map((chunk) => chunk.open()));
  const first = sources[0];
  const sparse = first !== undefined && isSparse(await first.read(0, Math.min(4, first.size)));
  return sparse ? overlaySparse(sources) : concatSources(sources);
}
