/**
 * The digests of an archive's members, as the JAR signature states them: thousands of small members and a few large ones.
 * Members are taken in the order they lie. Small ones that lie together come from one read and are hashed at once, because a promise for each would
 * cost more than its digest. Most may have been begun before it was known what they should have, where the platform has another thread; what is left is streamed, a few at a time.
 */
import {
  equalBytes,
  type HashAlgorithm,
  hashOf,
  readPiece,
  type Source,
  type Stretch,
  type StretchDigests,
  type StretchWork,
} from '../../../bytes/index.ts';
import type { ZipEntry } from '../../archive/index.ts';
import type { ApkPorts } from '../issue.ts';
import { type ApkZip, memberPlace, streamMember, unpackMember } from '../zip-view.ts';
import { digestsAt, type ExpectedDigest, type ExpectedDigests } from './digests.ts';

/** Members in the order they lie, and what they should have, by the same places. */
export interface MemberDigests {
  readonly entries: readonly ZipEntry[];
  readonly expected: ExpectedDigests;
}

/** What came of a member: the digests that it does not have, or why it cannot be read. */
export type MemberAnswer = { readonly wrong: readonly ExpectedDigest[] } | { readonly refusal: unknown };

/** Members are read in pieces of this size while they lie together. */
const WINDOW = 1 << 20;
/** Small enough to be taken at once, packed and unpacked. */
const SMALL = 256 << 10;
/** Stored members from here on are worth another thread. */
const LARGE = 4 << 20;
/** Members whose content is unpacked at the same time. */
const TOGETHER = 8;

/** Compares the digests of members. The answers keep their order; after the first refusal they may end. */
export async function compareMembers(
  zip: ApkZip,
  members: MemberDigests,
  ports: ApkPorts,
  ahead?: MembersAhead,
): Promise<readonly (MemberAnswer | undefined)[]> {
  const { entries, expected } = members;
  const answers: (MemberAnswer | undefined)[] = entries.map(() => undefined);
  // An index, here and below: thousands of members, and an iterator makes an object for each.
  const window = windowOver(zip.source);
  const running = new Set<Promise<void>>();
  for (let index = 0; index < entries.length; index++) {
    const entry = entries[index];
    if (entry === undefined) break;
    if (placeAhead(ahead, members, index) >= 0) continue;
    const digests = digestsAt(expected, index);
    if (isSmall(entry, ports)) {
      const waiting = compareSmall(zip, { entry, digests }, { window, ports });
      const answer = waiting instanceof Promise ? await waiting : waiting;
      answers[index] = answer;
      if ('refusal' in answer) break;
      continue;
    }
    const work = compareLarge(zip, { entry, digests }, ports).then((answer) => {
      answers[index] = answer;
    });
    const tracked: Promise<void> = work.finally(() => running.delete(tracked));
    running.add(tracked);
    if (running.size >= TOGETHER) await Promise.race(running);
  }
  if (ahead !== undefined) compareAhead(ahead, await ahead.work.finish(), members, answers);
  await Promise.all(running);
  for (let index = 0; index < entries.length; index++) {
    const entry = entries[index];
    // What was made nothing of elsewhere is read again here, to say what is wrong with it.
    if (answers[index] === undefined && entry !== undefined && placeAhead(ahead, members, index) >= 0) {
      const member = { entry, digests: digestsAt(expected, index) };
      answers[index] = await (isSmall(entry, ports) ? compareSmall(zip, member, { window, ports }) : compareLarge(zip, member, ports));
    }
    const answer = answers[index];
    if (answer === undefined || 'refusal' in answer) break;
  }
  return answers;
}

/** Members whose digests are being worked out, most of them elsewhere. */
export interface MembersAhead {
  readonly algorithm: HashAlgorithm;
  /** The place of each in the work, by its entry's place in the directory; -1 for what is not in it. */
  readonly places: Int32Array;
  readonly work: StretchWork;
}

const NO_PREFIX = new Uint8Array(0);

