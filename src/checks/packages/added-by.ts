/** Who put a package on the phone, as far as its place and its signer tell. A person is never named: the classes are paths through the supply chain. */
import type { Signer } from '../../knowledge/index.ts';
import { CARRIER_FOLDERS, CARRIER_PREFIXES, HAND_INSTALLERS, OWNER_OF_HOUSE, STORE_INSTALLERS } from '../../knowledge/packages/index.ts';
import type { Installed } from './inventory.ts';

/**
 * `maker`: the maker's build lists it; `maker-signed`: a key known to be the maker's; `system-signed`: the keys of this system, whoever built it; `google`, `developer`: known keys, delivered in the system; `carrier`: a carrier's name or folder;
 * `retailer`: in the system and none of these: whoever made or changed the image; `user`: installed afterwards; `unknown`: its signer or place was not read.
 */
export type AddedBy = 'maker' | 'maker-signed' | 'system-signed' | 'google' | 'developer' | 'carrier' | 'retailer' | 'user' | 'unknown';

/** What telling rests on. */
export interface Provenance {
  /** Paths of the reference build, with the digest of each APK. Undefined: there is no reference of this build. */
  readonly reference: ReadonlyMap<string, string> | undefined;
  readonly signers: readonly Signer[];
  /** Certificates that sign this phone's `android`, where they are no public test key. */
  readonly platform: ReadonlySet<string>;
  /** Certificates, no public test keys, that sign parts of plain Android in this system: makers have several besides the platform key. By certificate, one such package. */
  readonly systemKeys: ReadonlyMap<string, string>;
  /** The maker that the phone claims, as in `xiaomi`. */
  readonly house: string | undefined;
}

/** Where a package came from, and why that is said. */
export function addedBy(
  item: Installed,
  { reference, signers, platform, systemKeys, house }: Provenance,
): { readonly by: AddedBy; readonly because: string } {
  // Of a part of the system that was updated the phone names the update's path: it came with the system all the same.
  const isUpdated = !item.inSystem && item.system === true;
  if (!item.inSystem && !isUpdated) return added(item);
  const since = isUpdated ? '; updated afterwards' : '';
  const listed = item.paths.find((path) => reference?.has(path) === true);
  const digest = listed === undefined ? undefined : reference?.get(listed);
  if (digest !== undefined && item.sha256.includes(digest)) return { by: 'maker', because: "the maker's build has this very file" };
  if (digest !== undefined && item.sha256.length === 0 && item.paths.length > 0)
    return { by: 'maker', because: "the maker's build lists a file of this name there; its digest was not read" };
  const known = signers.filter(({ sha256, role }) => role !== 'test' && item.signers.includes(sha256));
  const owner = house === undefined ? undefined : OWNER_OF_HOUSE.get(house);
  if (owner !== undefined && known.some((signer) => signer.owner === owner))
    return { by: 'maker-signed', because: `signed by ${owner}${since}` };
  if (item.signers.some((signer) => platform.has(signer)))
    return { by: 'system-signed', because: `it carries this phone's platform key, which is none that we know of its maker${since}` };
  if (known.some((signer) => signer.owner === 'Google')) return { by: 'google', because: `signed by Google${since}` };
  const [developer] = known;
  if (developer !== undefined) return { by: 'developer', because: `signed by ${developer.owner}, delivered in the system${since}` };
  const folder = CARRIER_FOLDERS.find((start) => item.paths.some((path) => path.startsWith(start)));
  if (folder !== undefined) return { by: 'carrier', because: `it lies in ${folder}, where makers keep what carriers and regions add` };
  if (CARRIER_PREFIXES.some((prefix) => item.name.startsWith(prefix)))
    return { by: 'carrier', because: "its name is in a carrier's name space" };
  if (reference !== undefined && !isUpdated && item.paths.length > 0 && listed === undefined)
    return { by: 'retailer', because: "it lies in the system, the maker's build does not have it, and its key is nobody's that we know" };
  if (item.signers.length === 0) return { by: 'unknown', because: 'its signer was not read' };
  const kin = item.signers.map((signer) => systemKeys.get(signer)).find((name) => name !== undefined);
  if (kin !== undefined) return { by: 'system-signed', because: kin === item.name ? 'a part of plain Android' : `the same key as ${kin}` };
  // Makers deliver partners' apps with keys that we do not know: without the maker's build nobody can say that it was not the maker.
  return { by: 'unknown', because: `its key is nobody's that we know; only the maker's build would tell who added it${since}` };
}

function added({ installer, system }: Installed): { readonly by: AddedBy; readonly because: string } {
  if (system === undefined && installer === undefined) return { by: 'unknown', because: 'neither its place nor its installer was read' };
  if (typeof installer !== 'string') return { by: 'user', because: 'installed afterwards, without an installer that says by what' };
  if (STORE_INSTALLERS.includes(installer)) return { by: 'user', because: `installed afterwards by the store ${installer}` };
  if (HAND_INSTALLERS.includes(installer)) return { by: 'user', because: 'installed afterwards from a file' };
  return { by: 'user', because: `installed afterwards by ${installer}` };
}
