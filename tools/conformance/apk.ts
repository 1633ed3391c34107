/**
 * APK signatures against the platform's own assertions and verifier: every case of `apk/expected.json`, the verdict at 14 API levels of `apk/grid.json`,
 * and every file of `apk/tamper`, which must be read without hanging or crashing and whose trick must be named.
 */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bytesSource, FormatError, type Source } from '../../src/bytes/index.ts';
import { apkPorts } from '../../src/cli/apk-verify.ts';
import {
  type ApkPorts,
  type ApkVerification,
  readApp,
  readAxml,
  readResources,
  verifyApk,
  verifySourceStamp,
} from '../../src/formats/apk/index.ts';

export const collection = 'apk';

const ports: ApkPorts = apkPorts;

interface ExpectedCase {
  readonly verified?: boolean;
  readonly minSdk?: number;
  readonly maxSdk?: number;
  readonly issue?: string;
  readonly allErrors?: readonly string[];
  readonly exception?: string;
  readonly schemes?: readonly string[];
  readonly signers?: readonly string[];
  readonly lineage?: readonly string[];
  readonly stampVerified?: boolean;
  readonly stampStatus?: string;
  readonly stampIssue?: string;
  readonly stampIssues?: readonly string[];
  readonly timestamp?: number;
  readonly v31MinSdk?: number;
  readonly mode?: 'sourceStamp';
  readonly otherCases?: readonly ExpectedCase[];
}

interface GridCell {
  readonly v: boolean;
  readonly s?: readonly string[];
  readonly c?: readonly string[];
  readonly e?: readonly string[];
  readonly x?: string;
}

interface Grid {
  readonly files: Readonly<Record<string, Readonly<Record<string, GridCell>>>>;
}

/** Whether a signature that is none is called wrong or impossible depends on the Java provider, as the table's makers found. */
const sameIssue = (a: string, b: string) => a === b || plain(a) === plain(b);
const plain = (name: string) => name.replace(/_VERIFY_EXCEPTION$/, '_DID_NOT_VERIFY');
/** The table says where a file was too large for the Java machine it ran on; we say where the format is broken. */
const sameException = (wanted: string, found: string | undefined) => found !== undefined && (wanted === found || wanted === 'IOException');

/** Runs all of it. */
export async function run(dataDir: string): Promise<{ agree: number; differ: string[] } | undefined> {
  const folder = join(dataDir, 'apk');
  if (!existsSync(join(folder, 'expected.json'))) return undefined;
  let agree = 0;
  const differ: string[] = [];
  const count = (name: string, problems: readonly string[]) => {
    if (problems.length === 0) agree++;
    else differ.push(`${name}: ${problems.join('; ')}`);
  };
  const load = (name: string) => bytesSource(readFileSync(join(folder, 'corpus', name)));

  // The table's own shape, made by the tools that README names; a field that is missing is not compared.
  const expected = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as Readonly<Record<string, ExpectedCase>>;
  for (const [name, first] of Object.entries(expected)) {
    for (const one of [first, ...(first.otherCases ?? [])]) {
      const range = `${one.minSdk ?? 'manifest'}..${one.maxSdk ?? ''}`;
      count(`expected ${name} ${one.mode ?? ''} ${range}`, await compareCase(load(name), one));
    }
  }
  if (existsSync(join(folder, 'grid.json'))) {
    const grid = JSON.parse(readFileSync(join(folder, 'grid.json'), 'utf8')) as Grid;
    for (const [name, levels] of Object.entries(grid.files)) {
      const source = load(name);
      for (const [level, cell] of Object.entries(levels)) {
        const result = await verifyApk(source, ports, { minSdk: Number(level), maxSdk: Number(level) });
        count(`grid ${name} at ${level}`, compareCell(result, cell));
      }
    }
  }
  for (const path of globSync('tamper/**/*.{apk,xml,arsc}', { cwd: folder }).toSorted()) {
    count(path, await readTampered(join(folder, path), path));
  }
  return { agree, differ };
}

