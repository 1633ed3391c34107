/** Why bytes were refused: stable, for programs. */
export type FormatErrorCode =
  | 'short-read' // a fixed field runs past the bytes there are
  | 'bad-magic'
  | 'bad-value' // a field holds what its format does not allow
  | 'out-of-bounds' // an offset or length points outside
  | 'too-large' // a named ceiling of ours
  | 'too-deep'
  | 'overlap'
  | 'trailing'
  | 'bad-checksum'
  | 'unsupported-version'
  | 'unsupported-feature';

/** Where in which format bytes were refused. */
export interface FormatPlace {
  /** The format's name, as in `avb vbmeta`. */
  readonly format: string;
  /** The field by the spec's own name, as in `descriptor[3].partitionNameLen`. */
  readonly field: string;
  /** Byte offset in the outermost Source. */
  readonly at: number;
}

/** Malformed bytes: names the format, the field and the byte offset in the outermost Source. The one error class of every reader. */
export class FormatError extends Error {
  override readonly name = 'FormatError';
  readonly format: string;
  readonly field: string;
  readonly at: number;
  readonly code: FormatErrorCode;

  constructor(place: FormatPlace, code: FormatErrorCode, detail: string) {
    super(`${place.format} @0x${place.at.toString(16)} ${place.field}: ${detail}`);
    this.format = place.format;
    this.field = place.field;
    this.at = place.at;
    this.code = code;
  }
}

/** A deviation that a reader met and read past. Whether it matters is a check's business: on a forged phone the oddity is the evidence. */
export interface Oddity extends FormatPlace {
  /** Stable and short, as in `non-minimal-length`. */
  readonly code: string;
  /** A sentence for a person. */
  readonly detail: string;
}

/** What a tolerant reader returns. */
export interface Reading<T> {
  readonly value: T;
  readonly oddities: readonly Oddity[];
}
