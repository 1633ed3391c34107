import { type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';
import { claimsOf, natureOf } from './claims.ts';

export const buildType = defineCheck({
  id: 'boot.build-type',
  axis: 'software',
  title: 'Type and keys of the build',
  what: 'ro.build.type against `user`, ro.build.tags against `release-keys`.',
  why: 'What a maker sells is normally a user build signed with its release keys; other kinds are for engineers, and their keys may be public.',
  benign: [
    'Engineering units, demonstration units and development phones.',
    'Genuine flagships that say test-keys: 6 of 73 recorded phones, among them Huawei Mate 8 and Mate 9 and Sony Xperia C4.',
    'Custom ROMs of owners, which say what they are.',
  ],
  confirm: "Compare with the properties of the maker's official build for this model.",
  strength: 'weak',
  standing: 'told',
  needs: ['properties'],
  settledBy: 'the output of getprop',
  group: 'build-properties',
  causes: ['property-edit', 'engineering', 'rom-flash'],
  catches: undefined,
  spec: ['AOSP build/make/tools/buildinfo.sh'],
  run(context) {
    const claims = claimsOf(context);
    const { type, tags } = claims;
    if (type === undefined && tags === undefined) return notChecked('no artefact states the type or the tags', 'the output of getprop');
    const findings: Draft[] = [];
    if (type !== undefined && type.value !== 'user')
      findings.push({
        claimed: 'a phone for consumers',
        observed: `ro.build.type=${type.value}`,
        because: 'Builds of this type are made for engineers: they allow root over the cable and more.',
        standing: type.standing,
        evidence: [type.place],
        nature: natureOf(claims),
      });
    if (tags !== undefined && !tags.value.split(',').includes('release-keys'))
      findings.push({
        claimed: 'a phone for consumers',
        observed: `ro.build.tags=${tags.value}`,
        because: 'The build says that it was not signed with release keys; some genuine makers say so too.',
        standing: tags.standing,
        evidence: [tags.place],
        nature: natureOf(claims),
      });
    return failOrPass(findings, type?.standing ?? tags?.standing ?? 'told');
  },
});
