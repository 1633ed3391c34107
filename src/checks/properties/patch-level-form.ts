import { daysFromCivil, type Instant, instantMs } from '../../bytes/index.ts';
import { factsOf, property } from '../../evidence/index.ts';
import { type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';
import { nonEmpty } from './images.ts';

/** The month of the first level. Source: Nexus security bulletin, August 2015. */
const FIRST_LEVEL = '2015-08-01';
/** Levels are of the first or the fifth; a few bulletins had a second (April 2016) or a sixth (September and November 2016, November 2017, October 2023): as remembered of them, which is one reason why this is weak. */
const DAYS: ReadonlySet<string> = new Set(['01', '02', '05', '06']);
/** Partners have a bulletin a month before it is published, and build with its level. */
const AHEAD_DAYS = 62;
const DAY_MS = 86_400_000;
const FIRST_SDK = 23;

/** What is wrong with a level by itself; undefined where nothing is. */
export function wrongLevel(level: string, asOf: Instant): string | undefined {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(level) ?? [];
  if (year === undefined || month === undefined || day === undefined) return 'It is no date, and every level is one.';
  const days = daysFromCivil(Number(year), Number(month), Number(day));
  const isDay = Number(month) >= 1 && Number(month) <= 12 && days < daysFromCivil(Number(year), Number(month) + 1, 1) && day !== '00';
  if (!isDay) return 'There is no such day.';
  if (level < FIRST_LEVEL) return 'The first level is of August 2015.';
  if (!DAYS.has(day)) return 'No bulletin has a level of that day of a month: they are of the first and the fifth.';
  if (days * DAY_MS > instantMs(asOf) + AHEAD_DAYS * DAY_MS) return 'Its bulletin was not written yet when the phone was read.';
  return undefined;
}

export const patchLevelForm = defineCheck({
  id: 'properties.patch-level-form',
  axis: 'software',
  title: 'Security patch level by itself',
  what: 'ro.build.version.security_patch: whether it is a level that a bulletin can have, not later than the reading; and whether Android 6 or later states one at all.',
  why: 'Build tools take the level from the source. One that no bulletin has was typed by somebody.',
  benign: ['A maker that sets a level of its own.', 'A computer whose clock was wrong when the phone was read.', 'Engineering builds.'],
  confirm: 'Look the level up in the bulletins of that month; compare with ro.vendor.build.security_patch and the image’s own properties.',
  strength: 'weak',
  standing: 'told',
  needs: ['properties'],
  settledBy: 'the output of getprop',
  group: 'patch-level',
  causes: ['property-edit', 'engineering'],
  catches: undefined,
  spec: ['source.android.com/docs/security/bulletin', 'Android CDD 3.2.2: SECURITY_PATCH'],
  run({ facts, asOf }) {
    const findings: Draft[] = [];
    let isRead = false;
    for (const fact of factsOf(facts, 'properties')) {
      const patch = nonEmpty(property(fact.value, 'ro.build.version.security_patch'));
      const sdk = nonEmpty(property(fact.value, 'ro.build.version.sdk'));
      const id = nonEmpty(property(fact.value, 'ro.build.display.id')) ?? nonEmpty(property(fact.value, 'ro.build.date.utc'));
      if (patch !== undefined) {
        isRead = true;
        const wrong = wrongLevel(patch.value.trim(), asOf);
        if (wrong === undefined) continue;
        findings.push({
          claimed: `security patch level ${patch.value.slice(0, 40)}`,
          observed: 'a level that no bulletin has, or that was not there yet',
          because: wrong,
          standing: fact.standing,
          evidence: [patch.place],
          nature: 'modified',
        });
      } else if (sdk !== undefined && id !== undefined && /^\d{2}$/.test(sdk.value) && Number(sdk.value) >= FIRST_SDK) {
        isRead = true;
        findings.push({
          claimed: `API level ${sdk.value}`,
          observed: 'no security patch level',
          because: 'From Android 6 on every build states one.',
          standing: fact.standing,
          evidence: [sdk.place, id.place],
          nature: 'modified',
          strength: 'note',
        });
      }
    }
    return isRead ? failOrPass(findings, 'told') : notChecked('no artefact states a patch level', 'getprop of Android 6 or later');
  },
});
