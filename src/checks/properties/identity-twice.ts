import { contradictedKeys, factsOf } from '../../evidence/index.ts';
import { defineCheck, failOrPass, notChecked } from '../define.ts';

/** Keys that say what build and product this is. Other keys are stated twice in every fifth genuine file. */
const IDENTITY =
  /^ro\.(?:(?:system|system_ext|product|vendor|odm|bootimage)\.)?build\.(?:fingerprint|id|description|display\.id|type|tags|version\.(?:release|sdk|incremental|security_patch|codename))$|^ro\.product\.(?:(?:system|system_ext|product|vendor|odm)\.)?(?:brand|device|manufacturer|model|name)$|^ro\.board\.platform$|^ro\.serialno$/;
/** Fewer entries are an extract, in which nothing could stand twice. */
const WHOLE_FILE = 20;

export const identityTwice = defineCheck({
  id: 'properties.identity-twice',
  axis: 'software',
  title: 'Identity stated twice with different values',
  what: 'Keys of build and product that one property file states more than once with different values.',
  why: 'Who edits a file by hand adds lines and leaves the old ones. The build writes identity keys once.',
  benign: [
    'Makefile residue doubles other keys on every fifth genuine phone; those are not looked at.',
    'A maker’s own build script that appends overrides.',
  ],
  confirm: "Compare the file with the maker's.",
  strength: 'weak',
  standing: 'told',
  needs: ['properties'],
  settledBy: 'the build.prop files',
  group: 'doubled-keys',
  causes: ['property-edit'],
  catches: 'app',
  spec: [],
  run({ facts }) {
    const files = factsOf(facts, 'properties').filter(({ value }) => value.layer !== 'runtime' && value.entries.length >= WHOLE_FILE);
    if (files.length === 0) return notChecked('no whole property file was read', 'the build.prop files');
    return failOrPass(
      files.flatMap((fact) =>
        [...contradictedKeys(fact.value)]
          .filter(([key]) => IDENTITY.test(key))
          .map(([key, entries]) => {
            const values = [...new Set(entries.map(({ value }) => value))];
            const [first, ...rest] = entries;
            return {
              claimed: `${key}=${values[0] ?? ''}`,
              observed: `${key}=${values.slice(1).join(', ')}`,
              because: 'One file states one identity.',
              standing: fact.standing,
              evidence: [first?.place ?? fact.place, ...rest.slice(0, 9).map(({ place }) => place)] as const,
              nature: 'modified' as const,
            };
          }),
      ),
      'told',
    );
  },
});
