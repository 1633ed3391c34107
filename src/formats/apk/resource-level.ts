import { FormatError } from '../../bytes/index.ts';
import { type ResourceTable, readResources, resolveResource, resourceText } from './arsc.ts';
import { type AxmlDocument, VALUE_TYPE } from './axml.ts';
import { type ApkPorts, ApkRefusal } from './issue.ts';
import type { ResolveLevel } from './sdk.ts';
import { type ApkZip, findEntry, openMember } from './zip-view.ts';

/**
 * Resolves API levels that a manifest states by reference, as Android does and its verifier library does not.
 * The table is read only for a manifest that refers to it in `uses-sdk`: few do.
 */
export async function levelResolver(zip: ApkZip, ports: ApkPorts, document: AxmlDocument): Promise<ResolveLevel> {
  const refers = document.elements.some(
    ({ name, attributes }) => name === 'uses-sdk' && attributes.some(({ value }) => value.type === VALUE_TYPE.reference),
  );
  if (!refers) return () => undefined;
  const entry = findEntry(zip, 'resources.arsc');
  if (entry === undefined) return () => undefined;
  let table: ResourceTable;
  try {
    table = readResources(await openMember(zip, entry, ports)).value;
  } catch (error) {
    if (error instanceof FormatError || error instanceof ApkRefusal) return () => undefined;
    throw error;
  }
  return (resourceId) => {
    const value = resolveResource(table, resourceId);
    return value === undefined ? undefined : (resourceText(table, value) ?? value.data | 0);
  };
}
