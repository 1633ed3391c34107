import { type CtsResult, factsOf, type Place } from '../../evidence/index.ts';
import { said } from '../boot/index.ts';
import { type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';

const SETTLED_BY = 'a result of the Compatibility Test Suite for this very build (--cts FILE)';
const SHOWN = 3;

/** Plans that are the whole suite; others are parts of it, or a maker's own. */
const WHOLE_PLAN = /^(cts|CTS|cts-verifier|cts-on-gsi|vts|gts|sts-engbuild|sts-dynamic-full)$/;

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
    const drafts = factsOf(context.facts, 'cts').flatMap(({ value, place }) => draftsOf(value, place, own?.value));
    const [first] = factsOf(context.facts, 'cts');
    if (drafts.length === 0 && (own === undefined || first?.value.fingerprint === undefined))
      return notChecked('the document or the phone does not say which build it is', SETTLED_BY);
    return failOrPass(drafts, 'told');
  },
});

function draftsOf(result: CtsResult, place: Place, own: string | undefined): readonly Draft[] {
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
    counted.pass + counted.fail > 0
  )
    drafts.push(
      draft(
        `its summary says ${stated.pass} passed and ${stated.fail} failed; its tests are ${counted.pass} and ${counted.fail + counted.waived}`,
        'The harness counts what it writes: a document whose sums differ was edited, or cut.',
      ),
    );
  if (modules !== undefined && modules.done < modules.total)
    drafts.push(draft(`${modules.done} of ${modules.total} modules are done`, 'What was not run was not passed.'));
  if (result.plan === undefined || !WHOLE_PLAN.test(result.plan))
    drafts.push(draft(`the plan is ${result.plan?.slice(0, 60) ?? 'not said'}`, 'It is not the plan of the whole suite.'));
  if (counted.pass + counted.fail + counted.other === 0) drafts.push(draft('it holds no test', 'Nothing that was not run was passed.'));
  return drafts;
}
