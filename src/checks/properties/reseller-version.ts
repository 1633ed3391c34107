import { factsOf, property } from '../../evidence/index.ts';
import { type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';
import { nonEmpty, parseFingerprint } from './images.ts';

/** An official name: `V14.0.7.0.TMCMIXM`, `OS1.0.5.0.UMCMIXM`; a reseller's has a group more: `V14.0.7.0.0.TMCMIXM`. */
export const isResellerVersion = (version: string): boolean => /^(?:V|OS)?\d{1,3}(?:\.\d{1,4}){4,7}\.[A-Z]{7}$/.test(version.trim());

export const resellerVersion = defineCheck({
  id: 'properties.reseller-version',
  axis: 'software',
  title: 'Version name with a reseller’s digit group',
  what: 'Digit groups of a MIUI or HyperOS version (ro.build.version.incremental, the fingerprint).',
  why: 'Shops in the trade with Xiaomi phones flash translated ROMs with apps of their own, and number them with one digit group more than the maker, so that no update replaces them.',
  benign: ['A recording of a Mi 5C that is held for genuine has such a number; the maker’s list has none.'],
  confirm: 'Ask the maker’s list of builds for the version; look for an updater that finds nothing.',
  strength: 'strong',
  standing: 'told',
  needs: ['properties'],
  settledBy: 'the output of getprop',
  group: 'reseller-version',
  causes: ['rom-flash', 'property-edit'],
  catches: 'app',
  spec: ['measured on 20,941 version names of official Xiaomi builds: none has five groups'],
  run({ facts }) {
    const findings: Draft[] = [];
    let seen = false;
    for (const fact of factsOf(facts, 'properties')) {
      for (const key of ['ro.build.version.incremental', 'ro.system.build.version.incremental', 'ro.build.fingerprint'] as const) {
        const found = nonEmpty(property(fact.value, key));
        const version = key === 'ro.build.fingerprint' ? parseFingerprint(found?.value ?? '')?.incremental : found?.value;
        if (found === undefined || version === undefined || !/^(?:V|OS)?\d{1,3}(?:\.\d{1,4}){3,7}\.[A-Z]{7}$/.test(version.trim()))
          continue;
        seen = true;
        if (!isResellerVersion(version) || findings.length > 0) continue;
        findings.push({
          claimed: 'an official build of Xiaomi’s',
          observed: version,
          because: 'Official versions have four digit groups before the letters; resellers’ ROMs have more.',
          standing: fact.standing,
          evidence: [found.place],
          nature: 'modified',
          names: `a reseller's ROM ${version}`,
        });
      }
    }
    return seen
      ? failOrPass(findings, 'told')
      : notChecked('the version is not of the form that Xiaomi uses', 'nothing: it applies to Xiaomi’s phones');
  },
});
