import type { Place } from '../../fact.ts';
import type { Package } from '../../values/index.ts';

/** A package of which only the name is known. */
export function namedPackage(name: string, user: number, place: Place): Package {
  return {
    name,
    user,
    uid: undefined,
    paths: [],
    system: undefined,
    enabled: undefined,
    uninstalled: undefined,
    installer: undefined,
    versionCode: undefined,
    versionName: undefined,
    firstInstall: undefined,
    lastUpdate: undefined,
    sharedUser: undefined,
    signers: undefined,
    signersSha1: undefined,
    signersMd5: undefined,
    sha256: undefined,
    requestedPermissions: undefined,
    grantedPermissions: undefined,
    place,
  };
}

/** The users that own packages, in order. */
export const usersOf = (packages: readonly Package[]): readonly number[] =>
  [...new Set(packages.map(({ user }) => user))].toSorted((a, b) => a - b);
