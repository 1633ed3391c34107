import { defineCheck, failOrPass, notChecked } from '../define.ts';
import { claimsOf, said } from './claims.ts';

export const foreignSystem = defineCheck({
  id: 'boot.foreign-system',
  axis: 'software',
  title: 'A system that says it is another project’s',
  what: 'Version properties and build names of LineageOS and other projects, of generic system images and of DSU.',
  why: 'Such a system is not the maker’s, and says so. That is an owner’s choice and no deceit; a seller should know it and say it.',
  benign: [
    'An owner installed it on purpose.',
    'A developer tests with a generic system image.',
    'OnePlus One, Wileyfox and a few others were sold with Cyanogen OS.',
  ],
  confirm: 'Look at the version in Settings, About phone.',
  strength: 'conclusive',
  impossible:
    'These properties are written by the named project’s build files. No certified maker’s own build contains them; the few makers who shipped Cyanogen OS are excepted by device.',
  standing: 'told',
  needs: ['properties'],
  settledBy: 'the output of getprop',
  group: 'foreign-system',
  causes: ['rom-flash'],
  catches: undefined,
  spec: ['github.com/LineageOS/android_vendor_lineage: build/core/config.mk', 'source.android.com/docs/core/tests/vts/gsi'],
  run(context) {
    if (said(context, 'ro.build.type') === undefined && said(context, 'ro.build.fingerprint') === undefined)
      return notChecked('no artefact describes the build', 'the output of getprop');
    const { foreign, house } = claimsOf(context);
    if (foreign === undefined) return failOrPass([], 'told');
    return failOrPass(
      [
        {
          claimed: house === undefined ? 'a phone with the system of its maker' : `a phone of the house ${house}`,
          observed: `${foreign.said.key}=${foreign.said.value}`,
          because: `The system says that it is ${foreign.name}.`,
          standing: foreign.said.standing,
          evidence: [foreign.said.place],
          nature: 'foreign',
          names: foreign.name,
          // A small maker may sell a project's system as its own.
          ...(house === undefined ? { strength: 'weak' as const } : {}),
        },
      ],
      'told',
    );
  },
});
