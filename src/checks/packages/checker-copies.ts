import type { Toolmark } from '../../evidence/index.ts';
import type { CheckerApp, Signer } from '../../knowledge/index.ts';
import { claimsOf, natureOf } from '../boot/index.ts';
import { type CheckContext, type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';
import { toolmarksOf } from '../toolmarks.ts';
import { namesPackage } from './indicator-index.ts';
import { type Installed, packagesOnce, platformSigners } from './inventory.ts';

export const checkerCopies = defineCheck({
  id: 'packages.checker-copies',
  axis: 'software',
  title: 'Installed checker apps',
  what: 'CPU-Z, AnTuTu, AIDA64, Geekbench, Mi Verification and their like: signers against their developers’ and against each other, and where they lie.',
  why: 'Retailers install doctored copies so that a buyer sees the figures of the phone that was claimed. A checker found on a phone is a witness that its seller chose.',
  benign: [
    'A checker in the system of a small maker’s phone, pre-installed for show.',
    'An owner who installed a patched copy from a bad site.',
  ],
  confirm: 'Uninstall it, install the developer’s own copy, and see whether the figures change; better, measure from the computer.',
  strength: 'conclusive',
  impossible:
    'Each checker is published by one developer under one key. Developers who compete do not share a key; none signs with a key whose private half is published, or with the key of the phone’s platform, or with that of known malware. Such a copy was made by somebody else; in the system it was put there with the image.',
  standing: 'told',
  needs: ['packages'],
  settledBy: 'the package list, and the checkers’ APKs pulled from the phone',
  group: 'checkers',
  causes: ['retailer-apps', 'rom-flash'],
  catches: undefined,
  spec: ['antutu.com/view.shtml?id=7242'],
  run(context) {
    const all = packagesOnce(context);
    if (all.length === 0) return notChecked('no packages were read', 'the package list');
    const { checkers, signers, indicators } = context.knowledge;
    const found = all.flatMap((item) => {
      const row = checkers.find((checker) => checker.package === item.name);
      return row === undefined ? [] : [{ item, row }];
    });
    const claims = claimsOf(context);
    const platform = new Set(platformSigners(context).map(({ sha256 }) => sha256));
    const bad = all.filter((item) =>
      indicators.some((row) => row.class !== 'root' && row.class !== 'hooking' && namesPackage(row, item.name)),
    );
    const findings = found.flatMap(({ item, row }): Draft[] => {
      const proof = proofAgainst(item, row, { signers, platform, bad, others: found });
      const place = item.paths[0] ?? (item.inSystem ? 'the system' : 'a place that was not read');
      if (proof !== undefined)
        return [
          {
            claimed: `${row.name} of its developer`,
            observed: `${item.name} at ${place}, ${proof}`,
            because: `This copy was not made by the developer of ${row.name}; what it shows of the phone is worth nothing.`,
            standing: item.standing,
            evidence: [item.place],
            nature: natureOf(claims),
            names: `a doctored ${row.name}`,
            // A copy in the system came with the image; one among the apps may be what many sites offer.
            ...(item.inSystem ? { toolmarks: copyMarks(item, platform, context) } : {}),
            // One that an owner could have installed alters no build; one that deceives about the phone is harmful wherever it lies.
            ...(item.inSystem ? {} : { axis: 'posture' as const, flag: 'malware' as const }),
          },
        ];
      if (!item.inSystem) return [];
      return [
        {
          claimed: 'the maker’s own system',
          observed: `${item.name} (${row.name}) at ${place}`,
          because: 'Makers do not ship this checker; retailers put changed copies of it into the system.',
          standing: item.standing,
          evidence: [item.place],
          nature: natureOf(claims),
          names: row.name,
          strength: 'weak',
        },
      ];
    });
    return failOrPass(findings, 'told');
  },
});

/** The key of a doctored copy and the copy itself. The key of the phone's platform may be its maker's. */
const copyMarks = ({ signers, sha256 }: Installed, platform: ReadonlySet<string>, context: CheckContext): readonly Toolmark[] => [
  ...toolmarksOf(
    context,
    'signer',
    signers.filter((signer) => !platform.has(signer)),
  ),
  ...toolmarksOf(context, 'file', sha256),
];

interface Against {
  readonly signers: readonly Signer[];
  readonly platform: ReadonlySet<string>;
  readonly bad: readonly Installed[];
  readonly others: readonly { readonly item: Installed; readonly row: CheckerApp }[];
}

/** Two rows of one developer begin alike: AnTuTu Benchmark, AnTuTu Tester. */
const developer = (row: CheckerApp): string => row.name.split(' ')[0] ?? row.name;
/** A row that gathers apps of several developers. */
const isGathered = (row: CheckerApp): boolean => row.name.startsWith('phone checkers');

function proofAgainst(item: Installed, row: CheckerApp, { signers, platform, bad, others }: Against): string | undefined {
  if (item.signers.length === 0) return undefined;
  const shared = (other: Installed) => other.name !== item.name && other.signers.some((signer) => item.signers.includes(signer));
  const published = signers.find(({ role, sha256 }) => (role === 'test' || role === 'leaked') && item.signers.includes(sha256));
  if (published !== undefined) return `signed by the ${published.owner}, whose private half is not private`;
  if (row.signers.length > 0 && !row.signers.some((signer) => item.signers.includes(signer)))
    return 'under another key than its developer’s';
  // A maker's own checker is signed with its own keys.
  if (!row.package.startsWith('com.xiaomi.') && item.signers.some((signer) => platform.has(signer)))
    return 'signed with the key of the phone’s platform';
  const harmful = bad.find(shared);
  if (harmful !== undefined) return `under the same key as ${harmful.name}`;
  const competitor = others.find(
    (other) => shared(other.item) && developer(other.row) !== developer(row) && !isGathered(other.row) && !isGathered(row),
  );
  return competitor === undefined ? undefined : `under the same key as ${competitor.item.name} of another developer`;
}
