/**
 * What an alteration leaves alike on every phone that it is made on: the digest of a build, of a file, or of a signing key that belongs to nobody known. Two phones
 * with one toolmark were altered by one hand, or by two that share a tool.
 */
export interface Toolmark {
  /** `build`: a partition, or everything that a vbmeta covers; `signer`: a certificate or boot key; `file`. */
  readonly kind: 'build' | 'signer' | 'file';
  readonly sha256: string;
}

/** As it stands in a flow: `signer 1f0c…`, whole. */
export const toolmarkName = ({ kind, sha256 }: Toolmark): string => `${kind} ${sha256}`;
