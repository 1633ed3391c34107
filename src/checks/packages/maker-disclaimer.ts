import { disclaimers } from '../../knowledge/packages/index.ts';
import { buildWords, claimsOf, natureOf } from '../boot/index.ts';
import { type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';
import { packagesOnce } from './inventory.ts';

export const makerDisclaimer = defineCheck({
  id: 'packages.maker-disclaimer',
  axis: 'software',
  title: 'System packages that the maker disowned',
  what: 'Packages in the system against names that the claimed maker has said are in none of its builds.',
  why: 'The maker knows what it ships. In 2015 six apps in the system of a Mi 4 were blamed on Xiaomi, and were not Xiaomi’s.',
  benign: ['An app of the same name that an owner with root moved into the system.'],
  confirm: 'Compare the system with the official package of this build: the file lists differ.',
  strength: 'conclusive',
  impossible:
    'The claimed maker has said publicly that none of its builds contains these packages. A system that contains one is not the maker’s build unaltered.',
  standing: 'told',
  needs: ['packages'],
  settledBy: 'the package list with paths',
  group: 'system-packages',
  causes: ['retailer-apps', 'rom-flash'],
  catches: undefined,
  spec: ['knowledge/packages/lists.ts: disclaimers, each with its source'],
  run(context) {
    const items = packagesOnce(context);
    if (items.length === 0) return notChecked('no packages were read', 'the package list with paths');
    const claims = claimsOf(context);
    const said = disclaimers.filter(({ brand }) => brand === claims.house);
    if (said.length === 0) return notChecked('no maker’s statement is known for this brand', "a reference of the maker's build");
    const findings = items.flatMap((item): Draft[] => {
      const row = item.inSystem ? said.find(({ packages }) => packages.includes(item.name)) : undefined;
      if (row === undefined) return [];
      return [
        {
          claimed: `the maker's own system (${buildWords(claims)})`,
          observed: `${item.name} at ${item.paths[0] ?? 'a place in the system'}`,
          because: `${row.saying} (${row.sources.join('; ')}).`,
          standing: item.standing,
          evidence: [item.place],
          nature: natureOf(claims),
          names: item.name,
        },
      ];
    });
    return failOrPass(findings, 'told');
  },
});
