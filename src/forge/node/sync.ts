/**
 * The sync service: stat, list, send and receive files.
 * Spec: AOSP packages/modules/adb, SYNC.TXT and file_sync_protocol.h. Does not do: compression (flags other than 0 and dry run are refused).
 */
import { type Channel, ChannelReader } from './channel.ts';
import { type Actor, deviceNumber, ERRNO, modeBits, normalise, PhoneFsError, type PhoneTree, type Stat } from './tree.ts';

const DATA_MAX = 64 * 1024;
const PATH_MAX = 1024;
const DRY_RUN = 0x80000000;

export interface SyncOptions {
  readonly tree: PhoneTree;
  readonly actor: Actor;
  /** Whether requests of the second version are known. */
  readonly v2: boolean;
  readonly log: (request: string) => void;
  /** A fault to show for this request. */
  readonly fault: (request: string) => 'lie' | 'die' | 'hang' | undefined;
  readonly die: () => void;
  readonly pushed: (path: string, bytes: Uint8Array) => void;
}

function words(id: string, ...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 + values.length * 4);
  bytes.write(id, 0, 'latin1');
  for (const [i, value] of values.entries()) bytes.writeUInt32LE(value >>> 0, 4 + i * 4);
  return bytes;
}

const fail = (message: string) => Buffer.concat([words('FAIL', Buffer.byteLength(message)), Buffer.from(message)]);

/** struct sync_stat_v2 { id, error; u64 dev, ino; u32 mode, nlink, uid, gid; u64 size; i64 atime, mtime, ctime; } */
function stat2(id: string, stat: Stat | number): Buffer {
  const bytes = Buffer.alloc(72);
  bytes.write(id, 0, 'latin1');
  if (typeof stat === 'number') {
    bytes.writeUInt32LE(stat, 4);
    return bytes;
  }
  bytes.writeBigUInt64LE(BigInt(deviceNumber(stat.device)), 8);
  bytes.writeBigUInt64LE(BigInt(stat.inode), 16);
  bytes.writeUInt32LE(modeBits(stat), 24);
  bytes.writeUInt32LE(stat.links, 28);
  bytes.writeUInt32LE(stat.uid, 32);
  bytes.writeUInt32LE(stat.gid, 36);
  bytes.writeBigUInt64LE(BigInt(stat.size), 40);
  for (const at of [48, 56, 64]) bytes.writeBigInt64LE(BigInt(stat.mtime), at);
  return bytes;
}

/** Serves one `sync:` stream until the host quits or closes. */
export async function serveSync(channel: Channel, options: SyncOptions): Promise<void> {
  const reader = new ChannelReader(channel);
  for (;;) {
    const head = await reader.exactly(8);
    if (head === undefined) return;
    const id = Buffer.from(head.subarray(0, 4)).toString('latin1');
    const length = new DataView(head.buffer, head.byteOffset).getUint32(4, true);
    if (id === 'QUIT') return;
    if (length > PATH_MAX) {
      await channel.write(fail('path too long'));
      return;
    }
    const path = await reader.exactly(length);
    if (path === undefined) return;
    if (!(await answer(id, Buffer.from(path).toString('utf8'), { ...options, channel, reader }))) return;
  }
}

interface Session extends SyncOptions {
  readonly channel: Channel;
  readonly reader: ChannelReader;
}

/** Says why, and ends the stream. */
async function refuse(channel: Channel, because: string): Promise<false> {
  await channel.write(fail(because));
  return false;
}

/** Whether the stream goes on. */
async function answer(id: string, path: string, session: Session): Promise<boolean> {
  const { channel, v2 } = session;
  const request = `sync:${id} ${path}`;
  session.log(request);
  const fault = session.fault(request);
  if (fault === 'hang') {
    await new Promise<void>((resolve) => channel.closed.addEventListener('abort', () => resolve(), { once: true }));
    return false;
  }
  if (id === 'STAT') await channel.write(stat1(session, path, fault));
  else if (id === 'LST2' && v2) await channel.write(stat2(id, attempt(session, path, false)));
  else if (id === 'STA2' && v2) await channel.write(stat2(id, attempt(session, path, true)));
  else if (id === 'LIST') await list(session, path, false);
  else if (id === 'LIS2' && v2) await list(session, path, true);
  else if (id === 'RECV') await receive(session, path, fault);
  else if (id === 'RCV2' && v2) {
    const setup = await session.reader.exactly(8);
    if (setup === undefined) return false;
    if (new DataView(setup.buffer, setup.byteOffset).getUint32(4, true) !== 0) await channel.write(fail('compression is not supported'));
    else await receive(session, path, fault);
  } else if (id === 'SEND') return send(session, ...splitMode(path));
  else if (id === 'SND2' && v2) {
    const setup = await session.reader.exactly(12);
    if (setup === undefined) return false;
    const view = new DataView(setup.buffer, setup.byteOffset);
    const flags = view.getUint32(8, true);
    if ((flags & ~DRY_RUN) !== 0) return refuse(channel, 'compression is not supported');
    return send(session, path, view.getUint32(4, true), flags !== 0);
  } else {
    await channel.write(fail(`unknown command ${id}`));
    return false;
  }
  return true;
}

