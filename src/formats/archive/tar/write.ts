import { alignUp, concatBytes } from '../../../bytes/index.ts';

export interface TarPart {
  readonly name: string;
  readonly data: Uint8Array;
  readonly mode?: number;
}

/** What ends an archive. */
export const TAR_END: Uint8Array = new Uint8Array(1024);

/** Writes files as ustar; a name that does not fit goes into a pax record. */
export const writeTar = (parts: readonly TarPart[]): Uint8Array => concatBytes([...parts.map(writeTarMember), TAR_END]);

/** One file of an archive that is written as its files come. */
export function writeTarMember({ name, data, mode = 0o644 }: TarPart): Uint8Array {
  const bytes = new TextEncoder().encode(name);
  if (bytes.length <= 100) return concatBytes([header(bytes, { size: data.length, mode, flag: '0' }), padded(data)]);
  const record = paxRecord('path', name);
  return concatBytes([
    header(new TextEncoder().encode('pax'), { size: record.length, mode, flag: 'x' }),
    padded(record),
    header(bytes.subarray(0, 100), { size: data.length, mode, flag: '0' }),
    padded(data),
  ]);
}

function header(
  name: Uint8Array,
  { size, mode, flag }: { readonly size: number; readonly mode: number; readonly flag: string },
): Uint8Array {
  const block = new Uint8Array(512);
  const put = (at: number, text: string) => block.set(new TextEncoder().encode(text), at);
  const octal = (at: number, length: number, value: number) => put(at, value.toString(8).padStart(length - 1, '0'));
  block.set(name);
  octal(100, 8, mode);
  octal(108, 8, 0);
  octal(116, 8, 0);
  octal(124, 12, size);
  octal(136, 12, 0);
  put(148, '        ');
  put(156, flag);
  put(257, 'ustar\u000000');
  octal(
    148,
    7,
    block.reduce((sum, byte) => sum + byte, 0),
  );
  block[154] = 0;
  return block;
}

/** A record counts its own length. */
function paxRecord(key: string, value: string): Uint8Array {
  const rest = new TextEncoder().encode(` ${key}=${value}\n`);
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return concatBytes([new TextEncoder().encode(String(length)), rest]);
}

function padded(data: Uint8Array): Uint8Array {
  const out = new Uint8Array(alignUp(data.length, 512));
  out.set(data);
  return out;
}
