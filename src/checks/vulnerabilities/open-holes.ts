import { LAST_LEVEL, untracedFixes, type VulnerablePart } from '../../knowledge/index.ts';
import { type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';
import { isUntied, type JudgedHole, judgeHoles, patchClaims } from './open.ts';
import { tracedFixes } from './patch-presence.ts';

const PARTS: Readonly<Partial<Record<VulnerablePart, string>>> = {
  platform: 'Android itself',
  kernel: 'the kernel',
  qualcomm: 'Qualcomm’s drivers and firmware',
  mediatek: 'MediaTek’s drivers and firmware',
  nvidia: 'NVIDIA’s drivers and firmware',
  broadcom: 'Broadcom’s drivers',
  synaptics: 'Synaptics’ drivers',
};
const NAMED_MAX = 6;

export const openHoles = defineCheck({
  id: 'vulnerabilities.open',
  axis: 'posture',
  title: 'Published holes that are open',
  what: 'Version, patch level, build date, kernel and silicon that the phone states, against the security bulletins of August 2015 to March 2019 and the named holes of before.',
  why: 'What is published works against every phone that does not claim the fix. A build that is older than the first fix cannot have it.',
  benign: [
    'A maker may have brought a fix without raising the level; before August 2015 there was none to raise.',
    'Old phones whose support has ended.',
  ],
  confirm: 'Ask the maker which fixes the build has; look for the fix in the binaries (vulnerabilities.patch-presence).',
  strength: 'weak',
  standing: 'told',
  needs: ['properties'],
  settledBy: 'getprop with version, patch level and build date, /proc/version, and the chip’s surfaces',
  group: 'patch-level',
  causes: ['owner-settings', 'ota'],
  catches: undefined,
  spec: ['source.android.com/docs/security/bulletin', 'ucam-cl-dtg/android-vulnerabilities'],
  run(context) {
    const claims = patchClaims(context);
    if (claims === undefined) return notChecked('the phone does not say which Android it runs', 'getprop');
    const { vulnerabilities } = context.knowledge;
    const traced = tracedFixes(context.facts);
    const judged = judgeHoles(claims, vulnerabilities);
    const unclaimed = judged.filter(({ state }) => state === 'missing' || state === 'not claimed');
    const untied = judged.filter((one) => isUntied(one, claims));
    // Nothing claims the fix, and a file that was read has its trace: that is inconclusive. What was built before there was a fix stays open.
    const undecided = unclaimed.filter(({ hole, state }) => state === 'not claimed' && hole.part === 'platform' && traced.has(hole.id));
    const open = unclaimed.filter((one) => !undecided.includes(one));
    const findings = Object.entries(PARTS).flatMap(([part, what]): Draft[] => {
      const own = open.filter(({ hole }) => hole.part === part);
      const others = untied.filter(({ hole }) => hole.part === part);
      if (own.length === 0) return others.length === 0 ? [] : [untiedDraft(others, what, claims)];
      return [draftOf(own, what, { claims, untied: others, undecided: part === 'platform' ? undecided : [] })];
    });
    if (findings.length === 0 && undecided.length > 0)
      return notChecked(
        `nothing claims the fix of ${namesOf(undecided)}, and its trace is in the files`,
        'the maker’s build of this version',
      );
    const lastLevel = vulnerabilities.reduce((last, { level }) => (level !== undefined && level > last ? level : last), LAST_LEVEL);
    if (findings.length === 0 && claims.level !== undefined && claims.level >= lastLevel)
      return notChecked(
        `the bulletins of this table end at ${lastLevel}, and the phone claims ${claims.level}`,
        'imported bulletins of later years',
      );
    return failOrPass(findings, 'told');
  },
});

type Claims = NonNullable<ReturnType<typeof patchClaims>>;

interface Beside {
  readonly claims: Claims;
  /** Holes whose fix nothing claims and of which a file has the trace. */
  readonly undecided: readonly JudgedHole[];
  /** Holes of the same part that nothing ties to this phone. */
  readonly untied: readonly JudgedHole[];
}

const countOf = (holes: readonly JudgedHole[]) => new Set(holes.map(({ hole }) => hole.id)).size;

const namesOf = (holes: readonly JudgedHole[]) => {
  const names = [
    ...new Set(
      holes
        .toSorted((a, b) => Number(a.hole.name === undefined) - Number(b.hole.name === undefined))
        .map(({ hole }) => hole.name ?? hole.id),
    ),
  ];
  return `${names.slice(0, NAMED_MAX).join(', ')}${names.length > NAMED_MAX ? ' …' : ''}`;
};

const UNTRACED: ReadonlySet<string> = new Set(untracedFixes.map(({ cve }) => cve));

/** What bytes say of these holes, or cannot say. */
function byBytes(own: readonly JudgedHole[], undecided: readonly JudgedHole[]): string {
  const untraced = own.filter(({ hole, state }) => state === 'not claimed' && UNTRACED.has(hole.id));
  return [
    undecided.length === 0 ? '' : ` Left out, for a file has the trace of the fix, which decides nothing: ${namesOf(undecided)}.`,
    untraced.length === 0 ? '' : ` No search in libraries can decide these, whose fix leaves no trace: ${namesOf(untraced)}.`,
  ].join('');
}

function draftOf(own: readonly JudgedHole[], what: string, { claims, undecided, untied }: Beside): Draft {
  const all = countOf(own);
  const critical = countOf(own.filter(({ hole }) => hole.severity === 'Critical'));
  const missing = own.filter(({ state }) => state === 'missing').length;
  const names = [...new Set(own.flatMap(({ hole }) => hole.name ?? []))];
  const ids = own
    .filter(({ hole }) => hole.name === undefined)
    .toSorted((a, b) => weight(b) - weight(a))
    .map(({ hole }) => hole.id);
  const shown = [...names, ...ids].slice(0, NAMED_MAX);
  return {
    claimed: claimOf(claims),
    observed: `${all} published holes in ${what}${critical > 0 ? `, ${critical} of them critical` : ''}: ${shown.join(', ')}${all > shown.length ? ' …' : ''}`,
    because: `${timing(missing, own.length)}${untied.length === 0 ? '' : ` Left out are ${countOf(untied)} more that the bulletins tie to no ${own[0]?.hole.part === 'kernel' ? 'kernel like this one' : 'chip like this one'}.`}${byBytes(own, undecided)}`,
    standing: 'told',
    evidence: claims.places,
  };
}

const claimOf = ({ release, level }: Claims) => `Android ${release}, ${level === undefined ? 'no patch level' : `patch level ${level}`}`;

/** Of what may concern another chip or kernel nobody is accused: it is said how much was published. */
function untiedDraft(holes: readonly JudgedHole[], what: string, claims: Claims): Draft {
  return {
    claimed: claimOf(claims),
    observed: `${countOf(holes)} holes in ${what} were published since this ${claims.level === undefined ? 'version' : 'level'}: ${namesOf(holes)}`,
    because: 'The bulletins do not say that they concern a chip or kernel like this one; its maker would have to.',
    standing: 'told',
    evidence: claims.places,
    strength: 'note',
  };
}

function timing(missing: number, all: number): string {
  if (missing === 0) return 'Nothing that the phone says claims the fixes.';
  if (missing === all) return 'All of them were fixed after this was built, so it cannot have the fixes.';
  return `${missing} of them were fixed only after this was built; of the others nothing claims the fix.`;
}

const weight = ({ hole }: JudgedHole) => ['Low', 'Moderate', 'High', 'Critical'].indexOf(hole.severity ?? '');
