/**
 * Digests of an APK's contents, each kind worked out once. Of a large APK another thread begins, where there is one, before the directory is read:
 * the signing block is found from the file's end.
 */
import { FormatError, type Source } from '../../bytes/index.ts';
import type { ContentDigest } from './algorithms.ts';
import { type ApkSections, apkSections, beginDigest, type DigestWork, digestContents, type SectionPlaces } from './content-digest.ts';
import type { ApkPorts } from './issue.ts';
import type { SchemeContext } from './schemes.ts';
import { BLOCK_ID, pairValue, readSigningBlock, type SigningBlock } from './signing-block.ts';
import type { ApkZip } from './zip-view.ts';

const END_SIZE = 22;
const END_MAGIC = 0x06054b50;

/** A digest under way, and of which sections: it is good for these alone. */
interface EarlyDigest {
  readonly places: SectionPlaces;
  readonly work: DigestWork;
}

/**
 * SHA-256 over chunks, which nearly every signer of v2 and later states. Undefined where nothing would be gained: no other thread, no block behind an
 * end record without comment. Whether it is needed, and whether these are the sections, is decided by who reads the archive.
 */
export async function digestEarly(source: Source, ports: ApkPorts): Promise<EarlyDigest | undefined> {
  // Asked for nothing, it says whether it is for this source.
  if (source.size < END_SIZE || ports.stretches?.(source, 'sha256', []) === undefined) return undefined;
  const endAt = source.size - END_SIZE;
  const end = await source.read(endAt, END_SIZE);
  const view = new DataView(end.buffer, end.byteOffset, END_SIZE);
  const centralAt = view.getUint32(16, true);
  if (view.getUint32(0, true) !== END_MAGIC || centralAt > endAt) return undefined;
  const block = await blockBefore(source, centralAt);
  if (block === undefined || ![BLOCK_ID.v2, BLOCK_ID.v3].some((id) => pairValue(block, id) !== undefined)) return undefined;
  const places = { blockAt: block.at, centralAt, endAt };
  return { places, work: beginDigest(ports, 'chunked-sha256', await apkSections(source, places)) };
}

async function blockBefore(source: Source, centralAt: number): Promise<SigningBlock | undefined> {
  try {
    return (await readSigningBlock(source, { centralAt })).value;
  } catch (error) {
    // Said where the block is read in its turn.
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}

/** Work begun before its turn, and how to give some of it up. Whoever ends early waits for it: it may be reading the file. */
export interface Begun {
  readonly work: Set<Promise<unknown>>;
  readonly stops: (() => Promise<void>)[];
}

/** Notes work for whoever ends early. */
export function begin<T>(begun: Begun, work: Promise<T>): Promise<T> {
  begun.work.add(work);
  // Whether it failed shows where it is awaited, if that is ever reached.
  work.catch(() => undefined);
  return work;
}

interface Digesting {
  readonly block: SigningBlock | undefined;
  readonly ports: ApkPorts;
  readonly begun: Begun;
  readonly ahead: EarlyDigest | undefined;
  /** Called once a digest is being worked out. */
  readonly meanwhile: () => void;
}

/** Works out digests of the contents, each kind once. */
export function digester(source: Source, zip: ApkZip, { block, ports, begun, ahead, meanwhile }: Digesting): SchemeContext['digestOf'] {
  const known = new Map<ContentDigest, Promise<Uint8Array>>();
  let sections: Promise<ApkSections> | undefined;
  return async (kind) => {
    if (block === undefined || (kind === 'verity-sha256' && !isWholePages(block))) return undefined;
    sections ??= apkSections(source, { blockAt: block.at, centralAt: zip.centralAt, endAt: zip.endAt });
    const ready = await sections;
    let digest = known.get(kind);
    if (digest === undefined) {
      // First, because who waits for a digest helps with it.
      meanwhile();
      digest = begin(begun, isOf(ahead, kind, ready) ? ahead.work.finish() : digestContents(ports, kind, ready));
      known.set(kind, digest);
    }
    return digest;
  };
}

/** Android maps what is before and behind the block by whole pages, and refuses verity digests where it cannot (ApkVerityBuilder). */
const isWholePages = ({ at, size }: SigningBlock) => at % 4096 === 0 && size % 4096 === 0;

/** Whether what was begun early is this digest of these sections. */
function isOf(ahead: EarlyDigest | undefined, kind: ContentDigest, { places }: ApkSections): ahead is EarlyDigest {
  return (
    ahead !== undefined &&
    kind === 'chunked-sha256' &&
    ahead.places.blockAt === places.blockAt &&
    ahead.places.centralAt === places.centralAt &&
    ahead.places.endAt === places.endAt
  );
}