/**
 * Begins to digest members, given in the order they lie, before it is known what they should have; up to the first whose headers are wrong.
 * The large ones come first, so that the small ones fill up what is left. Undefined where nobody shares the work.
 */
export function beginMembers(
  zip: ApkZip,
  entries: readonly ZipEntry[],
  { algorithm, ports }: { readonly algorithm: HashAlgorithm; readonly ports: ApkPorts },
): MembersAhead | undefined {
  if (ports.stretches === undefined) return undefined;
  const large: Stretch[] = [];
  const small: Stretch[] = [];
  const largePlaces: number[] = [];
  const smallPlaces: number[] = [];
  for (const entry of entries) {
    const { index, method, size, crc32 } = entry;
    const isLarge = method === 0 && size >= LARGE && entry.local !== undefined;
    if (!isLarge && !isSmall(entry, ports)) continue;
    try {
      const place = memberPlace(zip, entry);
      (isLarge ? largePlaces : smallPlaces).push(index);
      const { at, length } = place;
      (isLarge ? large : small).push(
        method === 0 ? { at, length, prefix: NO_PREFIX } : { at, length, prefix: NO_PREFIX, unpacked: size, crc32 },
      );
    } catch {
      // It is refused in its turn.
      break;
    }
  }
  const work = ports.stretches(zip.source, algorithm, [...large, ...small]);
  if (work === undefined) return undefined;
  // By the entry's place in the directory: -1 for those that are not among them.
  const places = new Int32Array(zip.archive.entries.length).fill(-1);
  largePlaces.forEach((index, place) => {
    places[index] = place;
  });
  smallPlaces.forEach((index, place) => {
    places[index] = largePlaces.length + place;
  });
  return { algorithm, places, work };
}

/** The place of a member in what is ahead, where that answers it: one digest, of the algorithm that was taken. Else -1. */
function placeAhead(ahead: MembersAhead | undefined, { entries, expected }: MemberDigests, index: number): number {
  if (ahead === undefined || ahead.algorithm !== expected.algorithm) return -1;
  return expected.others.size > 0 && expected.others.has(index) ? -1 : (ahead.places[entries[index]?.index ?? -1] ?? -1);
}

/** Compares what was begun; a member without an answer could not be unpacked. */
function compareAhead(
  ahead: MembersAhead,
  { bytes, size, states }: StretchDigests,
  members: MemberDigests,
  answers: (MemberAnswer | undefined)[],
): void {
  const { entries, expected } = members;
  for (let index = 0; index < entries.length; index++) {
    const place = placeAhead(ahead, members, index);
    // Digests of another size answer nothing: none of these may be taken for equal.
    if (place < 0 || states[place] !== 1 || size !== expected.size) continue;
    let at = 0;
    while (at < size && bytes[place * size + at] === expected.bytes[index * size + at]) at++;
    answers[index] = at === size ? NONE_WRONG : { wrong: digestsAt(expected, index) };
  }
}

/** Whether a member is one to be taken at once. */
function isSmall({ size, compressedSize, method, local }: ZipEntry, { inflate }: ApkPorts): boolean {
  return size <= SMALL && compressedSize <= SMALL && local !== undefined && (method === 0 || inflate !== undefined);
}

interface Member {
  readonly entry: ZipEntry;
  readonly digests: readonly ExpectedDigest[];
}

/** A promise only where bytes have to be read first. */
function compareSmall(
  zip: ApkZip,
  member: Member,
  { window, ports }: { readonly window: Window; readonly ports: ApkPorts },
): MemberAnswer | Promise<MemberAnswer> {
  const { entry } = member;
  try {
    const { at, length } = memberPlace(zip, entry);
    const waiting = window.load(at, length);
    if (waiting === undefined) return compareNow(member, window.take(at, length), ports);
    return waiting.then(() => compareNow(member, window.take(at, length), ports)).catch((refusal: unknown) => ({ refusal }));
  } catch (refusal) {
    return { refusal };
  }
}

