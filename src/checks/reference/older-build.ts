import type { Sighting } from '../../evidence/index.ts';
import { buildName } from '../../references/compare/index.ts';
import type { Reference } from '../../references/index.ts';
import { type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';
import { ownImeis, ownSerials } from '../identity/sighting.ts';
import { accountOf } from './account.ts';
import { SETTLED_BY } from './group-drafts.ts';

/** So many files that are the older build's, and none that is not, show that it runs it whole. */
const SAME_MIN = 20;
const DAY_S = 86_400;

export const olderBuild = defineCheck({
  id: 'reference.older-build',
  axis: 'software',
  title: 'An official build older than the one of before',
  what: 'Where every file that was seen is that of an official build: whether an earlier inspection of the same phone saw a later build of the same device, by the build dates that both packages state.',
  why: 'An older build is the maker’s own, and has the holes that the later one closed: who wants to get in puts it back.',
  benign: [
    'Makers publish packages to go back, from a preview for one, and owners use them.',
    'A workshop that repairs a phone flashes the build it has.',
    'A slot that did not start: the phone fell back to the build of before its update.',
    'The earlier inspection was of another phone with the same number.',
  ],
  confirm: 'Compare ro.build.date.utc and the security patch level with those that the earlier inspection shows.',
  strength: 'weak',
  standing: 'told',
  needs: ['properties'],
  settledBy: `${SETTLED_BY}; an earlier inspection of the phone (--earlier), and the build that it saw as a reference`,
  group: 'older-build',
  causes: ['rom-flash', 'repair', 'ota'],
  catches: undefined,
  spec: ['design: Words', 'Android CDD 9.10: rollback protection'],
  run(context) {
    const { named, fingerprint } = accountOf(context);
    if (named === undefined || fingerprint === undefined || named.reference.vouched === 'nobody')
      return notChecked('no reference of the build that the phone names is vouched for', SETTLED_BY);
    const { same, differences } = named.comparison;
    const differing = differences.filter(({ change }) => change === 'changed' || change === 'added').length;
    if (same < SAME_MIN || differing > 0)
      return notChecked(
        `${same} files are those of the build that it names, and ${differing} are not`,
        'the phone’s files with their digests',
      );
    const [imeis, serials] = [ownImeis(context.facts), ownSerials(context.facts)];
    const earlier = context.history.sightings.filter(
      (seen) => seen.imeis.some((imei) => imeis.includes(imei)) || seen.serials.some((serial) => serials.includes(serial)),
    );
    const known = earlier.flatMap((seen) => {
      const build = buildOf(seen, context.references);
      return build === undefined ? [] : [{ seen, build }];
    });
    const now = dateOf(named.reference);
    if (known.length === 0 || now === undefined)
      return notChecked(
        'no earlier inspection of this phone saw a build that is known here',
        'captures of earlier inspections (--earlier), and the package of the build that they saw',
      );
    const findings = known.flatMap(({ seen, build }): readonly Draft[] => {
      const then = dateOf(build);
      if (then === undefined || then - now < DAY_S || !isSameDevice(build, named.reference)) return [];
      return [
        {
          claimed: `${buildName(build.manifest)}, as "${seen.source}" of ${seen.at.slice(0, 10)} saw it`,
          observed: `${buildName(named.reference.manifest)}, all ${same} files of it`,
          because: `It is the maker’s own build, made ${Math.floor((then - now) / DAY_S)} days before the one that ran on this phone.`,
          standing: fingerprint.standing,
          evidence: [fingerprint.place],
          nature: 'downgraded',
          names: buildName(named.reference.manifest),
        },
      ];
    });
    return failOrPass(findings, 'told');
  },
});

/** The reference whose fingerprint an earlier inspection saw. */
const buildOf = ({ fingerprint }: Sighting, references: readonly Reference[]): Reference | undefined =>
  fingerprint === undefined || fingerprint === ''
    ? undefined
    : references.find(({ manifest, vouched }) => vouched !== 'nobody' && Object.values(manifest.identity).includes(fingerprint));

/** Seconds since 1970. */
function dateOf({ manifest: { identity } }: Reference): number | undefined {
  const text = identity['build.date.utc'] ?? identity['system.build.date.utc'] ?? '';
  return /^\d{9,11}$/.test(text) ? Number(text) : undefined;
}

/** Whether both are builds of one device: another model's date says nothing. */
function isSameDevice(a: Reference, b: Reference): boolean {
  const of = ({ manifest: { identity } }: Reference) =>
    identity['product.device'] ?? identity['product.system.device'] ?? identity['build.product'];
  return of(a) !== undefined && of(a) === of(b);
}
