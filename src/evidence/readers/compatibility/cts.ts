/**
 * Results of the Compatibility Test Suite, as its harness writes them: a claim of whoever brings them.
 * Sources: AOSP tools/tradefederation `CtsXmlResultReporter` (CTS v1, to Android 6: `testResult.xml`, root `TestResult`, whose `version` is the file's and not the suite's) and
 * test/suite_harness `ResultHandler` (CTS v2, from Android 7: `test_result.xml`, root `Result`; its first releases wrote hyphens for underscores). VTS, GTS, STS and the CTS Verifier write the second form.
 * Limits: those of the XML reader, 256 MiB; 1,000 failures are kept, all are counted. Does not read: the HTML and protobuf forms, media of the result.
 */
import { FormatError } from '../../../bytes/index.ts';
import { elementsOf, readXml, type XmlElement } from '../../../formats/xml/index.ts';
import { type ArtefactReader, makeFact, wholeOf } from '../../reader.ts';
import type { CtsResult } from '../../values/index.ts';

const FAILURES_MAX = 1000;
const DEPTH_MAX = 48;

const attributeOf = (element: XmlElement | undefined, ...names: readonly string[]): string | undefined =>
  names
    .map((name) => element?.attributes.find(({ local }) => local.toLowerCase().replaceAll('-', '_') === name.toLowerCase())?.value)
    .find((value) => value !== undefined && value !== '');

const childOf = (element: XmlElement | undefined, local: string): XmlElement | undefined =>
  element === undefined ? undefined : elementsOf(element).find((child) => child.local === local);

export const ctsReader: ArtefactReader = {
  kinds: ['cts'],
  read(artefact) {
    // A whole suite has a million tests and more: those that passed are counted as they are read, and no more is kept of them.
    let passed = 0;
    const { value: root, oddities } = readXml(artefact.bytes, (element) => {
      const isPass = element.local === 'Test' && attributeOf(element, 'result')?.toLowerCase() === 'pass';
      if (isPass) passed++;
      return isPass;
    });
    const read = root.local === 'Result' ? secondGeneration : root.local === 'TestResult' ? firstGeneration : undefined;
    const result = read?.(root, passed);
    if (result === undefined)
      throw new FormatError(
        { format: 'cts result', field: 'root', at: 0 },
        'bad-value',
        `the root is ${root.local.slice(0, 40)}, and neither Result nor TestResult`,
      );
    return { facts: [makeFact('cts', result, { standing: 'told', place: wholeOf(artefact), oddities })], unread: [] };
  },
};

type Tally = {
  readonly pass: number;
  fail: number;
  waived: number;
  notRun: number;
  other: number;
  failures: CtsResult['failures'][number][];
};

function secondGeneration(root: XmlElement, pass: number): CtsResult {
  const build = childOf(root, 'Build');
  const summary = childOf(root, 'Summary');
  const modules = elementsOf(root).filter(({ local }) => local === 'Module');
  const tally: Tally = { pass, fail: 0, waived: 0, notRun: 0, other: 0, failures: [] };
  for (const module of modules)
    countTests(
      module,
      `${attributeOf(module, 'name') ?? ''}${attributeOf(module, 'abi') === undefined ? '' : ` ${attributeOf(module, 'abi')}`}`,
      tally,
      0,
    );
  return {
    generation: 2,
    suite: attributeOf(root, 'suite_name'),
    version: attributeOf(root, 'suite_version'),
    plan: attributeOf(root, 'suite_plan'),
    suiteBuild: attributeOf(root, 'suite_build_number'),
    ended: attributeOf(root, 'end_display', 'end'),
    fingerprint: attributeOf(build, 'build_fingerprint'),
    referenceFingerprint: attributeOf(build, 'reference_fingerprint'),
    model: attributeOf(build, 'build_model'),
    release: attributeOf(build, 'build_version_release'),
    counted: counts(tally),
    stated: statedOf(summary),
    modules:
      modules.length === 0
        ? undefined
        : {
            done: modules.filter((module) => attributeOf(module, 'done') === 'true').length,
            total: wholeNumber(attributeOf(summary, 'modules_total')) ?? modules.length,
          },
    failures: tally.failures,
  };
}

function firstGeneration(root: XmlElement, pass: number): CtsResult {
  const device = childOf(root, 'DeviceInfo');
  const build = childOf(device, 'BuildInfo');
  const packages = elementsOf(root).filter(({ local }) => local === 'TestPackage');
  const tally: Tally = { pass, fail: 0, waived: 0, notRun: 0, other: 0, failures: [] };
  for (const one of packages) countTests(one, attributeOf(one, 'appPackageName', 'name') ?? '', tally, 0);
  return {
    generation: 1,
    suite: attributeOf(root, 'suite') ?? 'CTS',
    version: attributeOf(childOf(childOf(root, 'HostInfo'), 'Cts'), 'version'),
    plan: attributeOf(root, 'testPlan'),
    suiteBuild: undefined,
    ended: attributeOf(root, 'endtime'),
    fingerprint: attributeOf(build, 'build_fingerprint'),
    referenceFingerprint: undefined,
    model: attributeOf(build, 'build_model'),
    release: attributeOf(build, 'buildVersion', 'build_version_release'),
    counted: counts(tally),
    stated: statedOf(childOf(root, 'Summary')),
    modules: undefined,
    failures: tally.failures,
  };
}

const counts = ({ pass, fail, waived, notRun, other }: Tally) => ({ pass, fail, waived, notRun, other });

function statedOf(summary: XmlElement | undefined): CtsResult['stated'] {
  const number = (...names: readonly string[]) => wholeNumber(attributeOf(summary, ...names));
  const [pass, failed] = [number('pass'), number('failed')];
  if (pass === undefined || failed === undefined) return undefined;
  return { pass, fail: failed + (number('timeout') ?? 0), notRun: number('notExecuted', 'not_executed') ?? 0 };
}

const wholeNumber = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;

/** Walks suites and cases down to tests. `waived`: a failure that Google agreed to for this build. */
function countTests(element: XmlElement, where: string, tally: Tally, depth: number): void {
  if (depth > DEPTH_MAX) return;
  for (const child of elementsOf(element)) {
    const name = attributeOf(child, 'name') ?? '';
    if (child.local !== 'Test') {
      countTests(
        child,
        child.local === 'TestCase' || child.local === 'TestSuite' ? `${where}${where === '' ? '' : '.'}${name}` : where,
        tally,
        depth + 1,
      );
      continue;
    }
    const result = (attributeOf(child, 'result') ?? '').toLowerCase();
    if (result === 'fail' || result === 'failed' || result === 'timeout') {
      if (attributeOf(child, 'waived') === 'true') tally.waived++;
      else {
        tally.fail++;
        const message = attributeOf(childOf(child, 'Failure') ?? childOf(child, 'FailedScene'), 'message') ?? '';
        if (tally.failures.length < FAILURES_MAX)
          tally.failures.push({ test: `${where}#${name}`.slice(0, 400), message: message.slice(0, 400) });
      }
    } else if (/^not_?executed$/.test(result)) tally.notRun++;
    else tally.other++;
  }
}
