import type { CodecPort, HashPort, StretchHashPort, VerifyPort } from '../../bytes/index.ts';

/** What verification needs of the machine. */
export interface ApkPorts {
  readonly hash: HashPort;
  readonly verify: VerifyPort;
  readonly codec: CodecPort;
  /** Inflates small members at once, where the platform can: a call into another thread costs more than they do. @throws FormatError */
  readonly inflate?: (bytes: Uint8Array, ceiling: number) => Uint8Array;
  /** Hashes stretches of a large file in another thread too, where the platform has one to spare. */
  readonly stretches?: StretchHashPort;
}

/** The API levels that a verdict is for: it holds when every platform of the range would verify the APK. */
export interface SdkRange {
  readonly minSdk: number;
  readonly maxSdk: number;
}

/** No upper end: every platform from `minSdk` on. */
export const ANY_SDK = 0x7fffffff;

/** One thing that is wrong, by the name that Android's own verifier library (AOSP tools/apksig) gives it. */
export interface ApkIssue {
  readonly name: string;
  /** A sentence's worth of particulars: which entry, which algorithm. */
  readonly detail: string;
}

/** Issues of one signer or of the whole: errors refuse, warnings do not. */
export interface IssueLog {
  readonly errors: ApkIssue[];
  readonly warnings: ApkIssue[];
}

/** A hostile APK can be wrong in every entry. */
const ISSUES_MAX = 1000;

/** An empty log. */
export function issueLog(): IssueLog {
  return { errors: [], warnings: [] };
}

export function addError(log: IssueLog, name: string, detail = ''): void {
  if (log.errors.length < ISSUES_MAX) log.errors.push({ name, detail });
}

export function addWarning(log: IssueLog, name: string, detail = ''): void {
  if (log.warnings.length < ISSUES_MAX) log.warnings.push({ name, detail });
}

/** A file that Android's verifier library gives up on instead of judging it: `name` is the library's exception. It is never verified. */
export class ApkRefusal extends Error {
  override readonly name = 'ApkRefusal';
  readonly exception: 'ApkFormatException' | 'MinSdkVersionException' | 'IOException';

  constructor(exception: ApkRefusal['exception'], message: string) {
    super(message);
    this.exception = exception;
  }
}
