/**
 * The ports: what pure rooms need of the machine, as types. `platform/` implements them; they are passed as arguments.
 */
import type { Source } from './source.ts';

export type HashAlgorithm = 'md5' | 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512';

/** A running digest. After `digest` it is spent. */
export interface Hasher {
  update(bytes: Uint8Array): void;
  digest(): Uint8Array;
  /** Another that has taken the same bytes so far, where the platform can: saves taking them twice. */
  copy?(): Hasher;
}

/** Starts a digest. Synchronous, because parsers and comparisons hash in their inner loops. */
export interface HashPort {
  (algorithm: HashAlgorithm): Hasher;
  /** The digest of bytes in one call, where that is quicker. */
  readonly once?: (algorithm: HashAlgorithm, bytes: Uint8Array) => Uint8Array;
  /** The digests of salted blocks, written `step` bytes apart, where the platform has a quicker way than one digest after the other. */
  readonly blocks?: (bytes: Uint8Array, job: BlockHashJob) => void;
}

export interface BlockHashJob {
  readonly algorithm: HashAlgorithm;
  readonly salt: Uint8Array;
  readonly blockSize: number;
  readonly step: number;
  readonly out: Uint8Array;
}

/** The digest of bytes in one call. */
export function hashOf(hash: HashPort, algorithm: HashAlgorithm, bytes: Uint8Array): Uint8Array {
  if (hash.once !== undefined) return hash.once(algorithm, bytes);
  const hasher = hash(algorithm);
  hasher.update(bytes);
  return hasher.digest();
}

/** A stretch of a Source, and bytes that are hashed before it. */
export interface Stretch {
  readonly at: number;
  readonly length: number;
  readonly prefix: Uint8Array;
  /** How many bytes it unpacks to as raw DEFLATE, where the digest of these is wanted. */
  readonly unpacked?: number;
  /** The CRC-32 that these are said to have. It need not be right: where it is, many can be unpacked together. */
  readonly crc32?: number;
}

/** Digests that are being worked out elsewhere. The source must stay open until one of the two promises is kept. */
export interface StretchWork {
  /** Helps with what is left, and answers in the order asked. @throws what reading throws */
  finish(): Promise<StretchDigests>;
  /** Gives the work up: afterwards nobody reads the source for it. */
  stop(): Promise<void>;
}

/** Digests in the order they were asked for, one behind the other: an object for each of thousands costs more than working it out. */
export interface StretchDigests {
  readonly bytes: Uint8Array;
  /** Bytes a digest. */
  readonly size: number;
  /** 1 for each that is there; 0 for a packed stretch that does not unpack to what it should. */
  readonly states: Uint8Array;
}

/** Digests of stretches of a Source, begun beside what else is done; undefined where the platform has nobody who could. */
export type StretchHashPort = (source: Source, algorithm: HashAlgorithm, stretches: readonly Stretch[]) => StretchWork | undefined;

/** How a signature was made. Names follow JCA, as the Android formats do. */
export type SignatureScheme =
  | { readonly kind: 'rsa-pkcs1'; readonly hash: HashAlgorithm }
  | { readonly kind: 'rsa-pss'; readonly hash: HashAlgorithm; readonly saltLength: number }
  | { readonly kind: 'ecdsa'; readonly hash: HashAlgorithm } // DER-encoded signature
  | { readonly kind: 'dsa'; readonly hash: HashAlgorithm } // DER-encoded signature
  | { readonly kind: 'ed25519' }
  | { readonly kind: 'ml-dsa'; readonly level: 44 | 65 | 87 };

/** One signature to verify: `spki` is the DER SubjectPublicKeyInfo. */
export interface SignatureQuestion {
  readonly scheme: SignatureScheme;
  readonly spki: Uint8Array;
  readonly data: Uint8Array;
  readonly signature: Uint8Array;
}

/** `unsupported` is an answer: a platform that cannot do a scheme must not look like a bad signature, nor like a good one. */
export type SignatureAnswer = 'valid' | 'invalid' | 'unsupported';

/** Verifies a signature. Never throws on hostile input: a key that does not parse is `invalid`. */
export type VerifyPort = (question: SignatureQuestion) => Promise<SignatureAnswer>;

/** Streams that compress bytes, by the names of their formats. */
export type CodecName = 'deflate-raw' | 'zlib' | 'gzip' | 'brotli' | 'zstd' | 'lz4-block' | 'xz' | 'bzip2';

/**
 * Decompresses a whole buffer. Refuses to write more than `ceiling` bytes. The answer may lie in `room`, memory of the caller's, which is then written to: who decodes
 * much uses it again.
 * @throws FormatError
 */
export type CodecPort = (codec: CodecName, bytes: Uint8Array, ceiling: number, room?: Uint8Array) => Promise<Uint8Array>;

