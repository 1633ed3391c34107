import { factsOf, property } from '../../evidence/index.ts';
import { type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';
import { sdksOfRelease } from './android-versions.ts';
import { claimedSdk, nonEmpty } from './images.ts';

/** Month in which a version's source was published, as year × 12 + month. Source: source.android.com, build numbers. */
const PUBLISHED: readonly (readonly [sdk: number, year: number, month: number])[] = [
  [23, 2015, 10],
  [24, 2016, 8],
  [25, 2016, 10],
  [26, 2017, 8],
  [27, 2017, 12],
  [28, 2018, 8],
  [29, 2019, 9],
  [30, 2020, 9],
  [31, 2021, 10],
  [32, 2022, 3],
  [33, 2022, 8],
  [34, 2023, 10],
  [35, 2024, 9],
  [36, 2025, 6],
];
/** Partners have the source before it is published, with its patch level of then. */
const EARLY_MONTHS = 8;

const months = (year: number, month: number) => year * 12 + month;

/** The month in which the source of a version was published, as `2020-09`; undefined for one that is not in the table. */
export function publishedOn(release: string): string | undefined {
  const [sdk] = sdksOfRelease(release) ?? [];
  const row = PUBLISHED.find(([level]) => level === sdk);
  return row === undefined ? undefined : `${row[1]}-${String(row[2]).padStart(2, '0')}`;
}

export const patchBeforeVersion = defineCheck({
  id: 'properties.patch-before-version',
  axis: 'software',
  title: 'Security patch level against the Android version',
  what: 'ro.build.version.security_patch against the month in which the source of the claimed version was published.',
  why: 'A phone that says Android 14 and a patch level of 2018 is an Android 8 with another version string.',
  benign: ['Previews carry the level of some months before: eight months are allowed.'],
  confirm: 'Compare the version with the features of shell and services.',
  strength: 'conclusive',
  impossible:
    'The patch level is a constant of the source tree (PLATFORM_SECURITY_PATCH in build/make/core/version_defaults.mk), set when the branch is made and only ever raised. No tree of a version has held a level more than eight months older than the version.',
  standing: 'told',
  needs: ['properties'],
  settledBy: 'the output of getprop',
  group: 'patch-level',
  causes: ['property-edit'],
  catches: 'app',
  spec: ['source.android.com/docs/setup/reference/build-numbers', 'Android CDD 3.2.2'],
  run({ facts }) {
    const findings: Draft[] = [];
    let compared = false;
    for (const fact of factsOf(facts, 'properties')) {
      const patch = nonEmpty(property(fact.value, 'ro.build.version.security_patch'));
      const release = nonEmpty(property(fact.value, 'ro.build.version.release'));
      const [, year, month] = /^(20\d\d)-(\d\d)-\d\d$/.exec(patch?.value.trim() ?? '') ?? [];
      const [sdk] = sdksOfRelease(release?.value ?? '') ?? [];
      const published = PUBLISHED.find(([level]) => level === sdk);
      if (patch === undefined || release === undefined || year === undefined || published === undefined) continue;
      compared = true;
      const late = months(published[1], published[2]) - months(Number(year), Number(month));
      if (late <= EARLY_MONTHS) continue;
      findings.push({
        claimed: `Android ${release.value}`,
        observed: `security patch level ${patch.value}`,
        because: `Android ${release.value} was published ${late} months after this patch level.`,
        standing: fact.standing,
        evidence: [release.place, patch.place],
        nature: 'modified',
      });
    }
    return compared
      ? failOrPass(findings, 'told')
      : notChecked('no artefact states a version and a patch level', 'getprop of Android 6 or later');
  },
});

export const patchAgainstDate = defineCheck({
  id: 'properties.patch-against-date',
  axis: 'software',
  title: 'Security patch level against the build date',
  what: 'ro.build.version.security_patch against ro.build.date.utc: from 18 months before to 6 after.',
  why: 'A patch level that was raised by hand is younger than the build that carries it.',
  benign: ['Huawei and OPPO state levels that are eight months older than the build.', 'Build machines with a wrong or a fixed clock.'],
  confirm: 'Check known vulnerabilities of the level.',
  strength: 'weak',
  standing: 'told',
  needs: ['properties'],
  settledBy: 'the output of getprop',
  group: 'patch-level',
  causes: ['property-edit'],
  catches: 'app',
  spec: [],
  run({ facts }) {
    const findings: Draft[] = [];
    let compared = false;
    for (const fact of factsOf(facts, 'properties')) {
      const patch = nonEmpty(property(fact.value, 'ro.build.version.security_patch'));
      const date = nonEmpty(property(fact.value, 'ro.build.date.utc'));
      const [, year, month] = /^(20\d\d)-(\d\d)-\d\d$/.exec(patch?.value.trim() ?? '') ?? [];
      const seconds = /^\d{9,10}$/.test(date?.value ?? '') ? Number(date?.value) : 0;
      // A clock before 2010 is one that was never set, or set on purpose.
      if (patch === undefined || date === undefined || year === undefined || seconds < 1_262_304_000) continue;
      compared = true;
      const built = 1970 * 12 + 1 + seconds / 2_629_746;
      const later = months(Number(year), Number(month)) - built;
      if (later <= 6 && later >= -18) continue;
      findings.push({
        claimed: `security patch level ${patch.value}`,
        observed: `${date.key}=${date.value}`,
        because: `The patch level is ${Math.abs(Math.round(later))} months ${later > 0 ? 'younger' : 'older'} than the build that carries it.`,
        standing: fact.standing,
        evidence: [patch.place, date.place],
        nature: 'modified',
      });
    }
    return compared
      ? failOrPass(findings, 'told')
      : notChecked('no artefact states a patch level and a build date', 'getprop of Android 6 or later');
  },
});

export const firstApiLevel = defineCheck({
  id: 'properties.first-api-level',
  axis: 'software',
  title: 'API level at launch against the running one',
  what: 'ro.product.first_api_level (and the board’s) against ro.build.version.sdk.',
  why: 'A phone launched with Android 11 has never had an official Android 9.',
  benign: ['Engineering units of before the launch.'],
  confirm: 'Look the model up in the maker’s list of builds.',
  strength: 'weak',
  standing: 'told',
  needs: ['properties'],
  settledBy: 'the output of getprop',
  group: 'launch-level',
  causes: ['property-edit', 'rom-flash', 'engineering'],
  catches: 'app',
  spec: ['Android CDD 3.2.2', 'source.android.com/docs/core/architecture/vintf'],
  run({ facts }) {
    const claimed = claimedSdk(facts);
    if (claimed === undefined) return notChecked('the phone does not state its API level', 'getprop');
    const launched = factsOf(facts, 'properties').flatMap((fact) =>
      ['ro.product.first_api_level', 'ro.vendor.api_level', 'ro.board.first_api_level'].flatMap((key) => {
        const found = nonEmpty(property(fact.value, key));
        // From Android 15 on vendors count by date, as in 202404.
        return found !== undefined && /^\d{1,2}$/.test(found.value) ? [{ fact, found }] : [];
      }),
    );
    if (launched.length === 0) return notChecked('the phone does not state its API level at launch', 'getprop of Android 8 or later');
    return failOrPass(
      launched
        .filter(({ found }) => Number(found.value) > claimed.sdk)
        .map(({ fact, found }) => ({
          claimed: `API level ${claimed.sdk}`,
          observed: `${found.key}=${found.value}`,
          because: 'It was launched with a later version than it says it runs.',
          standing: fact.standing,
          evidence: [claimed.stated.place, found.place],
          nature: 'downgraded' as const,
        })),
      'told',
    );
  },
});
