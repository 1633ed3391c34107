/** Packages of partition images: a full payload in an OTA zip, a super image, a fastboot archive with its script and its list of digests. */
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { concatBytes } from '../../../bytes/index.ts';
import { type OperationParts, writePayload, writeSparse, writeSuper } from '../../../formats/android/index.ts';
import { writeTar, writeZip } from '../../../formats/archive/index.ts';
import { nodeHash } from '../../../platform/node/index.ts';

const BLOCK = 4096;
/** What AOSP cuts operations at. */
const OPERATION = 2 << 20;
const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest());

export type Images = ReadonlyMap<string, Uint8Array>;

/** Whole blocks of an image. */
const blocks = (image: Uint8Array) => concatBytes([image, new Uint8Array((BLOCK - (image.length % BLOCK)) % BLOCK)]);

/** A full payload: xz where that saves something, zeros left out. */
export async function payloadOf(images: Images): Promise<Uint8Array> {
  const { compress } = await import('@napi-rs/lzma/xz');
  const partitions = await Promise.all(
    [...images].map(async ([name, short]) => {
      const image = blocks(short);
      const operations: OperationParts[] = [];
      for (let at = 0; at < image.length; at += OPERATION) {
        const data = image.subarray(at, Math.min(at + OPERATION, image.length));
        const targets = [{ startBlock: at / BLOCK, blocks: data.length / BLOCK }];
        if (data.every((byte) => byte === 0)) operations.push({ type: 'ZERO', targets });
        else {
          const packed = new Uint8Array(await compress(data));
          operations.push(packed.length < data.length ? { type: 'REPLACE_XZ', data: packed, targets } : { type: 'REPLACE', data, targets });
        }
      }
      return { name, after: { size: image.length, sha256: sha256(image) }, operations };
    }),
  );
  return writePayload({ blockSize: BLOCK, minorVersion: 0, securityPatchLevel: '2025-01-05', partitions }, nodeHash);
}

/** An OTA zip around a payload. */
export const otaZip = (payload: Uint8Array): Uint8Array =>
  writeZip([
    { name: 'META-INF/com/android/metadata', data: new TextEncoder().encode('ota-type=AB\n') },
    { name: 'payload.bin', data: payload, align: BLOCK },
  ]);

/** A super image of slot a in a sparse coat; slot b is empty, as after flashing. */
export function sparseSuper(images: Images): Uint8Array {
  const partitions = [...images].flatMap(([name, image]) => [
    { name: `${name}_a`, group: 'default', image: blocks(image) },
    { name: `${name}_b`, group: 'default', image: new Uint8Array(0) },
  ]);
  return sparse(writeSuper({ groups: [], partitions }, nodeHash));
}

/** A sparse image: zeros are holes. */
export function sparse(short: Uint8Array): Uint8Array {
  const image = blocks(short);
  const parts: ({ type: 'raw'; data: Uint8Array } | { type: 'dont-care'; blocks: number })[] = [];
  for (let at = 0; at < image.length; at += BLOCK) {
    const block = image.subarray(at, at + BLOCK);
    const last = parts.at(-1);
    if (block.every((byte) => byte === 0)) {
      if (last?.type === 'dont-care') last.blocks++;
      else parts.push({ type: 'dont-care', blocks: 1 });
    } else if (last?.type === 'raw') last.data = image.subarray(last.data.byteOffset - image.byteOffset, at + BLOCK);
    else parts.push({ type: 'raw', data: block });
  }
  return writeSparse(parts, BLOCK);
}

/** A fastboot archive: images as they are given, a script that flashes them, a list of their MD5. File → partition. */
export function fastbootTgz(
  folder: string,
  files: ReadonlyMap<string, { readonly partition: string; readonly data: Uint8Array }>,
): Uint8Array {
  const lines = [...files].map(([name, { partition }]) => `fastboot $* flash ${partition} \`dirname $0\`/images/${name} || exit 1\n`);
  const sums = [...files].map(([name, { data }]) => `${createHash('md5').update(data).digest('hex')}  images/${name}\n`);
  const text = (value: string) => new TextEncoder().encode(value);
  const tar = writeTar([
    { name: `${folder}/flash_all.sh`, data: text(`#!/bin/sh\n${lines.join('')}fastboot $* reboot\n`), mode: 0o755 },
    { name: `${folder}/md5sum.txt`, data: text(sums.join('')) },
    ...[...files].map(([name, { data }]) => ({ name: `${folder}/images/${name}`, data })),
  ]);
  return new Uint8Array(gzipSync(tar, { level: 6 }));
}
