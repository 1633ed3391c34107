/** Whose code a hole is in: what a phone must have inside to be affected. `platform`: framework, system and media of Android itself. */
export type VulnerablePart =
  | 'platform'
  | 'kernel'
  | 'qualcomm'
  | 'mediatek'
  | 'nvidia'
  | 'broadcom'
  | 'synaptics'
  | 'htc'
  | 'lg'
  | 'motorola'
  | 'huawei'
  | 'samsung'
  | 'other-driver';

export type Severity = 'Critical' | 'High' | 'Moderate' | 'Low' | undefined;

/** One published hole. */
export interface Vulnerability {
  /** CVE, or the bug's own number where it has none. */
  readonly id: string;
  /** The name that people know it by. */
  readonly name: string | undefined;
  readonly part: VulnerablePart;
  readonly severity: Severity;
  /** Patch level that claims the fix; undefined for holes of before there were levels (August 2015). */
  readonly level: string | undefined;
  /** Android versions: see `affectsVersion`. Empty: not said. */
  readonly versions: string;
  /** Date from which a build can hold the fix; before it there was none. Empty: not known. */
  readonly fixedOn: string;
  /** First mainline kernel with the fix, where the hole is the kernel's. */
  readonly fixedInKernel: string | undefined;
  /** For each stream of the kernel, as `4.4`, the first version with the fix. */
  readonly fixedInStreams?: Readonly<Record<string, string>> | undefined;
  /** Google's devices that the bulletin says have it, as it names them; undefined where it names none. */
  readonly devices?: readonly string[] | undefined;
  readonly sources: readonly string[];
}

/** Kernels that a patch level asks for: a phone that claims the level has one of them or a newer one of its stream. */
export interface KernelLevel {
  readonly level: string;
  readonly versions: readonly string[];
  readonly source: string;
}
