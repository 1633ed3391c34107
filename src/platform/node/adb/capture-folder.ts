/** A capture in a folder, or packed in a zip. Names are checked against `ARTEFACT_NAME` before they become paths: nothing that a phone says ever does. */
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { crc32, deflateRaw } from 'node:zlib';
import { ARTEFACT_NAME, type CaptureStorage } from '../../../acquire/index.ts';
import { checkRange, type Source } from '../../../bytes/index.ts';
import { nodeCodec } from '../codecs.ts';
import { openFile } from '../files.ts';

/** Storage in a folder, which is made where there is none. */
export async function folderStorage(folder: string): Promise<CaptureStorage> {
  await mkdir(folder, { recursive: true });
  const pathOf = (name: string) => {
    if (!ARTEFACT_NAME.test(name)) throw new RangeError(`not an artefact name: ${JSON.stringify(name)}`);
    return join(folder, name);
  };
  return {
    async create(name) {
      const handle = await open(pathOf(name), 'w', 0o600);
      return {
        async write(bytes) {
          await handle.writeFile(bytes);
        },
        close: () => handle.close(),
      };
    },
    async replace(name, bytes) {
      const path = pathOf(name);
      await writeFile(`${path}.new`, bytes, { mode: 0o600 });
      await rename(`${path}.new`, path);
    },
    async remove(name) {
      await rm(pathOf(name), { force: true });
    },
    async open(name) {
      try {
        return lazyFile(pathOf(name), (await stat(pathOf(name))).size);
      } catch {
        return undefined;
      }
    },
  };
}

/** Opens the file for each read, so that a capture of hundreds of artefacts holds no handles. */
function lazyFile(path: string, size: number): Source {
  return {
    size,
    async read(at, length) {
      const file = await openFile(path);
      try {
        return await file.read(at, length);
      } finally {
        await file.close();
      }
    },
  };
}

/** A zip of the files of a capture's folder, written file by file, so that the largest file bounds the memory. The zip appears whole or not at all. Answers its files as sources. */
export async function packCapture(folder: string, path: string): Promise<ReadonlyMap<string, Source>> {
  const names = (await readdir(folder, { withFileTypes: true }))
    .filter((entry) => entry.isFile() && ARTEFACT_NAME.test(entry.name))
    .map(({ name }) => name);
  const partial = `${path}.new`;
  const out = await open(partial, 'w', 0o600);
  const central: Buffer[] = [];
  const sources = new Map<string, Source>();
  let at = 0;
  const put = async (bytes: Uint8Array) => {
    await out.writeFile(bytes);
    at += bytes.length;
  };
  try {
    for (const name of names.sort()) {
      const data = await readFile(join(folder, name));
      const packed = await promisify(deflateRaw)(data);
      // APPNOTE 4.3.7 and 4.3.12: what both headers share, from "version needed" to the extra field's length. The time is 1980-01-01.
      const shared = Buffer.alloc(26);
      shared.writeUInt16LE(20, 0);
      shared.writeUInt16LE(8, 4);
      shared.writeUInt16LE(0x21, 8);
      shared.writeUInt32LE(crc32(data), 10);
      shared.writeUInt32LE(packed.length, 14);
      shared.writeUInt32LE(data.length, 18);
      shared.writeUInt16LE(name.length, 22);
      const tail = Buffer.alloc(14);
      tail.writeUInt32LE(at, 10);
      central.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), shared, tail, Buffer.from(name)]));
      await put(Buffer.concat([Buffer.from('PK\x03\x04'), shared, Buffer.from(name)]));
      sources.set(name, packedFile(path, { at, packedSize: packed.length, size: data.length }));
      await put(packed);
    }
    const directory = Buffer.concat(central);
    const end = Buffer.alloc(22);
    end.write('PK\x05\x06');
    end.writeUInt16LE(names.length, 8);
    end.writeUInt16LE(names.length, 10);
    end.writeUInt32LE(directory.length, 12);
    end.writeUInt32LE(at, 16);
    await put(directory);
    await put(end);
  } finally {
    await out.close();
  }
  await rename(partial, path);
  return sources;
}

/** A file that lies deflated in another: inflated when it is read, and kept no longer than the memory allows. */
function packedFile(path: string, where: { readonly at: number; readonly packedSize: number; readonly size: number }): Source {
  let held: WeakRef<Uint8Array> | undefined;
  const inflate = async (): Promise<Uint8Array> => {
    const file = await openFile(path);
    try {
      const bytes = await nodeCodec('deflate-raw', await file.read(where.at, where.packedSize), Math.max(1, where.size));
      held = new WeakRef(bytes);
      return bytes;
    } finally {
      await file.close();
    }
  };
  return {
    size: where.size,
    async read(at, length) {
      checkRange(where, at, length, 'capture');
      const bytes = held?.deref() ?? (where.size === 0 ? new Uint8Array(0) : await inflate());
      return bytes.subarray(at, at + length);
    },
  };
}
