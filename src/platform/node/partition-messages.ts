/** What the thread that holds a ROM and the threads that examine its partitions say to each other. Sources stay where they are: bytes are asked for. */
import type { HashtreeShape } from '../../formats/android/index.ts';
import type { PartitionPart, PartitionQuestion } from '../../references/index.ts';

/** Work for a thread. */
export type Job =
  | { readonly kind: 'examine'; readonly size: number; readonly question: PartitionQuestion }
  | { readonly kind: 'leaves'; readonly size: number; readonly shape: HashtreeShape; readonly from: number; readonly to: number };

export type JobResult =
  | { readonly kind: 'examine'; readonly part: PartitionPart }
  | { readonly kind: 'leaves'; readonly leaves: Uint8Array<ArrayBuffer> };

/** A refusal as data: errors lose their class on the way. */
export interface Refusal {
  readonly message: string;
  /** Undefined: not a FormatError, but a fault of ours. */
  readonly format:
    | { readonly format: string; readonly field: string; readonly at: number; readonly code: string; readonly detail: string }
    | undefined;
}

export type ToWorker =
  | { readonly kind: 'job'; readonly job: Job }
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
