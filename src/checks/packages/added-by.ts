/** Who put a package on the phone, as far as its place and its signer tell. A person is never named: the classes are paths through the supply chain. */
import type { Signer } from '../../knowledge/index.ts';
import { CARRIER_FOLDERS, CARRIER_PREFIXES, HAND_INSTALLERS, OWNER_OF_HOUSE, STORE_INSTALLERS } from '../../knowledge/packages/index.ts';
import type { Installed } from './inventory.ts';

/**
 * `maker`: the maker's build lists it; `maker-signed`: the maker's key; `google`, `developer`: known keys, delivered in the system; `carrier`: a carrier's name or folder;
 * `retailer`: in the system and none of these: whoever made or changed the image; `user`: installed afterwards; `unknown`: its signer or place was not read.
 */
export type AddedBy = 'maker' | 'maker-signed' | 'google' | 'developer' | 'carrier' | 'retailer' | 'user' | 'unknown';

/** What telling rests on. */
export interface Provenance {
  /** Paths of the reference build, with the digest of each APK. Undefined: there is no reference of this build. */
  readonly reference: ReadonlyMap<string, string> | undefined;
  readonly signers: readonly Signer[];
  /** Certificates that sign this phone's `android`, where they are no public test key. */
  readonly platform: ReadonlySet<string>;
  /** The maker that the phone claims, as in `xiaomi`. */
  readonly house: string | undefined;
}

/** Where a package came from, and why that is said. */
export function addedBy(
  item: Installed,
  { reference, signers, platform, house }: Provenance,
): { readonly by: AddedBy; readonly because: string } {
  if (!item.inSystem) return added(item);
  const listed = item.paths.find((path) => reference?.has(path) === true);
  const digest = listed === undefined ? undefined : reference?.get(listed);
  if (digest !== undefined && item.sha256.includes(digest)) return { by: 'maker', because: "the maker's build has this very file" };
  if (digest !== undefined && item.sha256.length === 0 && item.paths.length > 0)
    return { by: 'maker', because: "the maker's build lists a file of this name there; its digest was not read" };
  const known = signers.filter(({ sha256, role }) => role !== 'test' && item.signers.includes(sha256));
  if (item.signers.some((signer) => platform.has(signer))) return { by: 'maker-signed', because: "it carries this phone's platform key" };
  const owner = house === undefined ? undefined : OWNER_OF_HOUSE.get(house);
  if (owner !== undefined && known.some((signer) => signer.owner === owner)) return { by: 'maker-signed', because: `signed by ${owner}` };
  if (known.some((signer) => signer.owner === 'Google')) return { by: 'google', because: 'signed by Google' };
  const [developer] = known;
  if (developer !== undefined) return { by: 'developer', because: `signed by ${developer.owner}, delivered in the system` };
  const folder = CARRIER_FOLDERS.find((start) => item.paths.some((path) => path.startsWith(start)));
  if (folder !== undefined) return { by: 'carrier', because: `it lies in ${folder}, where makers keep what carriers and regions add` };
  if (CARRIER_PREFIXES.some((prefix) => item.name.startsWith(prefix)))
    return { by: 'carrier', because: "its name is in a carrier's name space" };
  if (item.signers.length === 0) return { by: 'unknown', because: 'its signer was not read' };
  if (reference === undefined && platform.size === 0)
    return { by: 'unknown', because: "neither the maker's build nor its key is known here" };
  return { by: 'retailer', because: "it lies in the system and carries neither the maker's key nor one that we know" };
}

function added({ installer, system }: Installed): { readonly by: AddedBy; readonly because: string } {
  if (system === undefined && installer === undefined) return { by: 'unknown', because: 'neither its place nor its installer was read' };
  if (typeof installer !== 'string') return { by: 'user', because: 'installed afterwards, without an installer that says by what' };
  if (STORE_INSTALLERS.includes(installer)) return { by: 'user', because: `installed afterwards by the store ${installer}` };
  if (HAND_INSTALLERS.includes(installer)) return { by: 'user', because: 'installed afterwards from a file' };
  return { by: 'user', because: `installed afterwards by ${installer}` };
}
