/** Packages in words that a reader understands who is no engineer. */
import type { PackageRow, PackagesReport } from './packages-schema.ts';
import { visible } from './text.ts';

export const ADDED_WORDS: Readonly<Record<PackageRow['addedBy'], string>> = {
  maker: "the maker's build",
  'maker-signed': "the maker's key",
  'system-signed': "this system's own keys",
  google: 'Google',
  developer: 'a known developer, in the system',
  carrier: 'a carrier or sales region',
  retailer: 'whoever changed the system',
  user: 'installed afterwards',
  unknown: 'not known',
};

const SIGNER_WORDS: Readonly<Record<PackageRow['signer'], string>> = {
  own: "its owner's",
  other: "not its owner's",
  'public test key': 'a key that anybody has',
  'not verified': 'does not verify',
  unknown: 'nobody we know',
};

export const MEASURE_WORDS: Readonly<Record<NonNullable<PackagesReport['preload']>['scores'][number]['measure'], string>> = {
  'platform-signature': 'more packages with the platform key',
  'shared-users': 'more packages that run as parts of the system',
  permissions: 'permissions granted beforehand',
  cleartext: 'apps that speak without encryption',
  installers: 'apps that may install others',
};

/** How many of each origin, in the order of the classes, as in `120 the maker's build`. */
export function originWords({ rows }: PackagesReport): string {
  const counts = new Map<PackageRow['addedBy'], number>();
  for (const { addedBy } of rows) counts.set(addedBy, (counts.get(addedBy) ?? 0) + 1);
  // The keys of a record of the union are the union.
  const order = Object.keys(ADDED_WORDS) as PackageRow['addedBy'][];
  return order.flatMap((by) => (counts.has(by) ? [`${counts.get(by)} ${ADDED_WORDS[by]}`] : [])).join(', ');
}

/** Whose signature a package carries. */
export function signerWords({ signer, signers }: PackageRow): string {
  const [first] = signers;
  if (signer === 'not verified') return SIGNER_WORDS[signer];
  if (first === undefined) return 'not read';
  if (first.owner === null) return SIGNER_WORDS[signer];
  return signer === 'unknown' ? visible(first.owner, 80) : `${visible(first.owner, 80)}: ${SIGNER_WORDS[signer]}`;
}

/** What the build adds to a plain Android, in one line. */
export function preloadWords({ preload }: PackagesReport): string | undefined {
  if (preload === null) return undefined;
  return `Against plain Android ${preload.release}: ${preload.total.toFixed(1)} of ${preload.most} points of preload risk${preload.scores.some(({ measure }) => measure === 'installers') ? ' (a plain Android has 0.6)' : ''}`;
}