/** The usual answer, one for all. */
const NONE_WRONG: MemberAnswer = { wrong: [] };

function compareNow({ entry, digests }: Member, packed: Uint8Array, ports: ApkPorts): MemberAnswer {
  const bytes = unpackMember(entry, packed, ports);
  const right = (expected: ExpectedDigest) => equalBytes(hashOf(ports.hash, expected.algorithm, bytes), expected.digest);
  return digests.every(right) ? NONE_WRONG : { wrong: digests.filter((expected) => !right(expected)) };
}

async function compareLarge(zip: ApkZip, { entry, digests }: Member, ports: ApkPorts): Promise<MemberAnswer> {
  const hashers = digests.map(({ algorithm }) => ports.hash(algorithm));
  try {
    await streamMember(zip, entry, ports, (piece) => {
      for (const hasher of hashers) hasher.update(piece);
    });
  } catch (refusal) {
    return { refusal };
  }
  return { wrong: digests.filter(({ digest }, index) => !equalBytes(hashers[index]?.digest() ?? new Uint8Array(0), digest)) };
}

interface Window {
  /** Makes a stretch ready: at once where it has been read, else the promise of it. */
  load(at: number, length: number): Promise<void> | undefined;
  /** A stretch that was made ready; good until the next is loaded. */
  take(at: number, length: number): Uint8Array;
}

/** Two buffers in turns: while one is worked on, the next piece of the file comes into the other, behind room for what a member has in both. */
function windowOver(source: Source): Window {
  return source.size <= WINDOW ? wholeWindow(source) : slidingWindow(source);
}

/** A file that is smaller than a window is read once. */
function wholeWindow(source: Source): Window {
  let bytes: Uint8Array | undefined;
  return {
    load: () =>
      bytes === undefined
        ? source.read(0, source.size).then((read) => {
            bytes = read;
          })
        : undefined,
    take: (at, length) => (bytes ?? new Uint8Array(0)).subarray(at, at + length),
  };
}

function slidingWindow(source: Source): Window {
  let start = 0;
  let bytes: Uint8Array = new Uint8Array(0);
  let turn = 0;
  let ahead: Promise<Piece> | undefined;
  const buffers: Uint8Array[] = [];
  const readAt = async (at: number): Promise<Piece> => {
    turn = 1 - turn;
    buffers[turn] ??= new Uint8Array(SMALL + WINDOW);
    const buffer = buffers[turn] ?? new Uint8Array(0);
    const piece = await readPiece(source, at, Math.min(WINDOW, source.size - at), buffer.subarray(SMALL));
    // A source that fills nobody's buffer answered bytes of its own.
    if (piece.buffer !== buffer.buffer) buffer.set(piece, SMALL);
    return { at, buffer, length: piece.length };
  };
  return {
    load(at, length) {
      if (at >= start && at + length <= start + bytes.length) return undefined;
      return (async () => {
        const end = start + bytes.length;
        const known = ahead;
        ahead = undefined;
        const next = known === undefined ? undefined : await known.catch(() => undefined);
        if (next !== undefined && at >= start && at + length <= next.at + next.length) {
          // Sequential: the end of the last piece goes before the next one.
          const kept = bytes.subarray(Math.max(0, bytes.length - SMALL));
          next.buffer.set(kept, SMALL - kept.length);
          bytes = next.buffer.subarray(SMALL - kept.length, SMALL + next.length);
          start = end - kept.length;
        } else {
          const piece = await readAt(at);
          bytes = piece.buffer.subarray(SMALL, SMALL + piece.length);
          start = at;
        }
        const nextAt = start + bytes.length;
        if (nextAt >= source.size) return;
        ahead = readAt(nextAt);
        ahead.catch(() => undefined);
      })();
    },
    take: (at, length) => bytes.subarray(at - start, at - start + length),
  };
}

interface Piece {
  readonly at: number;
  readonly buffer: Uint8Array;
  readonly length: number;
}
