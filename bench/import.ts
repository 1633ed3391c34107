/**
 * An imported recording to its verdict. Targets: a 30 MB capture in 1.5 s and 300 MB of memory on two cores; a 40 MB bug report zip in 3 s.
 * Method: both recordings are made here of what the formats are made of, written to a temporary folder, and each is judged once in a fresh process, from the first read to the verdict:
 * import, facts, every check, decision. Time is the process's wall clock without its start; memory its peak resident set with everything that Node itself takes (about 60 MB).
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { writeZip } from '../src/formats/archive/index.ts';

const MB = 1_000_000;

/** A generator of the same numbers at every run. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state;
  };
}

const hex = (next: () => number, length: number): string => {
  let text = '';
  while (text.length < length) text += next().toString(16).padStart(8, '0');
  return text.slice(0, length);
};

function getprop(count: number): string {
  const lines = [
    '[ro.build.version.release]: [13]',
    '[ro.build.version.sdk]: [33]',
    '[ro.product.model]: [Made Phone]',
    '[ro.product.brand]: [Made]',
  ];
  for (let i = lines.length; i < count; i++) lines.push(`[persist.made.property.${i}]: [${i % 7 === 0 ? '' : `value ${i}`}]`);
  return `${lines.join('\n')}\n`;
}

function packageDump(count: number, next: () => number): string {
  const parts = ['Receiver Resolver Table:\n  Non-Data Actions:\n'];
  for (let i = 0; i < count * 4; i++)
    parts.push(
      `      android.intent.action.ACTION_${i % 300}:\n        ${hex(next, 7)} com.made.package${i % count}/.Receiver${i} filter ${hex(next, 7)}\n`,
    );
  parts.push('\nPackages:\n');
  for (let i = 0; i < count; i++) {
    const name = `com.made.package${i}`;
    parts.push(
      `  Package [${name}] (${hex(next, 7)}):\n    userId=${10_000 + i}\n    pkg=Package{${hex(next, 7)} ${name}}\n    codePath=/system/app/Made${i}\n    versionCode=${i} minSdk=28 targetSdk=33\n    versionName=1.${i}\n    flags=[ SYSTEM HAS_CODE ALLOW_CLEAR_USER_DATA ]\n    privateFlags=[ PRIVILEGED ]\n    lastUpdateTime=2022-01-01 00:00:00\n    signatures=PackageSignatures{${hex(next, 7)} version:3, signatures:[b378e95c], past signatures:[]}\n    requested permissions:\n`,
    );
    for (let p = 0; p < 60; p++) parts.push(`      android.permission.MADE_${(i * 7 + p) % 400}\n`);
    parts.push('    install permissions:\n');
    for (let p = 0; p < 40; p++) parts.push(`      android.permission.MADE_${(i * 7 + p) % 400}: granted=true\n`);
    parts.push(
      `    User 0: ceDataInode=${i} installed=true hidden=false suspended=false stopped=false enabled=0\n      firstInstallTime=2022-01-01 00:00:00\n      runtime permissions:\n`,
    );
    for (let p = 0; p < 20; p++)
      parts.push(`        android.permission.MADE_${(i * 3 + p) % 400}: granted=${p % 2 === 0}, flags=[ USER_SENSITIVE_WHEN_GRANTED]\n`);
  }
  return parts.join('');
}

/** Lines that no parser wants: most of any dump. */
function filler(bytes: number, next: () => number): string {
  const parts: string[] = [];
  let length = 0;
  while (length < bytes) {
    const line = `    #${parts.length}: Record{${hex(next, 8)} u0 com.made.package${next() % 400}/.Activity${next() % 50} t${next() % 1000}} flags=0x${hex(next, 8)} when=-${next() % 86_400}s\n`;
    parts.push(line);
    length += line.length;
  }
  return parts.join('');
}

const RULE = '-'.repeat(79);
const service = (name: string, text: string) =>
  `${RULE}\nDUMP OF SERVICE ${name}:\n${text}--------- 0.1s was the duration of dumpsys ${name}, ending at: 2023-01-01 00:00:00\n`;

function batteryHistory(lines: number, next: () => number): string {
  const parts = ['Battery History (5% used):\n'];
  for (let i = 0; i < lines; i++)
    parts.push(`            +${i}s${next() % 1000}ms (2) 0${next() % 90} +job=u0a${next() % 300}:"com.made.package${next() % 400}/.Job"\n`);
  return parts.join('');
}

function services(bytes: number, next: () => number): string {
  const known = [
    service('package', packageDump(450, next)),
    service('batterystats', batteryHistory(20_000, next)),
    service('SurfaceFlinger', 'GLES: Qualcomm, Adreno (TM) 730, OpenGL ES 3.2 V@0615.73\nGL_OES_a GL_OES_b\n'),
  ];
  const rest = Math.max(0, bytes - known.reduce((sum, text) => sum + text.length, 0));
  return [...known, ...Array.from({ length: 100 }, (_, i) => service(`made${i}`, filler(rest / 100, next)))].join('');
}

function filesJson(bytes: number, next: () => number): string {
  const parts: string[] = [];
  for (let length = 0; length < bytes; ) {
    const entry = JSON.stringify({
      path: `/system/app/Made${parts.length}/lib/arm64/lib${hex(next, 12)}.so`,
      size: next() % MB,
      mode: '-rw-r--r--',
      user_id: 0,
      user_name: '',
      group_id: 0,
      group_name: '',
      changed_time: 1_230_768_000,
      modified_time: 1_230_768_000,
      access_time: 1_230_768_000,
      error: '',
      context: 'u:object_r:system_file:s0',
      sha1: '',
      sha256: '',
      sha512: '',
      md5: '',
    });
    parts.push(entry);
    length += entry.length + 1;
  }
  return `[${parts.join(',')}]`;
}

