import type { ApkPorts } from './issue.ts';
import type { ResolveLevel } from './sdk.ts';
import type { ApkZip } from './zip-view.ts';

/** Resolves API levels that a manifest states by reference. */
export async function levelResolver(_zip: ApkZip, _ports: ApkPorts): Promise<ResolveLevel> {
  return () => undefined;
}
