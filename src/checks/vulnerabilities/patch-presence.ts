import { type Facts, factsOf, type MarkerQuery } from '../../evidence/index.ts';
import { affectsVersion, bulletins, namedVulnerabilities, patchMarkers, versionNumbers } from '../../knowledge/index.ts';
import { type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';
import { patchClaims } from './open.ts';

const idOf = (cve: string, text: string) => `${cve} ${text}`;

/** What to look for in pulled files. */
export const patchQueries: readonly MarkerQuery[] = patchMarkers.map(({ cve, files, marker }) => ({
  id: idOf(cve, marker.text),
  files,
  text: marker.text,
  ...(marker.kind === 'field' ? { field: { classes: marker.classes, name: marker.name, flag: marker.flag } } : {}),
}));

/** Fixes whose trace stands in a file that was read. That it does clears nobody: a string is soon written. */
export function tracedFixes(facts: Facts): ReadonlySet<string> {
  const present = new Set(factsOf(facts, 'markers').flatMap(({ value }) => value.filter((one) => one.present).map(({ id }) => id)));
  return new Set(patchMarkers.filter(({ cve, marker }) => present.has(idOf(cve, marker.text))).map(({ cve }) => cve));
}

/** Libraries of Android 9 and later are no longer built so that the numbers must be in them. */
const LAST_RELEASE = 8;

export const patchPresence = defineCheck({
  id: 'vulnerabilities.patch-presence',
  axis: 'posture',
  title: 'Fixes that are claimed, in the binaries',
  what: 'Libraries and apps of the system against the strings, and the flag of a field, that the platform’s own fixes of 2013 to 2017 leave in them.',
  why: 'A patch level is a line of text, and so is the version. A library without the trace of a fix that the level claims, or that every build of the version has, may be of another build.',
  benign: [
    'The maker fixed it in another way, or took the report to the event log out of the fix.',
    'The fix lies in another library on this phone.',
  ],
  confirm: 'Compare the library with the maker’s build of that level; disassemble the function that the bulletin’s fix changes.',
  strength: 'weak',
  standing: 'told',
  needs: ['markers', 'properties'],
  settledBy:
    'libraries of the system and the framework’s core, pulled by the full plan from phones of Android 4.1 to 8.1, or images of the build',
  group: 'patch-presence',
  causes: ['ota'],
  catches: undefined,
  spec: ['source.android.com/docs/security/bulletin', 'AOSP android_errorWriteLog(0x534e4554, …)'],
  run(context) {
    const claims = patchClaims(context);
    if (claims === undefined) return notChecked('the phone does not say which Android it runs', 'getprop');
    if ((versionNumbers(claims.release)?.[0] ?? 99) > LAST_RELEASE)
      return notChecked('the traces are those of Android 4.1 to 8.1', 'the maker’s build of this level');
    const findings: Draft[] = [];
    let answered = 0;
    for (const fact of factsOf(context.facts, 'markers')) {
      const absent: string[] = [];
      const older: string[] = [];
      for (const { cve, marker, releases, shipped } of patchMarkers) {
        const reading = fact.value.find(({ id }) => id === idOf(cve, marker.text));
        // A later bulletin may add versions, with a level of their own.
        const holes = [...namedVulnerabilities, ...bulletins()].filter(({ id, part }) => id === cve && part === 'platform');
        const hole = holes.find(({ versions }) => affectsVersion(versions, claims.release) === true) ?? holes[0];
        if (reading === undefined || hole === undefined) continue;
        if (shipped !== undefined && affectsVersion(shipped, claims.release) === true) {
          answered++;
          if (!reading.present) older.push(hole.name ?? cve);
          continue;
        }
        if (releases !== undefined && affectsVersion(releases, claims.release) !== true) continue;
        // A version that the bulletin does not name has the fix from its beginning or never had the hole: the trace may be of another form.
        if (affectsVersion(hole.versions, claims.release) !== true) continue;
        answered++;
        const isClaimed = claims.level !== undefined && hole.level !== undefined && claims.level >= hole.level;
        if (isClaimed && !reading.present) absent.push(cve);
      }
      const path = fact.value[0]?.path;
      if (older.length > 0 && path !== undefined)
        findings.push({
          claimed: `Android ${claims.release}`,
          observed: `${path} has no trace of the platform’s fix of ${older.join(', ')}`,
          because:
            'The platform’s own source of this version has the fix, so the file is of an older build, or the maker changed this code.',
          standing: fact.standing,
          evidence: [fact.place, ...claims.places],
        });
      if (absent.length === 0 || path === undefined) continue;
      findings.push({
        claimed: `patch level ${claims.level}`,
        observed: `${path} has no trace of the platform’s fix of ${absent.join(', ')}`,
        because: 'The level claims these fixes, and the library in which the platform has them does not show them.',
        standing: fact.standing,
        evidence: [fact.place, ...claims.places],
      });
    }
    return answered === 0
      ? notChecked(
          'no pulled file is one in which a fix of this version leaves a trace',
          'libraries of the system and the framework’s core of Android 4.1 to 8.1',
        )
      : failOrPass(findings, 'told');
  },
});
