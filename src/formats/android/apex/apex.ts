/**
 * APEX packages and compressed ones (CAPEX): a zip with an image inside.
 * Spec: AOSP system/apex/docs/README.md, proto/apex_manifest.proto, apexd/apex_file.cpp. Limits: `MANIFEST_MAX` bytes of manifest.
 * Does not read: `apex_build_info.pb`, notices. The image is a file system with an AVB footer; `formats/fs` and `avb` read it.
 *
 *   apex_manifest.pb   ApexManifest { name = 1; version = 2; … }, or apex_manifest.json before Android 11
 *   apex_payload.img   stored, aligned to 4096
 *   apex_pubkey        the key of the image's vbmeta, in AVB's format
 *   original_apex      in a CAPEX instead of the image: the whole original, deflated
 */
import { bytesSource, type CodecPort, Cursor, FormatError, type Source } from '../../../bytes/index.ts';
import { entrySource, openEntry, readZip, type ZipEntry } from '../../archive/index.ts';
import { protoFields } from '../payload/protobuf.ts';

const FORMAT = 'apex';
const MANIFEST_MAX = 1 << 20;
const KEY_MAX = 1 << 16;
/** The largest originals are some 100 MB. */
const ORIGINAL_MAX = 256 << 20;

export interface Apex {
  readonly name: string;
  readonly version: number;
  /** The file is a CAPEX; what follows is of the original inside. */
  readonly compressed: boolean;
  /** The APEX that was read: the file itself, or the original out of a CAPEX. */
  readonly original: Source;
  readonly payload: Source;
  /** AVB's own key format; undefined where there is none. */
  readonly publicKey: Uint8Array | undefined;
}

/** Opens an APEX. @throws FormatError when it is none */
export async function readApex(source: Source, codec: CodecPort): Promise<Apex> {
  return open(source, { codec, compressed: false });
}

async function open(source: Source, { codec, compressed }: { readonly codec: CodecPort; readonly compressed: boolean }): Promise<Apex> {
  const { value: archive } = await readZip(source, { locals: false });
  const find = (name: string) => archive.entries.find((entry) => entry.name === name);
  const original = find('original_apex');
  if (original !== undefined && !compressed)
    return open(bytesSource(await openEntry(source, original, codec, ORIGINAL_MAX)), { codec, compressed: true });
  const image = find('apex_payload.img');
  if (image === undefined) throw problem('apex_payload.img', archive.centralAt, 'bad-value', 'there is none');
  // apexd maps the image from the file: packed, it cannot be mounted.
  if (image.method !== 0) throw problem('apex_payload.img', image.localAt, 'bad-value', `it is packed by method ${image.method}`);
  const bytes = async (entry: ZipEntry | undefined, ceiling: number) =>
    entry === undefined ? undefined : openEntry(source, entry, codec, ceiling);
  const manifest = await readManifest(
    await bytes(find('apex_manifest.pb'), MANIFEST_MAX),
    await bytes(find('apex_manifest.json'), MANIFEST_MAX),
  );
  return {
    ...manifest,
    compressed,
    original: source,
    payload: await entrySource(source, image),
    publicKey: await bytes(find('apex_pubkey'), KEY_MAX),
  };
}

async function readManifest(proto: Uint8Array | undefined, json: Uint8Array | undefined): Promise<{ name: string; version: number }> {
  let name = '';
  let version = 0;
  if (proto !== undefined) {
    for (const field of protoFields(new Cursor(proto, { format: FORMAT, prefix: 'apex_manifest.pb.' }))) {
      if (field.number === 1 && field.body !== undefined) name = new TextDecoder().decode(field.body.bytes);
      if (field.number === 2) version = Number(BigInt.asUintN(53, field.value));
    }
  } else if (json !== undefined) {
    // Old ones say their version as text or as a number.
    const text = new TextDecoder().decode(json);
    name = /"name"\s*:\s*"([^"\\]{1,255})"/.exec(text)?.[1] ?? '';
    version = Number(/"version"\s*:\s*"?(\d{1,15})/.exec(text)?.[1] ?? 0);
  }
  if (!/^[A-Za-z0-9_.]{1,255}$/.test(name))
    throw problem('name', 0, 'bad-value', `${JSON.stringify(name.slice(0, 40))} is no package name`);
  return { name, version };
}

const problem = (field: string, at: number, code: FormatError['code'], detail: string) =>
  new FormatError({ format: FORMAT, field, at }, code, detail);
