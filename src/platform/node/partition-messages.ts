/** What the thread that holds a ROM and the threads that examine its partitions say to each other. A source that is only a part of a file, or decoded from one, is opened by the thread itself; of any other, bytes are asked for. */
import type { HashtreeShape } from '../../formats/android/index.ts';
import type { PartitionPart, PartitionQuestion } from '../../references/index.ts';
import type { HttpErrorCode } from './http-range.ts';
import type { SourceRecipe } from './source-recipe.ts';

/** What every thread is started with. */
export interface ThreadShare {
  /** One number: how many operations of payloads are being decoded in all threads together. */
  readonly decoding: SharedArrayBuffer;
  /** How many of them find a core. */
  readonly cores: number;
}

/** Work for a thread. */
export type Job =
  | { readonly kind: 'examine'; readonly size: number; readonly question: PartitionQuestion }
  | { readonly kind: 'leaves'; readonly size: number; readonly shape: HashtreeShape; readonly from: number; readonly to: number };

/** A job, and how to open its source; undefined: bytes are to be asked for. */
export interface Order {
  readonly kind: 'job';
  readonly job: Job;
  readonly recipe: SourceRecipe | undefined;
}

export type JobResult =
  | { readonly kind: 'examine'; readonly part: PartitionPart }
  | { readonly kind: 'leaves'; readonly leaves: Uint8Array<ArrayBuffer> };

/** A refusal as data: errors lose their class on the way. */
export interface Refusal {
  readonly message: string;
  /** Undefined: no FormatError. */
  readonly format:
    | { readonly format: string; readonly field: string; readonly at: number; readonly code: string; readonly detail: string }
    | undefined;
  /** Of an HttpError. */
  readonly http?: { readonly code: HttpErrorCode; readonly at: number; readonly detail: string };
}

export type ToWorker =
  | Order
  /** Without bytes: they lie in the memory that was given. */
  | { readonly kind: 'bytes'; readonly read: number; readonly bytes: Uint8Array | undefined }
  | { readonly kind: 'refused'; readonly read: number; readonly refusal: Refusal };

export type FromWorker =
  | {
      readonly kind: 'read';
      readonly read: number;
      readonly at: number;
      readonly length: number;
      readonly into: SharedArrayBuffer | undefined;
    }
  | { readonly kind: 'progress'; readonly bytes: number }
  | { readonly kind: 'done'; readonly result: JobResult }
  | { readonly kind: 'failed'; readonly refusal: Refusal };
