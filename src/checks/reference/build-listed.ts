import { factsOf, property } from '../../evidence/index.ts';
import { type Draft, defineCheck, failOrPass, notApplicable, notChecked } from '../define.ts';

const KEYS = ['ro.build.version.incremental', 'ro.system.build.version.incremental', 'ro.vendor.build.version.incremental', 'ro.build.id'];
const SETTLED_BY = 'the maker’s own list of builds (assay reference builds import)';

export const buildListed = defineCheck({
  id: 'reference.build-listed',
  axis: 'software',
  title: 'The version on official lists of builds',
  what: 'Whether the version that the phone states is on a list of builds that the operator imported.',
  why: 'A version that its maker published tells which package to hold the phone against. Stating one proves nothing: anybody can.',
  benign: ['Every list has gaps: a version that is on none is unknown, never fake.'],
  confirm: 'Get the package that the list names, and compare (assay inspect --reference).',
  strength: 'note',
  standing: 'told',
  needs: ['properties'],
  settledBy: SETTLED_BY,
  group: 'build-listed',
  causes: [],
  catches: undefined,
  spec: ['design: Contracts'],
  run({ facts, listed }) {
    if (listed === undefined) return notApplicable;
    const drafts: Draft[] = [];
    const seen = new Set<string>();
    for (const { value, standing } of factsOf(facts, 'properties'))
      for (const key of KEYS) {
        const said = property(value, key);
        const hit = said === undefined || seen.has(said.value) ? undefined : listed.find(({ version }) => version === said.value);
        if (said === undefined || hit === undefined) continue;
        seen.add(said.value);
        drafts.push({
          claimed: `${key} = ${said.value}`,
          observed: `${hit.maker} lists ${hit.name} of that version for ${hit.device === '' ? 'a device that it does not name' : hit.device}`,
          because: 'The version is one that was published. That says which package to compare with, and nothing of what runs.',
          standing,
          evidence: [said.place],
        });
      }
    if (drafts.length === 0)
      return notChecked('its version is on none of the lists that were imported, which is unknown and never fake', SETTLED_BY);
    return failOrPass(drafts, 'told');
  },
});
