import type { AttestCarrier } from '../platform/node/adb/index.ts';
import type { StationFlags } from './station.ts';

/** What may be given to `assay inspect`, as commander reads it. */
export interface InspectFlags extends StationFlags {
  readonly json?: true;
  readonly html?: string;
  readonly policy: string;
  readonly claim: readonly string[];
  readonly box: readonly string[];
  readonly redact?: true;
  readonly asOf?: string;
  readonly fastboot?: string;
  readonly rom?: string;
  readonly browser?: string;
  readonly operatorKey: readonly string[];
  readonly identity?: string;
  readonly earlier: readonly string[];
  readonly store?: string;
  readonly place?: string;
  readonly event?: true;
  readonly log?: string;
  readonly logKey?: string;
  readonly androidLogs?: string;
  readonly knowledge?: string;
  readonly screenPhoto: readonly string[];
  readonly cts: readonly string[];
  readonly reference: readonly string[];
  readonly shelf?: string;
  readonly canary?: true;
  readonly canaryApk: readonly string[];
  readonly yes?: true;
  readonly quick?: true;
  readonly full?: true;
  readonly out?: string;
  readonly operator?: string;
  readonly challenge?: true;
  readonly challengeBrowser?: true;
  readonly timed?: true;
  readonly challengeMemory?: true;
  readonly challengeStorage?: string;
  readonly attest?: AttestCarrier;
  readonly attestation: readonly string[];
  readonly attestationChallenge?: string;
  readonly attestationStatus?: string;
  readonly attestationRoots?: string;
}