function packagesJson(count: number, next: () => number): string {
  const digests = () => ({ md5: hex(next, 32), sha1: hex(next, 40), sha256: hex(next, 64), sha512: hex(next, 128) });
  return JSON.stringify(
    Array.from({ length: count }, (_, i) => ({
      name: `com.made.package${i}`,
      files: [
        {
          path: `/system/app/Made${i}/Made${i}.apk`,
          local_name: '',
          ...digests(),
          error: '',
          verified_certificate: true,
          certificate: { Md5: hex(next, 32), Sha1: hex(next, 40), Sha256: hex(next, 64) },
        },
      ],
      installer: 'null',
      uid: 10_000 + i,
      disabled: false,
      system: true,
      third_party: false,
    })),
    null,
    1,
  );
}

function makeCapture(folder: string): number {
  const next = numbers(1);
  const files: Readonly<Record<string, string>> = {
    'acquisition.json': '{"uuid":"made","started":"2024-01-01T00:00:00.123456789Z"}',
    'getprop.txt': getprop(1100),
    'dumpsys.txt': services(20 * MB, next),
    'files.json': filesJson(8 * MB, next),
    'packages.json': packagesJson(450, next),
    'settings_global.txt': 'adb_enabled=1\n',
    'selinux.txt': 'Enforcing\n',
    'mounts.json': '["/dev/block/dm-1 on / type ext4 (ro,seclabel)"]',
    'logcat.txt': filler(1.5 * MB, next),
  };
  mkdirSync(folder);
  let bytes = 0;
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, name), text);
    bytes += text.length;
  }
  return bytes;
}

function makeBugreport(path: string): { readonly zip: number; readonly text: number } {
  const next = numbers(2);
  const text = [
    '========================================================\n== dumpstate: 2024-01-01 00:00:00\n========================================================\n\n',
    "Build fingerprint: 'Made/made/made:13/MADE/1:user/release-keys'\nKernel: Linux version 5.10.1-made (builder@host) (clang version 12) #1 SMP\n",
    `------ SYSTEM PROPERTIES (getprop) ------\n${getprop(1100)}------ 0.1s was the duration of 'SYSTEM PROPERTIES' ------\n`,
    `------ SYSTEM LOG (logcat -v threadtime) ------\n${filler(60 * MB, next)}`,
    services(60 * MB, next),
  ].join('');
  const packed = (name: string, data: Uint8Array) => ({ name, data, deflate: true, packed: deflateRawSync(data, { level: 1 }) });
  const main = packed('bugreport-made.txt', new TextEncoder().encode(text));
  const noise = new Uint8Array(Math.max(0, 40 * MB - main.packed.length));
  for (let i = 0; i + 4 <= noise.length; i += 4) new DataView(noise.buffer).setUint32(i, next());
  const zip = writeZip([
    packed('main_entry.txt', new TextEncoder().encode('bugreport-made.txt')),
    main,
    { name: 'proto/made.proto', data: noise },
  ]);
  writeFileSync(path, zip);
  return { zip: zip.length, text: text.length };
}

/** Judges a recording in this process and prints its figures: what a child of the benchmark does. */
async function judge(path: string): Promise<void> {
  const started = performance.now();
  const [
    { recognise },
    { readFacts },
    { allChecks, runChecks },
    { builtinKnowledge },
    { decide, ownerPolicy },
    { nodeCodec, nodeHash, openInput },
  ] = await Promise.all([
    import('../src/acquire/import/index.ts'),
    import('../src/evidence/index.ts'),
    import('../src/checks/index.ts'),
    import('../src/knowledge/index.ts'),
    import('../src/verdict/index.ts'),
    import('../src/platform/node/index.ts'),
  ]);
  const loaded = performance.now();
  const capture = await recognise(await openInput(path), { codec: nodeCodec, hash: nodeHash });
  const facts = await readFacts(capture);
  const read = performance.now();
  const asOf = capture.takenAt ?? '2024-01-01T00:00:00Z';
  const results = runChecks(allChecks, {
    facts,
    claims: {},
    trust: capture.trust,
    knowledge: builtinKnowledge,
    references: [],
    history: { sightings: [] },
    asOf,
  });
  const verdict = decide(results, ownerPolicy, { trust: capture.trust, asOf, attests: undefined, isAsked: false, claimedModel: undefined });
  const done = performance.now();
  const ms = (value: number) => `${Math.round(value)} ms`;
  console.log(
    `${ms(done - started)} (modules ${ms(loaded - started)}, to facts ${ms(read - loaded)}, checks and verdict ${ms(done - read)}), peak ${Math.round(process.resourceUsage().maxRSS / 1024)} MB; ${facts.list.length} facts, ${facts.unread.length} unread, ${verdict.decision}`,
  );
}

export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'assay-bench-'));
  try {
    const capture = join(folder, 'androidqf');
    const report = join(folder, 'bugreport.zip');
    const captureBytes = makeCapture(capture);
    const made = makeBugreport(report);
    const child = (path: string) => execFileSync(process.execPath, [import.meta.filename, path], { encoding: 'utf8' }).trim();
    console.log(`capture of ${(captureBytes / MB).toFixed(0)} MB: ${child(capture)}`);
    console.log(
      `bug report of ${(statSync(report).size / MB).toFixed(0)} MB (its text ${(made.text / MB).toFixed(0)} MB): ${child(report)}`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const [, script, path] = process.argv;
if (script === import.meta.filename && path !== undefined) await judge(path);
