import type { Source } from '../../bytes/index.ts';

/** Something inside a container. */
export interface Member {
  /** As the container has it: never a host path. */
  readonly name: string;
  readonly size: number;
  /** What the container says that its SHA-256 is. */
  readonly statedSha256?: Uint8Array;
  /** Names of the members that it was made of. */
  readonly parts?: readonly string[];
  /** @throws FormatError */
  open(): Promise<Source>;
}
