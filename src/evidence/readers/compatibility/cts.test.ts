import { describe, expect, test } from 'vitest';
import { FormatError } from '../../../bytes/index.ts';
import { ctsReader } from './cts.ts';

const read = (text: string) => {
  const bytes = new TextEncoder().encode(text);
  return ctsReader.read({ name: 'cts', kind: 'cts', origin: undefined, bytes }).facts[0]?.value;
};

const SECOND = `<?xml version='1.0' encoding='UTF-8' standalone='no' ?><?xml-stylesheet type="text/xsl" href="compatibility_result.xsl"?>
<Result start="1510000000000" end="1510000900000" end_display="Mon Nov 06 2017" suite_name="CTS" suite_version="8.0_r3" suite_plan="cts" suite_build_number="4400000" report_version="5.0">
  <Build build_fingerprint="a/b/c:8.0.0/X/1:user/release-keys" reference_fingerprint="" build_model="Example One" build_version_release="8.0.0" />
  <Summary pass="2" failed="1" modules_done="1" modules_total="2" />
  <Module name="CtsExample" abi="arm64-v8a" done="true"><TestCase name="android.Example">
    <Test result="pass" name="a"/><Test result="pass" name="b"/>
    <Test result="fail" name="c"><Failure message="expected &lt;1&gt;"><StackTrace>x</StackTrace></Failure></Test>
    <Test result="fail" name="d" waived="true"/><Test result="IGNORED" name="e"/><Test result="ASSUMPTION_FAILURE" name="f"/>
  </TestCase></Module>
  <Module name="CtsOther" abi="armeabi-v7a" done="false"/>
</Result>`;

const FIRST = `<TestResult testPlan="CTS" starttime="x" endtime="2014-08-19" version="1.14" suite="CTS">
  <DeviceInfo><BuildInfo build_fingerprint="Xiaomi/cancro/cancro:4.4.4/KTU84P/1:user/release-keys" build_model="MI 4" buildVersion="4.4.4"/></DeviceInfo>
  <HostInfo name="h"><Os name="Linux" version="3.13" arch="amd64"/><Cts version="4.4_r3"><IntValue name="x" value="1"/></Cts></HostInfo>
  <Summary failed="1" notExecuted="1" timeout="1" pass="1"/>
  <TestPackage name="android.acceleration" appPackageName="android.acceleration"><TestSuite name="android"><TestSuite name="acc"><TestCase name="HardwareTest">
    <Test name="one" result="pass"/><Test name="two" result="fail"><FailedScene message="no"/></Test><Test name="three" result="notExecuted"/><Test name="four" result="timeout"/>
  </TestCase></TestSuite></TestSuite></TestPackage>
</TestResult>`;

describe('results of both generations', () => {
  test('the second, with waivers and modules', () =>
    expect(read(SECOND)).toEqual({
      generation: 2,
      suite: 'CTS',
      version: '8.0_r3',
      plan: 'cts',
      suiteBuild: '4400000',
      ended: 'Mon Nov 06 2017',
      fingerprint: 'a/b/c:8.0.0/X/1:user/release-keys',
      referenceFingerprint: undefined,
      model: 'Example One',
      release: '8.0.0',
      counted: { pass: 2, fail: 1, waived: 1, notRun: 0, other: 2 },
      stated: { pass: 2, fail: 1, notRun: 0 },
      modules: { done: 1, total: 2 },
      failures: [{ test: 'CtsExample arm64-v8a.android.Example#c', message: 'expected <1>' }],
    }));
  test('the first, with suites in suites', () =>
    expect(read(FIRST)).toMatchObject({
      generation: 1,
      version: '4.4_r3',
      fingerprint: 'Xiaomi/cancro/cancro:4.4.4/KTU84P/1:user/release-keys',
      model: 'MI 4',
      counted: { pass: 1, fail: 2, waived: 0, notRun: 1, other: 0 },
      stated: { pass: 1, fail: 2, notRun: 1 },
      failures: [
        { test: 'android.acceleration.android.acc.HardwareTest#two', message: 'no' },
        { test: 'android.acceleration.android.acc.HardwareTest#four', message: '' },
      ],
    }));
  test('the version is the suite’s, and not that of the file’s form', () => {
    expect(read('<TestResult version="1.2"><HostInfo><Cts version="2.3_r1"/></HostInfo></TestResult>')).toMatchObject({
      version: '2.3_r1',
    });
    expect(read('<TestResult version="4.4"/>')).toMatchObject({ version: undefined });
  });
  test('the first releases of the second form wrote hyphens; sums of what was not run are read', () =>
    expect(
      read(
        '<Result suite-name="CTS" suite-version="7.0"><Build build-fingerprint="a/b/c:7.0/X/1:user/release-keys"/><Summary pass="1" failed="0" not-executed="3"/></Result>',
      ),
    ).toMatchObject({
      suite: 'CTS',
      version: '7.0',
      fingerprint: 'a/b/c:7.0/X/1:user/release-keys',
      stated: { pass: 1, fail: 0, notRun: 3 },
    }));
  test('empty, and without what it should have', () => {
    expect(read('<Result/>')).toMatchObject({
      fingerprint: undefined,
      stated: undefined,
      modules: undefined,
      counted: { pass: 0, fail: 0 },
    });
    expect(read('<TestResult><Summary pass="many" failed="-1"/></TestResult>')).toMatchObject({ stated: undefined });
  });
  test('a million failures are counted, and some kept', () => {
    const many = '<Test result="fail" name="x"/>'.repeat(20_000);
    const value = read(`<Result><Module name="m"><TestCase name="c">${many}</TestCase></Module></Result>`);
    expect(value).toMatchObject({ counted: { fail: 20_000 } });
    expect((value as { failures: readonly unknown[] }).failures).toHaveLength(1000);
  });
  test.each([['<Other/>'], ['no xml'], ['<!DOCTYPE Result [<!ENTITY a "b">]><Result suite_name="&a;"/>'], ['<Result>']])(
    '%s is refused',
    (text) => expect(() => read(text)).toThrow(FormatError),
  );
});