function attempt(session: Session, path: string, follow: boolean): Stat | number {
  try {
    return session.tree.stat(path, session.actor, follow);
  } catch (error) {
    return error instanceof PhoneFsError ? ERRNO[error.code] : 5;
  }
}

function stat1(session: Session, path: string, fault: string | undefined): Buffer {
  const stat = attempt(session, path, false);
  if (typeof stat === 'number') return words('STAT', 0, 0, 0);
  return words('STAT', modeBits(stat), fault === 'lie' ? 0xffffffff : stat.size, stat.mtime);
}

async function list(session: Session, path: string, v2: boolean): Promise<void> {
  const done = v2 ? Buffer.concat([stat2('DONE', 0), Buffer.alloc(4)]) : words('DONE', 0, 0, 0, 0);
  let names: readonly string[] = [];
  try {
    names = session.tree.list(path, session.actor);
  } catch (error) {
    // adbd answers an unreadable folder with an empty list.
    if (!(error instanceof PhoneFsError)) throw error;
  }
  const parts: Buffer[] = [];
  for (const name of ['.', '..', ...names]) {
    const stat = attempt(session, normalise(name, path), false);
    const bytes = Buffer.from(name);
    if (v2) parts.push(Buffer.concat([stat2('DNT2', stat), words('', bytes.length).subarray(4), bytes]));
    else if (typeof stat !== 'number')
      parts.push(Buffer.concat([words('DENT', modeBits(stat), stat.size, stat.mtime, bytes.length), bytes]));
  }
  await session.channel.write(Buffer.concat([...parts, done]));
}

async function receive(session: Session, path: string, fault: string | undefined): Promise<void> {
  const { channel } = session;
  let bytes: Uint8Array;
  try {
    bytes = session.tree.read(path, session.actor);
  } catch (error) {
    if (!(error instanceof PhoneFsError)) throw error;
    return channel.write(fail(error.code === 'ENOENT' ? error.message : `open failed: ${error.message}`));
  }
  for (let at = 0; at < bytes.length; at += DATA_MAX) {
    const part = bytes.subarray(at, at + DATA_MAX);
    // A liar announces more than it sends, then says that it is done.
    await channel.write(Buffer.concat([words('DATA', part.length + (fault === 'lie' ? 0x10000000 : 0)), part]));
    if (fault === 'die') return session.die();
  }
  await channel.write(words('DONE', 0));
}

function splitMode(path: string): readonly [path: string, mode: number, dryRun: boolean] {
  const comma = path.lastIndexOf(',');
  return comma < 0 ? [path, 0o100644, false] : [path.slice(0, comma), Number.parseInt(path.slice(comma + 1), 10) || 0o100644, false];
}

async function send(session: Session, path: string, mode: number, dryRun: boolean): Promise<boolean> {
  const { channel, reader, tree, actor } = session;
  const parts: Uint8Array[] = [];
  for (;;) {
    const head = await reader.exactly(8);
    if (head === undefined) return false;
    const id = Buffer.from(head.subarray(0, 4)).toString('latin1');
    const value = new DataView(head.buffer, head.byteOffset).getUint32(4, true);
    if (id === 'DONE') {
      try {
        if (!dryRun) store(session, path, { bytes: Buffer.concat(parts), mode, mtime: value });
        await channel.write(words('OKAY', 0));
      } catch (error) {
        if (!(error instanceof PhoneFsError)) throw error;
        await channel.write(fail(`couldn't create file: ${error.message}`));
      }
      return true;
    }
    if (id !== 'DATA' || value > DATA_MAX) return refuse(channel, 'invalid data message');
    const data = await reader.exactly(value);
    if (data === undefined) return false;
    parts.push(data);
  }

  function store(to: Session, at: string, what: { readonly bytes: Uint8Array; readonly mode: number; readonly mtime: number }): void {
    const parents = normalise(at).split('/').slice(1, -1);
    for (let i = 1; i <= parents.length; i += 1) {
      const folder = `/${parents.slice(0, i).join('/')}`;
      if (!tree.exists(folder, actor)) tree.makeFolder(folder, actor, 0o771);
    }
    // adbd gives the file its owner's rights to everyone in the group (mode |= mode >> 3 of the owner).
    const mode2 = (what.mode & 0o777) | ((what.mode >> 3) & 0o070) | ((what.mode >> 3) & 0o007);
    tree.write(at, what.bytes, { actor, mode: mode2, mtime: what.mtime });
    to.pushed(normalise(at), what.bytes);
  }
}