async function compareCase(source: Source, one: ExpectedCase): Promise<readonly string[]> {
  const problems: string[] = [];
  const options = { minSdk: one.minSdk, maxSdk: one.maxSdk };
  const differs = (field: string, wanted: unknown, found: unknown) => {
    if (JSON.stringify(wanted) !== JSON.stringify(found))
      problems.push(`${field} ${JSON.stringify(found)}, expected ${JSON.stringify(wanted)}`);
  };
  if (one.mode === 'sourceStamp') {
    const { status, stamp, issues } = await verifySourceStamp(source, ports, options);
    if (one.stampVerified !== undefined) differs('stampVerified', one.stampVerified, status === 'STAMP_VERIFIED');
    if (one.stampStatus !== undefined) differs('stampStatus', one.stampStatus, status);
    if (one.stampIssue !== undefined && !issues.some(({ name }) => name === one.stampIssue)) differs('stampIssue', one.stampIssue, issues);
    if (one.timestamp !== undefined) differs('timestamp', one.timestamp, stamp?.timestamp ?? 0);
    return problems;
  }
  const result = await verifyApk(source, ports, options);
  const names = result.issues.map(({ name }) => name);
  if (one.verified !== undefined) differs('verified', one.verified, result.verified);
  if (one.schemes !== undefined) differs('schemes', one.schemes, result.schemes);
  if (one.signers !== undefined) differs('signers', one.signers, result.signers);
  if (one.lineage !== undefined)
    differs(
      'lineage',
      one.lineage,
      result.lineage.map(({ sha256 }) => sha256),
    );
  if (one.issue !== undefined && !names.some((name) => sameIssue(name, one.issue ?? ''))) differs('issue', one.issue, names);
  if (one.allErrors !== undefined) differs('allErrors', [...one.allErrors].toSorted(), [...new Set(names)].toSorted());
  if (one.exception !== undefined && !sameException(one.exception, result.refusal?.exception)) {
    differs('exception', one.exception, result.refusal);
  }
  if (one.stampVerified !== undefined) differs('stampVerified', one.stampVerified, result.stamp?.verified ?? false);
  if (one.stampIssues !== undefined) differs('stampIssues', one.stampIssues, result.stamp?.log.warnings.map(({ name }) => name) ?? []);
  if (one.v31MinSdk !== undefined) differs('v31MinSdk', one.v31MinSdk, result.rotationMinSdk);
  return problems;
}

function compareCell(result: ApkVerification, cell: GridCell): readonly string[] {
  const problems: string[] = [];
  const differs = (field: string, wanted: unknown, found: unknown) => {
    if (JSON.stringify(wanted) !== JSON.stringify(found))
      problems.push(`${field} ${JSON.stringify(found)}, expected ${JSON.stringify(wanted)}`);
  };
  differs('verified', cell.v, result.verified);
  if (cell.s !== undefined) differs('schemes', cell.s, result.schemes);
  if (cell.c !== undefined)
    differs(
      'signers',
      cell.c,
      result.signers.map((signer) => signer.slice(0, 16)),
    );
  if (cell.e !== undefined) {
    const names = (list: readonly string[]) => [...new Set(list.map(plain))].toSorted();
    differs('issues', names(cell.e), names(result.issues.map(({ name }) => name)));
  }
  if (cell.x !== undefined && !sameException(cell.x, result.refusal?.exception)) differs('exception', cell.x, result.refusal);
  return problems;
}

/** What each file of the tamper folder must be seen to do. Files that are not named here are only unusual, and show nothing. */
const TRICKS: Readonly<Record<string, readonly string[]>> = {
  'androguard-apk/partialsignature.apk': ['JAR_SIG_MISSING_FILE'],
  'androguard-axml/AndroidManifestExtraNamespace.xml': ['axml-namespace-repeated'],
  'androguard-axml/AndroidManifestLiapp.xml': ['axml-namespace-foreign'],
  'androguard-axml/AndroidManifestMaskingNamespace.xml': ['axml-namespace-late'],
  'androguard-axml/AndroidManifestNonZeroStyle.xml': ['pool-styles-start'],
  'androguard-axml/AndroidManifestNullbytes.xml': ['pool-text-nul'],
  'androguard-axml/AndroidManifestTextChunksXML.xml': ['axml-text'],
  'androguard-axml/AndroidManifestWithComment.xml': ['axml-comment'],
  'androguard-axml/AndroidManifestWrongFilesize.xml': ['axml-size'],
  'androguard-axml/AndroidManifest_InvalidCharsInAttribute.xml': ['axml-value-characters'],
  'androguard-axml/AndroidManifest_StringNotTerminated.xml': ['pool-text-unterminated'],
  'apkinspector/minimal_SIZE_ExtraField.apk': ['directory-forged', 'forged-sizes'],
  'apkinspector/truncated-cd.apk': ['directory-forged'],
  'apktool/GHSA-2hqv-2xv4-5h5w.apk': ['arsc-key-traversal'],
};

async function readTampered(file: string, path: string): Promise<readonly string[]> {
  const bytes = readFileSync(file);
  const seen = new Set<string>();
  try {
    if (path.endsWith('.xml')) for (const { code } of readAxml(bytes).oddities) seen.add(code);
    else if (path.endsWith('.arsc')) for (const { code } of readResources(bytes).oddities) seen.add(code);
    else {
      const result = await verifyApk(bytesSource(bytes), ports, { minSdk: undefined, maxSdk: undefined });
      for (const { code } of result.oddities) seen.add(code);
      for (const { name } of result.tricks) seen.add(name);
      for (const { name } of [...result.issues, ...result.warnings]) seen.add(name);
      if (result.refusal !== undefined) seen.add(result.refusal.exception);
      const app = await readApp(bytesSource(bytes), ports).catch((error: unknown) => {
        if (error instanceof FormatError) return undefined;
        throw error;
      });
      for (const { code } of app?.oddities ?? []) seen.add(code);
    }
  } catch (error) {
    if (!(error instanceof FormatError)) return [`crashed: ${String(error)}`];
    seen.add(error.code);
  }
  const wanted = TRICKS[path.slice('tamper/'.length)] ?? [];
  return wanted.filter((name) => !seen.has(name)).map((name) => `${name} not named, only ${[...seen].join(', ')}`);
}
