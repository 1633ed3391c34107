import { type CtsResult, factsOf, type Place } from '../../evidence/index.ts';
import { said } from '../boot/index.ts';
import { type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';

const SETTLED_BY = 'a result of the Compatibility Test Suite for this very build (--cts FILE)';
const SHOWN = 3;

/** Plans that are the whole suite; others are parts of it, or a maker's own. The first generation has CTS, the Verifier `verifier`. */
const WHOLE_PLAN = /^(cts|CTS|verifier|cts-on-gsi|vts|gts|mts|sts-engbuild|sts-dynamic-full)$/;
/** Suites whose results a claim of compatibility rests on: the automatic one, and the one that a person goes through. */
const OF_COMPATIBILITY = /^CTS(?:[_-]?VERIFIER)?$/i;

export const ctsResult = defineCheck({
  id: 'compatibility.cts-result',
  axis: 'posture',
  title: 'The claim to pass all compatibility tests',
  what: 'A result of the Compatibility Test Suite that somebody brings, against the build on this phone: is it about this build, whole, and without failures.',
  why: '“Passes all CTS” is a claim about one build. A result of another build, of a part of the suite, or with failures does not support it. The document itself is its bearer’s word: it is not signed.',
  benign: [
    'A result of an earlier build of the same phone, where only patches came since.',
    'Failures that Google waived outside of the document.',
  ],
  confirm: 'Run the suite on this phone: cts-tradefed run cts, and compare the fingerprint in its result.',
  strength: 'note',
  standing: 'told',
  needs: ['cts'],
  settledBy: SETTLED_BY,
  group: 'cts',
  causes: ['rom-flash', 'ota'],
  catches: undefined,
  spec: ['AOSP test/suite_harness: result XML', 'CDD 10.1'],
  run(context) {
    const own = said(context, 'ro.build.fingerprint') ?? said(context, 'ro.system.build.fingerprint');
    const release = said(context, 'ro.build.version.release');
    const drafts = factsOf(context.facts, 'cts').flatMap(({ value, place }) =>
      draftsOf(value, place, { fingerprint: own?.value, release: release?.value }),
    );
    const [first] = factsOf(context.facts, 'cts');
    if (drafts.length === 0 && (own === undefined || first?.value.fingerprint === undefined))
      return notChecked('the document or the phone does not say which build it is', SETTLED_BY);
    return failOrPass(drafts, 'told');
  },
});

/** The build on the phone, as far as it says which. */
interface OwnBuild {
  readonly fingerprint: string | undefined;
  readonly release: string | undefined;
}

/** `8.0` of `8.0_r3`, `13` of `13_r1` and of `13`: before Android 9 every second number is a version with a definition and a suite of its own. */
function lineOf(text: string | undefined): string | undefined {
  const [, major, minor = '0'] = /^(\d{1,2})(?:\.(\d{1,2}))?/.exec(text?.trim() ?? '') ?? [];
  if (major === undefined) return undefined;
  return Number(major) >= 9 ? major : `${major}.${minor}`;
}

function draftsOf(result: CtsResult, place: Place, { fingerprint: own, release }: OwnBuild): readonly Draft[] {
  const name = `${result.suite ?? 'a suite'} ${result.version ?? 'of an unknown version'}, plan ${result.plan ?? 'unknown'}`;
  const draft = (observed: string, because: string): Draft => ({
    claimed: `a result of ${name}`,
    observed,
    because,
    standing: 'told',
    evidence: [place],
  });
  const drafts: Draft[] = [];
  const { fingerprint, counted, stated, modules } = result;
  if (result.suite !== undefined && !OF_COMPATIBILITY.test(result.suite))
    drafts.push(
      draft(
        `it is of the suite ${result.suite.slice(0, 40)}`,
        'A claim of compatibility rests on the Compatibility Test Suite; this one tests something else.',
      ),
    );
  const [suiteLine, ownLine] = [lineOf(result.version), lineOf(release)];
  if (suiteLine !== undefined && ownLine !== undefined && suiteLine !== ownLine)
    drafts.push(
      draft(
        `the suite is of Android ${suiteLine}, and the phone says that it runs ${release?.slice(0, 20)}`,
        'Every version of Android has a suite of its own.',
      ),
    );
  if (fingerprint !== undefined && own !== undefined && fingerprint !== own)
    drafts.push(
      draft(
        `it is about ${fingerprint.slice(0, 120)}, and the phone runs ${own.slice(0, 120)}`,
        'A result is about one build: this one says nothing of the build on this phone.',
      ),
    );
  if (fingerprint !== undefined && !fingerprint.endsWith(':user/release-keys'))
    drafts.push(
      draft(
        `the build that was tested is ${fingerprint.split(':').at(-1)?.slice(0, 60) ?? 'none'}`,
        'The suite is passed with the software that is shipped, and that is a user build with release keys.',
      ),
    );
  if (counted.fail > 0) {
    const shown = result.failures.slice(0, SHOWN).map(({ test }) => test);
    drafts.push(
      draft(
        `${counted.fail} tests failed: ${shown.join(', ')}${counted.fail > shown.length ? ' …' : ''}`,
        `A build passes when nothing fails${counted.waived > 0 ? `; the ${counted.waived} that were waived are not counted` : ''}.`,
      ),
    );
  }
  if (
    stated !== undefined &&
    (stated.fail !== counted.fail + counted.waived || stated.pass !== counted.pass) &&
    counted.pass + counted.fail + counted.notRun > 0
  )
    drafts.push(
      draft(
        `its summary says ${stated.pass} passed and ${stated.fail} failed; its tests are ${counted.pass} and ${counted.fail + counted.waived}`,
        'The harness counts what it writes: a document whose sums differ was edited, or cut.',
      ),
    );
  const notRun = Math.max(counted.notRun, stated?.notRun ?? 0);
  if (notRun > 0) drafts.push(draft(`${notRun} tests were not run`, 'What was not run was not passed.'));
  if (modules !== undefined && modules.done < modules.total)
    drafts.push(draft(`${modules.done} of ${modules.total} modules are done`, 'What was not run was not passed.'));
  if (result.plan === undefined || !WHOLE_PLAN.test(result.plan))
    drafts.push(draft(`the plan is ${result.plan?.slice(0, 60) ?? 'not said'}`, 'It is not the plan of the whole suite.'));
  if (counted.pass + counted.fail + counted.waived + counted.other === 0)
    drafts.push(draft('it holds no test', 'Nothing that was not run was passed.'));
  return drafts;
}