/** Verifies a signature over more than fits into memory: RSA PKCS #1 v1.5 or ECDSA. What throws while it is read, throws here. */
export type VerifyStreamPort = (question: Omit<SignatureQuestion, 'data'>, data: AsyncIterable<Uint8Array>) => Promise<SignatureAnswer>;

/** Formats of one packed stream. */
export type StreamName = 'gzip' | 'deflate-raw' | 'xz' | 'lzma' | 'bzip2' | 'zstd' | 'lz4' | 'brotli';

/**
 * What a Source of a packed stream unpacks to, in pieces; memory is bounded whatever there is. A piece is to be used or copied before the next is asked for.
 * @throws FormatError on malformed streams and above `ceiling` bytes, while pieces are asked for
 */
export type StreamPort = (format: StreamName, source: Source, ceiling: number) => AsyncIterable<Uint8Array>;

/** Keeps pieces where they can be read again in any order: in memory where they are few, else in a file of its own. Gone when the program ends, or before. */
export type SpoolPort = (pieces: AsyncIterable<Uint8Array>) => Promise<Source>;

/** A named entry of a folder or archive. The name is what the other side said: never a host path. */
export interface NamedSource {
  readonly name: string;
  readonly source: Source;
}

/** One question to a program that runs on a phone, and its answer, as they were sent. Times in nanoseconds of the host's one monotonic clock. */
export interface ProgramExchange {
  readonly question: string;
  readonly answer: string;
  readonly sentNs: number;
  readonly receivedNs: number;
}

/** A program that runs on a phone. @throws whatever ends the conversation: it hung, ended, flooded, or said what is no answer */
export type ProgramPort = (question: string, timeMs: number) => Promise<ProgramExchange>;

/** A clock that only goes forward, in milliseconds from an unspecified start; and the wall clock. */
export interface ClockPort {
  readonly monotonicMs: () => number;
  /** RFC 3339 in UTC, as in `2026-01-31T12:00:00Z`. */
  readonly now: () => Instant;
}

/** A moment: RFC 3339 in UTC with seconds, ending in `Z`. Compare as text. */
export type Instant = `${number}-${number}-${number}T${string}Z`;

/** Whether a text is an Instant that names a real moment's form. */
export function isInstant(text: string): text is Instant {
  return /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?Z$/.test(text);
}

/** Milliseconds since 1970 of an Instant; a calculation, not a clock. */
export function instantMs(instant: Instant): number {
  const [, year, month, day, hour, minute, second] = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d(?:\.\d+)?)Z$/.exec(instant) ?? [];
  return (
    ((daysFromCivil(Number(year), Number(month), Number(day)) * 24 + Number(hour)) * 60 + Number(minute)) * 60_000 +
    Math.round(Number(second) * 1000)
  );
}

/** The Instant of milliseconds since 1970, to the second. */
export function instantOf(ms: number): Instant {
  const seconds = Math.floor(ms / 1000);
  const days = Math.floor(seconds / 86_400);
  const { year, month, day } = civilFromDays(days);
  const rest = seconds - days * 86_400;
  const two = (value: number) => String(value).padStart(2, '0');
  const date = `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
  // The cast is the template type's: the text was just made of numbers.
  return `${date}T${two(Math.floor(rest / 3600))}:${two(Math.floor(rest / 60) % 60)}:${two(rest % 60)}Z` as Instant;
}

/** Days since 1970-01-01 of a date in the proleptic Gregorian calendar (the usual era arithmetic: years begin in March, eras are 400 years). */
export function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

function civilFromDays(days: number): { year: number; month: number; day: number } {
  const z = days + 719_468;
  const era = Math.floor(z / 146_097);
  const dayOfEra = z - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day: dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1 };
}

/** YARA rules as written, under a name for people. */
export interface RuleSource {
  readonly name: string;
  readonly text: string;
}

/** A rule that matched. Offsets are into the bytes that were scanned. */
export interface RuleMatch {
  /** Name of the source, and of the rule in it. */
  readonly source: string;
  readonly rule: string;
  readonly meta: Readonly<Record<string, string>>;
  readonly strings: readonly { readonly id: string; readonly at: number; readonly length: number }[];
}

/** What a scan found, and what of it did not end: a source that was stopped takes nothing from what others found, and is not a source that found nothing. */
export interface ScanAnswer {
  readonly matches: readonly RuleMatch[];
  readonly stopped: readonly string[];
}

/** Compiled rules. A source that does not compile is left out and said; the others are used. */
export interface RuleScanner {
  readonly scan: (bytes: Uint8Array) => Promise<ScanAnswer>;
  /** Names the engine, as in `yara-x 0.7.2`. */
  readonly engine: string;
  readonly refused: readonly { readonly source: string; readonly because: string }[];
}

/** Compiles rules. Undefined where this machine has no engine: nothing was scanned then, and that is said. */
export type CompileRulesPort = (sources: readonly RuleSource[]) => Promise<RuleScanner | undefined>;
