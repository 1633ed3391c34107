/**
 * The sync service: files to and from the phone.
 * Source: AOSP packages/modules/adb SYNC.TXT and file_sync_protocol.h. Ids are four letters, numbers little endian.
 *
 *     RECV length path          → DATA length bytes … DONE 0 | FAIL length message
 *     SEND length "path,mode"   DATA length bytes … DONE mtime → OKAY 0 | FAIL length message
 *     STAT length path          → STAT mode size mtime
 *     LST2 length path          → LST2 error dev ino mode nlink uid gid size atime mtime ctime
 *     LIST length path          → DENT mode size mtime length name … DONE
 */
import { Cursor } from '../bytes/index.ts';
import { DeviceError, type DevicePort } from './device-port.ts';
import { type StreamReader, streamReader } from './stream-reader.ts';

/** SYNC_DATA_MAX: no chunk is longer. */
const DATA_MAX = 64 * 1024;
/** AOSP refuses longer paths. */
const PATH_MAX = 1024;
const NAME_MAX = 4096;
const MESSAGE_MAX = 4096;

const ascii = new TextEncoder();
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

function request(id: string, text: string | Uint8Array, count?: number): Uint8Array {
  const body = typeof text === 'string' ? ascii.encode(text) : text;
  const bytes = new Uint8Array(8 + body.length);
  bytes.set(ascii.encode(id), 0);
  new DataView(bytes.buffer).setUint32(4, count ?? body.length, true);
  bytes.set(body, 8);
  return bytes;
}

function pathRequest(id: string, path: string): Uint8Array {
  const body = ascii.encode(path);
  if (body.length > PATH_MAX) throw new DeviceError('refused', `the path is longer than ${PATH_MAX} bytes`);
  return request(id, body);
}

async function header(reader: StreamReader): Promise<{ readonly id: string; readonly count: number }> {
  const bytes = await reader.exactly(8, 'an answer’s header');
  return { id: utf8.decode(bytes.subarray(0, 4)), count: new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true) };
}

async function failure(reader: StreamReader, length: number): Promise<DeviceError> {
  if (length > MESSAGE_MAX) return new DeviceError('lied', `the phone says no in a message of ${length} bytes`);
  return new DeviceError('refused', utf8.decode(await reader.exactly(length, 'the message')));
}

/** A sync stream on which files are pulled one after the other. */
export interface SyncSession {
  /** The bytes of a file as they come; run it to its end, or close the session. @throws DeviceError: after `refused` the session can go on */
  pull(path: string, ceiling: number): AsyncGenerator<Uint8Array>;
  close(): Promise<void>;
}

/** @throws DeviceError when the service does not open */
export async function openSync(device: DevicePort): Promise<SyncSession> {
  const stream = await device.open('sync:');
  const reader = streamReader(stream);
  return {
    async *pull(path, ceiling) {
      await stream.write(pathRequest('RECV', path));
      for (let total = 0; ; ) {
        const { id, count } = await header(reader);
        if (id === 'DONE') return;
        if (id === 'FAIL') throw await failure(reader, count);
        if (id !== 'DATA') throw new DeviceError('lied', `${JSON.stringify(id)} instead of DATA`);
        if (count > DATA_MAX) throw new DeviceError('lied', `a chunk of ${count} bytes, and ${DATA_MAX} is the most the protocol has`);
        total += count;
        if (total > ceiling) throw new DeviceError('too large', `more than ${ceiling} bytes`);
        for (let left = count; left > 0; ) {
          const piece = await reader.some(left);
          if (piece === undefined) throw new DeviceError('disconnected', `the stream ended ${left} bytes before the end of a chunk`);
          left -= piece.length;
          yield piece;
        }
      }
    },
    close: () => stream.close(),
  };
}

/** Writes a file; `mode` as in 0o644. @throws DeviceError */
export async function push(device: DevicePort, path: string, bytes: Uint8Array, mode: number): Promise<void> {
  const ask = pathRequest('SEND', `${path},${0o100000 | mode}`);
  const stream = await device.open('sync:');
  try {
    await stream.write(ask);
    for (let at = 0; at < bytes.length; at += DATA_MAX) await stream.write(request('DATA', bytes.subarray(at, at + DATA_MAX)));
    await stream.write(request('DONE', new Uint8Array(0), 0));
    const reader = streamReader(stream);
    const { id, count } = await header(reader);
    if (id === 'FAIL') throw await failure(reader, count);
    if (id !== 'OKAY') throw new DeviceError('lied', `${JSON.stringify(id)} instead of OKAY`);
  } finally {
    await stream.close();
  }
}

/** What the phone's daemon says of a path; `undefined` where it says there is none. */
export interface SyncStat {
  readonly mode: number;
  readonly size: number;
  /** Seconds since 1970. */
  readonly modified: number;
}

/** `lstat` of a path by the daemon. @throws DeviceError */
export async function stat(device: DevicePort, path: string): Promise<SyncStat | undefined> {
  const second = device.about.features.includes('stat_v2');
  const ask = pathRequest(second ? 'LST2' : 'STAT', path);
  const stream = await device.open('sync:');
  try {
    await stream.write(ask);
    const reader = streamReader(stream);
    const id = utf8.decode(await reader.exactly(4, 'an answer’s id'));
    if (id === 'FAIL') throw new DeviceError('refused', 'the phone refuses');
    if (id !== (second ? 'LST2' : 'STAT')) throw new DeviceError('lied', `${JSON.stringify(id)} instead of a stat`);
    if (!second) {
      const cursor = new Cursor(await reader.exactly(12, 'stat'), { format: 'adb sync stat' });
      const [mode, size, modified] = [cursor.u32('mode'), cursor.u32('size'), cursor.u32('mtime')];
      return mode === 0 ? undefined : { mode, size, modified };
    }
    const cursor = new Cursor(await reader.exactly(68, 'stat'), { format: 'adb sync lst2' });
    if (cursor.u32('error') !== 0) return undefined;
    cursor.skip('dev', 16);
    const mode = cursor.u32('mode');
    cursor.skip('nlink', 12);
    const size = cursor.size64('size');
    cursor.skip('atime', 8);
    return { mode, size, modified: Number(cursor.i64('mtime')) };
  } finally {
    await stream.close();
  }
}

/** A folder's entries, at most `most`. Names are hostile text. @throws DeviceError */
export async function list(device: DevicePort, path: string, most: number): Promise<readonly (SyncStat & { readonly name: string })[]> {
  const ask = pathRequest('LIST', path);
  const stream = await device.open('sync:');
  try {
    await stream.write(ask);
    const reader = streamReader(stream);
    const entries: (SyncStat & { readonly name: string })[] = [];
    for (;;) {
      const bytes = await reader.exactly(20, 'a folder entry');
      const cursor = new Cursor(bytes, { format: 'adb sync dent' });
      const id = cursor.text('id', 4);
      if (id === 'DONE') return entries;
      if (id !== 'DENT') throw new DeviceError('lied', `${JSON.stringify(id)} instead of DENT`);
      const [mode, size, modified, length] = [cursor.u32('mode'), cursor.u32('size'), cursor.u32('mtime'), cursor.u32('namelen')];
      if (length > NAME_MAX) throw new DeviceError('lied', `a name of ${length} bytes`);
      if (entries.length >= most) throw new DeviceError('too large', `more than ${most} entries`);
      entries.push({ mode, size, modified, name: utf8.decode(await reader.exactly(length, 'a name')) });
    }
  } finally {
    await stream.close();
  }
}
