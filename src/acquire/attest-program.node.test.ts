/** The program that goes to phones, held against tools of others: dexdump must print what was meant, and a JVM must run it (enjarify translates, its verifier checks). */
import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hashOf, parseHex, toHex } from '../bytes/index.ts';
import { parseAttestFrame } from '../evidence/own/index.ts';
import { attest, forgeWorld, honestDescription } from '../forge/cert.ts';
import { openVirtualPhone } from '../forge/node/index.ts';
import { nodeSigningKey } from '../forge/node/sign.ts';
import { PROFILES } from '../forge/profiles/index.ts';
import { checkDexProgram } from '../formats/apk/index.ts';
import { acquireLive } from '../platform/node/adb/index.ts';
import { nodeHash } from '../platform/node/index.ts';
import { attestProgram } from './attest-program.ts';

const run = promisify(execFile);
const LEVELS = [24, 25, 26, 28, 29, 30, 31, 33, 34, 36] as const;
const byText = (a: string | undefined, b: string | undefined) => ((a ?? '') < (b ?? '') ? -1 : 1);
const has = (path: string) => existsSync(path);
let folder: string;
let chain: readonly Uint8Array[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assay-dex-'));
  const world = await forgeWorld((scheme) => nodeSigningKey(scheme));
  const target = await attest(world, world.factory.batch, honestDescription(new Uint8Array(32)));
  chain = [target, world.factory.batch, world.factory.intermediate, world.root].map(({ der }) => der);
  await mkdir(join(folder, 'chain'));
  for (const [index, der] of chain.entries()) await writeFile(join(folder, 'chain', `${index}.der`), der);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const program = (level: number) => attestProgram({ level, className: 'Main', hash: nodeHash });

test('levels that attest nothing, and names that are no class, get no program', () => {
  expect(() => attestProgram({ level: 27, className: 'Main', hash: nodeHash, strongBox: true })).toThrow('StrongBox');
  expect(() => program(23)).toThrow('attests keys');
  expect(() => attestProgram({ level: 30, className: 'a;b', hash: nodeHash })).toThrow('not a name');
});

test('a phone is sent exactly this program, and anybody makes it again from the transcript', async () => {
  const value = PROFILES['pixel-14']?.();
  if (value === undefined) throw new Error('no profile');
  const phone = await openVirtualPhone(value, { latencyMs: 0, shell: 'built-in' });
  try {
    const capture = await acquireLive({
      address: `${phone.host}:${phone.port}`,
      depth: 'quick',
      attest: 'adb',
      open: { env: { ASSAY_CONFIG: join(folder, 'config') } },
    });
    const source = capture.artefacts.find(({ kind }) => kind === 'attestation/adb')?.source;
    const document = JSON.parse(new TextDecoder().decode(await source?.read(0, source.size)));
    const className = /app_process \/system\/bin (\w+) /.exec(document.request)?.[1] ?? '';
    const { bytes } = attestProgram({ level: 34, className, hash: nodeHash });
    expect(toHex(hashOf(nodeHash, 'sha256', bytes))).toBe(document.program);
  } finally {
    await phone.close();
  }
});

test('what it relies on of classes is said: without it the checks complain', () => {
  expect(checkDexProgram(program(34).bytes, {}).join(' ')).toContain('Landroid/app/ContextImpl;, not Landroid/content/Context;');
});

describe.skipIf(!has('/usr/bin/dexdump'))('dexdump of the distribution (skipped where it is not installed)', () => {
  test.each(LEVELS)('parses the program of level %i and prints the calls that were meant', async (level) => {
    const file = join(folder, `${level}.dex`);
    await writeFile(file, program(level).bytes);
    const text = execFileSync('/usr/bin/dexdump', ['-d', file], { encoding: 'utf8' });
    const calls = [...text.matchAll(/invoke-\w+ \{[^}]*\}, (\S+) \/\//g)].map(([, call]) => call);
    const android = [...new Set(calls.filter((call) => call?.startsWith('Landroid/')))];
    const builder = 'Landroid/security/keystore/KeyGenParameterSpec$Builder;';
    const set = (name: string, argument: string) => `${builder}.${name}:(${argument})${builder}`;
    const provider = `Landroid/security/${level >= 31 ? 'keystore2' : 'keystore'}/AndroidKeyStoreProvider;.install:()V`;
    expect(android.toSorted(byText)).toEqual(
      [
        'Landroid/app/ActivityThread;.getSystemContext:()Landroid/app/ContextImpl;',
        'Landroid/app/ActivityThread;.systemMain:()Landroid/app/ActivityThread;',
        ...(level >= 30 ? ['Landroid/app/ActivityThread;.initializeMainlineModules:()V'] : []),
        'Landroid/app/Instrumentation;.newApplication:(Ljava/lang/Class;Landroid/content/Context;)Landroid/app/Application;',
        'Landroid/content/Context;.createPackageContext:(Ljava/lang/String;I)Landroid/content/Context;',
        'Landroid/os/Looper;.prepareMainLooper:()V',
        'Landroid/util/Base64;.encodeToString:([BI)Ljava/lang/String;',
        provider,
        ...(level >= 26 && level < 31
          ? [
              'Landroid/security/keystore/AttestationUtils;.attestDeviceIds:(Landroid/content/Context;[I[B)[Ljava/security/cert/X509Certificate;',
            ]
          : []),
        `${builder}.<init>:(Ljava/lang/String;I)V`,
        `${builder}.build:()Landroid/security/keystore/KeyGenParameterSpec;`,
        set('setAlgorithmParameterSpec', 'Ljava/security/spec/AlgorithmParameterSpec;'),
        set('setAttestationChallenge', '[B'),
        ...(level >= 28 ? [set('setIsStrongBoxBacked', 'Z')] : []),
        set('setDigests', '[Ljava/lang/String;'),
        ...(level >= 31 ? [set('setAttestationIds', '[I'), set('setDevicePropertiesAttestationIncluded', 'Z')] : []),
      ].toSorted(byText),
    );
    // Every method that is called in ours is there, and each exception has somewhere to go.
    expect(text).toContain("type          : '([Ljava/lang/String;)V'");
    expect([...text.matchAll(/<any> -> 0x/g)]).toHaveLength(4);
  });
});

const ENJARIFY = '/usr/lib/python3/dist-packages/enjarify/main.py';
const hasJava = has(ENJARIFY) && has('/usr/bin/javac') && has('/usr/bin/java');
const NONCE = '00ff'.repeat(16);
const ALIAS = 'assay-00112233aabb';

describe.skipIf(!hasJava)(
  'run by a JVM with a stand-in of the framework (skipped where enjarify and javac are not installed)',
  { timeout: 60_000 },
  () => {
    let classes: string;
    beforeAll(async () => {
      classes = join(folder, 'framework');
      const sources = fileURLToPath(new URL('../../test/support/android/', import.meta.url));
      const names = execFileSync('find', [sources, '-name', '*.java'], { encoding: 'utf8' }).trim().split('\n');
      await run('/usr/bin/javac', ['-d', classes, ...names]);
    });

    async function execute(level: number, properties: Readonly<Record<string, string>> = {}, strongBox?: true) {
      const { bytes, questions } = attestProgram({
        level,
        className: 'Main',
        hash: nodeHash,
        ...(strongBox === undefined ? {} : { strongBox }),
      });
      const [dex, jar] = [join(folder, `run-${level}.dex`), join(folder, `run-${level}.jar`)];
      await writeFile(dex, bytes);
      await run('/usr/bin/python3', ['-m', 'enjarify.main', '-f', '-o', jar, dex], {
        env: { PYTHONPATH: '/usr/lib/python3/dist-packages' },
      });
      const options = Object.entries({ 'phone.chain': join(folder, 'chain'), ...properties }).map(([key, value]) => `-D${key}=${value}`);
      const { stdout, stderr } = await run('/usr/bin/java', [
        '-Xverify:all',
        ...options,
        '-cp',
        `${jar}:${classes}`,
        'Main',
        NONCE,
        ALIAS,
        ...questions,
      ]);
      return {
        stdout,
        answers: parseAttestFrame(Buffer.from(stdout)),
        asked: stderr.split('\n').filter((line) => line.startsWith('ASKED ')),
      };
    }

    test.each([
      [24, 'keystore', 'ids=[] properties=false', false],
      [26, 'AttestationUtils', 'ids=[1, 2] properties=true', false],
      [30, 'AttestationUtils', 'ids=[1, 2] properties=true', true],
      [31, 'keystore2', 'ids=[1, 2] properties=true', true],
      [36, 'keystore2', 'ids=[1, 2] properties=true', true],
    ])('level %i: the keystore is asked by %s for %s, and its chain comes back whole', async (level, by, what, mainline) => {
      const { answers, asked } = await execute(level);
      expect(asked).toHaveLength(1);
      const nonce = toHex(parseHex(NONCE) ?? new Uint8Array(0)).replace(/^0+/, '');
      expect(asked[0]).toContain(`ASKED ${by} challenge=${nonce} bytes=32 ${what} package=com.android.shell mainline=${mainline}`);
      if (by !== 'AttestationUtils') expect(asked[0]).toContain(`alias=${ALIAS} purposes=4 curve=secp256r1 digests=[SHA-256]`);
      expect(answers.map(({ label, refusal, keyGone }) => [label, refusal, keyGone])).toEqual([
        [level < 26 ? 'plain' : 'serial+imei+properties', undefined, true],
      ]);
      expect(answers[0]?.chain.map((der) => toHex(der))).toEqual(chain.map((der) => toHex(der)));
    });

    test.each([28, 34])('level %i: IDs that are refused are asked for less and less, with every cause on one line', async (level) => {
      const { answers, asked } = await execute(level, { 'phone.refuses': '2,3,1' });
      expect(answers.map(({ label, chain: got }) => [label, got.length])).toEqual([
        ['serial+imei+properties', 0],
        ['serial+meid+properties', 0],
        ['serial+properties', 0],
        ['properties', 4],
      ]);
      expect(answers[0]?.refusal).toBe(
        'java.security.ProviderException: Failed to generate key pair.; caused by java.lang.IllegalStateException: Cannot attest ID 2',
      );
      expect(asked.map((line) => /ids=(\[.*?\])/.exec(line)?.[1])).toEqual(['[1, 2]', '[1, 3]', '[1]', '[]']);
    });

    test.each([
      [28, 'keystore', 'ids=[] properties=false', 'strongbox'],
      [34, 'keystore2', 'ids=[1, 2] properties=true', 'strongbox+serial+imei+properties'],
    ])('level %i: StrongBox is asked by %s for %s, the trusted environment is not', async (level, by, what, label) => {
      const { answers, asked } = await execute(level, {}, true);
      expect(answers.map((answer) => [answer.label, answer.chain.length])).toEqual([[label, 4]]);
      expect(asked).toHaveLength(1);
      expect(asked[0]).toContain(`ASKED ${by} `);
      expect(asked[0]).toContain(`${what} `);
      expect(asked[0]).toContain('strongbox=true');
      expect((await execute(level)).asked.join('')).not.toContain('strongbox=true');
    });

    test('keys that a run of ours left are deleted and named, those of others stay', async () => {
      const keys = 'assay-00000000000a,assay-00000000000b,assay-1,KeyAttestation,assay-00000000000A';
      const { stdout, answers } = await execute(34, { 'phone.keys': keys });
      const swept = [...stdout.matchAll(/^L (.*)$/gm)].map(([, alias]) => alias).toSorted(byText);
      expect(swept).toEqual(['assay-00000000000a', 'assay-00000000000b']);
      expect(stdout.indexOf('L ')).toBeLessThan(stdout.indexOf('TRY '));
      expect(answers).toMatchObject([{ keyGone: true, refusal: undefined }]);
      expect((await execute(34, { 'phone.keys': keys, 'phone.deletes': 'throws' })).stdout).toContain('L error');
    });

    test('everything refused: reasons, an end, and no key left', async () => {
      const { answers } = await execute(34, { 'phone.refuses': 'all' });
      expect(answers.map(({ keyGone, refusal }) => [keyGone, refusal?.includes('no attestation')])).toEqual(
        Array.from({ length: 5 }, () => [true, true]),
      );
    });

    test.each(['never', 'throws'])('a keystore that deletes %s: the key is said to be left', async (deletes) => {
      const { answers } = await execute(34, { 'phone.deletes': deletes });
      expect(answers.at(-1)?.keyGone).toBe(false);
    });

    test('a framework without a context: said, and the key is attested all the same', async () => {
      const { answers, stdout, asked } = await execute(34, { 'phone.environment': 'broken' });
      expect(stdout).toContain('W java.lang.SecurityException: no system context');
      expect(asked[0]).toContain('package=none');
      expect(answers).toHaveLength(1);
    });
  },
);
